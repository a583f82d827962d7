"""Read what a store says of the datasets of a catalogue: records, citations, coverage, what is in which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from policygraph.catalog.catalog import Catalog, Dataset
from policygraph.catalog.labels import Labels
from policygraph.i18n import words
from policygraph.rdf.terms import is_iri
from policygraph.store.answer import Answer
from policygraph.store.protocols import Store, batches, rows

_RECORDS = """SELECT ?data ?title ?about ?version ?issued ?modified ?license ?publisher {{
  ?data a {kind} OPTIONAL {{ ?data dct:title ?title }} OPTIONAL {{ ?data dct:description ?about }}
  OPTIONAL {{ ?data dcat:version|owl:versionInfo ?version }} OPTIONAL {{ ?data dct:issued ?issued }}
  OPTIONAL {{ ?data dct:modified ?modified }} OPTIONAL {{ ?data dct:license ?license }}
  OPTIONAL {{ ?data dct:publisher ?publisher }} FILTER(isIRI(?data))
}} ORDER BY ?data ?version ?issued DESC(?modified) ?license ?publisher"""
_FIELDS = ("version", "issued", "modified", "license", "publisher")
_NONE: Mapping[str, Any] = {**dict.fromkeys(("iri", *_FIELDS), ""), "titles": [], "abouts": []}
# The graphs that have a thing as a subject, and then the ontologies that define it.
_HOMES = """SELECT DISTINCT ?s ?graph ?ontology { %s
  { GRAPH ?graph { ?s ?p ?o } } UNION { ?ontology a owl:Ontology .
    ?s rdfs:isDefinedBy|^owl:versionIRI|(skos:inScheme/rdfs:isDefinedBy) ?ontology }
} ORDER BY ?ontology ?graph"""
_CLASSES = "SELECT DISTINCT ?class { VALUES ?s { %s } ?s a ?class FILTER(isIRI(?class)) }"
_COVERED = """SELECT DISTINCT ?data ?place ?first ?last {
  { ?data dct:spatial ?spatial OPTIONAL { ?country schema:sameAs|owl:sameAs ?spatial }
    BIND(COALESCE(?country, ?spatial) AS ?place) }
  UNION { ?data a dcat:Dataset FILTER NOT EXISTS { ?data dct:spatial ?spatial } }
  OPTIONAL { ?data dct:temporal ?period . ?period dcat:startDate ?from ; dcat:endDate ?to
    BIND(SUBSTR(STR(?from), 1, 4) AS ?first) BIND(SUBSTR(STR(?to), 1, 4) AS ?last) }
} ORDER BY ?place ?first ?last ?data"""


class Metadata:
    """What a store says of the datasets of a catalogue, and of which of them and of what kind a thing is."""

    def __init__(self, catalog: Catalog, store: Store) -> None:
        self.catalog, self.store = catalog, store

    @cached_property
    def datasets(self) -> Mapping[str, Dataset]:
        """The datasets whose graphs the store has, by name."""
        ask = "SELECT ?s {{ GRAPH <{}> {{ ?s ?p ?o }} }} LIMIT 1"
        known = self.catalog.datasets.items()
        return {name: each for name, each in known if any(rows(self.store, ask.format(each.iri)))}

    @cached_property
    def records(self) -> Mapping[str, Mapping[str, Any]]:
        """The metadata that a citation needs, by dataset."""
        return self._records("dcat:Dataset")

    @cached_property
    def _known(self) -> Mapping[str, Mapping[str, Any]]:
        return {**self._records("owl:Ontology"), **self.records}

    def _records(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        records: dict[str, dict[str, Any]] = {}
        for row in rows(self.store, _RECORDS.format(kind=kind)):
            record = records.setdefault(
                row["data"].value, {"iri": row["data"].value, "titles": [], "abouts": []}
            )
            for key in _FIELDS:
                record.setdefault(key, row[key].value if row[key] is not None else "")
            if not record["license"].startswith(("https://", "http://")):
                record["license"] = ""  # it becomes a link
            for key, column in (("titles", "title"), ("abouts", "about")):
                if row[column] is not None and row[column] not in record[key]:
                    record[key].append(row[column])
        return records

    @property
    def described(self) -> Mapping[str, Mapping[str, Any]]:
        """The records of the datasets, or of the ontologies where no dataset is described."""
        return self.records or self._known

    @cached_property
    def licences(self) -> list[str]:
        """The licences of the datasets."""
        return sorted({record["license"] for record in self.described.values() if record["license"]})

    def cited(self, records: Iterable[Mapping[str, Any]], language: str, *, besides: str = "") -> str:
        """How datasets are cited: title (but that of `besides`), version and date, then the publisher."""
        version, parts, publisher = words(language, "site", "resource")["version"], [], ""
        for record in records:
            title = "" if record["iri"] == besides else self._labels.of(record["iri"], language).text
            edition = f"{version} {record['version']}" if record["version"] else ""
            date = f" ({record['modified']})" if record["modified"] else ""
            parts.append(", ".join(filter(None, (title, edition))) + date)
            publisher = record["publisher"]
        by = f" {self._labels.of(publisher, language).text}." if publisher else ""
        return f"{'; '.join(parts)}.{by}"

    def labels(self, names: Iterable[str]) -> Labels:
        """The labels of those of some names that are IRIs, and their classes."""
        return Labels(self.store, filter(is_iri, names), prefixes=self.catalog.settings.prefixes)

    @cached_property
    def _labels(self) -> Labels:
        """The labels of datasets and ontologies, and of who published them."""
        return self.labels([*self._known, *(record["publisher"] for record in self._known.values())])

    def homes(self, things: Iterable[str] | None = None) -> Mapping[str, str]:
        """The dataset that describes each of these things, or of all, or else the ontology that defines it.

        What is no IRI, or is in neither, is not among them.
        """
        graphs = {dataset.iri for dataset in self.datasets.values()} & self.records.keys()
        homes: dict[str, str] = {}
        named = batches(sorted(filter(is_iri, {*(things or ())})))
        for few in [""] if things is None else (f"VALUES ?s {{ {each} }}" for each in named):
            for thing, graph, ontology in rows(self.store, _HOMES % few):
                if ontology or graph.value in graphs:
                    homes.setdefault(thing.value, (ontology or graph).value)
        return homes

    def dataset_of(self, thing: str, home: str | None) -> Mapping[str, Any]:
        """The record of a dataset or an ontology, or of its home for anything else.

        Where that is not known, it is the record of the first dataset.
        """
        home = next(iter(self.records), "") if home is None else home
        return self._known.get(thing) or self._known.get(home, _NONE)

    def instances(self, kind: str) -> Sequence[str]:
        """The instances of a class and of its subclasses, by IRI; of one without any, all that has a name."""
        found = f"SELECT DISTINCT ?x {{ ?x a/rdfs:subClassOf* <{kind}> FILTER(isIRI(?x)) }} ORDER BY ?x"
        named = self.catalog.bind("labels", self.store)
        things = [row["x"].value for row in rows(self.store, found)]
        return things or sorted({row["thing"].value for row in rows(self.store, named)})

    @cached_property
    def layers(self) -> Mapping[str, int | None]:
        """The classes in the network of the whole catalogue, each with its layer, where it has one."""
        found = self.catalog.ask("network-nodes", store=self.store)
        return {row["class"]: row["layer"] for row in found}

    def subclasses(self, kinds: Iterable[str]) -> Mapping[str, str]:
        """The kind that each class is, or is a subclass of; the first of these where it is below several."""
        found = {kind: kind for kind in kinds}
        for kind in [*found]:
            below = f"SELECT DISTINCT ?c {{ ?c rdfs:subClassOf+ <{kind}> }} ORDER BY ?c"
            for row in rows(self.store, below):
                found.setdefault(row["c"].value, kind)
        return found

    @cached_property
    def _kind_of_class(self) -> Mapping[str, str]:
        """The kind of each class: one in the network, or where there is none any class in the datasets."""
        graphs = " ".join(f"<{dataset.iri}>" for dataset in self.datasets.values())
        used = f"SELECT DISTINCT ?c {{ VALUES ?g {{ {graphs} }} GRAPH ?g {{ ?s a ?c }} FILTER(isIRI(?c)) }}"
        layers = self.layers or {row["c"].value: None for row in rows(self.store, used)}
        return self.subclasses(
            sorted(layers, key=lambda kind: (layers[kind] is None, layers[kind] or 0, kind))
        )

    def kinds(self, things: Sequence[str]) -> Mapping[str, str]:
        """The kind of each of these things, by IRI, or else one of its classes; empty without any."""
        found = (row for few in batches(things) for row in rows(self.store, _CLASSES % few))
        labels = self.labels([*things, *(row["class"].value for row in found)])
        return {thing: first_kind(labels.kinds(thing), self._kind_of_class) for thing in things}

    def covered(self, language: str | None = None) -> Answer:
        """The places and the first and last years that ?data cover; a dataset may have none."""
        return self.catalog.ask(_COVERED, store=self.store, language=language)


def first_kind(classes: Sequence[str], kinds: Mapping[str, str]) -> str:
    """The kind of what has these classes, or else the first of them; empty without any."""
    return next((kinds[each] for each in classes if each in kinds), next(iter(classes), ""))
