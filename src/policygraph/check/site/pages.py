"""Whether a page is sound for its readers: its words, its scripts, and where its links lead."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

from policygraph.check.site import data, hypertext
from policygraph.check.site.fetch import Answer
from policygraph.check.site.survey import Survey, is_lost, told
from policygraph.site.urls import GRAPHS, LANGUAGES, html
from policygraph.site.urls import documents as meanings

_LOCAL = re.compile(r"localhost|.*\.localhost|.*\.local|127\.[0-9.]+|0\.0\.0\.0|::1")


def page(survey: Survey, path: str, answer: Answer) -> hypertext.Hypertext | None:
    """Prove a page and note what it links to; what it is made of, or None when it cannot be read."""
    text = data.decoded(survey, path, answer.body)
    if not re.match(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--|<!doctype html|<html)", text[:2_000], re.IGNORECASE):
        survey.fault("content", path, f"It is no HTML page; it begins with “{told(text[:30])}”.")
        return None
    try:
        if len(answer.body) > hypertext.LARGEST:
            raise ValueError(f"The page has {len(answer.body):,} bytes.")
        found = hypertext.taken_apart(text)
    except ValueError as error:
        survey.fault("size-limit", path, str(error))
        return None
    survey.counts["pages"] += 1
    survey.counts["anchors"] += len(found.ids)
    survey.ids[path] = found.ids
    if found.scripts:
        survey.stateful.add(path)
    data.garbled(survey, path, found.text)
    _read_by_people(survey, path, found)
    _scripts(survey, path, found, answer)
    _linked(survey, path, found, answer)
    return found


def style(survey: Survey, path: str, answer: Answer) -> None:
    """Prove a style sheet and note what it loads."""
    survey.counts["other documents"] += 1
    if data.is_html(answer.body):
        survey.fault("content", path, "It is an HTML page.")
        return
    for address in hypertext.loads(data.decoded(survey, path, answer.body)):
        link = hypertext.Link(address, "load")
        target, _ = _target(survey, path, link, survey.map.resolved(address, path))
        if target:
            survey.links.setdefault((target, ""), []).append(path)


def _read_by_people(survey: Survey, path: str, found: hypertext.Hypertext) -> None:
    language = next((each for each in LANGUAGES[1:] if path.endswith(f".{each}.html")), LANGUAGES[0])
    if found.language.partition("-")[0] != language:
        said = f"lang is {told(found.language)!r}" if found.language else "lang is missing"
        survey.fault("page-language", path, f"On <html> {said}, and by its name the page is in {language!r}.")
    if not found.title:
        survey.fault("page-title", path, "The page has no title.")
    if len(found.headings) != 1 or not found.headings[0]:
        names = ", ".join(map(told, found.headings)) or "none"
        survey.fault("heading", path, f"The page's <h1>: {names}.")
    elif re.match(r"https?://\S+$", found.headings[0]):
        survey.fault("heading", path, f"The heading is an address and no label: {told(found.headings[0])}.")
    if found.charset.lower() != "utf-8":
        survey.fault("charset", path, "There is no <meta charset> that says UTF-8.")
    if found.repeated:
        survey.fault("duplicate-id", path, f"More than one element has the id {told(found.repeated[0])!r}.")


def _scripts(survey: Survey, path: str, found: hypertext.Hypertext, answer: Answer) -> None:
    policy = answer.headers.get("content-security-policy", "") or found.policy
    if not policy:
        survey.fault("policy", path, "The page has no Content-Security-Policy.")
    elif not re.search(r"\b(?:default|script)-src\b", policy) or re.search(
        r"(?:default|script)-src[^;]*'unsafe-(?:inline|eval)'", policy
    ):
        survey.fault("policy", path, "The Content-Security-Policy lets any script run.")
    for digest in found.scripts:
        if f"'{digest}'" not in policy:
            survey.fault("script", path, f"The policy does not name the inline script {told(digest)}.")
            break
    if found.handlers:
        survey.fault("script", path, f"An attribute is a script: {told(found.handlers[0])}.")


def _linked(survey: Survey, path: str, found: hypertext.Hypertext, answer: Answer) -> None:
    from_root = []
    header = answer.headers.get("link", "")
    alternates = set()
    for link in found.links:
        address = survey.map.resolved(link.href, path)
        parts = _parts(address)
        rels = set(link.rel.split())
        survey.counts["links"] += 1
        if parts is None or parts.scheme not in ("http", "https"):
            if parts is None or parts.scheme in ("javascript", "file", "vbscript", ""):
                rule = "script" if parts and "script" in parts.scheme else "local-link"
                survey.fault(rule, path, f"No one can follow this link: {told(link.href)}.")
            continue
        if "canonical" in rels:
            public = survey.iri(path)
            if address not in (public, public.removesuffix("index.html")):
                survey.fault(
                    "canonical", path, f"The canonical link is {told(link.href)}, not {told(public)}."
                )
            continue
        target, fragment = _target(survey, path, link, address)
        if target == "":
            continue
        if link.href.startswith("/") and not survey.place.live:
            from_root.append(link.href)
        if "alternate" in rels and target:
            alternates.add(target)
        if target:
            survey.links.setdefault((target, fragment), []).append(path)
    if from_root and not is_lost(path):
        survey.fault(
            "portable",
            path,
            f"{len(from_root)} links begin at the host's root, such as {told(from_root[0])}.",
        )
    if not any("license" in link.rel.split() for link in found.links) and 'rel="license"' not in header:
        survey.fault("page-licence", path, "Nothing on the page names a licence.")
    if not is_lost(path):
        _alternates(survey, path, alternates)


def _target(survey: Survey, path: str, link: hypertext.Link, address: str) -> tuple[str, str]:
    """The path on this site that a link leads to, and the fragment; both empty for other sites."""
    own, parts = urlsplit(survey.place.address), urlsplit(address)
    fragment = unquote(parts.fragment)
    if address.startswith(survey.place.address):
        return survey.map.path(address) or "", fragment
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        if not survey.place.live:  # a link from the root of where the folder is put, or out of the folder
            target = unquote(parts.path) if link.href.startswith("/") else "/.."
            return _below(survey, target) if is_lost(path) else target, fragment
        if not survey.on_host(parts.path):
            survey.fault("dead-link", path, f"Nothing is at {told(parts.path)} of this host, which it links.")
        return "", ""
    if _LOCAL.fullmatch(parts.hostname or ""):
        survey.fault("local-link", path, f"It links to a private address, {told(address)}.")
    elif link.rel == "load":
        survey.fault("outside", path, f"It loads {told(address)}.")
    elif survey.map.path(address) is not None:
        survey.iris.setdefault(address.partition("#")[0], path)
    return "", ""


def _below(survey: Survey, target: str) -> str:
    """The file of the folder that a link from a host's root means; the folder may be put below any path."""
    rest = target
    while rest and rest not in survey.names:
        _, slash, rest = rest[1:].partition("/")
        rest = slash + rest
    return rest or target


def _alternates(survey: Survey, path: str, linked: set[str]) -> None:
    for document in meanings(path):
        stems = [path.removesuffix(".html")]
        if document.language != LANGUAGES[0]:
            stems = [path.removesuffix(f".{document.language}.html")]
        for start in stems:
            lacking = [s for s in GRAPHS if start + s in survey.names and start + s not in linked]
            if lacking:
                survey.fault("alternate", path, f"It does not link {told(start + lacking[0])}.")
        others = {html(document.path, each) for each in LANGUAGES} - {path}
        for other in sorted(others & survey.names - linked):
            survey.fault("translation", path, f"It does not link {told(other)}.")
        return


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts
