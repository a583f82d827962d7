"""Make networkx graphs from SPARQL results, filter them, and project them to simple weighted graphs.

Any SELECT with ?source and ?target is a network. Only this module turns RDF terms into networkx nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, lru_cache, partial
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from math import log
from numbers import Integral
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.labels import match, require_language
from policygraph.catalog.parameters import several
from policygraph.catalog.query import Query
from policygraph.catalog.resource import Passage
from policygraph.errors import NetworkError, QueryError, ResourceError, nearest
from policygraph.i18n import FALLBACK, alphabetical, plural, words
from policygraph.rdf.namespaces import PREFIXES, Prefixes, compact, expand, word
from policygraph.rdf.terms import in_language, is_iri, python_value
from policygraph.store.protocols import Results, Store, batches, count, rows
from policygraph.store.sparql import tokens
from policygraph.text import grouped, printable

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.store.answer import Answer

WHOLE = "network"  # the saved query of everything, whose network has nodes without edges too

EXAMINATIONS = "examinations"
"""The saved query of what somebody examined: each ?examination, and each ?examined in it."""

OF_FILE = ("file-links", "file-things")  # the saved queries of a file without claims and of its nodes
COUNTRIES = "countries"  # the saved query of each ?country of nodes
OF_COUNTRY = "things-of-country"  # and of each ?thing of one, or of none

# Of claims, in a recipe.
THEN = " → "  # between two values of a filter, one after the other
FILTERS = {"around", "evidence", "minimum strength", "kinds", "relations", "without"}
LETTERS = "class-letters"  # the saved query of the ?letter of each ?class
HUBS = "hubs"  # the saved query of each ?thing that many others share by nature

_VERSIONS = "SELECT ?data ?version { ?data a dcat:Dataset ; dcat:version ?version } ORDER BY ?data"

_ENDS = ("source", "target")
_CLAIMS = "?claim rdf:subject ?subject"

_CHARACTER = "SELECT ?property { ?property a owl:%sProperty } ORDER BY ?property"
# What the data or an alignment call replacing.
_SUCCESSION = """SELECT DISTINCT ?property {
  ?property rdfs:subPropertyOf|skos:exactMatch|skos:closeMatch|skos:relatedMatch dct:replaces
} ORDER BY ?property"""

STRENGTHS = ("weak", "medium", "strong")
"""How strong an inference is, from the weakest; what a document says is stronger still."""

LEVELS = ("said", "documents", "read", "weak")
"""The levels of evidence: what the source says, other documents say, is read into them, or weakly."""

SHOWN = (*LEVELS, "only")
"""Up to which level of evidence something is shown; or only what is read."""

CONFIDENCE: Mapping[str, float] = {"document": 0.9, "strong": 0.7, "medium": 0.5, "weak": 0.2}
"""The confidence in a claim, from 0 to 1: in one that a document makes, and in inferences by their strength.

