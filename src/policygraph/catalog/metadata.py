"""Read what a store says of the datasets of a catalogue: records, citations, coverage, what is in which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policygraph.catalog.catalog import Catalog, Dataset
from policygraph.catalog.labels import Labels
from policygraph.catalog.resource import query
from policygraph.i18n import words
from policygraph.rdf.terms import day_of, is_iri, python_value
from policygraph.store.answer import Answer
from policygraph.store.protocols import Store, batches, rows, solutions
from policygraph.store.trace import kept

_DAYS = ("issued", "modified")  # people read the day of a time
_FIELDS = ("version", "issued", "modified", "license", "publisher")
_CLASSES = """SELECT DISTINCT ?class { { SELECT DISTINCT ?class { ?thing a ?class } }
  ?class rdfs:isDefinedBy ?ontology . ?ontology a owl:Ontology } ORDER BY ?class"""
# Asked together, classes would be taken through all their instances.
_CONNECTED = """{{ SELECT (<{0}> AS ?class) {{
  ?thing a <{0}> . {{ ?claim rdf:subject ?thing }} UNION {{ ?claim rdf:object ?thing }}
  FILTER NOT EXISTS {{ ?thing a ?narrower . ?narrower rdfs:subClassOf <{0}> }} }} LIMIT 1 }}"""
_PART = 50  # classes in a query, whose length has a limit
_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/([\d.]+)(?:/(?!deed|legalcode)([a-z]+))?"
)
_EU_LICENCE = re.compile(r"https?://publications\.europa\.eu/resource/authority/licence/(\w+)$")
_OPEN_DATA_COMMONS = re.compile(r"https?://(?:www\.)?opendatacommons\.org/licenses/(\w+)/(?:([\d.]+)/)?$")
_NONE: Mapping[str, Any] = {**dict.fromkeys(("iri", *_FIELDS), ""), "titles": [], "abouts": []}


class Metadata:
    """What a store says of the datasets of a catalogue, and of which of them and of what kind a thing is."""

    def __init__(self, catalog: Catalog, store: Store) -> None:
        self.catalog, self.store = catalog, store

    @kept
    def datasets(self) -> Mapping[str, Dataset]:
        """The datasets whose graphs the store has, by name."""
        ask, known = "ASK {{ GRAPH <{}> {{ ?s ?p ?o }} }}", self.catalog.datasets.items()
        return {name: each for name, each in known if self.store.query(ask.format(each.iri))}

    @kept
    def records(self) -> Mapping[str, Mapping[str, Any]]:
        """The metadata that a citation needs, by dataset."""
        return self._records("dcat:Dataset")

    @kept
    def known(self) -> Mapping[str, Mapping[str, Any]]:
        """The records of the ontologies and the datasets."""
        return {**self._records("owl:Ontology"), **self.records}

    def _records(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        records: dict[str, dict[str, Any]] = {}
        for row in rows(self.store, query("records").bind(**{"class": kind})):
            iri = row["data"].value
            record = records.setdefault(iri, {"iri": iri, "titles": [], "abouts": []})
            for key in _FIELDS:
                value = row[key].value if row[key] is not None else ""
                record.setdefault(key, (key in _DAYS and day_of(value)) or value)
            if not record["license"].startswith(("https://", "http://")):
                record["license"] = ""  # it becomes a link
            for key, column in (("titles", "title"), ("abouts", "about")):
                if row[column] is not None and row[column] not in record[key]:
                    record[key].append(row[column])
        return records

    @property
    def described(self) -> Mapping[str, Mapping[str, Any]]:
        """The records of the datasets, or of the ontologies where no dataset is described."""
        return self.records or self.known

    @kept
    def licences(self) -> list[str]:
        """The licences of the datasets."""
        return sorted({record["license"] for record in self.described.values() if record["license"]})

    def cited(self, records: Iterable[Mapping[str, Any]], language: str) -> str:
        """How datasets are cited: title, version and date, then the publisher."""
        version, parts, by = words(language, "site", "resource")["version"], [], ""
        for record in records:
            title = self._labels.of(record["iri"], language).text
            edition = f"{version} {record['version']}" if record["version"] else ""
            date = f" ({record['modified']})" if record["modified"] else ""
            parts.append(", ".join(filter(None, (title, edition))) + date)
            by = f" {self._labels.of(record['publisher'], language).text}." if record["publisher"] else ""
        return f"{'; '.join(parts)}.{by}"

    def labels(self, names: Iterable[str]) -> Labels:
        """The labels and classes of what these name; a name that is no IRI is its own label."""
        return Labels(self.store, [*filter(is_iri, names)], prefixes=self.catalog.settings.prefixes)

    @kept
    def _labels(self) -> Labels:
        """The labels of datasets and ontologies, and of who published them."""
        return self.labels([*self.known, *(record["publisher"] for record in self.known.values())])

    def homes(self, things: Iterable[str] | None = None) -> Mapping[str, str]:
        """The dataset that describes each of these things, or of all, or else the ontology that defines it.

        What is no IRI, or is in neither, is not among them.
        """
        graphs = {dataset.iri for dataset in self.datasets.values()} & self.records.keys()
        homes: dict[str, str] = {}
        for few in [""] if things is None else batches(sorted(filter(is_iri, {*things}))):
            for thing, graph, ontology in rows(self.store, query("homes").bind(thing=few.split() or None)):
                if ontology or graph.value in graphs:
                    homes.setdefault(thing.value, (ontology or graph).value)
        return homes

    def dataset_of(self, thing: str, homes: Mapping[str, str]) -> Mapping[str, Any]:
        """The record of a dataset or an ontology, or that of the home of anything else.

        Where its home is not known, it is the record of the first dataset.
        """
        home = homes.get(thing, next(iter(self.records), ""))
        return self.known.get(thing) or self.known.get(home, _NONE)

    def typed(self) -> Iterable[Any]:
        """The classes of the things in the datasets: a row for each ?class of each ?thing."""
        graphs = [dataset.iri for dataset in self.datasets.values()]
        return rows(self.store, query("typed").bind(graph=graphs)) if graphs else ()

    @kept
    def layers(self) -> Mapping[str, int | None]:
        """The classes in the network of the whole catalogue, each with its layer, where it has one."""
        each = [_CONNECTED.format(row["class"].value) for row in rows(self.store, _CLASSES)]
        parts = (" UNION ".join(each[start : start + _PART]) for start in range(0, len(each), _PART))
        asked = (solutions(self.store.counted(f"SELECT ?class {{ {part} }}")) for part in parts)
        used = (row["class"].value for found in asked for row in found)
        layers: dict[str, int | None] = dict.fromkeys(sorted(used))
        for row in rows(self.store, self.catalog.bind("class-layers", self.store)) if layers else ():
            if row["class"].value in layers:
                del layers[row["class"].value]  # so that they are in this order
                layers[row["class"].value] = python_value(row["layer"])
        return layers

    def subclasses(self, kinds: Iterable[str]) -> Mapping[str, str]:
        """The kind that each class is, or is a subclass of; the first of these where it is below several."""
        found = {kind: kind for kind in kinds}
        for kind in [*found]:
            below = rows(self.store, f"SELECT ?c {{ ?c rdfs:subClassOf+ <{kind}> }}")
            found = dict.fromkeys((row["c"].value for row in below), kind) | found
        return found

    @kept
    def _kind_of_class(self) -> Mapping[str, str]:
        """The kinds of things: the classes in the network, or where there is none, those in the datasets."""
        layers = self.layers or {row["class"].value: None for row in self.typed()}
        return self.subclasses(sorted(layers, key=lambda each: (layers[each] is None, layers[each], each)))

    def kind(self, thing: str) -> str:
        """The kind of a thing, or else one of its classes; empty without any."""
        classes = (row["c"].value for row in rows(self.store, f"SELECT ?c {{ <{thing}> a ?c }}"))
        return first_kind(self.labels([thing, *classes]).kinds(thing), self._kind_of_class)

    def covered(self, language: str | None = None) -> Answer:
        """The places and the first and last years that datasets cover, where they say so."""
        return self.catalog.ask(query("covered"), store=self.store, language=language)


def first_kind(classes: Sequence[str], kinds: Mapping[str, str]) -> str:
    """The kind of what has these classes, or else the first of them; empty without any."""
    return next((kinds[each] for each in classes if each in kinds), next(iter(classes), ""))


def licence_name(iri: str) -> str:
    """What a licence is called, such as CC BY 4.0; its IRI where that is of no known form."""
    if licence := _CREATIVE_COMMONS.match(iri):
        code, version, place = licence.groups("")
        code = {"zero": "CC0", "mark": "PDM"}.get(code) or f"CC {code.upper()}"
        return f"{code} {version} {place.upper()}".rstrip()
    if licence := _EU_LICENCE.match(iri):
        return re.sub(r"(\d)_(\d)", r"\1.\2", licence[1]).replace("_", " ")
    if licence := _OPEN_DATA_COMMONS.match(iri):
        return f"ODC {licence[1].upper()} {licence[2] or ''}".rstrip()
    return iri
