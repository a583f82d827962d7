"""What a page tells search engines of its matter, in the words of schema.org, as JSON-LD for the page's head.

What a thing is in those words comes from the data: a class is the schema.org class that it, or the nearest
class above it, is matched to there; the common vocabularies are matched here. Nothing is said that the data
do not say, but for the class of a publisher or place without one, which schema.org asks for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from policygraph.catalog.query import Query
from policygraph.catalog.resource import Resource
from policygraph.rdf.namespaces import PREFIXES, expand
from policygraph.site.context import Library
from policygraph.site.downloads import distributions
from policygraph.site.rendering import Writer, clean, pick, title
from policygraph.site.urls import LANGUAGES, document_stem, html_path

Node = dict[str, Any]

_SCHEMA = PREFIXES["schema"]
_CLASSES = {
    "dcat:Dataset": "Dataset",
    "foaf:Document": "CreativeWork",
    "foaf:Organization": "Organization",
    "foaf:Person": "Person",
    "org:Organization": "Organization",
    "owl:Ontology": "DefinedTermSet",
    "skos:Concept": "DefinedTerm",
    "skos:ConceptScheme": "DefinedTermSet",
}
_PROPERTIES = {
    "dcat:keyword": "keywords",
    "dcat:version": "version",
    "dct:creator": "creator",
    "dct:issued": "datePublished",
    "dct:license": "license",
    "dct:modified": "dateModified",
    "dct:publisher": "publisher",
    "dct:source": "isBasedOn",
    "dct:spatial": "spatialCoverage",
    "foaf:homepage": "sameAs",
    "foaf:page": "sameAs",
    "owl:sameAs": "sameAs",
    "owl:versionInfo": "version",
    "skos:exactMatch": "sameAs",
    "skos:inScheme": "inDefinedTermSet",
    "skos:notation": "termCode",
}
_WORKS = ("CreativeWork", "Dataset", "DefinedTermSet")
# What else has a property, where schema.org has it for other things than works.
_USED_BY = {"inDefinedTermSet": ("DefinedTerm",), "termCode": ("DefinedTerm",)}
_EXPECTED = {"creator": "Organization", "publisher": "Organization", "spatialCoverage": "Place"}
_ADDRESSES = ("isBasedOn", "license", "sameAs")  # whose values are told by their address alone
_MATCHES = """SELECT ?this ?above {
  { ?this rdfs:subClassOf|rdfs:subPropertyOf|owl:equivalentClass|skos:exactMatch ?above }
  UNION { ?this a owl:Class ; skos:closeMatch ?above }
  FILTER(isIRI(?this) && isIRI(?above))
} ORDER BY ?this ?above"""
_PERIOD = """SELECT ?from ?to {{
  <{iri}> dct:temporal ?period
  OPTIONAL {{ ?period dcat:startDate ?from }} OPTIONAL {{ ?period dcat:endDate ?to }}
}} ORDER BY ?from ?to"""


def written(*nodes: Node) -> str:
    """Nodes as JSON-LD that may stand in a `script` element, whatever is in them."""
    whole = nodes[0] if len(nodes) == 1 else {"@graph": list(nodes)}
    text = json.dumps({"@context": _SCHEMA, **whole}, ensure_ascii=False)
    # None of these is needed in JSON but within strings, where the escape means the same.
    return clean(text).translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


def thing(writer: Writer, account: Resource, language: str) -> Node:
    """A thing, as far as schema.org has words for what is said of it."""
    iri, library = account.iri, writer.library
    kind = kind_of(library, account.classes) or "Thing"
    node: Node = {"@type": kind, "@id": iri, "name": writer.name(iri, language).text}
    others = [name.text for name in library.names.others(iri, language)]
    if others:
        node["alternateName"] = others
    if description := writer.description(account, language).text:
        node["description"] = description
    where = library.addresses.path(iri)
    if where in library.addresses.things:
        node["url"] = page(library, where, language)
    names = _matched(library, _PROPERTIES)
    said: dict[str, list[Any]] = {}
    for each in account.statements:
        name = names.get(each.predicate, "") if each.outward else ""
        if name and (kind in _USED_BY.get(name, _WORKS) or name == "sameAs"):
            said.setdefault(name, []).append(each.other)
    for name, values in sorted(said.items()):
        told = [_value(writer, name, each, language) for each in pick(values, language)]
        if found := list({json.dumps(each): each for each in told if each}.values()):
            node[name] = found[0] if len(found) == 1 else found
    if iri in library.records:
        node |= _dataset(writer, iri, language)
    else:
        home = library.dataset_of(iri)["iri"]
        if home and home != iri:
            node["subjectOf"] = {"@id": home}
    return node


def terms(writer: Writer, node: Node, iris: Iterable[str], language: str) -> Node:
    """A set of terms with what is in it: each by its IRI, its name, and its page."""
    library = writer.library
    listed = [
        {
            "@type": "DefinedTerm",
            "@id": iri,
            "name": writer.name(iri, language).text,
            "url": library.addresses.of(iri, language, lambda path: library.base + path[1:]),
        }
        for iri in iris
    ]
    return {**node, "@type": "DefinedTermSet", "hasDefinedTerm": listed} if listed else node


def catalog(writer: Writer, language: str) -> Node:
    """The catalogue with its datasets."""
    library, t = writer.library, writer.texts[language]
    return {
        **_catalog(writer, language),
        "description": t["catalog_lead"],
        "inLanguage": list(LANGUAGES),
        "dataset": [thing(writer, library.account(iri, language), language) for iri in library.records],
    }


def home(writer: Writer, language: str) -> Node:
    """The site, and how to search it."""
    library, t = writer.library, writer.texts[language]
    return {
        "@type": "WebSite",
        "@id": library.base,
        "name": t["site"],
        "description": t["home_lead"],
        "url": page(library, "/", language),
        "inLanguage": language,
        "hasPart": _catalog(writer, language),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{page(library, '/search', language)}?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }


def question(writer: Writer, query: Query, answers: Mapping[str, str], language: str) -> Node:
    """A saved question as code that anyone can run, with its answers by suffix and media type."""
    library, path = writer.library, f"/query/{query.name}"
    node: Node = {
        "@type": "SoftwareSourceCode",
        "@id": library.base + path[1:],
        "name": title(query, language).text,
        "url": page(library, path, language),
        "programmingLanguage": "SPARQL",
        "encoding": [
            {
                "@type": "MediaObject",
                "contentUrl": library.base + document_stem(path)[1:] + suffix,
                "encodingFormat": media,
            }
            for suffix, media in {**answers, ".rq": "application/sparql-query"}.items()
        ],
    }
    return node | ({"description": query.description} if query.description else {})


def page(library: Library, path: str, language: str) -> str:
    """The public address of an abstract path's page."""
    return library.base + library.addresses.link(html_path(path, language)).removeprefix(
        library.addresses.root
    )