The order comes from the data, the numbers are ours; the ranks of a measure should not depend on them.
"""

_IRIS = {"relation": "property", "kind": "class"}
_YEARS = ("start", "end", "horizon", "succeeded")  # of a node: the ends of its interval, then the others
_CONCEPTS = ("basis", "strength")  # of which an edge has the word, with the IRI beside it
_PASSAGE = ("passage", "section", "from", "to", "words")
# What stands between several of these.
_SEVERAL = {"document": "; ", "status": "; ", "country": "; ", "passages": "\n"}

_Among: TypeAlias = "set[str] | None"  # the things that a network may have, or None for any

_CACHED_TERMS = 1 << 16
_FEW = 2_000  # things whose claims are sooner asked for by name on disk than by reading everything


class Origin(NamedTuple):
    """Where a network comes from, so that what is done with it can use the labels and queries there."""

    catalog: Catalog
    store: Store
    language: str | None = None
    query: Query | None = None
    values: Mapping[str, Any] = {}  # of the query's parameters
    part: nx.Graph | None = None  # what it was narrowed from
    others: Collection[str] = ()  # the countries that were left out before it was made
    apart: Collection[str] = ()  # and the things of no country that nothing in it leads to

    @property
    def narrow(self) -> bool:
        """Whether it was narrowed."""
        return self.part is not None or bool(self.others)

    @property
    def whole(self) -> nx.Graph | None:
        """What it was narrowed from, with what was left out before it was made, which takes a while."""
        if not (self.others and self.query):
            return self.part
        return network(self.catalog, self.query, store=self.store, language=self.language, values=self.values)


class _Name(str):
    """The name of an attribute of a network that knows where that is from, also in copies of networkx."""

    __slots__ = ("place",)
    place: Origin

    def __deepcopy__(self, memo: object) -> _Name:
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # a file holds no catalogue


def origin(graph: nx.Graph) -> Origin | None:
    """Return where a network comes from, if `network` made it from a catalogue, or `narrowed` from such.

    NetworkError for what is no networkx graph.
    """
    if not hasattr(graph, "edges"):
        raise NetworkError(f"{graph!r} is no network: make one with policygraph.network, or with networkx.")
    return next((name.place for name in graph.graph if isinstance(name, _Name)), None)


def _from(graph: nx.Graph, place: Origin) -> None:
    """Tell a network, and what will be a copy of it, where it comes from."""
    held = {**graph.graph} or {"language": place.language or FALLBACK}
    graph.graph.clear()
    for each, value in held.items():
        graph.graph[name := _Name(each)] = value
        name.place = place


def language_of(graph: nx.Graph) -> str:
    """Return the language of a network: that asked for as it was made, else its attribute, else English."""
    place = origin(graph)
    return str((place and place.language) or graph.graph.get("language") or FALLBACK)


def prefixes(graph: nx.Graph) -> Prefixes:
    """Return the prefixes of the catalogue that a network comes from, or the common ones."""
    place = origin(graph)
    return place.catalog.settings.prefixes if place else PREFIXES


def network(
    source: Catalog | Store,
    query: str | Query = WHOLE,
    *,
    edges: str | None = None,
    answer: Results | None = None,
    nodes: str | None = None,
    store: Store | None = None,
    language: str | None = None,
    values: Mapping[str, Any] | None = None,
    most: tuple[str, int] | None = None,
    around: str | None = None,
    steps: int = 2,
    drawn: tuple[int, int] | None = None,
    **options: Any,
) -> nx.MultiDiGraph:
    """Make a directed network from a SELECT, each row an edge: a saved query of a catalogue, or `edges`.

    Of a catalogue, the network's attribute `examined` holds what its saved query `examinations` lists: IRIs
    of things or lists, spaces between them, semicolons between examinations. `symmetric` holds the IRIs of
    the symmetric properties, which say that two things are one, `transitive` those of the transitive
    ones, which lead from a part to its whole, and `succession` those that lead from a successor to what
    it succeeds (dct:replaces). `letters` holds classes, each with the letters of its sign.

    Args:
        source: a catalogue; or a store, with `edges`.
        query: a saved query with ?source and ?target, by name, or a path to a .rq file, or a `Query`. Nodes
            that its rows do not name are left out, but not with "network", the query of everything.
        store: where the queries of a catalogue run; by default on all its datasets.
        language: of labels, as a BCP 47 tag. Of a catalogue, the labels of nodes, of their `class` and of the
            `property` and `document` of edges are added where its rows do not have them.
        values: of the query's parameters.
        most: a measure and the connections that it is usable for; a larger network is refused, before it is
            made unless it is to be narrowed.
        around: a thing, by its label, CURIE or IRI, for only what lies within so many `steps` of it, as a
            picture of a large network may need. The query has the parameters ?source and ?target.
        drawn: the most things and connections that can be drawn; a network of up to so many, of a country or
            of another query stays whole.
        options: those of `narrowed`. By its country, "network" is narrowed before it is made.
        edges: a SELECT with ?source and ?target. Each further column is an attribute of the edge, as a Python
            value; `basis` and `strength` are words such as "inferred", with the IRI as `basis_iri` and
            `strength_iri`. A row with only one end bound is an isolated node.
        answer: that of `edges`, of which nothing was read, where it is known already.
        nodes: a SELECT with ?node; each further column is an attribute of that node. Of several rows for a
            node, the first that binds an attribute counts, but each ?country.

    Nodes are named by their IRI; a literal or blank node by its N-Triples form.

    Raises:
        QueryError: a query is not a SELECT with these variables, or there is neither a catalogue nor `edges`.
        NetworkError: it is larger than `most`; this and ResourceError: as for `narrowed`.
    """
    start = ""
    if not isinstance(source, Catalog):
        if edges is None:
            what = "`edges`, a SELECT of ?source and ?target"
            raise QueryError(f"This needs a catalogue, or a store and {what}.")
        graph = _select(source.scanned(), [edges], [nodes] if nodes else [], language, answer=answer)
        return part_of(graph, **options)
    store = source.store if store is None else store
    require_language(store, language)
    if edges is not None:
        store = store.scanned()
        graph = _select(store, [edges], [nodes] if nodes else [], language, answer=answer)
        place = Origin(source, store, language)
    else:
        saved, bound = source.saved(query), values or {}
        # Of what has no claims, a question of one's own finds things that no ontology here describes.
        plain = saved.name == OF_FILE[0] or (saved.name != WHOLE and not store.query(f"ASK {{ {_CLAIMS} }}"))
        described = source.saved(OF_FILE[1] if plain else "network-nodes")
        texts = partial(_texts, source, store, saved, bound)
        (text,) = texts("", None)
        # That all its edges are claims is known of the query of everything alone.
        narrows = saved.name == WHOLE and saved.parameters.keys() - bound >= {*_ENDS}
        others, among = set[str](), None
        if options.get("country") and narrows and "node" in described.parameters:
            others, among = _at_home(source, store, str(options["country"]))
        usable = others and not (most and len(among or ()) > most[1])
        if drawn and (usable or not narrows or not _larger(store, text, *drawn)):
            around = None
        if around is not None:
            start, others = source.find_resource(around, store=store), set()  # which `narrowed` leaves out
            among = _near(texts, store, start, steps)
        elif most and not _filters(options):
            held = _number(store, _CLAIMS) if saved.name == WHOLE else count(store, most[1] + 1)
            if held > most[1]:
                refuse(*most, _count(store.scanned(), text))
        store = store.scanned() if among is None or len(among) > _FEW else store
        with saved.located():
            nodes_of = _texts(source, store, described, {}, "node", among)
            more = saved.name in (WHOLE, OF_FILE[0])
            graph = _select(store, texts("source", among), nodes_of, language, more, among)
        if others and among:  # of some, nothing but a claim that is left out tells
            left = among.difference(graph)
            graph.add_nodes_from(end for name in _ENDS for end in _ends(store, texts(name, left), name))
        pairs = [f"{name}={value}" for name, each in bound.items() for value in several(each) or [each]]
        graph.graph["network"] = " ".join([query if isinstance(query, str) else query.name, *pairs])
        place = Origin(source, store, language, saved, bound, others=others)
    _add_node_facts(graph, rows(store, source.bind(HUBS)))
    _add_labels(graph, source, store, language)
    groups = grouped(
        (row["examination"], row["examined"].value) for row in rows(store, source.bind(EXAMINATIONS))
    )
    examined = ";".join(" ".join(sorted({*group})) for group in groups.values())
    facts = {"letters": letters_of(source, store), "dataset": versions(source, store), "examined": examined}
    asked = {name: _CHARACTER % name.capitalize() for name in ("symmetric", "transitive")}
    for name, text in {**asked, "succession": _SUCCESSION}.items():
        facts[name] = " ".join(row["property"].value for row in rows(store, text))
    graph.graph.update({name: fact for name, fact in facts.items() if fact})
    if place.others:
        graph.graph["country"] = options.pop("country")
        place = place._replace(apart=graph.nodes - _joined(graph))
    _from(graph, place)
    if start:
        require_node(graph, start)
        distance = plural(words(language_of(graph), "explorer"), "n_steps", steps)
        graph.graph["around"] = f"{compact(start, source.settings.prefixes)}, {distance}"
    graph = part_of(graph, **options)
    graph.remove_nodes_from(place.apart)
    if most and not start:  # it may be too large as it was narrowed, too
        refuse(*most, len({frozenset(pair) for pair in graph.edges() if pair[0] != pair[1]}))
    return graph


def versions(catalog: Catalog, store: Store) -> str:
    """Return the datasets of a store, each with its version, as a recipe names them."""
    found = ((row["data"].value, row["version"].value) for row in rows(store, _VERSIONS))
    return ", ".join(f"{compact(data, catalog.settings.prefixes)} {version}" for data, version in found)


def described(
    catalog: Catalog, store: Store, things: Collection[str], connected: Collection[str], language: str | None
) -> nx.MultiDiGraph:
    """Return these things as nodes with their labels and kinds, as `network` has them, without edges.

    Of those that are not `connected`, only what the catalogue describes as a thing is among them.
    """
    texts = _texts(catalog, store, catalog.saved("network-nodes"), {}, "node", {*things})
    graph = _select(store, [], texts, language)
    graph.add_nodes_from(connected)
    _add_labels(graph, catalog, store, language)
    return graph


def letters_of(catalog: Catalog, store: Store) -> str:
    """Return the letters of the signs of classes, each behind its class, as a network's `letters` are."""
    found = rows(store, catalog.bind(LETTERS, store))
    return " ".join(f"{row['class'].value} {row['letter'].value}" for row in found)


