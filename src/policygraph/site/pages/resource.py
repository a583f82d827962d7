"""The page of one thing: what it is, who says what of it, what refers to it, and its neighbourhood drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pyoxigraph import NamedNode

from policygraph.catalog.resource import Passage, Resource
from policygraph.i18n import natural
from policygraph.rdf.namespaces import PREFIXES, compact
from policygraph.site.downloads import files
from policygraph.site.pages import schema_org
from policygraph.site.rendering import Told, Writer, word
from policygraph.site.urls import GRAPHS, document_stem

_SCHEME = PREFIXES["skos"] + "inScheme"
_PARTS = """SELECT ?s ?direction ?property ?other {{
  VALUES ?s {{ {iris} }} {pattern} BIND("{way}" AS ?direction)
}} ORDER BY ?s ?property STR(?other)"""
_MANY = 500  # IRIs in one question


def page(writer: Writer, path: str, language: str) -> Told:
    """The page of the thing at an abstract path; the IRIs with a fragment are parts of it."""
    library = writer.library
    iris = library.addresses.things[path]
    iri = next((each for each in iris if "#" not in each), iris[0])
    account = library.account(iri, language)
    names, connections, drawn = library.names, account.connections(), ""
    if connections:
        star = account.star(lambda each: names.of(each, language).text)
        drawn = library.draw(star, names.of(iri, language).text, language)
    inward = account.groups(outward=False, links=True)
    inside = set(iris)  # what is shown as a part of the page need not be listed before
    inward = {
        name: group for name, group in inward.items() if not inside.issuperset(e.other.value for e in group)
    }
    members = [each.other.value for each in inward.pop(_SCHEME, ())]
    members.sort(key=lambda each: (_notation(writer, each), natural(names.of(each, language).text)))
    links = account.groups(outward=True, links=True)
    places = _places(writer, iri, language)
    mentioned = [name for name, group in links.items() if all(each.other.value in places for each in group)]
    mentions = [places[each.other.value] for name in mentioned for each in links.pop(name)]
    body = writer.write(
        "dataset.html" if iri in library.records else "thing.html",
        language,
        path,
        markup=schema_org.written(
            schema_org.terms(writer, schema_org.thing(writer, account, language), members, language)
        ),
        iri=iri,
        account=account,
        described=writer.description(account, language),
        facts=account.groups(outward=True, links=False),
        links=links,
        inward=inward,
        members=members,
        mentions=sorted(set(mentions), key=lambda place: (natural(place.iri), place)),
        parts_here=_parts(writer, [each for each in iris if each != iri]),
        drawn=drawn,
        bases=Counter(word(claim.basis) for each in connections for claim in each.claims),
        record=library.dataset_of(iri),
        documents={suffix: document_stem(path) + suffix for suffix in GRAPHS},
        download=next((d for d in library.catalog.datasets.values() if d.iri == iri), None),
        files=files(library, iri) if iri in library.records else [],
        quoted=quote(compact(iri), safe=""),
        questions=library.catalog.queries if writer.live else {},
    )
    return Told(body)


def _places(writer: Writer, iri: str, language: str) -> dict[str, Passage]:
    """The passages that support a thing, by IRI."""
    rows = writer.library.asked("passages", language, thing=NamedNode(iri))
    return {
        row["passage"].value: Passage(
            row["passage"].value,
            row["section"].value,
            int(row["from"].value),
            int(row["to"].value),
            row["words"],
        )
        for row in rows
    }


def _notation(writer: Writer, iri: str) -> list[Any]:
    rows = writer.library.store.query(f"SELECT ?n {{ <{iri}> skos:notation ?n }} ORDER BY ?n LIMIT 1")
    return natural(next((row["n"].value for row in rows), "~"))  # type: ignore[union-attr]


def _parts(writer: Writer, iris: Sequence[str]) -> list[Resource]:
    """What is said of things that are parts of a page, such as the passages of a document, in their order."""
    rows: dict[str, list[Any]] = {}
    for start in range(0, len(iris), _MANY):
        listed = " ".join(f"<{iri}>" for iri in iris[start : start + _MANY])
        for pattern, way in (("?s ?property ?other", "→"), ("?other ?property ?s", "←")):
            text = _PARTS.format(iris=listed, pattern=pattern, way=way)
            for row in writer.library.store.query(text):  # type: ignore[union-attr]
                rows.setdefault(row["s"].value, []).append(_Row(row))
    accounts = [Resource(iri, said) for iri, said in rows.items()]
    return sorted(accounts, key=lambda account: natural(account.iri))


class _Row:
    """A row that has every column an account asks for, most of them empty."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getitem__(self, name: str) -> Any:
        return self._row[name] if name in ("direction", "property", "other") else None
