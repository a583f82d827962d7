"""Write the page of the evidence: each text with its passages marked, and the claims that rest on them."""

from __future__ import annotations

import base64
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from pyoxigraph import Literal

import policygraph.site.publish as publication
from policygraph.authoring.evidence import Evidence
from policygraph.authoring.verdicts import STATUSES, Verdict
from policygraph.catalog.labels import Labels
from policygraph.errors import EvidenceError
from policygraph.i18n import basis_label, words
from policygraph.rdf import formats
from policygraph.rdf.namespaces import local_name
from policygraph.rdf.store import rows
from policygraph.site.rendering import clean
from policygraph.text import jinja, natural

_TEMPLATES = Path(__file__).parent / "templates"
_STYLES = (Path(publication.__file__).parent / "static" / "site.css", _TEMPLATES / "evidence.css")
_VISITED = "background: var(--focus); color: var(--page)"
_MENTIONS = "SELECT ?thing ?passage { ?thing pg:mentionedIn ?passage } ORDER BY ?thing ?passage"


def write_evidence(evidence: Evidence, path: str | Path) -> None:
    """Write a page of the texts with their passages, for who has the texts: it is not for publication.

    EvidenceError for a place below the catalogue or a published site; FormatError when it cannot be written.
    """
    target = Path(path).resolve()
    if target.suffix.lower() not in (".html", ".htm"):
        raise EvidenceError(f"The evidence is a page: name a file that ends in .html, not {path}.")
    for folder in target.parents:
        published = (folder / publication.MANIFEST).exists()
        if published or folder == evidence.catalog.root.resolve():
            what = "a published site" if published else "the catalogue"
            raise EvidenceError(
                f"{path} is in {what}, {folder}: the page holds the texts of the sources, which are not for "
                "publication. Write it elsewhere."
            )
    formats.save(_page(evidence).encode("utf-8", "replace"), target)


def _page(evidence: Evidence) -> str:
    texts, store = words(evidence.language, "evidence"), evidence.catalog.store
    language, labels = texts["@language"], Labels(store)

    def label(term: Any) -> str:
        return (
            term.value
            if isinstance(term, Literal)
            else labels.of(getattr(term, "value", term), language).text
        )

    mentions: dict[str, list[str]] = {}
    for row in rows(store, _MENTIONS):
        mentions.setdefault(row["passage"].value, []).append(label(row["thing"]))
    number = {each.anchor.iri: f"p{at}" for at, each in enumerate(evidence.verdicts, 1)}
    resting: dict[str, list[dict[str, Any]]] = {}
    listed: list[dict[str, Any]] = []
    for claim in evidence.catalog.claims(language=language):
        if keys := [number[each.iri] for each in claim.passages if each.iri in number]:
            basis = basis_label((local_name(claim.basis), local_name(claim.strength)), language)
            statement = f"{label(claim.subject)} → {label(claim.relation)} → {label(claim.object)}"
            listed.append({"key": f"c{len(listed) + 1}", "text": statement, "basis": basis, "passages": keys})
            for key in keys:
                resting.setdefault(key, []).append(listed[-1])
    sources = []
    for iri, counts in sorted(evidence.counts.items(), key=lambda each: each[0] not in evidence.texts):
        verdicts = [each for each in evidence.verdicts if each.anchor.source == iri]
        sources.append(
            {
                "title": label(iri),
                "text": (text := evidence.texts.get(iri)),
                "other": iri in evidence.other_texts,
                "counts": {status: counts[status] for status in STATUSES if counts[status]},
                "chunks": _chunks(text.characters, verdicts, number) if text else [],
                "verdicts": verdicts,
            }
        )
    style = "".join(path.read_text(encoding="utf-8") for path in _STYLES)
    # A passage may be several links, as others begin and end within it; all are marked when it is visited.
    style += "".join(
        f"main:has(#t{key[1:]}:target, #{key}:target) .{key} {{ {_VISITED} }}\n" for key in number.values()
    )
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    page = jinja(_TEMPLATES).get_template("evidence.html")
    return clean(
        page.render(
            texts=texts,
            language=language,
            mark=publication.NOT_FOR_PUBLICATION,
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            style=style,
            sources=sources,
            claims=sorted(listed, key=lambda each: natural(each["text"])),
            names={number[each.anchor.iri]: each.anchor.words for each in evidence.verdicts},
            number=number,
            resting=resting,
            mentions={iri: sorted(things) for iri, things in mentions.items()},
        )
    )


def _chunks(text: str, verdicts: list[Verdict], number: dict[str, str]) -> list[dict[str, Any]]:
    """A text cut where passages begin or end: stretches with the passages they are in, shortest first."""
    spans = [
        (*each.places[0][1:], number[each.anchor.iri])
        for each in verdicts
        if each.status in ("exact", "moved") and len(each.places) == 1
    ]
    cuts = sorted({0, len(text), *(cut for start, end, _ in spans for cut in (start, end))})
    chunks = []
    for start, end in pairwise(cuts):
        inside = sorted((last - first, key) for first, last, key in spans if first <= start and end <= last)
        begun = [key for first, _, key in spans if first == start]
        chunks.append({"text": text[start:end], "passages": [key for _, key in inside], "begun": begun})
    return chunks