def _texts(
    catalog: Catalog, store: Store, query: Query, values: Mapping[str, Any], name: str, among: _Among
) -> list[str]:
    """Return a query with only these things as values of a parameter, some hundreds in each; or with any."""
    parts = [values] if among is None else [{**values, name: x.split()} for x in batches(sorted(among))]
    return [catalog.bind(query, store, **part) for part in parts]


def _at_home(catalog: Catalog, store: Store, country: str) -> tuple[set[str], _Among]:
    """Return the other countries, and what is of this one or of none, where a query can name all of it."""
    known = {row["country"].value for row in rows(store, catalog.bind(COUNTRIES))}
    others = _others(known, country, Origin(catalog, store))
    asked = catalog.bind(OF_COUNTRY, store, country=[f"<{iri}>" for iri in sorted(known - others)])
    found = {row["thing"] for row in rows(store, asked)} if others else {BlankNode()}
    if any(isinstance(term, BlankNode) for term in found):
        return set(), None
    return others, (known | {term.value for term in found}) - others


def _near(texts: Callable[[str, _Among], list[str]], store: Store, start: str, steps: int) -> set[str]:
    """Return the things within so many steps of one; `texts` gives a query for values of a parameter."""
    if not isinstance(steps, Integral) or steps < 0:
        raise NetworkError(f"steps is a number from 0 on; not {steps!r}.")
    near = last = {start}
    while steps and last:
        steps -= 1
        ways = zip(_ENDS, reversed(_ENDS), strict=True)
        last = {end for one, other in ways for end in _ends(store, texts(one, last), other)} - near
        near = near | last
    return near


def _ends(store: Store, texts: Iterable[str], name: str) -> Iterator[str]:
    """Yield what queries find in one of their columns."""
    for text in texts:
        for (term,) in rows(store, _wrapped(text, f"SELECT DISTINCT ?{name} {{{{ %s }}}}")):
            if isinstance(term, NamedNode):
                yield term.value


def require_nodes(graph: nx.Graph, consequence: str) -> None:
    """Raise NetworkError for an empty network of a catalogue, with its consequence and what would fill it."""
    place = origin(graph)
    if place is None or len(graph):
        return
    if place.narrow:
        raise NetworkError(f"The network is empty, so {consequence}; filter it less.")
    whole = place.query is not None and place.query.name == WHOLE
    reason = "no claim here connects two resources" if whole else "the query finds no edges here"
    how = "Choose its edges with another query (--query FILE.rq), a SELECT with ?source and ?target"
    raise NetworkError(f"The network is empty, so {consequence}: {reason}. {how}.")


def refuse(name: str, most: int, count: int, what: str = "connections") -> None:
    """Raise NetworkError, with what to do, for a measure that is not usable for so many."""
    if count > most:
        less = "narrow it by kind, relation or country, or write its lists for a distributed engine: see "
        less = "begin with --focus, or name a --country" if name == "view" else f"{less}docs/network.md"
        raise NetworkError(f"{name} is usable up to {most:,} {what}, and this network has {count:,}; {less}.")


def _larger(store: Store, text: str, things: int, connections: int) -> bool:
    """Whether a network of claims has more things, or more connections, than so many."""
    ends = (
        "SELECT DISTINCT ?end { ?claim rdf:subject|rdf:object ?end . ?end a/rdfs:isDefinedBy/a owl:Ontology }"
    )
    many = _number(store, f"{{ {ends} LIMIT {things + 1} }}") > things
    return many or _number(store, "SELECT DISTINCT ?source ?target ?claim {{ %s }}", text) > connections