def kind_of(library: Library, classes: Iterable[str]) -> str:
    """The schema.org class of what is in these classes; empty where there is none."""
    names = _matched(library, _CLASSES)
    return next((names[each] for each in classes if each in names), "")


def _matched(library: Library, known: Mapping[str, str]) -> Mapping[str, str]:
    """The classes, or the properties, that have a word in schema.org, by IRI; the nearest word."""

    def make() -> Mapping[str, str]:
        above: dict[str, list[str]] = {}
        for row in library.store.query(_MATCHES):  # type: ignore[union-attr]
            above.setdefault(row["this"].value, []).append(row["above"].value)
        own = {expand(name): word for name, word in known.items()}
        found = dict(own)
        for iri in sorted(above):
            level, seen = [iri], {iri}
            while level and iri not in found:
                words = [
                    own.get(each) or each[len(_SCHEMA) :]
                    for each in level
                    if each in own or each.startswith(_SCHEMA)
                ]
                if words:
                    found[iri] = words[0]
                level = [each for below in level for each in above.get(below, ()) if each not in seen]
                seen.update(level)
        return found

    words: Mapping[str, str] = library.kept(f"schema.org {next(iter(known))}", "", make)
    return words


def _value(writer: Writer, name: str, term: Any, language: str) -> Any:
    if hasattr(term, "datatype"):
        return term.value
    iri = term.value if hasattr(term, "value") and term.__class__.__name__ == "NamedNode" else ""
    if not iri.startswith(("https://", "http://")):
        return None
    if name in _ADDRESSES:
        return iri
    library = writer.library
    kind = kind_of(library, library.names.kinds(iri)) or _EXPECTED.get(name)
    called = {"name": writer.name(iri, language).text} if library.names.has(iri) else {}
    return {**({"@type": kind} if kind else {}), "@id": iri, **called}


def _catalog(writer: Writer, language: str) -> Node:
    library = writer.library
    return {
        "@type": "DataCatalog",
        "@id": f"{library.base}catalog",
        "name": f"{writer.texts[language]['site']}: {writer.texts[language]['catalog_title']}",
        "url": page(library, "/catalog", language),
    }


def _dataset(writer: Writer, iri: str, language: str) -> Node:
    """What schema.org has for datasets beyond other works."""
    library = writer.library
    periods = [
        "/".join(row[end].value if row[end] is not None else ".." for end in ("from", "to"))
        for row in library.store.query(_PERIOD.format(iri=iri))  # type: ignore[union-attr]
    ]
    files = [
        {
            "@type": "DataDownload",
            "name": f"{dict(each.titles).get(language) or each.titles[0][1]} ({each.format})",
            "contentUrl": library.base + each.path[1:],
            "encodingFormat": [each.media, "application/gzip"] if each.compressed else each.media,
        }
        for each in distributions(library).values()
        if each.dataset == iri
    ]
    return {
        "isAccessibleForFree": True,
        "includedInDataCatalog": _catalog(writer, language),
        **({"temporalCoverage": periods[0]} if periods else {}),
        **({"distribution": files} if files else {}),
    }
