"""What a site puts up for programs that come by: sitemap, robots.txt, feed and search description."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from urllib.robotparser import RobotFileParser

from policygraph.check.site.data import unsound
from policygraph.check.site.survey import Survey, is_lost, told

_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def named_base(survey: Survey) -> str:
    """What the site's IRIs begin with, by the line for the sitemap in robots.txt; empty without one."""
    answer = survey.place.get("/robots.txt")
    named = _sitemaps(answer.body.decode("utf-8", "replace")) if answer.status == 200 else []
    return named[0] if named else ""


def robots(survey: Survey) -> None:
    """Prove robots.txt."""
    answer = survey.read("/robots.txt")
    if answer.status != 200:
        survey.fault("robots", "/robots.txt", "There is no robots.txt.")
        return
    lines = answer.body.decode("utf-8", "replace").splitlines()
    rules = RobotFileParser()
    rules.parse(lines)
    if not rules.can_fetch("*", "/") or not rules.can_fetch("*", "/index.html"):
        survey.fault("robots", "/robots.txt", "It forbids the whole site to everyone.")
    bases = _sitemaps("\n".join(lines))
    if survey.base not in bases:
        other = f"names {told(bases[0])}sitemap.xml, not its own" if bases else "names no sitemap"
        survey.fault("robots", "/robots.txt", f"It {other}.")


def sitemap(survey: Survey) -> list[str]:
    """Prove the sitemap; the paths that it lists."""
    where = "/sitemap.xml"
    tree = _xml(survey, where, "sitemap")
    if tree is None:
        return []
    listed = []
    for loc in tree.iter(f"{_SITEMAP}loc"):
        address = (loc.text or "").strip()
        path = survey.map.path(address)
        if path is None:
            survey.fault("sitemap", where, f"{told(address)} is not on this site.")
            continue
        listed.append(path if not path.endswith("/") else path + "index.html")
    if not listed:
        survey.fault("sitemap", where, "It lists nothing.")
    known = set(listed)
    for page in sorted(each for each in survey.names if each.endswith(".html") and not is_lost(each)):
        if listed and page not in known:
            survey.fault("unlisted", page, "The sitemap does not list it.")
    return listed


def feed(survey: Survey, path: str) -> None:
    """Prove an Atom feed (RFC 4287)."""
    tree = _xml(survey, path, "feed")
    if tree is None:
        return
    if tree.tag != f"{_ATOM}feed":
        survey.fault("feed", path, f"It is no Atom feed but {told(tree.tag)}.")
        return
    entries = tree.findall(f"{_ATOM}entry")
    for part in (tree, *entries):
        for name in ("id", "title", "updated"):
            found = part.find(_ATOM + name)
            if found is None or not "".join(found.itertext()).strip():
                what = "The feed" if part is tree else f"The entry {_called(part)}"
                survey.fault("feed", path, f"{what} has no {name}.")
            elif name == "updated" and not re.fullmatch(
                r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", (found.text or "").strip()
            ):
                survey.fault("feed", path, f"It was updated at no RFC 3339 time: {told(found.text or '')}.")
    names = Counter((each.findtext(f"{_ATOM}id") or "").strip() for each in entries)
    for name in sorted(each for each, times in names.items() if each and times > 1):
        survey.fault("feed", path, f"Two entries have the id {told(name)}.")
    for link in tree.iter(f"{_ATOM}link"):
        target = survey.map.path(survey.map.resolved(link.get("href", ""), path))
        if target is not None:
            survey.links.setdefault((target, ""), []).append(path)


def search(survey: Survey, path: str) -> None:
    """Prove a description in OpenSearch, where there is one."""
    tree = _xml(survey, path, "content")
    if tree is None:
        return
    templates = [each.get("template", "") for each in tree.iter(f"{_OPENSEARCH}Url")]
    if not templates:
        survey.fault("content", path, "It has no address to search at.")
    for template in templates:
        target = survey.map.path(survey.map.resolved(template.partition("?")[0], path))
        if target is not None:
            survey.links.setdefault((target, ""), []).append(path)


def _sitemaps(text: str) -> list[str]:
    """What the addresses of sitemaps begin with that robots.txt names."""
    return re.findall(r"(?im)^[ \t]*sitemap:[ \t]*(\S+/)sitemap\.xml[ \t]*$", text)


def _called(entry: ET.Element) -> str:
    return told((entry.findtext(f"{_ATOM}title") or entry.findtext(f"{_ATOM}id") or "without a name").strip())


def _xml(survey: Survey, path: str, rule: str) -> ET.Element | None:
    """An XML document that is safe to read; None, and a fault, where it is not there or unsound."""
    answer = survey.read(path)
    if answer.status != 200:
        survey.fault(rule, path, "It is not there.")
        return None
    problem = unsound(answer.body)
    if problem:
        survey.fault(rule, path, problem)
        return None
    return ET.fromstring(answer.body)  # noqa: S314  without entities, by `unsound`
