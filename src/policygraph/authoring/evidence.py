"""Verify the passages of datasets against the texts of their sources, re-anchor what moved, and show them.

The page of the evidence has each text with its passages marked, and the claims that rest on them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from policygraph.authoring.quotes import SourceText, read_texts
from policygraph.authoring.support import Comparison, Support
from policygraph.authoring.verdicts import NOT_CHECKED, STATUSES, Anchor, Verdict, choose, judge
from policygraph.catalog import datafiles
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.labels import Labels
from policygraph.catalog.query import beside
from policygraph.check import shacl
from policygraph.check.shacl import ValidationReport, ValidationResult, is_name
from policygraph.errors import EvidenceError
from policygraph.explorer.story import faults
from policygraph.i18n import basis_label, words
from policygraph.rdf import formats, reader
from policygraph.rdf.namespaces import expand, local_name
from policygraph.rdf.terms import renamed
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import Store, rows
from policygraph.text import csp_hash, grouped, jinja, lower, natural, table, wrap

_TEMPLATES = Path(__file__).parent / "templates"
_ROOM = "In the tables, delete both from the sheet passages, empty their 'at', and quote anew what is gone"
_MENTIONS = "SELECT ?thing ?passage { ?thing pg:mentionedIn ?passage } ORDER BY ?thing ?passage"


@dataclass(frozen=True)
class Evidence:
    """The verdicts on the passages of datasets, with the texts that they were compared with."""

    catalog: Catalog
    language: str  # BCP 47 tag, for a page
    verdicts: tuple[Verdict, ...]  # on every passage, by source and position
    texts: Mapping[str, SourceText]  # at hand, by the IRI of the source
    recorded: Mapping[str, tuple[str, int]]  # SHA-256 and length of each source's text, by IRI
    strays: tuple[SourceText, ...]  # texts at hand that are no source's
    supports: tuple[Support, ...]  # of stated and external claims, as far as their passages are at hand
    fixed: tuple[str, ...] = ()  # what became of files whose passages were re-anchored, in words

    @cached_property
    def counts(self) -> Mapping[str, Counter[str]]:
        """How many passages of each source, by IRI, have each status."""
        found = grouped((each.anchor.source, each.status) for each in self.verdicts)
        return {source: Counter(statuses) for source, statuses in found.items()}

    @property
    def other_texts(self) -> list[str]:
        """The sources, by IRI, whose text at hand is not the one whose SHA-256 the catalogue has."""
        return [iri for iri, text in self.texts.items() if self.recorded[iri][0] not in ("", text.sha256)]

    def holds(self, *, strict: bool = False) -> bool:
        """Whether all that can be checked is exact, and no claim contradicts its passages.

        Something must have been checked; `strict` wants all to be.
        """
        total = sum(self.counts.values(), Counter())
        allowed = {"exact"} if strict else {"exact", *NOT_CHECKED}
        wrong = any(each.severity == "Violation" for claim in self.supports for each in claim.findings)
        return bool(total["exact"]) and not (self.other_texts or wrong) and total.keys() <= allowed

    def order(self, *, width: int | None = None) -> str:
        """The list of a second reader: first the claims of which least stands in their passages."""
        found = []
        for each in sorted(self.supports, key=lambda each: (each.share, each.claim)):
            note = "needs its entry" if each.needs_entry else ""
            parts = " · ".join(each.parts)
            found.append((local_name(each.claim), f"{each.share:.0%}", note, parts, each.words))
        return table(("claim", "share", "note", "subject · relation · object", "words"), found, width=width)

    def text(self, *, width: int | None = None) -> str:
        """The figures of each source, what is wrong, and the total, in lines of at most `width` columns."""
        total = sum(self.counts.values(), Counter())
        shown = [status for status in STATUSES if total[status] or status == "exact"]
        names = {iri: f"{text.name}.txt" for iri, text in self.texts.items()}
        cells = [(local_name(iri), names.get(iri, "not at hand"), each) for iri, each in self.counts.items()]
        heads = ("source", "text", *(NOT_CHECKED.get(status, status) for status in shown))
        body = [(*head, *(f"{counts[s]:,}" for s in shown)) for *head, counts in [*cells, ("all", "", total)]]
        figures = table(heads, body, width=width, right=[False, False, *(True for _ in shown)])
        lines = [str(each) for each in self.verdicts if each.status not in ("exact", *NOT_CHECKED)]
        for iri, text in self.texts.items():
            digest, length = self.recorded[iri]
            if iri in self.other_texts:
                what = f"{text.name}.txt is not the text that was read for {local_name(iri)}, by its SHA-256"
                lines.append(f"{what}: it has {text.length:,} characters, that had {length:,}.")
            elif not digest:
                what = "The catalogue has no SHA-256 of the text of"
                lines.append(f"{what} {local_name(iri)} to compare with.")
        used = {local_name(iri): text.name for iri, text in self.texts.items()}
        for text in self.strays:
            other = f"; {text.name} has the SHA-256 of {used[text.name]}.txt" if text.name in used else ""
            lines.append(f"{text.name}.txt is the text of no source in the catalogue{other}.")
        lines += self.fixed
        for claim in self.supports:
            lines += (f"{each.severity}: {each.focus} {each.message}" for each in claim.findings)
        exact, rest, every = total["exact"], sum(total[status] for status in NOT_CHECKED), total.total()
        what = f"{exact:,} of {every:,} passages are exact, {every - exact - rest:,} are not"
        lines.append(f"{what}, {rest:,} were not checked.")
        return figures + "\n" + "".join(f"{line}\n" for each in lines for line in wrap(each, width=width))


def verify(
    catalog: Catalog, *names: str, texts: str | Path, fix: bool = False, language: str | None = None
) -> Evidence:
    """Verify that every passage of datasets is what stands at its positions in the text of its source.

    Args:
        catalog: where the datasets are.
        names: of datasets; by default all.
        texts: a folder of texts, `.txt` files. A text belongs to the source with its SHA-256, else to the one
            that is named as the file.
        fix: rewrite the positions of passages that moved, in the datasets' files: all files, or none.
            Comments in these files are lost, and the answer says so.
        language: BCP 47 tag, for `write_evidence`.

    Raises:
        CatalogError: there is no dataset of that name.
        DocumentError: a text cannot be read, or there is none.
        EvidenceError: passages cannot be re-anchored; nothing is then changed.
    """
    read = read_texts(Path(texts))

    def found(now: Catalog, names: Iterable[str]) -> Evidence:
        graphs = {now.datasets[name].iri for name in names or now.datasets}
        return judged(now, now.load(), graphs, read, language or "en")  # the files as they are now

    if not fix:
        return found(catalog, names)
    # All datasets are re-anchored, since any may have passages in a text that has changed.
    before = found(catalog, ())
    fixed, held = _fix(before)
    after = found(catalog.anew(), names)
    # The text at hand is now that of its source, so that equal words where some were left would be exact.
    left = {v.anchor.iri: v for v in before.verdicts if v.status == "moved" and v.anchor.iri in held}
    verdicts = tuple(left.get(each.anchor.iri, each) for each in after.verdicts)
    return replace(after, verdicts=verdicts, fixed=fixed)


def validate(
    catalog: Catalog, *inputs: str | Path, first: int | None = None, texts: str | Path | None = None
) -> ValidationReport:
    """Validate datasets of a catalogue, by name, or RDF files with the catalogue's shapes.

    The other datasets are read as background, so that a thing may be named in one and described in another;
    results are about the inputs only. Without inputs, every dataset is validated, and what the sentences of
    stories assert. With `first`, the report has at most so many results of each shape, and is made sooner
    where there are many. With `texts`, a folder, passages are looked up in them, and stated and external
    claims compared with the words of their passages. CatalogError for an unknown name, unusable shapes, or a
    story that cannot be read; DocumentError for a file that cannot be read.
    """
    report = shacl.validate(catalog, *inputs, first=first)
    if not inputs:
        wrong = ((f"<story/{step}>", "schema:text", "", what) for step, what in faults(catalog))
        results = (ValidationResult("Violation", *each, "sh:SPARQLAskValidator") for each in wrong)
        report = report.joined(results, catalog.settings.base)
    return compared(report, catalog, *inputs, texts=read_texts(Path(texts))) if texts else report


def compared(
    report: ValidationReport, catalog: Catalog, *inputs: str | Path, texts: Iterable[SourceText]
) -> ValidationReport:
    """The report on datasets or files, with what their claims say otherwise than their passages."""
    names, files = ([each for each in inputs if is_name(each, catalog) is kind] for kind in (True, False))
    store = EmbeddedStore(prefixes=catalog.settings.prefixes)
    for quads in catalog.stream(lambda text: bool(store.query(text)), *map(str, names), files=files):
        store.add(quads)
    graphs = {getattr(quad.graph_name, "value", "") for quad in store}
    for dataset in catalog.datasets.values():  # where things are named that the claims are about
        if dataset.iri not in graphs:
            store.add([quad.triple for quad in reader.read(dataset.path)], graph=dataset.iri)
    found, base = judged(catalog, store, graphs, [*texts]), catalog.settings.base
    results = [
        ValidationResult("Violation", f"<{v.anchor.iri.removeprefix(base)}>", "", "", f"{v}", "pgs:Support")
        for v in found.verdicts
        if v.status not in ("exact", *NOT_CHECKED)
    ]
    if found.strays and not found.texts:
        what = f"{found.strays[0].name}.txt is the text of no source, so nothing was compared."
        results.append(ValidationResult("Warning", "", "", "", what, "pgs:Support"))
    results += [each for claim in found.supports for each in claim.findings]
    return report.joined(results, base)


def judged(
    catalog: Catalog, store: Store, graphs: Collection[str], read: Sequence[SourceText], language: str = "en"
) -> Evidence:
    """Judge the passages, and the claims that rest on them, in some graphs of a store by texts at hand."""
    recorded: dict[str, tuple[str, int]] = {}
    for row in rows(store, beside(__file__, "sources").text):
        recorded[row["source"].value] = _text(row["digest"]).upper(), max(_number(row["length"]) or 0, 0)
    by_digest, by_name = {text.sha256: text for text in read}, {text.name: text for text in read}
    at_hand = {iri: by_digest.get(sha) or by_name.get(local_name(iri)) for iri, (sha, _) in recorded.items()}
    texts = {iri: text for iri, text in at_hand.items() if text}
    anchors: dict[str, Anchor] = {}
    asked: set[str] = set()  # claims may rest on the passages of another dataset
    columns = ("passage", "source", "section", "words", "digest")
    for row in rows(store, beside(__file__, "passages").text):
        iri, source, section, words, digest = (_text(row[name]) for name in columns)
        start, end = (_number(row[name]) for name in ("start", "end"))
        tongue = getattr(row["words"], "language", None) or ""
        anchor = Anchor(iri, source, start, end, section, words, tongue, digest.upper())
        if anchors.setdefault(iri, anchor) != anchor:  # what two values say cannot be checked
            anchors[iri] = anchor._replace(digest="")
        asked |= {iri} if row["graph"].value in graphs else set()
    order = sorted(anchors.values(), key=lambda each: (each.source, each.start or 0, each.end or 0, each.iri))
    found = [judge(each, texts.get(each.source), recorded.get(each.source, ("", 0)), read) for each in order]
    every = list(choose(found, texts, recorded))
    verdicts = tuple(each for each in every if each.anchor.iri in asked)
    known = {text.sha256 for text in texts.values()}
    strays = tuple(text for text in read if text.sha256 not in known)
    supports = Comparison(catalog, store, every, texts).supports(graphs, language)
    return Evidence(catalog, language, verdicts, texts, recorded, strays, supports)


def _fix(found: Evidence) -> tuple[tuple[str, ...], Collection[str]]:
    """Re-anchor what moved, in every file that names it; what is gone, or may be at several places, stays.

    Returns what became of files and passages, in words, and the IRIs of the passages that stayed.
    """
    sure = (each for each in found.verdicts if each.status == "moved" and len(each.places) == 1)
    moved = {each.anchor.iri: each.anchor for each in sure}
    place = {each.anchor.iri: each.places[0][1:] for each in found.verdicts if each.places}
    new_iri = {iri: "{}#char={},{}".format(each.source, *place[iri]) for iri, each in moved.items()}
    held = {each.anchor.iri: each.status for each in found.verdicts if each.anchor.iri not in moved}
    sentences: list[str] = []
    # No two passages can be at one place, and one that stays may be in the way of others.
    while taken := {at for at, n in Counter([*held, *map(new_iri.get, moved)]).items() if n > 1}:
        for iri in [iri for iri in moved if new_iri[iri] in taken]:
            anchor, status = moved.pop(iri), held.get(new_iri[iri], "exact")
            at = "{} {},{} was left: its words are now at {},{}, the place of another passage".format(
                local_name(anchor.source), anchor.start, anchor.end, *place[iri]
            )
            how = f", which is {status}. {_ROOM}; import them with the text."
            same = " with these words. Quote other words for the one that the text no longer has."
            sentences.append(at + (same if status == "exact" else how))
            held[iri] = "left"
    names = {NamedNode(iri): NamedNode(new_iri[iri]) for iri in moved}
    values: dict[tuple[str, str], object] = {}  # by resource and property
    for iri in found.other_texts:
        if found.counts.get(iri, Counter()).keys() & {"exact", "moved"}:  # else it may be of another document
            text = found.texts[iri]
            values |= {(iri, "pg:sha256"): text.sha256, (iri, "pg:textLength"): text.length}
    # Headings may have changed above what has not.
    stayed = (
        v.anchor for v in found.verdicts if v.status == "exact" and v.anchor.source in found.other_texts
    )
    for iri, source, *_ in (*moved.values(), *stayed):
        start, end = place[iri]
        values |= {(iri, "pg:charStart"): start, (iri, "pg:charEnd"): end}
        if heading := found.texts[source].heading_at(start):
            values[iri, "pg:section"] = heading
    new = {(iri, expand(name)): str(value) for (iri, name), value in values.items()}
    files = dict[Any, bytes]()
    for path in (each.path for each in found.catalog.datasets.values()):
        before = {*reader.read(path)}
        after = {_changed(quad, names, new) for quad in before}
        if after != before:
            if path.parent in found.catalog.settings.include:
                what = "is in an included folder; run this in the catalogue to which that belongs"
                raise EvidenceError(f"Nothing was re-anchored: {path}, which would change, {what}.")
            base, prefixes = found.catalog.settings.base, found.catalog.settings.prefixes
            comments = datafiles.comments(path, before, base, prefixes)
            if path.suffix.lower() == ".ttl":
                files[path] = datafiles.write(after, base, prefixes).encode()
            else:
                name = formats.by_suffix(path, holds="graph").name
                files[path] = formats.write(after, format=name, prefixes=prefixes)
            without = f", without its comments: {comments[0]!r}, for one" if comments else ""
            has_moved = any(_changed(quad, names, {}) != quad for quad in before)
            what = "Re-anchored the passages that had moved" if has_moved else "Recorded the texts at hand"
            sentences.append(f"{what}, in {path}{without}.")
    formats.save_together(files)
    return tuple(sentences), held


def _changed(quad: Quad, names: Mapping[Any, Any], new: Mapping[tuple[str, str], str]) -> Quad:
    subject, predicate, value, graph = quad
    text = new.get((getattr(subject, "value", ""), predicate.value))
    if text is not None and isinstance(value, Literal):
        kind = {"language": value.language} if value.language else {"datatype": value.datatype}
        value = Literal(text, **kind)
    return Quad(names.get(subject, subject), predicate, renamed(value, names), graph)


def _text(term: Any) -> str:
    return "" if term is None else str(term.value)


def _number(term: Any) -> int | None:
    """The position in a term; -1, which no text has, for what is no position."""
    return None if term is None else int(term.value) if term.value.isdecimal() else -1


# ---- The page


def write_evidence(evidence: Evidence, path: str | Path) -> None:
    """Write a page of the texts with their passages, for who has the texts: it is not for publication.

    EvidenceError for a place below the catalogue or a published site; FormatError when it cannot be written.
    """
    from policygraph.site.urls import MANIFEST

    target = Path(path).resolve()
    if target.suffix.lower() not in (".html", ".htm"):
        raise EvidenceError(f"The evidence is a page: name a file that ends in .html, not {path}.")
    for folder in target.parents:
        published = (folder / MANIFEST).exists()
        if published or folder == evidence.catalog.root.resolve():
            where = f"{path} is in {'a published site' if published else 'the catalogue'}, {folder}"
            what = "the page holds the texts of the sources, which are not for publication"
            raise EvidenceError(f"{where}: {what}. Write it elsewhere.")
    formats.save(_page(evidence).encode("utf-8", "replace"), target)


def _page(evidence: Evidence) -> str:
    from policygraph import site
    from policygraph.site.publication.memory import NOT_FOR_PUBLICATION
    from policygraph.site.rendering import clean

    styles = (Path(site.__file__).parent / "static" / "site.css", _TEMPLATES / "evidence.css")
    texts, store = words(evidence.language, "evidence"), evidence.catalog.store
    language, labels = texts["@language"], Labels(store)

    def label(term: Any) -> str:
        text: str = getattr(term, "value", term)
        return text if isinstance(term, Literal) else labels.of(text, language).text

    mentions = grouped((row["passage"].value, label(row["thing"])) for row in rows(store, _MENTIONS))
    number = {each.anchor.iri: f"p{at}" for at, each in enumerate(evidence.verdicts, 1)}

    listed: list[dict[str, Any]] = []
    for claim in evidence.catalog.claims(language=language):
        if keys := {number[each.iri]: each for each in claim.passages if each.iri in number}:
            basis = basis_label((local_name(claim.basis), local_name(claim.strength)), language)
            basis += f", {lower(label(claim.status))}" if claim.status else ""
            statement = f"{label(claim.subject)} → {label(claim.relation)} → {label(claim.object)}"
            listed.append({"key": f"c{len(listed) + 1}", "text": statement, "basis": basis, "passages": keys})
    resting = grouped((key, claim) for claim in listed for key in claim["passages"])
    order = sorted(evidence.verdicts, key=lambda each: each.anchor.source not in evidence.texts)
    sources = {iri: [*found] for iri, found in groupby(order, lambda each: each.anchor.source)}
    style = "".join(path.read_text(encoding="utf-8") for path in styles)
    # A passage may be several links, as others begin and end within it; all are marked when it is visited.
    marked = "main:has(#t{0}:target, #p{0}:target) .p{0} {{ background: var(--focus); color: var(--page) }}\n"
    style += "".join(marked.format(key[1:]) for key in number.values())
    policy = f"default-src 'none'; style-src {csp_hash(style)}; base-uri 'none'; form-action 'none'"
    shown = {"evidence": evidence, "texts": texts, "language": language, "label": label, "statuses": STATUSES}
    shown |= {"sources": sources, "chunks": _chunks, "number": number, "resting": resting}
    shown |= {"mentions": mentions, "mark": NOT_FOR_PUBLICATION, "policy": policy, "style": style}
    shown["claims"] = sorted(listed, key=lambda each: natural(each["text"]))
    return clean(jinja(_TEMPLATES).get_template("evidence.html").render(shown))


def _chunks(text: str, verdicts: list[Verdict], number: dict[str, str]) -> Iterator[dict[str, Any]]:
    """A text cut where passages begin or end: stretches with the passages they are in, shortest first."""
    placed = (each for each in verdicts if each.status in ("exact", "moved") and len(each.places) == 1)
    spans = [(*each.places[0][1:], number[each.anchor.iri]) for each in placed]
    cuts = sorted({0, len(text), *(cut for start, end, _ in spans for cut in (start, end))})
    for start, end in pairwise(cuts):
        inside = sorted((last - first, key) for first, last, key in spans if first <= start and end <= last)
        begun = [key for first, _, key in spans if first == start]
        yield {"text": text[start:end], "passages": [key for _, key in inside], "begun": begun}