def _number(store: Store, pattern: str, text: str = "") -> int:
    """Count the solutions of a pattern, in which %s is a SELECT."""
    asked = f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
    return int(next(rows(store, _wrapped(text, asked) if text else asked))["n"].value)


def _count(store: Store, text: str) -> int:
    """Count the connected pairs of a SELECT with ?source and ?target; 0 for one that cannot be counted."""
    pairs = """SELECT DISTINCT (IF(?one < ?two, ?one, ?two) AS ?a) (IF(?one < ?two, ?two, ?one) AS ?b) {
        { SELECT (STR(?source) AS ?one) (STR(?target) AS ?two) {{ %s }} } FILTER(?one != ?two)
    }"""
    try:
        return _number(store, pairs, text)
    except QueryError:  # which the query itself explains, or it has FROM
        return 0


def _wrapped(text: str, around: str) -> str:
    """Return a SELECT inside another, where that has %s."""
    start = next((token.start() for token in tokens(text) if token[0].upper() == "SELECT"), len(text))
    return text[:start] + around % f"{text[start:]}\n"  # which may end in a comment


@contextmanager
def _uncollected() -> Iterator[None]:
    """Make many objects, of which none is garbage, without looking for some again and again."""
    import gc

    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@_uncollected()
def _select(
    store: Store,
    edges: list[str],
    nodes: list[str],
    language: str | None,
    more: bool = True,
    among: _Among = None,
    answer: Results | None = None,
) -> nx.MultiDiGraph:
    """Make a network of edges and what describes its nodes.

    With `more`, it has nodes without an edge too; of those `among` others, it has no others. An `answer` is
    that of the edges.
    """
    import networkx as nx

    graph = nx.MultiDiGraph()

    def rows_with_both_ends() -> Iterator[tuple[str, str, dict[str, Any]]]:
        found = (_rows(store, text, language, *_ENDS, answer=answer) for text in edges)
        for ends, attributes in chain.from_iterable(found):
            source, target = ends
            if among is None and type(source) is type(target) is NamedNode:  # as nearly all are
                yield source.value, target.value, attributes
                continue
            named = [_node(end) for end in ends if end is not None]
            if among is not None and any(is_iri(name) and name not in among for name, _ in named):
                continue
            if len(named) == 1 or [data for _, data in named if data]:
                graph.add_nodes_from(named)
            if len(named) == 2:
                yield named[0][0], named[1][0], attributes

    for source, target, attributes in _folded(rows_with_both_ends()):
        graph.get_edge_data(source, target, graph.add_edge(source, target)).update(attributes)
    for (term,), attributes in chain.from_iterable(_rows(store, text, language, "node") for text in nodes):
        name, data = _node(term) if term is not None else ("", {})
        if name and (more or name in graph):
            known = graph.nodes.get(name, {})
            if known.get("country") and attributes.get("country") not in (None, *countries(known)):
                known["country"] = f"{known['country']}{_SEVERAL['country']}{attributes['country']}"
            graph.add_nodes_from([(name, data | attributes | known)])
    return graph


def countries(node: Mapping[str, Any]) -> list[str]:
    """Return the countries that a node is of, from its attributes."""
    return list(filter(None, str(node.get("country") or "").split(_SEVERAL["country"])))


def countries_of(graph: nx.Graph) -> set[str]:
    """Return the countries that nodes are of; where it was narrowed to a country, that one alone."""
    found, place = {each for _, data in graph.nodes(data=True) for each in countries(data)}, origin(graph)
    return found.difference(_left(graph, place)) if place else found


def _left(graph: nx.Graph, place: Origin) -> Collection[str]:
    """Return the countries that a network was narrowed without."""
    if place.others or place.part is None or "country" not in graph.graph:
        return place.others
    return _others(countries_of(place.part), graph.graph["country"], place)


def _add_node_facts(graph: nx.MultiDiGraph, hubs: Iterable[Any]) -> None:
    """Set `hub`, years and `interval`, its days (EDTF), on each node, and on each country its `country`."""
    shared = {row["thing"].value for row in hubs}
    for country in countries_of(graph):
        if country in graph:
            graph.nodes[country]["country"] = country
    for node, data in graph.nodes(data=True):
        if "class" not in data:
            continue
        data["hub"] = node in shared
        if data.keys() & {"start", "end"}:
            data["interval"] = f"{data.get('start', '')}/{data.get('end', '')}"
        for name in _YEARS:
            if name in data:
                data[name] = getattr(data[name], "year", data[name])


