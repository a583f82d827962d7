"""Describe a resource to search engines, with schema.org, as JSON-LD for the head of its page.

The home page, the list of datasets and the saved queries are described by `templates/schema_org.html`.

The type of a resource comes from the data: it is the schema.org class that its class, or the nearest class
above it, is matched to there; the common vocabularies are matched here. Nothing is added that the data do not
state, but for the class of a publisher or place without one, which schema.org requires.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode

from policygraph.catalog.resource import Resource
from policygraph.rdf.namespaces import PREFIXES, expand, local_name
from policygraph.rdf.terms import best_literals
from policygraph.site.context import SiteContext
from policygraph.site.downloads import distributions
from policygraph.site.noted import once
from policygraph.site.rendering import clean, description, public_page, query

Node = dict[str, Any]

_SCHEMA = PREFIXES["schema"]
# The term of each class and property.
_TERMS = {
    "dcat:Dataset": "Dataset",
    "foaf:Document": "CreativeWork",
    "foaf:Organization": "Organization",
    "foaf:Person": "Person",
    "org:Organization": "Organization",
    "owl:Ontology": "DefinedTermSet",
    "skos:Concept": "DefinedTerm",
    "skos:ConceptScheme": "DefinedTermSet",
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
# The classes that have a property, where these are other classes than works.
_USED_BY = {"inDefinedTermSet": ("DefinedTerm",), "termCode": ("DefinedTerm",)}
_EXPECTED = {"creator": "Organization", "publisher": "Organization", "spatialCoverage": "Place"}
_URLS = ("isBasedOn", "license", "sameAs")  # properties whose values are IRIs only
_PERIOD = """SELECT ?from ?to {{
  <{iri}> dct:temporal ?period
  OPTIONAL {{ ?period dcat:startDate ?from }} OPTIONAL {{ ?period dcat:endDate ?to }}
}} ORDER BY ?from ?to"""


def json_ld(*nodes: Node) -> str:
    """Nodes as JSON-LD that is safe in a `script` element, with any text in them."""
    node = nodes[0] if len(nodes) == 1 else {"@graph": list(nodes)}
    text = json.dumps({"@context": _SCHEMA, **node}, ensure_ascii=False)
    # In JSON these occur in strings only, where the escape means the same.
    return clean(text).translate({ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def resource(context: SiteContext, about: Resource, language: str) -> Node:
    """A resource, with those of its statements that schema.org has properties for."""
    iri = about.iri
    kind = kind_of(context, about.classes) or "Thing"
    node: Node = {"@type": kind, "@id": iri, "name": context.labels.of(iri, language).text}
    if other_names := [name.text for name in context.labels.others(iri, language)]:
        node["alternateName"] = other_names
    if summary := description(about).text:
        node["description"] = summary
    if (path := context.urls.path(iri)) and context.urls.at(path):
        node["url"] = public_page(context, path, language)
    names = _matched(context)
    values_by_name: dict[str, list[Any]] = {}
    for each in about.statements:
        if each.claims and all(local_name(claim.strength) == "weak" for claim in each.claims):
            continue  # which the data do not state
        name = names.get(each.predicate, "") if each.outward else ""
        if name and (kind in _USED_BY.get(name, _WORKS) or name == "sameAs"):
            values_by_name.setdefault(name, []).append(each.other)
    for name, values in sorted(values_by_name.items()):
        nodes = [_value(context, name, each, language) for each in best_literals(values, language)]
        if distinct := list({json.dumps(each): each for each in nodes if each}.values()):
            node[name] = distinct[0] if len(distinct) == 1 else distinct
    if iri in context.recorded:
        node |= _dataset(context, iri, language)
    else:
        home = context.dataset_of(iri)["iri"]
        if home and home != iri:
            node["subjectOf"] = {"@id": home}
    return node


def terms(context: SiteContext, node: Node, iris: Iterable[str], language: str) -> Node:
    """A set of terms, with the IRI, label and page of each."""
    listed = [
        {
            "@type": "DefinedTerm",
            "@id": iri,
            "name": context.labels.of(iri, language).text,
            "url": context.urls.of(iri, language, context.urls.address),
        }
        for iri in iris
    ]
    return {**node, "@type": "DefinedTermSet", "hasDefinedTerm": listed} if listed else node


def catalog(context: SiteContext, language: str) -> Node:
    """The catalogue."""
    return {
        "@type": "DataCatalog",
        "@id": f"{context.base}catalog",
        "name": f"{context.settings.text('title', language)}: {context.words(language)['catalog_title']}",
        "url": public_page(context, "/catalog", language),
    }


def kind_of(context: SiteContext, classes: Iterable[str]) -> str:
    """The schema.org class of a resource with these classes; empty when none is known."""
    names = _matched(context)
    return next((names[each] for each in classes if each in names), "")


@once
def _matched(context: SiteContext) -> Mapping[str, str]:
    """The nearest schema.org term of each class or property that has one, by IRI."""
    import networkx as nx

    own = {expand(name): word for name, word in _TERMS.items()}
    found = context.rows(query("broader-terms"))
    above = nx.DiGraph((row["this"].value, row["above"].value) for row in found)

    def word(iri: str) -> str:
        return own.get(iri) or iri[len(_SCHEMA) :] * iri.startswith(_SCHEMA)

    def nearest(iri: str) -> str:
        return next(filter(None, map(word, (iri, *(each for _, each in nx.bfs_edges(above, iri))))), "")

    return own | {iri: name for iri in above if (name := nearest(iri))}


def _value(context: SiteContext, name: str, term: Any, language: str) -> Any:
    if isinstance(term, Literal):
        return term.value
    iri = term.value if isinstance(term, NamedNode) else ""
    if not iri.startswith(("https://", "http://")):
        return None
    if name in _URLS:
        return iri
    kind = kind_of(context, context.labels.kinds(iri)) or _EXPECTED.get(name)
    label = {"name": context.labels.of(iri, language).text} if context.labels.has(iri) else {}
    return ({"@type": kind} if kind else {}) | {"@id": iri} | label


def _dataset(context: SiteContext, iri: str, language: str) -> Node:
    """The properties that schema.org has for datasets only."""
    periods = [
        "/".join(row[end].value if row[end] is not None else ".." for end in ("from", "to"))
        for row in context.rows(_PERIOD.format(iri=iri))
    ]
    rights = context.column(f"SELECT ?rights {{ <{iri}> dct:accessRights ?rights }}")
    restricted = any(local_name(each) != "PUBLIC" for each in rights)
    files = [
        {
            "@type": "DataDownload",
            "name": f"{each.titles.get(language) or next(iter(each.titles.values()))} ({each.format})",
            "contentUrl": context.urls.address(each.path),
            "encodingFormat": [each.media, "application/gzip"] if each.path.endswith(".gz") else each.media,
        }
        for each in distributions(context).values()
        if each.dataset == iri
    ]
    node: Node = {} if restricted else {"isAccessibleForFree": True}
    node["includedInDataCatalog"] = catalog(context, language)
    node |= {"temporalCoverage": periods[0] if len(periods) == 1 else periods} if periods else {}
    return node | ({"distribution": files} if files else {})
