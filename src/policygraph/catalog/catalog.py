"""Open a catalogue: a folder with `data/` and, if it needs them, `ontology/*.ttl` and `queries/*.rq`.

One data file is one dataset and one named graph. To add a dataset or a query, add a file; there is no list of
them. What a publisher decides is in `catalog.toml` beside these folders.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar, cast
from urllib.parse import quote, unquote_to_bytes
from weakref import finalize

import pyoxigraph as ox
from pyoxigraph import NamedNode

from policygraph import i18n
from policygraph.catalog import resource
from policygraph.catalog.labels import Labels, find, look_up, matching, require_language
from policygraph.catalog.matrix import VIEWS, Matrix
from policygraph.catalog.notes import coverage, notes, outside
from policygraph.catalog.parameters import USED, find_things, instances, terms_of
from policygraph.catalog.query import ROWS, Query
from policygraph.catalog.resource import Absences, Claim, Description, Resource
from policygraph.catalog.settings import Settings
from policygraph.errors import (
    CatalogError,
    DocumentError,
    EndpointError,
    QueryError,
    ResourceError,
    nearest,
    reason,
)
from policygraph.i18n import FALLBACK
from policygraph.rdf import reader
from policygraph.rdf.formats import shown
from policygraph.rdf.namespaces import MODEL, MODELS, PREFIXES, compact, expand
from policygraph.store.answer import Answer
from policygraph.store.kept import Files as Read, KeptStore, Manifest, build, keep, manifest
from policygraph.store.memory import EmbeddedStore
from policygraph.store.names import named
from policygraph.store.protocols import Store, batches, rows
from policygraph.store.sparql import declare
from policygraph.text import grouped

if TYPE_CHECKING:
    from policygraph.rdf.diff import Difference


_EXAMPLE = "SELECT ?thing {{ {} FILTER(isIRI(?thing)) }} ORDER BY ?thing LIMIT 1"
_EXAMPLES = "[] void:exampleResource ?thing", "?thing skos:prefLabel|rdfs:label|dct:title ?label"

# Of the views whose answers stand beside things: columns that name these, what is above, and the table.
_BESIDE = {
    "bars": (("target",), ("comparator", "value", "unit", "due"), ("result", "measured", "day")),
    "contrast": (("thing", "other"), ("thing", "other"), ("aspect", "here", "there", "verdict")),
}
_SHOWN = 3  # the first label properties, by which an example is known

# Whether data use terms of the claim model, or an ontology builds on them, and so need its ontology.
_MODELLED = f"""ASK {{ {{ SELECT DISTINCT ?term {{
    {{ ?s ?term ?o }} UNION {{ ?s a|rdfs:subClassOf|rdfs:subPropertyOf ?term }} }} }}
  FILTER(STRSTARTS(STR(?term), "{MODEL}ontology#")) }}"""

T = TypeVar("T")
Files: TypeAlias = "str | Path | Iterable[str | Path]"  # one, or several


class Dataset(NamedTuple):
    """One data file; `iri` names the dataset and, in a store, the graph of its triples."""

    name: str
    path: Path
    iri: str


class Aside(NamedTuple):
    """Rows of an answer that stand beside a thing."""

    query: Query
    head: tuple[Any, ...]  # terms to write above
    columns: tuple[str, ...]
    rows: list[list[Any]]  # terms, or None
    labels: Mapping[str, str]  # of IRIs

    def text(self, term: Any) -> str:
        """A term as people read it."""
        value = getattr(term, "value", "")
        return self.labels.get(value, value)

    def heading(self, column: str) -> str:
        """A column as people read it: of a comparison, the two that are compared."""
        sides = {} if self.query.view == "bars" else dict(zip(("here", "there"), self.head, strict=False))
        return self.text(sides[column]) if column in sides else column

    @property
    def noted(self) -> tuple[Any, ...]:
        """What of it pages show: its terms, each as people read it."""
        shown = [[(term, self.text(term)) for term in row] for row in (self.head, *self.rows)]
        return self.query.name, self.columns, shown

    @property
    def reach(self) -> str:
        """The number that its figures are to reach, if it has figures."""
        return self.text(self.head[1]) if self.query.view == "bars" else ""


class Catalog:
    """A folder with `data/` and what goes with it; each file is read once, when it is first needed.

    After an edit, answers stay as they were until it is opened `anew`, while what goes by the files, `load`,
    `diff`, `validate`, `verify` and `publish`, reads what they say now.

    With `files`, its datasets are these RDF files, in place of those in `data/`; with `store`, they are what
    `keep` has put into that folder; it may be `empty`, to be filled, or of a `past` day, when today's
    words serve. CatalogError when the folder does not
    exist or has no data, when `catalog.toml` says what it may not, or there is no such store.
    """

    def __init__(
        self,
        root: str | Path,
        *,
        files: Files = (),
        store: str | Path | None = None,
        empty: bool = False,
        past: bool = False,
    ) -> None:
        self.root, self.files, self.is_past = Path(root).absolute(), _several(files), past
        self.note = ""  # what is to be known of it as of a day
        self.repository = self.root  # whose git history is its own
        self.place = None if store is None else Path(store)
        if not self.root.is_dir():
            what = "is not a folder" if self.root.exists() else "does not exist"
            raise CatalogError(f"The catalogue {self.root} {what}; name a folder with data/.")
        if self.place:
            self.kept = _opened(self.place, manifest)
        self.settings = Settings.read(self.root, past=past)
        if empty:
            return
        if not self.place and not self.files and not any(folder.is_dir() for folder in self.folders):
            raise CatalogError(f"The folder {self.root} is not a catalogue: it has no data/.")
        if not self.datasets:
            what = f"The catalogue is empty: {self.root / 'data'} holds no {', '.join(reader.DATA)} file"
            raise CatalogError(f"{what}; put a dataset there.")

    def __repr__(self) -> str:
        return f"Catalog({str(self.root)!r})"

    @classmethod
    def find(
        cls, path: str | Path | None = None, *, files: Files = (), store: str | Path | None = None
    ) -> Catalog:
        """The catalogue in the folder `path`; without one, this package's own, in its wheel or its checkout.

        Instead of the one in the wheel, it is that in or above the current folder, where there is one with
        `data/` and `catalog.toml`, or with `ontology/`, `data/` and `queries/`. `files`, or a
        `store`, are in place of its datasets.
        """
        return cls((edited() or _shipped()) if path is None else path, files=files, store=store)

    def anew(self) -> Catalog:
        """This catalogue with what its files say now; one as of a day is as it was."""
        if self.note:
            return self
        return Catalog(self.root, files=self.files, store=self.place, past=self.is_past)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of its datasets: its own, and those that it includes."""
        return (self.root / "data", *self.settings.include)

    @cached_property
    def datasets(self) -> _Files[Dataset]:
        """The datasets by name, which is the name of the file without its suffix."""
        if not self.place:
            paths = self.files or [path for folder in self.folders for path in reader.files(folder)]
            return _Files("dataset", self.root / "data", paths, self._dataset)
        own = {self.graph(path) for path in self.ontology}
        iris = {Path(path): iri for iri, path in self.kept.files.items() if iri not in own}
        return _Files("dataset", self.place, [*iris], lambda it: Dataset(reader.stem(it), it, iris[it]))

    def _dataset(self, path: Path) -> Dataset:
        """The dataset in a file: the one with the usual IRI, else the first described that is no other's."""
        name, data, first = reader.stem(path), f"{self.settings.base}data/", ""
        usual, own = f"{data}{quote(os.fsencode(name), safe='')}", self.datasets.has(path)
        with suppress(DocumentError, OSError):  # which is raised when the file is loaded
            for iri in reader.instances(path, expand("dcat:Dataset")):
                if iri == usual:
                    break
                # A record of the whole catalogue describes the datasets of its other files.
                other = os.fsdecode(unquote_to_bytes(iri.removeprefix(data)))
                taken = own and other != name and other in self.datasets
                first = first or ("" if taken else iri)
            else:
                return Dataset(name, path, first or usual)
        return Dataset(name, path, usual)

    @cached_property
    def queries(self) -> Mapping[str, Query]:
        """The saved queries by name; each is read when it is first needed."""
        found = self._query_files("queries")
        internal = {path.stem for path in _paths(_shipped() / "queries" / "internal", ".rq")}
        if not self.is_past and (taken := sorted(internal.intersection(found))):
            what = "has the name of a question that the package asks itself; rename it"
            raise CatalogError(f"{self.root / 'queries' / taken[0]}.rq {what}.")
        return found

    @cached_property
    def internal(self) -> Mapping[str, Query]:
        """The queries that the package itself asks and people need not, by name."""
        return self._query_files("queries/internal")

    def _query_files(self, name: str) -> Mapping[str, Query]:
        folder = self.root / name
        known = [i18n.of_questions(self.root / "i18n", each) for each in i18n.OF_QUESTIONS]
        stems = {path.stem for each in (self.root, _shipped()) for path in each.glob("queries/**/*.rq")}

        def read(path: Path) -> Query:
            first = self.settings.languages[0]
            language = FALLBACK if first in known[0].get(path.stem, {}) else first
            query = Query.read(path, prefixes=self.settings.prefixes, language=language)
            for counted in query.counted - stems:
                what = f"a finding counts the rows of {counted!r}, which is no question."
                raise QueryError(what + nearest(counted, stems), path=path)
            return query.with_languages(*known)

        return _Files("query", folder, _paths(folder, ".rq"), read)

    @cached_property
    def vocabulary(self) -> tuple[Path, ...]:
        """The folders of the ontology: this package's and the catalogue's own, or another version of it."""
        shipped, own = _shipped() / "ontology", self.root / "ontology"
        files = [] if own == shipped else _paths(own, ".ttl")
        if any(f"{MODEL}ontology" in reader.instances(path, expand("owl:Ontology")) for path in files):
            return (own,)
        return (shipped, own) if files else (shipped,)

    @cached_property
    def ontology(self) -> tuple[Path, ...]:
        """The ontology files that are loaded with the data: all but the shapes."""
        paths = (path for folder in self.vocabulary for path in _paths(folder, ".ttl"))
        return tuple(path for path in paths if path not in self.shapes)

    def graph(self, path: Path) -> str:
        """The IRI of the named graph for a file of the ontology."""
        own = path.parent == self.root / "ontology"
        return f"{self.settings.base if own else MODEL}ontology/{path.stem}"

    @property
    def shapes(self) -> list[Path]:
        """The files of SHACL shapes for the data."""
        return self._in_vocabulary("shapes.ttl")

    @property
    def context(self) -> Path:
        """The JSON-LD context file, with a key for each term of the ontology."""
        return self._in_vocabulary("context.jsonld")[-1]

    @property
    def tables(self) -> Path:
        """The file that says which sheets and columns tables have."""
        return self._in_vocabulary("tables.json")[-1]

    def _in_vocabulary(self, name: str) -> list[Path]:
        found = [path for folder in self.vocabulary if (path := folder / name).is_file()]
        return found or [_shipped() / "ontology" / name]

    def saved(self, name: str | Path | Query) -> Query:
        """A saved query of this catalogue, or else of the package's own; or that in a .rq file or a text."""
        if isinstance(name, Query):
            return name
        name = os.fsdecode(name)
        if "{" in name or (" " in name and {*name.upper().split()[:1]} & {"DESCRIBE", "PREFIX", "BASE"}):
            return Query.parse(name, prefixes=self.settings.prefixes)
        if name.endswith(".rq") or "/" in name:
            return Query.read(name, prefixes=self.settings.prefixes)
        own = self if name in self.queries or name in self.internal else self._package
        found = own.internal if name in own.internal else own.queries
        return (found if name in found else self.queries)[name]

    @cached_property
    def _package(self) -> Catalog:
        """This package's own catalogue, for its questions: it speaks in the words of this one."""
        return Catalog(_shipped(), past=True)

    def tagged(self, tag: str | None = None) -> list[Query]:
        """The saved queries with a tag, or all; QueryError when there is none."""
        if not self.queries:
            raise QueryError(f"{self.root / 'queries'} holds no query; put a .rq file there.")
        queries = [query for query in self.queries.values() if tag is None or tag in query.tags]
        if not queries:
            tags = sorted({tag for query in self.queries.values() for tag in query.tags})
            raise QueryError(f"no query has the tag {tag!r}; there are {', '.join(tags)}.")
        return queries

    def bind(self, name: str | Query, store: Store | None = None, /, **values: Any) -> str:
        """The text of a query with these values, things by name, CURIE or IRI, as they are in the store."""
        query = self.saved(name)
        return self._declared(query.bind(**self._found(query, store, values)), store)

    def _declared(self, text: str, store: Store | None) -> str:
        """A query with declarations of the catalogue's prefixes that another's store does not know."""
        own = self.settings.prefixes
        return declare(text, dict(own.items() - (own if store is None else store.prefixes).items()))

    def _known(self, store: Store) -> Mapping[str, str]:
        """The prefixes in the names that people give: the catalogue's, and the store's."""
        return {**store.prefixes, **self.settings.prefixes}

    def _found(self, query: Query, store: Store | None, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of parameters with things for the names that people gave them."""
        if not values:
            return {}
        store = self.store if store is None else store
        labels = partial(self._labelled, store)
        return find_things(query.parameters, values, store, labels, self._known(store))

    def doubts(self, store: Store) -> Iterator[tuple[str, str]]:
        """The saved questions with a term of the catalogue's own that nothing uses, each with a note."""
        for name, query in self.queries.items():
            kinds = " ".join(f"<{each.iri}>" for each in query.parameters.values() if each.iri)
            noted = notes(store, f"{self.bind(query, store)}\nVALUES ?kind {{ {kinds} }}")
            yield from ((name, note) for note in noted if note.partition(":")[0] not in PREFIXES)

    def choices(self, name: str | Query, parameter: str) -> dict[str, str]:
        """The things that a parameter takes, by CURIE, each with a label; none where it takes no things.

        QueryError where the query has no such parameter.
        """
        iri, known = self.saved(name).parameter(parameter).iri, self.settings.prefixes
        found = instances(self.store, iri, known) if iri else ()
        return {compact(thing, known): label for thing, label in found}

    def ask(
        self,
        name: str | Path | Query,
        /,
        *,
        store: Store | None = None,
        labels: Store | None = None,
        language: str | None = None,
        values: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> Answer:
        """The answer to a query.

        Args:
            name: of a saved query, or a path to a .rq file, a text in SPARQL or a `Query`.
            store: where it runs; by default all the datasets.
            labels: where the labels of its answer are; by default the same store.
            language: BCP 47 tag of the labels and texts that people read; by default English.
            values: of parameters whose names are those of an argument here.
            parameters: values of the query's parameters.

        Raises:
            DocumentError: the file of the query cannot be read.
            QueryError: the query cannot be read, has no such parameter, or does not take such a value.
        """
        query, store = self.saved(name), self.store if store is None else store
        labelled = store if labels is None else labels
        given = self._found(query, store, {**(values or {}), **parameters})
        text, wanted = self._declared(query.bind(**given), store), require_language(labelled, language)

        def asked() -> dict[str, list[Any]]:
            each = query.parameters.items()
            return {name: terms_of(x, given.get(name, x.default), query.prefixes) for name, x in each}

        def finding(answer: Answer) -> str:
            terms = asked()
            for name, *column in zip(answer.columns, *answer.shown.rows, strict=False):
                terms[name] = column[:1] if len(set(column)) == 1 else []  # what not all rows say is not told
            iris = {term.value for each in terms.values() for term in each if isinstance(term, NamedNode)}
            found = look_up(self.labels(labelled, iris), iris, wanted)
            values = {name: ", ".join(shown(term, found) for term in each) for name, each in terms.items()}
            for name in query.counted if answer.is_whole else ():  # who chose rows did so in this one alone
                other = self.saved(name)
                same = {each: given[each] for each in other.parameters.keys() & given.keys()}
                values[name] = str(len(self.ask(other, store=store, values=same)))
            return query.finding(wanted, {ROWS: str(len(answer.shown.rows)), **values})

        def noted() -> Sequence[str]:
            if self.queries.get(query.name) != query:
                return notes(store, text)
            terms = asked()
            if not (years := terms.pop("year", [])):
                return ()
            things = (term.value for each in terms.values() for term in each)
            with suppress(EndpointError):  # the answer itself is there
                covered = coverage(store, things, wanted, partial(self.labels, labelled))
                return outside([year.value for year in years], covered)[0]
            return ()

        def picture(answer: Answer) -> Matrix | None:
            names = (self.settings.text(each, wanted) for each in ("title", "publisher"))
            source, title = ", ".join(filter(None, names)), query.title(wanted)[0]
            return Matrix.of(answer, query.view, title=title, language=wanted, source=source)

        with query.located():
            return Answer(
                store.query(text),
                context=self.context,
                base=self.settings.base,
                prefixes=self.settings.prefixes,
                look_up=lambda iris: look_up(self.labels(labelled, iris), iris, wanted),
                language=wanted,
                localised=query.localised,
                # What claims on one basis do not say, others may.
                unstated=() if given.get("basis") else query.unstated,
                finding=finding if query.findings else None,
                notes=noted,
                picture=picture,
            )

    def find_resource(self, what: str | NamedNode, *, store: Store | None = None) -> str:
        """The IRI of what is named by (words of) a label, in any language, a notation, a CURIE or an IRI.

        ResourceError when nothing, or more than one resource, has such a label.
        """
        store = self.store if store is None else store
        return find(store, what, labels=partial(self._labelled, store), prefixes=self._known(store))

    def _labelled(self, store: Store, things: Iterable[str] | None) -> Iterator[tuple[str, str]]:
        """Things, or all, with each of their labels."""
        for few in [""] if things is None else batches([*things]):
            text = self.bind("labels", store, thing=few.split() or None)
            yield from ((row["thing"].value, row["label"].value) for row in rows(store, text))

    def search(self, text: str, *, store: Store | None = None, language: str | None = None) -> Answer:
        """The resources with a name that has every word of a text, in any language, and the kind of each.

        The best match is first. `language` is the BCP 47 tag of the labels that people read.
        """
        store = self.store if store is None else store
        things, wanted = matching(named(store, text), text), require_language(store, language)
        labels = self.labels(store, things)
        labels = self.labels(store, {*things, *(kind for iri in things for kind in labels.kinds(iri))})
        kinds = (next((f"<{kind}>" for kind in labels.kinds(iri)), "UNDEF") for iri in things)
        lines = (f"({n} <{iri}> {kind})" for n, (iri, kind) in enumerate(zip(things, kinds, strict=True)))
        found = f"SELECT ?thing ?kind {{ VALUES (?n ?thing ?kind) {{ {' '.join(lines)} }} }} ORDER BY ?n"
        look = partial(look_up, labels, language=wanted)
        return Answer(ox.Store().query(found), look_up=look, language=wanted)

    def example(self, *, store: Store | None = None, language: str | None = None) -> str:
        """The label of an example (void:exampleResource) of a dataset, or else of any resource, or ""."""
        store = self.store if store is None else store
        asked = map(_EXAMPLE.format, _EXAMPLES[:1] if store.index else _EXAMPLES)
        found = (row["thing"].value for text in asked for row in rows(store, text))
        iri = next(found, "") or min((name.iri for name in named(store) if name.rank < _SHOWN), default="")
        return self.labels(store, [iri]).of(iri, language or "en").text if iri else ""

    def describe(
        self, what: str | NamedNode, *, store: Store | None = None, language: str | None = None
    ) -> Description:
        """The statements about a resource, with the claims behind them.

        Args:
            what: its label or words of it, in any language, its notation, a CURIE or an IRI.
            store: where to look; by default all the datasets.
            language: BCP 47 tag of labels and rationales, where they have it; else English.

        ResourceError when nothing, or more than one resource, has such a label, or nothing is known of it.
        """
        store = self.store if store is None else store
        wanted = require_language(store, language)
        (about,) = self.resources([self.find_resource(what, store=store)], store=store, language=language)
        if not about:
            raise self._unknown(about.iri)
        absences = self.absences(NamedNode(about.iri), store=store)
        beside = resource.said_of_blanks(store, about)
        inner = [each for some in beside.values() for each in some]
        named = {each.predicate for each in inner}.union(each.other.value for each in inner if each.is_link)
        labels = self.labels(store, about.named | absences.named | named)
        answer = self.ask("evidence", store=store, language=language, thing=f"<{about.iri}>")
        return Description(about, absences, labels, wanted, answer, beside)

    def absences(self, what: str | NamedNode, *, store: Store | None = None) -> Absences:
        """What is not there about a resource, named as in `describe`: not stated, examined, not examined.

        ResourceError as for `describe`, but not for a NamedNode, of which nothing need be known.
        """
        store = self.store if store is None else store
        iri = self.find_resource(what, store=store)
        found = [*rows(store, self.bind("absences", store, thing=NamedNode(iri)))]
        if isinstance(what, str) and not found and not store.query(USED.format(f"<{iri}>")):
            raise self._unknown(iri)
        return Absences.of(found)

    def _unknown(self, iri: str) -> ResourceError:
        name = compact(iri, self.settings.prefixes)
        return ResourceError(f"There is no statement about {name}; check its spelling.")

    def all_absences(self, store: Store) -> dict[str, Absences]:
        """What is not there about each resource, by IRI."""
        found = grouped((row["thing"].value, row) for row in rows(store, self.bind("absences", store)))
        return {iri: Absences.of(about) for iri, about in found.items()}

    def asides(self, store: Store, language: str) -> dict[str, list[Aside]]:
        """The answers that stand beside a thing, by its IRI: its figures, and what it is compared with.

        They are those to the saved questions with the view `bars`, whose first column is the thing, and
        `contrast`, whose first two are things side by side.
        """
        found: dict[str, dict[Any, Aside]] = {}
        beside = ((each, _BESIDE[each.view]) for each in self.queries.values() if each.view in _BESIDE)
        for query, (first, head, columns) in beside:
            answer = self.ask(query, store=store, language=language)
            for row in answer.shown.rows if {*first, *head, *columns} <= {*answer.columns} else ():
                cells = dict(zip(answer.columns, row, strict=True))
                over = tuple(cells[name] for name in head)
                for thing in (getattr(cells[name], "value", "") for name in first):
                    aside = Aside(query, over, columns, [], answer.labels)
                    aside = found.setdefault(thing, {}).setdefault((query.name, over), aside)
                    aside.rows.append([cells[name] for name in columns])
        return {thing: list(asides.values()) for thing, asides in found.items()}

    def matrices(self, store: Store, language: str, *, labels: Store | None = None) -> dict[str, Matrix]:
        """The matrices and tiles of saved questions with the defaults of their parameters, by name."""
        found = {}
        for name in (name for name, query in self.queries.items() if query.view in VIEWS):
            with suppress(QueryError):
                found[name] = self.ask(name, store=store, labels=labels, language=language).picture
        return {name: picture for name, picture in found.items() if picture}

    def resources(
        self, iris: Sequence[str], *, store: Store | None = None, language: str | None = None
    ) -> list[Resource]:
        """Several resources by IRI or CURIE, in this order; one without a statement is empty."""
        store = self.store if store is None else store
        known, parts = self._known(store), (iri.partition(":") for iri in iris)
        full = [known[it[0]] + it[2] if it[0] in known else "".join(it) for it in parts]
        found = self.statements([*dict.fromkeys(full)], store)
        return [Resource(iri, found[iri], language or "en") for iri in full]

    def statements(
        self, iris: Sequence[str], store: Store, left_out: Iterable[str] = ()
    ) -> dict[str, list[Any]]:
        """The rows that `Resource` takes, in no language, for each of these IRIs.

        `left_out` are properties by which too much leads to them.
        """
        rows_of: dict[str, list[Any]] = {iri: [] for iri in iris}
        for few in batches(iris):
            stated = resource.query("stated").bind(source=few.split(), target=few.split())
            for text in (resource.without(stated, left_out), self.bind("evidence", store, thing=few.split())):
                for row in rows(store, text):
                    ends = (row["source"],) if resource.is_of_source(row) else (row["source"], row["target"])
                    for iri in {end.value for end in ends if isinstance(end, NamedNode)} & rows_of.keys():
                        rows_of[iri].append(row)
        return rows_of

    def claims(
        self,
        subject: str | None = None,
        *,
        relation: str | None = None,
        object: str | None = None,
        basis: str | None = None,
        store: Store | None = None,
        language: str | None = None,
    ) -> list[Claim]:
        """The claims with these parts, each named as in `describe`; without any, all claims.

        ResourceError when a name is that of no resource, or of several; QueryError as for `ask`.
        """
        store = self.store if store is None else store
        language = require_language(store, language)
        parts = {"subject": subject, "relation": relation, "object": object, "basis": basis}
        names = {part: name for part, name in parts.items() if name is not None}
        iris = {part: self.find_resource(name, store=store) for part, name in names.items()}
        asked = resource.query("claimed").bind(**{part: iri for part, iri in iris.items() if part != "basis"})
        found = [row["subject"].value for row in rows(store, asked)]
        for iri in () if found else iris.values():
            if not store.query(USED.format(f"<{iri}>")):
                raise self._unknown(iri)
        wanted = {part: NamedNode(iri) if part == "object" else iri for part, iri in iris.items()}
        abouts = self.resources(found, store=store, language=language)
        claims = (each for about in abouts for each in about.claims if each.subject == about.iri)
        return [each for each in claims if all(getattr(each, part) == term for part, term in wanted.items())]

    def diff(self, old: str | Path, new: str | Path | None = None) -> Difference:
        """The difference between two versions of the graph.

        Args:
            old: an RDF file, a catalogue's folder, or a git revision of this catalogue.
            new: another; by default this catalogue as it is now.

        Raises:
            CatalogError: there is no such folder or revision, or it has no data.
            DocumentError: a file cannot be read.
        """
        from policygraph.catalog import history
        from policygraph.rdf.diff import difference

        both = (old, self.root if new is None else new)
        versions = [history.read(each, root=self.repository) for each in both]
        return difference(*versions, prefixes=self.settings.prefixes)

    def at(self, when: str) -> Catalog:
        """This catalogue as of a git revision or a day, which is its last commit before that day ends in UTC.

        It is to be read; its `note` says which commit it is, and which of its questions this package cannot
        read. CatalogError when there is no such revision, no catalogue in it, or one of a model too old.
        """
        from policygraph.catalog import history

        past = history.at(self.root, when)
        try:
            then = self._past(past.root, f"As of {past.note}")
        except BaseException:
            past.folder.close()
            raise
        finalize(then, past.folder.close)
        return then

    def _past(self, root: Path, note: str) -> Catalog:
        """The catalogue in a folder of its own, from which is removed what this package cannot read."""
        try:
            then = Catalog(root, past=True)
            version = then.model
        except CatalogError as error:
            raise CatalogError(f"{note}, there is no catalogue in {self.root}: {error}") from None
        if version and not version.startswith(MODELS):
            raise CatalogError(f"{note}, the model was {version}; this package reads {' and '.join(MODELS)}.")
        unread = []
        for name in then.queries:
            try:
                then.queries[name]
            except (DocumentError, QueryError):
                unread.append(name)
                (root / "queries" / f"{name}.rq").unlink()
        for path in _paths(root / "queries" / "internal", ".rq"):  # this package asks its own
            path.unlink()
        then = Catalog(root, past=True)
        left = f", without {', '.join(unread)}, which this package cannot read" if unread else ""
        then.note, then.repository = f"{note}{left}.", self.repository
        return then

    @property
    def model(self) -> str:
        """The version of the claim model where it is the catalogue's own; "" where it is the package's."""
        own = [path for path in self.ontology if path.parent == self.root / "ontology"]
        about = (NamedNode(f"{MODEL}ontology"), NamedNode(expand("owl:versionInfo")))
        quads = (quad for path in own for quad in reader.read(path))
        found = (cast(Any, quad.object).value for quad in quads if (quad.subject, quad.predicate) == about)
        return next(found, "")

    @cached_property
    def store(self) -> EmbeddedStore:
        """All the datasets, loaded once."""
        return self.load()

    def labels(self, store: Store, iris: Iterable[str] | None = None) -> Labels:
        """The labels of resources, or of all; for what a service or a file has none of, the ontology's."""
        ontology = (lambda: self._vocabulary) if store.url or self.files or self.place else None
        return Labels(store, iris, ontology=ontology, prefixes=self.settings.prefixes)

    @cached_property
    def _vocabulary(self) -> EmbeddedStore:
        return EmbeddedStore(quad for path in self.ontology for quad in reader.read(path))

    def load(
        self, *names: str, files: Files = (), ontology: bool = True, graphs: bool = False
    ) -> EmbeddedStore:
        """Load the ontology, unless told not to, and datasets into a store, each file into a named graph.

        `names` are datasets of the catalogue, `files` other RDF files; without either, it loads all datasets.
        Of large files, the store is kept on disk, to be ready sooner; with `graphs`, the named graphs too.
        CatalogError for an unknown name, DocumentError for a file that cannot be read.
        """
        if self.place and not files:
            kept = _opened(self.place, KeptStore)
            return self._ready(kept if ontology and not names else self._part(kept, names, ontology))
        others = _several(files)
        paths = self._chosen(names, others)
        read, alone = self._read(paths, others, ontology), bool(others or self.files)

        def loaded() -> EmbeddedStore:
            store = EmbeddedStore()
            store.load(read(lambda text: bool(store.query(text))))
            return store

        if not ontology:  # which only what goes through all quads leaves out
            return self._ready(loaded())
        named = [(path.stem, path) for path in paths]
        named += [(self.graph(path), path) for path in self.ontology]
        base = f"{self.settings.base} {alone}"
        return self._ready(keep(named, read, load=loaded, base=base, graphs=graphs))

    def _part(self, kept: KeptStore, names: Iterable[str], ontology: bool) -> EmbeddedStore:
        """Some of the graphs of a kept store, in memory."""
        own = {NamedNode(self.graph(path)) for path in self.ontology}
        chosen = {self.datasets[name].iri for name in names}
        others = {each.iri for each in self.datasets.values()} - chosen if chosen else set()

        def wanted(graph: Any) -> bool:  # a file may have graphs of its own, besides that of its dataset
            return ontology if graph in own else getattr(graph, "value", "") not in others

        store = EmbeddedStore(quad for quad in kept if wanted(quad.graph_name))
        store.prefixes = kept.prefixes
        return store

    def stream(self, holds: Callable[[str], bool], *names: str, files: Files = ()) -> Iterator[list[ox.Quad]]:
        """The quads that `load` would load, some at a time, so that few are in memory; errors as for `load`.

        `holds` answers an ASK of those before, on which the ontology depends.
        """
        if self.place and not files:
            yield [*self.load(*names)]
            return
        others = _several(files)
        for path, graph, alone in self._read(self._chosen(names, others), others, True)(holds):
            yield from reader.Stream(path).batches(10_000, graph=graph, alone=alone)

    def keep(
        self, place: str | Path, *, files: Files = (), reading: Callable[[int], object] = lambda _: None
    ) -> Manifest:
        """Write the datasets, or RDF files of any size, as a store on disk, to be opened with `store`.

        `reading` is called with each number of bytes that were read. CatalogError where something else is at
        that place or two files have one name, DocumentError for a file that cannot be read.
        """
        place, paths = Path(place), _several(files) or tuple(each.path for each in self.datasets.values())
        _Files("dataset", place, paths, self._dataset)
        place = Path(os.path.realpath(place))  # a symbolic link stays one
        try:
            build(place, self._read(paths, _several(files), True), graphs=True, replace=True, reading=reading)
        except (OSError, RuntimeError) as error:  # the second is the engine's
            raise CatalogError(f"{place} cannot be written: {reason(error)}.") from None
        return manifest(place)

    def _chosen(self, names: Sequence[str], others: Sequence[Path]) -> list[Path]:
        """The files of datasets, of all of them where nothing is named, and others."""
        self.__dict__.pop("datasets", None)  # files may have come and gone since these were listed
        return [*map(self.datasets.path, names or (() if others else self.datasets)), *others]

    def _read(self, paths: Sequence[Path], others: Sequence[Path], ontology: bool) -> Read:
        """What gives files, and what they need of the ontology, with the IRIs of their graphs."""

        def read(holds: Callable[[str], bool]) -> Iterator[tuple[Path, str, bool]]:
            given = {*others, *self.files}  # whose own graphs stay, while a dataset is one
            yield from ((path, self._dataset(path).iri, path not in given) for path in paths)
            for folder in reversed(self.vocabulary) if ontology else ():
                own = folder.parent == self.root and not (others or self.files)
                # This package's is read only with what uses it, and so is the catalogue's beside another's.
                files = [path for path in self.ontology if path.parent == folder]
                if own or holds(_MODELLED):
                    yield from ((path, self.graph(path), True) for path in files)

        return read

    def _ready(self, store: EmbeddedStore) -> EmbeddedStore:
        """A store with the base and the prefixes of this catalogue."""
        store.base, store.curies = self.settings.base, self.settings.prefixes
        store.prefixes = {**store.prefixes, **self.settings.prefixes}
        return store


def _opened(place: Path, open: Callable[[Path], T]) -> T:
    """What opens a store, or its manifest, gives; CatalogError where it cannot."""
    try:
        return open(place)
    except (OSError, RuntimeError, ValueError) as error:  # the second is the engine's
        what = "make one with: policygraph load FILE --store DIR"
        raise CatalogError(f"{place} is no store that can be opened ({reason(error)}); {what}.") from None


class _UnknownNameError(CatalogError, KeyError):
    """Also a KeyError, so that a mapping's `in` and `get` work, but with a sentence for its text."""

    __str__ = Exception.__str__


class _Files(Mapping[str, T]):
    """Files by name, in their order, each read into a T when first needed.

    CatalogError when two have the same name.
    """

    def __init__(self, noun: str, folder: Path, paths: Sequence[Path], read: Callable[[Path], T]) -> None:
        self._noun, self._folder, self._read = noun, folder, cache(read)
        self._paths: dict[str, Path] = {}
        for path in dict.fromkeys(paths):
            if (other := self._paths.setdefault(stem := reader.stem(path), path)) != path:
                raise CatalogError(f"{other} and {path} have the same name, {stem!r}; rename one.")

    def __getitem__(self, name: str) -> T:
        return self._read(self.path(name))

    def path(self, name: str) -> Path:
        """The file of that name, which is not read."""
        if name not in self._paths:
            # The folder is named because the user may have meant another catalogue.
            what = f"There is no {self._noun} {name!r} in {self._folder}."
            raise _UnknownNameError(what + nearest(name, self._paths))
        return self._paths[name]

    def has(self, path: Path) -> bool:
        """Whether that file is one of them."""
        return self._paths.get(reader.stem(path)) == path

    def __contains__(self, name: object) -> bool:  # without reading the file
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __repr__(self) -> str:
        return f"<{self._folder}: {', '.join(self)}>"


def _several(files: Files) -> tuple[Path, ...]:
    return tuple(map(Path, [files] if isinstance(files, str | Path) else files))


def _paths(folder: Path, suffix: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{suffix}") if not path.name.startswith("."))


def edited() -> Path | None:
    """The catalogue that the current folder is in, where this package's own is a copy in a wheel."""
    return around() if _shipped().name == "_catalog" else None


def around() -> Path | None:
    """The catalogue that the current folder is in."""
    with suppress(FileNotFoundError):  # the current folder was removed
        here = Path.cwd()
        for folder in (here, *here.parents):
            parts = {part for part in ("data", "ontology", "queries") if (folder / part).is_dir()}
            if len(parts) == 3 or ("data" in parts and (folder / "catalog.toml").is_file()):
                return folder
    return None


def _shipped() -> Path:
    """The folder of this package's own catalogue, in its wheel or its checkout."""
    package = Path(__file__).parents[1]
    shipped = package / "_catalog"
    return shipped if shipped.is_dir() else package.parents[1]
