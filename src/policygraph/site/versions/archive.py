"""Read what earlier publications left of versions, and list all that is kept with its SHA-256."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from urllib.request import Request

from policygraph.errors import EndpointError, PublicationError
from policygraph.rdf.diff import difference
from policygraph.rdf.formats import write
from policygraph.rdf.terms import instant
from policygraph.site.context import SiteContext
from policygraph.site.noted import by_key, once
from policygraph.site.rendering import Page
from policygraph.site.urls import MANIFEST, SAFE, document_stem, suffix_of
from policygraph.site.versions import changes, releases, stream
from policygraph.site.versions.releases import KEPT, Version, history, is_new, versions
from policygraph.text import natural

if TYPE_CHECKING:
    from policygraph.catalog.catalog import Catalog

INDEX = "/versions.sha256"
"""The path of the list of what is kept, as `sha256sum --check` reads it."""

LINKS = ".link"
"""The suffix of a list of versions (RFC 7089)."""

_HEAD = "# Versions of {}, which stay as they were published; sha256sum --check compares."
_LINE = re.compile(r"([0-9a-f]{64})  ((?:download|changes)/.+|.+\.ttl)")
_WEB = ("https://", "http://")
_MOST, _SECONDS = 2_000_000_000, 60.0  # bytes in all, and for one file of another site
MEDIA = {
    ".ttl": "text/turtle",
    ".csv": "text/csv",
    ".json": "application/csvm+json",
    ".gz": "application/gzip",
    ".ru": "application/sparql-update",
    LINKS: "application/link-format",
    ".sha256": "text/plain",
}


def read(place: str, base: str) -> dict[str, bytes]:
    """What a publication keeps of versions, by path, from its folder or its address on the web.

    PublicationError when it keeps nothing of a catalogue with this base, or not all as it was published.
    """
    head, *lines = _get(place, INDEX).decode("utf-8", "replace").splitlines() or [""]
    if head != _HEAD.format(base):
        what = f"{place} keeps no versions of a catalogue whose IRIs begin with {base}. Publish to"
        raise PublicationError(f"{what} another folder; where only the site moves, keep the base.")
    found: dict[str, bytes] = {}
    size = 0
    for line in lines:
        match = _LINE.fullmatch(line)
        if not match or {"", ".", ".."} & {*match[2].split("/")}:
            raise PublicationError(f"{place}{INDEX} is not as it was published; bring it back from a copy.")
        path = f"/{match[2]}"
        found[path] = body = _get(place, path)
        size += len(body)
        if sha256(body).hexdigest() != match[1]:
            what = "is not as it was published, and would be lost; bring it back from a copy"
            raise PublicationError(f"{place}{path} {what}.")
        if size > _MOST:
            raise PublicationError(f"{place} keeps more than {_MOST:,} bytes of versions.")
    return found


def _get(place: str, path: str) -> bytes:
    where = f"{place.rstrip('/')}{path}"
    try:
        if not place.startswith(_WEB):
            return Path(where).read_bytes()
        from policygraph.store.http import Headers, send

        url = place.rstrip("/") + quote(path, safe=SAFE)
        response = send(Request(url), url, timeout=_SECONDS, headers=Headers())  # noqa: S310  of the web
        if response.status == 200:
            return response.body
        reason = f"HTTP {response.status}"
    except (OSError, EndpointError) as error:
        reason = str(getattr(error, "strerror", None) or error)
    raise PublicationError(f"{where}, which was published, cannot be read: {reason}.")


def digest(place: str) -> str:
    """The SHA-256 of the list of what a publication keeps, by its list of all files; "" without these.

    PublicationError when it is another, since what is not listed would be lost.
    """
    try:
        listed = listed_digest(_get(place, f"/{MANIFEST}"))
    except PublicationError:
        return ""
    if listed and sha256(_get(place, INDEX)).hexdigest() != listed:
        raise PublicationError(f"{place}{INDEX} is not as it was published; bring it back from a copy.")
    return listed


def listed_digest(manifest: bytes) -> str:
    """The SHA-256 that a list of all files has of the list of what is kept; "" where it has none."""
    listed = re.search(rf"^([0-9a-f]{{64}})  {re.escape(INDEX[1:])}$".encode(), manifest, re.MULTILINE)
    return listed[1].decode() if listed else ""


def gather(
    catalog: Catalog, places: Iterable[str], kept: Mapping[str, bytes], *, address: str
) -> Mapping[str, bytes]:
    """What is kept, and what earlier publications keep besides, or revisions in git would keep.

    `places` are their folders, addresses or names, the earliest first; errors as for `read` and `Catalog.at`.
    """
    earlier: Mapping[str, bytes] = {}
    for place in places:
        if place.startswith(_WEB) or Path(place).is_dir():
            digest(place)
            found = read(place, catalog.settings.base)
            known = {**kept, **earlier}
            for path in sorted(path for path in known.keys() & found.keys() if path.endswith(".nt.gz")):
                if _differ(found[path], known[path]) and path not in _present(catalog, address):
                    what = f"{place}{path} is not what is kept of this version already"
                    raise PublicationError(
                        f"{what}; a version stays as it was published, so name one of them."
                    )
            earlier = _both(earlier, found)
        else:
            then = catalog.at(place)
            context = SiteContext(then, then.load(), address=address, live=False)
            context.previous = earlier
            if reason := refusal(context):
                raise PublicationError(f"Name {place} earlier, or leave it out: {reason}")
            earlier = stays(context)
    return _both(kept, earlier)


def _both(kept: Mapping[str, bytes], others: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """What is kept, and of others what is not."""
    # What was removed is known from each; in Turtle, prefixes can be declared again.
    gone = [each[changes.GONE] for each in (kept, others) if changes.GONE in each]
    return {**others, **kept, **({changes.GONE: b"\n".join(gone)} if gone else {})}


def _differ(one: bytes, other: bytes) -> bool:
    return one != other and gzip.decompress(one) != gzip.decompress(other)


def _present(catalog: Catalog, address: str) -> set[str]:
    """The paths of the dumps of versions that the data have now, which may be published anew."""
    context = SiteContext(catalog, catalog.store, address=address, live=False)
    return {each.dump for each in versions(context).values()}


@once
def stays(context: SiteContext) -> Mapping[str, bytes]:
    """What stays as it is published now or was, by path: records, files, changes, and what was removed."""
    now = [each for each in versions(context).values() if each.graph]
    pairs, found = changes.pairs(context), {**context.earlier()}
    anew = {changes.GONE, *(f"{pair}{suffix}" for pair in pairs for suffix in changes.SUFFIXES)}
    for path in anew.union(*(releases.known(context, each) for each in now)):
        found.pop(path, None)
    for version in now:
        found |= releases.held(context, version)
    found |= {stream.path(each): stream.fragment(context, each) for each in versions(context).values()}
    for pair in pairs:
        found |= changes.files(context, pair)
    if triples := changes.removed(context):
        known = {"base": context.base, "prefixes": context.prefixes}
        found[changes.GONE] = write(triples, format="turtle", **known)  # type: ignore[arg-type]
    return dict(sorted(found.items()))


@by_key
def files(context: SiteContext) -> Mapping[str, bytes]:
    """The files and lists beside the pages and records of versions, by path, and the SHA-256 of all."""
    every = stays(context)
    if not every:
        return {}
    lines = (f"{sha256(body).hexdigest()}  {path[1:]}" for path, body in every.items())
    found = {path: body for path, body in every.items() if path.startswith(KEPT)}
    found |= {_list_path(context, of): _list(context, of) for of in _things(context)}
    found[stream.STREAM] = stream.start(context)
    return found | {INDEX: "\n".join([_HEAD.format(context.base), *lines, ""]).encode()}


def page(context: SiteContext, path: str) -> Page | None:
    """One of these files; None for any other path."""
    media = MEDIA.get(suffix_of(path), "")
    is_kept = path.startswith(KEPT) or path == INDEX or path.endswith(LINKS)
    body = files(context).get(path) if media and is_kept else None
    return Page(body, media) if body is not None else None


def list_path(path: str | None) -> str:
    """The path of the list of the versions of what is at an abstract path."""
    return f"{document_stem(path or '/')}{LINKS}"


def _list_path(context: SiteContext, of: str) -> str:
    return list_path(context.urls.path(of))


def _list(context: SiteContext, of: str) -> bytes:
    """The versions of a dataset or an ontology, with their times (a TimeMap, RFC 7089)."""
    own = history(context, of)
    first = [f'<{of}>; rel="original latest-version"']
    if not context.urls.at(context.urls.path(of)):  # it is gone
        first = [f'<{of}>; rel="original"', f'<{own[-1].iri}>; rel="latest-version"']
    lines = [*first, f'<{context.urls.address(_list_path(context, of))}>; rel="self"; type="{MEDIA[LINKS]}"']
    return (",\n".join([*lines, *map(memento, own)]) + "\n").encode()


def memento(version: Version) -> str:
    """What a list of versions says of one."""
    moment = instant(version.day)
    time = format_datetime(datetime.fromisoformat(moment).astimezone(UTC), usegmt=True) if moment else ""
    return f'<{version.iri}>; rel="memento"' + (f'; datetime="{time}"' if time else "")


@by_key
def relations(context: SiteContext) -> Mapping[str, Mapping[str, str]]:
    """The paths of versions by that of what they are of or beside, and by relation (RFC 5829, RFC 7089)."""
    found: dict[str, dict[str, str]] = {}
    for of in _things(context):
        own, path = history(context, of), context.urls.path(of) or ""
        found[path] = listed = {"timemap": _list_path(context, of)}
        latest = path if context.urls.at(path) else own[-1].path
        for earlier, each, later in zip([None, *own], own, [*own[1:], None], strict=False):
            before = {"predecessor-version": earlier.path} if earlier else {}
            after = {"successor-version": later.path} if later else {}
            found[each.path] = {"latest-version": latest, **before, **after, **listed}
            if each.graph:
                found[path] = {**before, **listed}
    return found


def _things(context: SiteContext) -> Sequence[str]:
    return [*dict.fromkeys(each.of for each in versions(context).values())]


def note(context: SiteContext) -> str:
    """What a publisher should know of versions whose data were changed and whose names were not."""
    sentences = []
    for each in _reissued(context):
        changed = difference(releases.published(context, each), releases.triples_of(context, each)).summary()
        what = f"<{each.of}> was changed ({changed}), and is version {each.name} as before"
        sentences.append(f"{what}: <{each.iri}> has the new content now. Raise the version when it is cited.")
    for each in versions(context).values():
        if each.graph and each != (last := history(context, each.of)[-1]):
            again = f"Version {each.name} of <{each.of}> is the current one again, and no feed tells it"
            sentences.append(f"{again}: {last.name} came after it. Raise the version if readers are to know.")
    for *_, before, now in (own for of in _things(context) if len(own := history(context, of)) > 1):
        lower = natural(now.name) < natural(before.name)
        if now.graph and lower and not before.name.startswith(now.name):  # as 1.0 follows 1.0-rc
            what = f"Version {now.name} of <{now.of}> follows {before.name} and is the current one"
            sentences.append(f"{what}; give it a later name if that is not meant.")
    return " ".join(sentences)


def refusal(context: SiteContext) -> str:
    """Why a version may not be published, in a sentence: it would replace another, or was followed by one."""
    for each in releases.present(context):
        if not (each.name and each.path) or ".." in each.path:  # which is between two versions
            odd = f"version {each.name!r}, which no address can end in; name it otherwise"
            what = odd if each.name else "a version without a name; give it one"
            return f"<{each.of}> has {what} (dcat:version, owl:versionInfo), or leave it out."
        last = versions(context)[each.path]
        if last.of != each.of:
            both = " and ".join(f"version {it.name} of <{it.of}>" for it in (each, last))
            return f"<{each.iri}> is {both}; give one of them an IRI of its own (owl:versionIRI)."
    for each in versions(context).values():
        if each.graph and each.record in (known := context.earlier(each.record)):
            before = releases.published_as(context.urls.path, each.record, known[each.record])
            if (before.of, before.name) != (each.of, each.name):
                was, now = (f"version {it.name} of <{it.of}>" for it in (before, each))
                what = f"<{each.iri}> was published as {was}, and is {now} now"
                return f"{what}; give version {each.name} of <{each.of}> an IRI of its own (owl:versionIRI)."
    for each in _reissued(context):
        if each != (last := history(context, each.of)[-1]):
            what = f"<{each.iri}> was published with other data, and {last.name} after it"
            return f"{what}; raise the version of <{each.of}>."
    return ""


def _reissued(context: SiteContext) -> list[Version]:
    known = [each for each in versions(context).values() if each.graph and context.earlier(each.dump)]
    return [each for each in known if is_new(context, each)]
