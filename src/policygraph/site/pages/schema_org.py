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
from policygraph.i18n import LANGUAGES
from policygraph.rdf.namespaces import PREFIXES, expand
from policygraph.site.context import SiteContext, once
from policygraph.site.downloads import distributions
from policygraph.site.rendering import clean, description, pick, title
from policygraph.site.urls import document_stem, html_path

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


def resource(context: SiteContext, about: Resource, language: str) -> Node:
    """A thing, as far as schema.org has words for what is said of it."""
    iri = about.iri
    kind = kind_of(context, about.classes) or "Thing"
    node: Node = {"@type": kind, "@id": iri, "name": context.label(iri, language).text}
    others = [name.text for name in context.labels.others(iri, language)]
    if others:
        node["alternateName"] = others
    if summary := description(about, language).text:
        node["description"] = summary
    where = context.urls.path(iri)
    if where in context.urls.resources:
        node["url"] = page(context, where, language)
    names = _properties(context)
    said: dict[str, list[Any]] = {}
    for each in about.statements:
        name = names.get(each.predicate, "") if each.outward else ""
        if name and (kind in _USED_BY.get(name, _WORKS) or name == "sameAs"):
            said.setdefault(name, []).append(each.other)
    for name, values in sorted(said.items()):
        told = [_value(context, name, each, language) for each in pick(values, language)]
        if found := list({json.dumps(each): each for each in told if each}.values()):
            node[name] = found[0] if len(found) == 1 else found
    if iri in context.records:
        node |= _dataset(context, iri, language)
    else:
        home = context.dataset_of(iri)["iri"]
        if home and home != iri:
            node["subjectOf"] = {"@id": home}
    return node


def terms(context: SiteContext, node: Node, iris: Iterable[str], language: str) -> Node:
    """A set of terms with what is in it: each by its IRI, its name, and its page."""
    listed = [
        {
            "@type": "DefinedTerm",
            "@id": iri,
            "name": context.label(iri, language).text,
            "url": context.urls.of(iri, language, lambda path: context.base + path[1:]),
        }
        for iri in iris
    ]
    return {**node, "@type": "DefinedTermSet", "hasDefinedTerm": listed} if listed else node


def catalog(context: SiteContext, language: str) -> Node:
    """The catalogue with its datasets."""
    t = context.words(language)
    return {
        **_catalog(context, language),
        "description": t["catalog_lead"],
        "inLanguage": list(LANGUAGES),
        "dataset": [resource(context, context.resource(iri, language), language) for iri in context.records],
    }


def home(context: SiteContext, language: str) -> Node:
    """The site, and how to search it."""
    t = context.words(language)
    return {
        "@type": "WebSite",
        "@id": context.base,
        "name": t["site"],
        "description": t["home_lead"],
        "url": page(context, "/", language),
        "inLanguage": language,
        "hasPart": _catalog(context, language),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{page(context, '/search', language)}?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }


def query(context: SiteContext, query: Query, answers: Mapping[str, str], language: str) -> Node:
    """A saved question as code that anyone can run, with its answers by suffix and media type."""
    path = f"/query/{query.name}"
    node: Node = {
        "@type": "SoftwareSourceCode",
        "@id": context.base + path[1:],
        "name": title(query, language).text,
        "url": page(context, path, language),
        "programmingLanguage": "SPARQL",
        "encoding": [
            {
                "@type": "MediaObject",
                "contentUrl": context.base + document_stem(path)[1:] + suffix,
                "encodingFormat": media,
            }
            for suffix, media in {**answers, ".rq": "application/sparql-query"}.items()
        ],
    }
    return node | ({"description": query.description} if query.description else {})


def page(context: SiteContext, path: str, language: str) -> str:
    """The public address of an abstract path's page."""
    return context.base + context.urls.link(html_path(path, language)).removeprefix(context.urls.root)


def kind_of(context: SiteContext, classes: Iterable[str]) -> str:
    """The schema.org class of what is in these classes; empty where there is none."""
    names = _classes(context)
    return next((names[each] for each in classes if each in names), "")


@once
def _classes(context: SiteContext) -> Mapping[str, str]:
    return _matched(context, _CLASSES)


@once
def _properties(context: SiteContext) -> Mapping[str, str]:
    return _matched(context, _PROPERTIES)


def _matched(context: SiteContext, known: Mapping[str, str]) -> Mapping[str, str]:
    """The classes, or the properties, that have a term in schema.org, by IRI; the nearest term."""
    above: dict[str, list[str]] = {}
    for row in context.store.query(_MATCHES):  # type: ignore[union-attr]
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


def _value(context: SiteContext, name: str, term: Any, language: str) -> Any:
    if hasattr(term, "datatype"):
        return term.value
    iri = term.value if hasattr(term, "value") and term.__class__.__name__ == "NamedNode" else ""
    if not iri.startswith(("https://", "http://")):
        return None
    if name in _ADDRESSES:
        return iri
    kind = kind_of(context, context.labels.kinds(iri)) or _EXPECTED.get(name)
    called = {"name": context.label(iri, language).text} if context.labels.has(iri) else {}
    return {**({"@type": kind} if kind else {}), "@id": iri, **called}


def _catalog(context: SiteContext, language: str) -> Node:
    return {
        "@type": "DataCatalog",
        "@id": f"{context.base}catalog",
        "name": f"{context.words(language)['site']}: {context.words(language)['catalog_title']}",
        "url": page(context, "/catalog", language),
    }


def _dataset(context: SiteContext, iri: str, language: str) -> Node:
    """What schema.org has for datasets beyond other works."""
    periods = [
        "/".join(row[end].value if row[end] is not None else ".." for end in ("from", "to"))
        for row in context.store.query(_PERIOD.format(iri=iri))  # type: ignore[union-attr]
    ]
    files = [
        {
            "@type": "DataDownload",
            "name": f"{dict(each.titles).get(language) or each.titles[0][1]} ({each.format})",
            "contentUrl": context.base + each.path[1:],
            "encodingFormat": [each.media, "application/gzip"] if each.compressed else each.media,
        }
        for each in distributions(context).values()
        if each.dataset == iri
    ]
    return {
        "isAccessibleForFree": True,
        "includedInDataCatalog": _catalog(context, language),
        **({"temporalCoverage": periods[0]} if periods else {}),
        **({"distribution": files} if files else {}),
    }