def _folded(edges: Iterable[tuple[str, str, dict[str, Any]]]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    """Fold the rows of a claim to one edge with all its documents and passages, each told in a line."""
    folded: dict[object, tuple[str, str, dict[str, Any]]] = {}
    concept = cache(lambda value: word(value) if is_iri(str(value)) else "")  # of few, for each row
    for source, target, data in edges:
        if "section" in data or ("claim" in data and data.keys() & {"from", "words"}):
            line = passage_line(data)
            data = {name: value for name, value in data.items() if name not in _PASSAGE} | {"passages": line}
        for name in _CONCEPTS:
            if plain := concept(data.get(name)):
                data |= {name: plain, f"{name}_iri": data[name]}
        if "claim" not in data:
            yield source, target, data
            continue
        *_, edge = folded.setdefault((source, target, data["claim"]), (source, target, data))
        for name, between in _SEVERAL.items() if edge is not data else ():
            known, value = list(filter(None, str(edge.get(name, "")).split(between))), str(data.get(name, ""))
            if value and value not in known:
                edge[name] = between.join([*known, value])
    yield from folded.values()


def passage_line(row: Mapping[str, Any]) -> str:
    """Return the passage that a row names, as the line by which a network has it."""
    iri, section, start, end, words = map(row.get, _PASSAGE)
    return str(Passage(iri or "", section or "", start, end, Literal(words or "")))


def _add_labels(graph: nx.MultiDiGraph, catalog: Catalog, store: Store, language: str | None) -> None:
    """Add the labels of what the queries named by IRI: nodes, kinds, relations, documents and statuses."""
    unnamed = [(data, "label", node) for node, data in graph.nodes(data=True)]
    for items, names in ((graph.nodes, ("kind", "lane")), (graph.edges, ("relation", "document", "status"))):
        every = [data for *_, data in items(data=True)]
        unnamed += ((data, name, data.get(_IRIS.get(name, name))) for data in every for name in names)
    named: list[tuple[dict[str, Any], str, list[str]]] = []
    for data, name, value in unnamed:
        iris = str(value).split(_SEVERAL["document"])
        if data.get(name, value) == value and all(map(is_iri, iris)):
            named.append((data, name, iris))
    labels = catalog.labels(store, {iri for *_, iris in named for iri in iris})
    for data, name, iris in named:
        if name != "label" or labels.has(iris[0]):
            data[name] = _SEVERAL["document"].join(labels.of(iri, language or "en").text for iri in iris)


def narrowed(
    graph: nx.MultiDiGraph,
    *,
    evidence: str | None = None,
    min_strength: str | None = None,
    kinds: str | Collection[str] = (),
    relations: str | Collection[str] = (),
    country: str | None = None,
    without: str | Collection[str] = (),
) -> nx.MultiDiGraph:
    """Copy a network with only some of its nodes and edges; a node that loses its edges stays.

    Args:
        graph: any networkx graph; it is not changed.
        evidence: keep only what is shown up to a level of evidence: "said" by the sources, "documents" (what
            others say too), "read" (into them, but weakly) or "weak"; or "only", what is read and no more.
            Of a network from a catalogue, what names a thing, and whether the project made it up, counts too.
        min_strength: drop inferences weaker than this: "weak", "medium" or "strong". One without any is weak.
        kinds: keep only nodes of these kinds, each a label (`kind`) or the CURIE or IRI of a class (`class`),
            which is the narrowest that a node is of.
        relations: keep only edges of these relations, each a label (`relation`) or the CURIE or IRI of a
            property (`property`).
        country: keep only nodes of this country (as `find_node` takes it, or the last part of its IRI),
            itself among them, and those of none that lead to one of it through none of another.
        without: drop these nodes, each as `find_node` takes it.

    Raises:
        NetworkError: no node or edge has such a kind, relation, country, strength or level; it suggests the
            nearest. Or a node to drop is not in the network.
        ResourceError: a node to drop is ambiguous, or nothing has such a label.
    """
    given: tuple[Any, ...] = kinds, relations, without
    kinds, relations, without = ([each] if (many := several(each)) is None else many for each in given)
    place, curies = origin(graph), prefixes(graph)
    dropped = [*dict.fromkeys(find_node(graph, node) for node in without)]
    if min_strength is not None and word(min_strength) not in STRENGTHS:
        raise NetworkError(f"{min_strength!r} is no strength; there are {', '.join(STRENGTHS)}.")
    if evidence not in (None, *SHOWN):
        raise NetworkError(f"{evidence!r} is no level of evidence; there are {', '.join(SHOWN)}.")
    nodes, edges = graph.nodes(data=True), graph.edges(data=True)
    kinds, relations = ({each: _iri(each, curies) for each in names} for names in (kinds, relations))
    is_kind = _chosen("kind", kinds, (data for _, data in nodes), "kind", "class")
    is_relation = _chosen("relation", relations, (data for *_, data in edges), "relation", "property")
    others = set() if country is None else _others(countries_of(graph), country, place)
    whole = graph
    if country is not None and place and place.part is not None:  # whatever was narrowed first
        whole, others = place.part, _others(countries_of(place.part), country, place)
    least = 0.0 if min_strength is None else CONFIDENCE[word(min_strength)]
    every = whole.nodes(data=True)
    home = [node for node, data in every if not (of := countries(data)) or not others.issuperset(of)]
    kept = {*(home if country is None else _joined(whole.subgraph(home)))}
    kept -= {node for node, data in nodes if node in dropped or not is_kind(data)}
    part = graph.__class__()
    part.graph.update(graph.graph)
    part.add_nodes_from((node, dict(data)) for node, data in nodes if node in kept)
    part.add_edges_from(
        (source, target, dict(data)) for source, target, data in edges
        if source in part and target in part and is_relation(data) and confidence(data) >= least
    )  # fmt: skip
    if evidence is not None:
        _keep_shown(part, evidence, place)
    recipe = {
        "evidence": evidence or "",
        "minimum strength": word(min_strength),
        "kinds": ", ".join(kinds),
        "relations": ", ".join(relations),
        "country": country or part.graph.pop("country", ""),
        "without": ", ".join(compact(str(each), curies) for each in dropped),
    }
    for name, value in recipe.items():
        old = graph.graph.get(name)
        if old and value and name != "country":  # it was narrowed before
            value = old if value in old.split(THEN) else f"{old}{THEN}{value}"
        part.graph |= {name: value} if value else {}
    if place:
        _from(part, place._replace(part=graph if place.part is None else place.part))
    return part


def part_of(graph: nx.Graph, *, query: object = None, values: object = None, **options: Any) -> nx.Graph:
    """Return a network that is there, narrowed where there are options; NetworkError for a query of it."""
    if query or values:
        raise NetworkError("Only a catalogue is asked with a query; make its network with it.")
    return narrowed(graph, **options) if _filters(options) else graph


def _filters(options: Mapping[str, Any]) -> bool:
    """Whether any option of `narrowed` is given; an empty text is, and has that tell what is wrong."""
    return any(each is not None and several(each) != [] for each in options.values())


def _joined(graph: nx.MultiDiGraph) -> set[Any]:
    """Return the nodes of countries, and those of none that anything connects to one of these."""
    import networkx as nx

    parts = nx.connected_components(graph.to_undirected(as_view=True))
    return {node for part in parts if any(countries(graph.nodes[each]) for each in part) for node in part}


def _keep_shown(graph: nx.MultiDiGraph, key: str, place: Origin | None) -> None:
    """Leave in a network what a level of evidence shows: edges, what they or sources name, and years.

    Of what is only read, what is compared stays, which is a reading.
    """
    asked: Iterable[Mapping[str, Any]] = ()
    if place:
        claim_levels(place.catalog, place.store, graph)
        asked = place.catalog.ask("comparisons", store=place.store) if key == "only" else ()
    compared = grouped((row["comparison"], row["thing"]) for row in asked if row["thing"] in graph)
    beside = set().union(*(things for things in map(set, compared.values()) if len(things) > 1))
    for edge in [*graph.edges]:
        level = taken(graph.edges[edge], "level of evidence", int)
        if level is None:
            level = evidence_level(*(word(graph.edges[edge].get(name)) for name in _CONCEPTS))
        if not shows(key, level):
            graph.remove_edge(*edge)
    for node, data in [*graph.nodes(data=True)]:
        level = taken(data, "level of evidence", int)
        hidden = {name for name, year in taken(data, "levels", Mapping, {}).items() if not shows(key, year)}
        for name in hidden:
            data.pop(name, None)
        if hidden.intersection(_YEARS[:2]) and "interval" in data:
            days = zip(_YEARS, str(data.pop("interval")).split("/"), strict=False)
            interval = "/".join("" if name in hidden else day for name, day in days)
            data |= {"interval": interval} if interval != "/" else {}
        alone = not graph.degree(node) and node not in beside
        if alone and level is not None and not shows(key, level):
            graph.remove_node(node)


def _others(known: set[str], country: str, place: Origin | None) -> set[str]:
    """Return the known countries of a network but for one; NetworkError if nothing in it is of that one."""
    curies = place.catalog.settings.prefixes if place else PREFIXES
    home = _iri(str(country), curies)
    if place and home not in known:
        with suppress(ResourceError):  # of the country that has this name, if any
            home = place.catalog.find_resource(country, store=place.store)
    others = {each for each in known if each != home and word(each) != word(country)}
    if others == known:
        listed = ", ".join(compact(each, curies) for each in sorted(known)) or "no node with a country"
        raise NetworkError(f"Nothing in the network is of the country {country!r}; there is {listed}.")
    return others


def taken(data: dict[str, Any], name: str, kind: Any, default: Any = None) -> Any:
    """Take from attributes one that is of this type; any other of the name is somebody's own, and stays."""
    return data.pop(name) if isinstance(data.get(name), kind) else default


def evidence_level(basis: str, strength: str | None) -> int:
    """Return the level of evidence of a claim, by its basis and the strength of its inference."""
    weak = basis == "inferred" and strength not in STRENGTHS[1:]
    return {"stated": 0, "external": 1}.get(basis, LEVELS.index("weak" if weak else "read"))


def shows(key: str, level: int) -> bool:
    """Whether what is shown up to a level of evidence has this one; "only" is what is read, and no more."""
    return level >= LEVELS.index("read") if key == "only" else level <= LEVELS.index(key)


def add_levels(graph: nx.Graph, evidence: Answer, grounds: Iterable[Any]) -> dict[Any, int]:
    """Add to nodes, their years and edges from which level of evidence on they are there; return the claims'.

    A thing is there from the first claim, passage or document that names it; what the project made up, and
    what is claimed of that, counts as read.
    """
    read, named, years = LEVELS.index("read"), dict[Any, int](), dict[tuple[Any, str], int]()
    claims, premises, found = {row["claim"]: row for row in evidence}, dict[str, set[str]](), [*grounds]
    coined = {row["thing"].value for row in found if row["coined"]}
    succeeds = {row["succession"].value for row in found if row["succession"]}
    for row in found:
        if row["premise"]:
            premises.setdefault(row["thing"].value, set()).add(row["premise"].value)
        elif row["document"]:
            known = int(row["own"] is None)
            named[row["thing"].value] = min(named.get(row["thing"].value, known), known)

    levels: dict[Any, int] = {}
    order = TopologicalSorter({claim: premises.get(claim, ()) for claim in {*claims, *premises}})
    with suppress(CycleError):  # what is computed from itself is in no order
        order.prepare()
    while order.is_active():
        for claim in order.get_ready():
            row = claims.get(claim, {})
            own = evidence_level(word(row.get("basis")), word(row.get("strength")))
            weakest = max((levels[each] for each in premises.get(claim, ())), default=own)
            made = coined.intersection((row.get("source"), row.get("target")))
            levels[claim] = max(weakest, read) if made else weakest
            order.done(claim)
    levels = {claim: levels.get(claim, read) for claim in claims if claim}
    for row in evidence:
        known = levels.get(row["claim"], 0)
        for end in (row["source"], row["target"]):
            named[end] = min(named.get(end, known), known)
    begun, turns = dict[str, str](), dict[str, tuple[str, int]]()
    for row in found:
        for name in _YEARS[:3]:
            if row[name] and row[name].value in levels:  # else it is rejected
                known, dated = levels[row[name].value], (row["thing"].value, name)
                years[dated] = min(years.get(dated, known), known)
                if name == "start":
                    begun[row["thing"].value] = str(claims[row[name].value]["target"])[:4]
    # The year is that of the first successor, so no other counts, and its own beginning has to be there too.
    for row in (each for each in evidence if each["claim"] in succeeds):
        first, thing = row["source"], row["target"]
        turn = begun.get(first, "~"), max(levels[row["claim"]], years.get((first, "start"), 0))
        turns[thing] = min(turns.get(thing, turn), turn)
    years |= {(thing, "succeeded"): level for thing, (_, level) in turns.items()}
    for node, data in graph.nodes(data=True):
        data["level of evidence"] = read if node in coined else named.get(node)
        data["levels"] = {name: years.get((node, name), 0) for name in _YEARS}
    for *_, data in graph.edges(data=True):
        data["level of evidence"] = levels.get(data.get("claim"))
    return levels


def claim_levels(catalog: Catalog, store: Store, graph: nx.Graph | None = None) -> dict[Any, int]:
    """Return the level of evidence of each claim, a place in `LEVELS`; add those of a network to it."""
    import networkx as nx

    evidence, grounds = catalog.ask("evidence", store=store), rows(store, catalog.bind("grounds", store))
    return add_levels(nx.Graph() if graph is None else graph, evidence, grounds)


def find_node(graph: nx.Graph, name: Hashable, *, whole: nx.Graph | None = None) -> Hashable:
    """Return the node that is called so: by its name, a label or the start of one, a CURIE or an IRI.

    Labels are those of the catalogue that the network comes from, in any language; or else the network's own.
    `whole` is the network that `graph` was narrowed from, for the error.

    Raises:
        NetworkError: the node is not in the network.
        ResourceError: several resources have such a label, or none in the catalogue.
    """
    name = name.value if isinstance(name, NamedNode) else name
    if name in graph or not isinstance(name, str):
        return require_node(graph, name, whole=whole)
    place = origin(graph)
    if place is None:
        own = [(node, str(data["label"])) for node, data in graph.nodes(data=True) if data.get("label")]
        iri = _iri(name, PREFIXES)
        if iri not in graph and any(label.casefold().startswith(name.casefold()) for _, label in own):
            return match(name, own)
        return require_node(graph, iri, whole=whole)
    iri = place.catalog.find_resource(name, store=place.store)
    return iri if iri in graph else require_node(graph, iri, whole=whole or place.whole)


def find_list(graph: nx.Graph, names: str | Iterable[Hashable]) -> tuple[str, dict[Hashable, dict[str, Any]]]:
    """Return a title and the nodes of a list: their names and, for those not in the network, label and list.

    Each name is as `find_node` takes it; a text is such names separated by ";", or the name of a list or a
    class in the catalogue that the network comes from.
    """
    if not isinstance(names, str):
        return "", {find_node(graph, each): {} for each in names}
    place = origin(graph)
    if ";" in names.strip("; ") or place is None:
        return names, {find_node(graph, each.strip()): {} for each in names.split(";") if each.strip()}
    catalog, store, language = place.catalog, place.store, place.language
    group, numbers = _members(catalog, store, names)
    labels, language = catalog.labels(store, [group, *numbers]), language or "en"
    named = {member: labels.of(member, language).text for member in numbers}

    def order(each: str) -> list[str | int]:
        """By label, after those with a number, which the query has put in order."""
        return alphabetical(named[each], language) if numbers[each] is None else []

    narrow = left_out(graph)
    there = [member for member in sorted(numbers, key=order) if member not in narrow]
    found: dict[Hashable, Any] = {each: {"scheme": group, "label": named[each]} for each in there}
    title = labels.of(group, language).text if labels.has(group) else names
    if numbers and not found:
        raise NetworkError(f"All of {title!r} is left out of this network; narrow it less.")
    return title, found or {require_node(graph, group): {}}


def _members(catalog: Catalog, store: Store, names: str) -> tuple[str, dict[str, Any]]:
    """Return a list or a class, and its members with their notations."""
    group = catalog.find_resource(names.strip("; "), store=store)
    found = rows(store, catalog.bind("members", store, group=group))
    return group, {row["member"].value: row["notation"] for row in found}


def list_size(catalog: Catalog, store: Store, names: str) -> int:
    """Return how many nodes `find_list` gives of the whole network, without making that."""
    several = [each for each in names.split(";") if each.strip()]
    return len(several) if len(several) > 1 else max(1, len(_members(catalog, store, names)[1]))


def left_out(graph: nx.Graph) -> set[str]:
    """Return the things that a network was narrowed without, also those that no claim connects."""
    place = origin(graph)
    if place is None or not place.narrow:
        return set()
    things = {*(place.part or ()), *place.apart}
    if "country" in graph.graph:
        found = _left(graph, place), countries_of(graph)
        others, own = (" ".join(f"<{iri}>" for iri in sorted(each)) for each in found)
        asked = f"""SELECT DISTINCT ?thing {{ {{ VALUES ?country {{ {others} }} ?thing ?property ?country
            MINUS {{ VALUES ?own {{ {own} }} ?thing ?property ?own }} }}
            UNION {{ VALUES ?thing {{ {others} }} ?claim rdf:subject|rdf:object ?thing }} }}"""
        things |= {row["thing"].value for row in rows(place.store, asked)}
    return things - {*graph}


def require_node(graph: nx.Graph, node: Hashable, *, whole: nx.Graph | None = None) -> Hashable:
    """Return a node; raise NetworkError, with the nearest label, if it is not there, or only in the whole."""
    if node in graph:
        return node
    if whole is not None and node in whole:
        label = printable(str(whole.nodes[node].get("label") or compact(str(node), prefixes(whole))))
        raise NetworkError(f"{label} is left out of this network; narrow it less to find its paths.")
    labels = sorted(label for _, label in graph.nodes(data="label") if isinstance(label, str))
    near = nearest(word(node).replace("-", " "), labels)
    name = compact(str(node), prefixes(graph))
    raise NetworkError(f"{name!r} is not in the network.{near}")


def simple(graph: nx.Graph) -> nx.Graph:
    """Project a network to a simple graph: one undirected, weighted edge for each connected pair of nodes.

    Attributes of nodes and of the graph are kept, loops dropped. Each edge of the result has

    - `claims`: how many edges it stands for;
    - `weight`, between 0 and 1: the confidence that the pair is connected at all, if each claim may be wrong
      independently: 1 - (1 - c1)(1 - c2)…, where c is `CONFIDENCE` (the "noisy or" of Pearl 1988);
    - `length`, for paths: -ln(weight) + (ln d1 + ln d2) / 2, where d is a node's degree: going through a node
      costs ln d, for hubs explain little. For two steps, exp(-length) orders paths as resource allocation
      does (Zhou, Lü and Zhang 2009).
    """
    import networkx as nx

    origin(graph)  # which refuses what is no network
    plain = nx.Graph()
    plain.graph.update(graph.graph)
    plain.add_nodes_from((node, dict(attributes)) for node, attributes in graph.nodes(data=True))
    doubts: dict[tuple[Any, Any], tuple[float, int]] = {}
    order = {node: number for number, node in enumerate(plain)}
    for source, target, data in graph.edges(data=True):
        if source != target:
            pair = (source, target) if order[source] < order[target] else (target, source)
            doubt, claims = doubts.get(pair, (1.0, 0))
            doubts[pair] = (doubt * (1 - confidence(data)), claims + 1)
    degrees = Counter(node for pair in doubts for node in pair)
    half = {node: log(degree) / 2 for node, degree in degrees.items()}
    plain.add_edges_from(
        (one, two, {"weight": 1 - doubt, "claims": claims, "length": half[one] + half[two] - log(1 - doubt)})
        for (one, two), (doubt, claims) in doubts.items()
    )
    return plain


def confidence(data: Mapping[str, Any]) -> float:
    """Return the confidence in an edge's claim, by its `basis` and `strength`."""
    if word(data.get("basis")) != "inferred":
        return CONFIDENCE["document"]
    return CONFIDENCE.get(word(data.get("strength")), CONFIDENCE["weak"])


def _iri(name: str, prefixes: Prefixes) -> str:
    """Expand a CURIE to its IRI; return an IRI and any other text as it is."""
    with suppress(ValueError):
        return expand(name, prefixes) if "://" in name or name.partition(":")[0] in prefixes else name
    return name


def _chosen(
    what: str, names: Mapping[str, str], items: Iterable[Mapping[str, Any]], label: str, iri: str
) -> Callable[[Mapping[str, Any]], bool]:
    """Return a test whether attributes are of the kinds or relations with these names or IRIs, or of any."""
    if not names:
        return lambda data: True
    values = {(name, data[name]) for data in items for name in (label, iri) if name in data}
    chosen = set()
    for name, full in names.items():
        same = {each for each in values if each[1] == full or str(each[1]).casefold() == name.casefold()}
        if not same:
            labels = sorted({str(value) for attribute, value in values if attribute == label})
            listed = f"there are {', '.join(labels) or 'none'}.{nearest(name, labels)}"
            raise NetworkError(f"No {what} in the network is called {name!r}; {listed}")
        chosen |= same
    return lambda data: any((name, data.get(name)) in chosen for name in (label, iri))


def _rows(
    store: Store, text: str, language: str | None, *needed: str, answer: Results | None = None
) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Yield, row by row, the terms of the needed columns and the Python values of the others.

    An IRI as relation is also the property, one as kind the class. Localised texts are in one language.
    """
    made = "A network is made from a SELECT with " + " and ".join(f"?{name}" for name in needed)
    answer = store.query(text) if answer is None else answer
    if not isinstance(answer, QuerySolutions):
        raise QueryError(f"{made}; this query is not a SELECT.")
    variables = [variable.value for variable in answer.variables]
    if missing := [name for name in needed if name not in variables]:
        selected = ", ".join(f"?{name}" for name in variables) or "nothing"
        lack = " and ".join(f"?{name}" for name in missing)
        raise QueryError(f"{made}; this one selects {selected}: add {lack}.")
    ends = [variables.index(name) for name in needed]
    others = [(at, name, _IRIS.get(name)) for at, name in enumerate(variables) if name not in needed]
    value_of = lru_cache(_CACHED_TERMS)(python_value)  # few terms make up most of a result
    texts = Query.parse(text, prefixes=store.prefixes).localised
    localised = [place for place, name, _ in others if name in texts]
    for row in in_language(answer, localised, language or "en") if localised else answer:
        values = {}
        for place, name, iri in others:
            if (term := row[place]) is not None:
                values[name] = value_of(term)
                if iri and type(term) is NamedNode:
                    values.setdefault(iri, values[name])
        yield [row[place] for place in ends], values


def _node(term: Any) -> tuple[str, dict[str, Any]]:
    """Return the name of a term's node, and what it has for a literal: its text as label."""
    if type(term) is NamedNode:
        return term.value, {}
    return str(term), {"label": term.value} if isinstance(term, Literal) else {}
