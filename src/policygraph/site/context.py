"""Hold what pages are made from: the catalogue, its store, labels, URLs, and memoised results."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from functools import cached_property, lru_cache, partial
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast
from urllib.parse import unquote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from policygraph.analysis.network import letters_of, network
from policygraph.catalog.catalog import Aside, Catalog
from policygraph.catalog.labels import Labels, look_up
from policygraph.catalog.matrix import VIEWS, Matrix
from policygraph.catalog.metadata import Metadata, first_kind
from policygraph.catalog.parameters import MEMBER, instances
from policygraph.catalog.query import Query
from policygraph.catalog.resource import Absences, Resource, bounded_descriptions
from policygraph.catalog.settings import NOWHERE
from policygraph.errors import QueryError
from policygraph.explorer.document import LIMITS
from policygraph.explorer.story import Levels, Story, Storyboard, stories
from policygraph.i18n import alphabetical, words
from policygraph.rdf.blanks import BlankNodes
from policygraph.rdf.namespaces import local_name
from policygraph.rdf.terms import Term
from policygraph.site.noted import NotedLabels, as_rows, by_key, door, once
from policygraph.site.urls import ESCAPED, UrlMap, folded
from policygraph.store.index import Index
from policygraph.store.protocols import Store, rows, solutions
from policygraph.store.trace import TracedStore, kept
from policygraph.text import grouped, natural

if TYPE_CHECKING:
    import networkx as nx


P = ParamSpec("P")
T = TypeVar("T")
Style = Mapping[str, Any]  # the colour, ink, shape and letter of a kind's icon, with the kind's name

_SUBJECTS = "SELECT DISTINCT ?s { { ?s ?p ?o } UNION { ?of owl:versionIRI ?s } FILTER(isIRI(?s)) }"
_IS_SUBJECT = "ASK {{ {{ {0} ?p ?o }} UNION {{ ?of owl:versionIRI {0} }} }}"
_MEMBERS = """SELECT {} {{ VALUES ?class {{ ?of }} ?thing a ?class
  FILTER(isIRI(?thing) && STRSTARTS(STR(?thing), ?base)) }} {}"""
_CLASSES = "SELECT DISTINCT ?class { ?thing a ?class FILTER(isIRI(?class)) } ORDER BY ?class"
_INSTANCES = f"SELECT DISTINCT ?thing {{{{ ?thing {MEMBER} <{{}}> FILTER(isIRI(?thing)) }}}} LIMIT {{}}"
_LEADING = "SELECT ?p (COUNT(*) AS ?n) {{ ?thing ?p <{}> }} GROUP BY ?p ORDER BY ?p"
_DEPRECATED = """SELECT ?thing ?deprecated ?by ?since {
  { ?thing owl:deprecated ?deprecated FILTER(?deprecated = true) } UNION { ?thing dct:isReplacedBy ?by }
  UNION { ?by dct:replaces ?thing } OPTIONAL { ?thing prov:invalidatedAtTime ?since }
} ORDER BY ?thing ?by ?since"""
_MANY = 500  # statements by one property, of a large catalogue
_LATEST = 8  # resources whose statements are remembered, or parts of all
_TOGETHER = 16  # paths in a part
_LOOKED_UP = 50_000  # paths of a large catalogue whose IRIs are remembered
_NO_EDITION = {"version": "", "issued": "", "modified": "", "abouts": ()}
OXIGRAPH = Path(__file__).parent / "static" / "engine" / "oxigraph"
"""The SPARQL engine for browsers, which is absent where npm was when the package was built."""


def tree(above: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Each key with its depth, below the key that is its value; the first of a circle at the top."""
    below = grouped((parent if parent in above else "", key) for key, parent in above.items())
    seen: set[str] = set()
    for top in [*below.get("", []), *above]:
        waiting = [(0, top)]
        while waiting:
            depth, key = waiting.pop()
            if key not in seen:
                seen.add(key)
                yield depth, key
                waiting += [(depth + 1, each) for each in reversed(below.get(key, []))]


class _Members(Sequence[str]):
    """The resources of a kind in a large store, in the order of the store, counted and looked up."""

    def __init__(self, context: SiteContext, kind: str) -> None:
        self._context, of_kind = context, (f"<{c}>" for c, k in context.kind_of_class.items() if k == kind)
        self._text = _MEMBERS.replace("?of", " ".join(of_kind)).replace("?base", str(Literal(context.base)))
        (row,) = context.rows(self._text.format("(COUNT(DISTINCT ?thing) AS ?n)", ""))
        self._number = int(row["n"].value)

    def __len__(self) -> int:
        return self._number

    def __getitem__(self, place: Any) -> Any:
        first, end, _ = place.indices(self._number)
        part = f"OFFSET {first} LIMIT {end - first}"
        return self._context.column(self._text.format("DISTINCT ?thing", part))


class SiteContext:
    """A catalogue, its store and what is computed from them; the arguments are those of `Site`."""

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        *,
        address: str = "",
        live: bool = True,
        sparql: str = "",
        description: Callable[[], Iterable[Triple]] | None = None,
        asked: Store | None = None,
    ) -> None:
        self.catalog, self.live, self.sparql = catalog, live, sparql
        self.store, self.untraced = store if live else TracedStore(store), store
        self.asked = self.store if asked is None else asked
        self.metadata = Metadata(catalog, self.store)
        self.settings, self.base, self.description = catalog.settings, catalog.settings.base, description
        self.address = address or self.settings.address
        self.previous: Mapping[str, bytes] = {}  # what earlier publications keep, by path
        self.has_page: Callable[[str], bool] = lambda path: False  # whether a path is a page of the site
        self.languages = self.settings.languages
        self.logo = f"/logo{self.settings.logo.suffix if self.settings.logo else '.svg'}"
        # Of a large catalogue, a server shows parts of what grows with it, and looks up what it shows.
        self.large = live and store.index is not None
        self.at_hand = not (self.large or store.url)  # whether all of its data can be gone through
        self.urls = UrlMap(
            lambda: self.column(_SUBJECTS),
            base=self.base,
            address=self.address,
            languages=self.languages,
            at=lru_cache(_LOOKED_UP)(self._at) if self.large else self._listed_at,
            files=not live,
        )
        # Whether browsers answer SPARQL and saved questions, where no server does.
        self.in_browser = not live and self.settings.sparql and OXIGRAPH.is_dir()
        self.prefixes = catalog.settings.prefixes
        self.blanks = BlankNodes(self.rows, partial(rows, store), self.prefixes)
        self.locks: dict[object, Any] = {}
        self.forget()
        # Pages in several languages and data in several formats are of the same, and asked for one by one.
        self._stated = lru_cache(_LATEST)(
            lambda iris: catalog.statements(iris, store, () if iris[1:] else self.many(*iris))
        )
        self._described = lru_cache(_LATEST)(self.bounded)
        self.feeds: frozenset[str] = frozenset()  # the paths of the feeds that exist

    def forget(self) -> None:
        """Forget what is memoised, and labels that were read one by one."""
        self.memo: dict[tuple[object, ...], Any] = {}
        self._kept: list[str] = []  # the paths of `previous`, in order
        if isinstance(self.store, TracedStore):
            self.labels: Labels = NotedLabels(self.store, self.prefixes)
        else:
            self.labels = Labels(self.store, prefixes=self.prefixes, later=self.large)

    def _listed_at(self, path: str) -> Sequence[str]:
        return door(self, ("at", path), lambda: self.urls.resources.get(path, ()))

    @property
    def folded(self) -> Set[str]:
        """The paths of resources, as file systems compare them that know no case."""
        return door(self, (".folded",), lambda: {*map(folded, self.urls.resources)})

    def earlier(self, start: str = "") -> Mapping[str, bytes]:
        """What earlier publications keep, by path, where that begins so."""
        self._kept = self._kept or sorted(self.previous)
        first, last = (bisect_left(self._kept, each) for each in (start, f"{start}\U0010ffff"))
        found = self._kept[first:last]
        return door(self, (".earlier", start), lambda: {path: self.previous[path] for path in found})

    def statements(self, iri: str) -> Sequence[Any]:
        """The rows of which the statements about a resource are made."""
        near = self._neighbours.get(self.urls.path(iri) or "", ())
        iris = tuple(each for path in near for each in self.urls.resources[path])
        own = iris if iri in iris else (iri,)
        return door(self, (".statements", iri), lambda: self._stated(own)[iri], as_rows)

    def described(self, path: str) -> Set[Triple]:
        """The triples of the document at an abstract path, without those about the document."""
        near = self._neighbours.get(path, (path,))
        return door(self, (".described", path), lambda: self._described(near)[path])

    def bounded(self, paths: Sequence[str]) -> Mapping[str, Set[Triple]]:
        """The triples of the documents at these paths, asked for together."""
        about = {path: self.urls.at(path) for path in paths}
        iris = [iri for each in about.values() for iri in each]
        many = {iri: sorted(self.many(iri)) for iri in iris}
        found: dict[str, set[Triple]] = {}
        for names, some in groupby(sorted(iris, key=many.__getitem__), many.__getitem__):
            found |= bounded_descriptions(self.untraced, [*some], self.blanks, left_out=names)
        return {path: set[Triple]().union(*map(found.__getitem__, each)) for path, each in about.items()}

    @cached_property
    def _neighbours(self) -> Mapping[str, tuple[str, ...]]:
        """The paths that are asked for together with each, where all of them will be."""
        paths = () if self.live else (*self.urls.resources,)
        parts = (paths[start : start + _TOGETHER] for start in range(0, len(paths), _TOGETHER))
        return {path: part for part in parts for path in part}

    def _at(self, path: str) -> list[str]:
        """The IRIs at a path, looked up."""
        index, name = cast(Index, self.store.index), path.removeprefix("/")
        document, found = self.base + name, index.parts(unquote(self.base) + name.replace(ESCAPED, "/"))
        with suppress(ValueError):  # no IRI
            if self.store.query(_IS_SUBJECT.format(NamedNode(document))):
                found.append(document)
        return sorted({iri for iri in found if self.urls.path(iri) == path})

    def rows(self, text: str) -> Iterator[Any]:
        """The rows of a SELECT."""
        return rows(self.store, text)

    def counted(self, text: str) -> Iterator[Any]:
        """The rows of a SELECT that goes through everything."""
        return solutions(self.store.counted(text))

    def ask(self, name: str) -> Iterator[Any]:
        """The rows of a saved query of everything."""
        return self.counted(self.catalog.bind(name, self.store))

    @once
    def finding(self, name: str, language: str) -> str:
        """What a saved query finds with the defaults of its parameters; empty where it cannot be asked."""
        try:
            return self.catalog.ask(name, store=self.store, language=language).finding
        except QueryError:
            return ""

    def column(self, text: str) -> list[str]:
        """The first column of an answer, as text, without unbound cells."""
        return [row[0].value for row in self.rows(text) if row[0] is not None]

    @once
    def words(self, language: str, *, marked: bool = False) -> dict[str, Any]:
        """The fixed words of the site's pages; those in another language may be `marked`."""
        return words(language, "site", "resource", marked=marked)

    def is_inside(self, term: Term) -> bool:
        """Whether a term has no name and is shown within its owner: a blank node, or a part of a document."""
        if isinstance(term, NamedNode) and "#" in term.value and self.urls.is_here(term.value):
            named = self.labels.has(term.value) or self.labels.is_term(term.value)
            return not named and bool(self.blanks.inside(term))
        return isinstance(term, BlankNode)

    def resources(self, iris: Sequence[str], language: str) -> list[Resource]:
        """Resources with their statements and the claims behind them, in this order."""
        whole = [iri for iri in iris if self.live and not self.many(iri)]
        found = self.catalog.resources(whole, store=self.store, language=language) if whole else ()
        known = {each.iri: each for each in found}
        return [
            known.get(iri) or Resource(iri, self.statements(iri), language) for iri in dict.fromkeys(iris)
        ]

    @once
    def many(self, iri: str) -> Mapping[str, int]:
        """The properties by which too much leads to a resource for a page, with how much."""
        found = self.rows(_LEADING.format(iri)) if self.large else ()
        return {row["p"].value: int(row["n"].value) for row in found if int(row["n"].value) > _MANY}

    def absences(self, iri: str) -> Absences:
        """What is not there about a resource; where all have a page, all are asked for at once."""
        if self.live:
            return self.catalog.absences(NamedNode(iri), store=self.store)
        return self._absences().get(iri, Absences((), {}, ()))

    @by_key
    def _absences(self) -> Mapping[str, Absences]:
        return self.catalog.all_absences(self.store)

    @property
    @by_key
    def deprecated(self) -> Mapping[str, list[Any]]:
        """The resources that are deprecated or replaced, with rows that say since when, and by what."""
        return grouped((row["thing"].value, row) for row in self.rows(_DEPRECATED))

    @property
    @by_key
    def since(self) -> Mapping[str, str]:
        """Since when each resource stands in the file of its dataset, as git knows it; not of a large one."""
        from policygraph.catalog import history

        catalog = self.catalog
        known = not (self.large or catalog.files or catalog.place)
        paths = map(catalog.datasets.path, catalog.datasets) if known else ()
        return {iri: day for path in paths for iri, day in history.since(path).items()}

    @by_key
    def asides(self, language: str) -> Mapping[str, Sequence[Aside]]:
        """The answers that stand beside a thing, by its IRI."""
        return self.catalog.asides(self.asked, language)

    @kept
    def stories(self) -> Mapping[str, Story]:
        """The stories by name."""
        return stories(self.catalog)

    @cached_property
    def levels(self) -> Levels:
        """The levels of evidence of the claims that stories draw."""
        return Levels(self.metadata)

    @once
    def board(self, story: str, language: str) -> Storyboard:
        """What asks and draws the steps of a story."""
        return Storyboard(self.stories[story], self.metadata, language, self.levels)

    def preview(self, language: str, of: Story | None = None) -> str:
        """The path of the image for previews of links, a story's first step; empty where there is none."""
        found = of or next(iter(self.stories.values()), None)
        if not found or self.address == NOWHERE or not find_spec("resvg_py"):
            return ""
        return f"/embed/story/{found.name}/{found.steps[0].id}{self.urls.tag(language)}.png"

    @kept
    def pictured(self) -> Mapping[str, Query]:
        """The saved questions with a matrix or tiles, by name."""
        return {name: query for name, query in self.catalog.queries.items() if query.view in VIEWS}

    @once
    def matrices(self, language: str) -> Mapping[str, Matrix]:
        """The matrices of saved questions with the defaults of their parameters, by name."""
        found = self.catalog.matrices(self.asked, language, labels=self.store)
        return {name: each for name, each in found.items() if each.view == "matrix"}

    def parts(self, iri: str, language: str) -> list[tuple[str, Matrix, list[str]]]:
        """What matrices have of a thing, by name, and what is like it there."""
        return door(self, (".parts", iri, language), lambda: self._parts(iri, language))

    def _parts(self, iri: str, language: str) -> list[tuple[str, Matrix, list[str]]]:
        found = ((name, each.part(iri), each.like(iri)) for name, each in self.matrices(language).items())
        return [each for each in found if each[1].marks]

    @kept
    def _homes(self) -> Mapping[str, str]:
        return self.metadata.homes()

    def dataset_of(self, iri: str, edition: bool = False) -> Mapping[str, Any]:
        """The record of the dataset that describes a resource, or else of the ontology that defines it.

        In a folder, its version and dates are in the record of a dataset or an ontology alone, or where the
        `edition` is asked for.
        """
        return door(self, (".dataset_of", iri, edition), lambda: self._dataset_of(iri, edition))

    def _dataset_of(self, iri: str, edition: bool) -> Mapping[str, Any]:
        record = self.metadata.dataset_of(iri, self.metadata.homes([iri]) if self.large else self._homes)
        return record if self.live or edition or record["iri"] == iri else {**record, **_NO_EDITION}

    @kept
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """The records of the datasets, or the ontologies where none is described; in a folder, no edition."""
        if self.live:
            return self.metadata.described
        return {iri: {**each, **_NO_EDITION} for iri, each in self.metadata.described.items()}

    @kept
    def recorded(self) -> Sequence[str]:
        """The datasets that are described."""
        return [*self.metadata.records]

    @once
    def instances(self, kind: str, most: int) -> Sequence[str]:
        """The instances of a class or the concepts of a scheme, by IRI; where none is, all with a name.

        Of a large catalogue, they are so many at most.
        """
        if self.large:
            found = self.column(_INSTANCES.format(kind, most))
            return found or cast(Index, self.store.index).first(most)
        found = [*dict(instances(self.store, kind, self.prefixes))]
        return found or sorted({row["thing"].value for row in self.ask("labels")})

    @once
    def network(self, language: str) -> nx.MultiDiGraph:
        """The network of the whole catalogue."""
        return network(self.catalog, store=self.store, language=language)

    @kept
    def between_kinds(self) -> list[Any]:
        """The network of the whole catalogue in short: rows of the saved query `network-kinds`."""
        return [*self.ask("network-kinds")]

    @kept
    def in_parts(self) -> bool:
        """Whether a server shows the network in parts, since a page with all of it would be too large."""
        return self.live and sum(int(row["claims"].value) for row in self.between_kinds) > LIMITS["edges"]

    @kept
    def letters(self) -> str:
        """The letters of the signs of classes, as a network has them, whatever the language."""
        return " ".join(f"{iri} {kind['letter']}" for iri, kind in self.kinds.items())

    def lanes(self, language: str) -> Mapping[str, str]:
        """The heading of the lane of each class that has one."""
        found = self.rows(self.catalog.bind("class-layers", self.store))
        return {row["class"].value: self.labels.of(row["lane"].value, language).text for row in found}

    @kept
    def kinds(self) -> Mapping[str, Style]:
        """The kinds of resources in the network, by class, with the styles that the explorer gives them.

        Where there is no network, every class of the datasets is a kind.
        """
        import networkx as nx

        from policygraph.explorer.document import view_document

        kinds = nx.Graph(letters=letters_of(self.catalog, self.store))
        layers = {**self.metadata.layers, **dict.fromkeys(self._unconnected)}
        for kind, label in look_up(self.labels, layers, "en").items():
            kinds.add_node(kind, **{"class": kind, "kind": label}, layer=layers[kind])
        found = view_document(kinds, title="", placed=False)["kinds"]
        return {kind["iri"]: kind for kind in found if kind["iri"]}

    @kept
    def _unconnected(self) -> Mapping[str, list[str]]:
        """The resources of each class in the datasets where there is no network."""
        if self.large and not self.metadata.layers:
            return {kind: [] for kind in self.column(_CLASSES)}
        found = grouped(
            (row["class"].value, row["thing"].value)
            for row in (() if self.metadata.layers else self.metadata.typed())
            if not self.is_inside(row["thing"]) and not self.urls.is_pageless(row["thing"].value)
        )
        # A class of one name and the same members in two vocabularies, such as owl:Class, is one kind.
        kinds: dict[tuple[str, ...], str] = {}
        for kind, iris in found.items():
            kinds.setdefault((local_name(kind), *iris), kind)
        return {kind: found[kind] for kind in kinds.values()}

    @kept
    def sections(self) -> list[str]:
        """The paths of the pages with something to show, in the order of the navigation."""
        kinds = "VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty rdfs:Class rdf:Property }"
        terms = any(self.rows(f"SELECT ?term {{ {kinds} ?term a ?kind }} LIMIT 1"))
        shown = {
            "/query": bool(self.catalog.queries),
            "/things": True,
            "/catalog": True,
            "/explore": bool(self.metadata.layers),
            "/crosswalk": bool(self.metadata.layers) and not self.large,
            "/ontology": terms,
        }
        return [path for path, there in shown.items() if there]

    @kept
    def kind_of_class(self) -> Mapping[str, str]:
        """The kind that a class is, or is a subclass of."""
        return self.metadata.subclasses(self.kinds)

    def kind(self, iri: str) -> str:
        """The kind of a resource, or else one of its classes; empty without any."""
        return first_kind(self.labels.kinds(iri), self.kind_of_class)

    @kept
    def members(self) -> Mapping[str, Sequence[str]]:
        """The resources of each kind."""
        if self.large:
            return {kind: many for kind in self.kinds if (many := _Members(self, kind))}
        if self._unconnected:
            return self._unconnected
        kinds, every = self.kinds, sorted(set().union(*self.labels.members().values()))
        found = ((kind, iri) for iri in every if (kind := self.kind(iri)) in kinds)
        members = grouped((kind, iri) for kind, iri in found if self.urls.is_here(iri))
        return {kind: members[kind] for kind in kinds if kind in members}

    @kept
    def anchors(self) -> Mapping[str, str]:
        """The id of each kind in the list of things: its name, with a number where others have it too."""
        found, times = dict[str, str](), Counter[str]()
        for kind in self.members:
            name = local_name(kind)
            found[kind] = f"{name}-{times[name]}" if times[name] else name
            times[name] += 1
        return found

    @once
    def found(self, pattern: str, language: str) -> list[str]:
        """Each resource ?x of a pattern, in the order of a language."""
        iris = {*self.column(f"SELECT ?x {{ {pattern} FILTER(isIRI(?x)) }}")}
        self.labels.learn(iris)  # together sooner than one by one
        return sorted(iris, key=self.order(language))

    def order(self, language: str) -> Callable[[str], tuple[Any, ...]]:
        """A sort key of IRIs: by number where there is one, else by label in the order of a language."""

        def key(iri: str) -> tuple[Any, ...]:
            number = self.notations.get(iri)
            label = alphabetical(self.labels.of(iri, language).text, language)
            return number is None, natural(number or ""), label, iri

        return key

    @property
    @by_key
    def notations(self) -> Mapping[str, str]:
        """The first notation of each resource that has one."""
        rows = self.rows("SELECT ?s (MIN(STR(?n)) AS ?first) { ?s skos:notation ?n } GROUP BY ?s")
        return {row["s"].value: row["first"].value for row in rows}

    def draw(self, graph: nx.Graph, title: str, language: str, focus: str | None = None) -> str:
        """Draw a graph as SVG, with each line of a focus; this adds labels and kinds to its nodes."""
        from policygraph.explorer.document import view_document
        from policygraph.explorer.svg import picture

        lanes, graph.graph["letters"] = self.lanes(language), self.letters
        for node, data in graph.nodes(data=True):
            kind = self.kind(node)
            data["label"] = self.labels.of(node, language).text
            data["kind"] = self.labels.of(kind, language).text if kind else ""
            data |= {"class": kind, "layer": self.metadata.layers.get(kind), "lane": lanes.get(kind)}
        view = view_document(
            graph, title=title, language=language, focus=focus, placed=False, prefixes=self.prefixes
        )
        return picture(view)
