"""What a site puts up for programs that come by: the list of its pages, what they may read, how to search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from policygraph.rdf.namespaces import expand
from policygraph.site.rendering import LOST, Writer, clean, pick
from policygraph.site.urls import LANGUAGES, html_path, language_suffix, parse_path

OPENSEARCH = "application/opensearchdescription+xml"
_MOST = 50_000  # pages in a sitemap, by the protocol of sitemaps.org
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Sign(NamedTuple):
    """What is at a path: its media type, and what makes it."""

    media: str
    kind: str
    language: str = LANGUAGES[0]


def signs(writer: Writer) -> Mapping[str, Sign]:
    """What there is beside the pages, by document path."""
    found = {"/robots.txt": Sign("text/plain", "robots"), "/sitemap.xml": Sign("application/xml", "sitemap")}
    for language in LANGUAGES:
        found[search(language)] = Sign(OPENSEARCH, "search", language)
        if entries(writer, language):
            found[path(language)] = Sign(MEDIA, "feed", language)
    return found


def made(writer: Writer, sign: Sign, paths: Iterable[str]) -> bytes:
    """The content of a sign; `paths` are those of the site's documents."""
    if sign.kind == "robots":
        return _robots(writer)
    if sign.kind == "sitemap":
        return _sitemap(writer, paths)
    return atom(writer, sign.language) if sign.kind == "feed" else _opensearch(writer, sign.language)


def search(language: str) -> str:
    """The document path of the description of the search in a language."""
    return f"/opensearch{language_suffix(language)}.xml"


def _robots(writer: Writer) -> bytes:
    # A query is a question to a machine that has others to answer, and its address says nothing new.
    closed = "Disallow: /sparql" if writer.live else "Disallow:"
    return f"User-agent: *\n{closed}\nSitemap: {writer.library.base}sitemap.xml\n".encode()


def _sitemap(writer: Writer, paths: Iterable[str]) -> bytes:
    """The pages with the day on which what they tell of was changed (https://www.sitemaps.org/protocol.html)."""
    library = writer.library
    days = [record["modified"] for record in library.records.values() if _DAY.fullmatch(record["modified"])]
    latest = max(days, default="")
    pages = [path for path in paths if path.endswith(".html") and not path.startswith(LOST + ".")][:_MOST]
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    )
    lines = [head]
    for path in pages:
        iris = next(
            (found for each in parse_path(path) if (found := library.addresses.things.get(each.path))), []
        )
        day = (library.dataset_of(iris[0])["modified"] if iris else "") or latest
        when = f"<lastmod>{day}</lastmod>" if _DAY.fullmatch(day) else ""
        where = library.base + library.addresses.link(path).removeprefix(library.addresses.root)
        lines.append(f"<url><loc>{escape(where)}</loc>{when}</url>")
    return "\n".join([*lines, "</urlset>", ""]).encode()


def _opensearch(writer: Writer, language: str) -> bytes:
    """How a browser searches here (https://github.com/dewitt/opensearch, 1.1)."""
    t, base = writer.texts[language], writer.library.base
    template = f"{base}{quote(html_path('/search', language)[1:])}?q={{searchTerms}}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">',
        f"<ShortName>{escape(clean(t['site'])[:16])}</ShortName>",
        f"<Description>{escape(clean(t['search_lead']))}</Description>",
        f'<Image width="16" height="16" type="image/svg+xml">{escape(base)}logo.svg</Image>',
        f'<Url type="text/html" method="get" template={quoteattr(template)}/>',
        f'<Url type="{OPENSEARCH}" rel="self" template={quoteattr(base + search(language)[1:])}/>',
        f"<Language>{language}</Language>",
        "<OutputEncoding>UTF-8</OutputEncoding>",
        "<InputEncoding>UTF-8</InputEncoding>",
        "</OpenSearchDescription>",
        "",
    ]
    return "\n".join(lines).encode()


MEDIA = "application/atom+xml"
_SAID = """SELECT DISTINCT ?thing ?property ?value {
  VALUES ?kind { dcat:Dataset owl:Ontology }
  ?thing a ?kind ; ?property ?value FILTER(isIRI(?thing))
} ORDER BY ?thing ?property ?value"""
_NOTES = ("adms:versionNotes", "skos:changeNote", "dct:description")
_RELEASE = re.compile(r"^## (Software \S+), (\d{4}-\d\d-\d\d)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_MOMENT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?)?)?)?")


class Entry(NamedTuple):
    """A change: what it is called, when it was, by whom, with what note (text, language), and its page."""

    iri: str
    title: str
    updated: str
    author: str
    note: tuple[str, str]
    page: str = ""


def path(language: str) -> str:
    """The document path of the feed in a language."""
    return f"/feed{language_suffix(language)}.atom"


def entries(writer: Writer, language: str) -> list[Entry]:
    """What changed, the latest first; nothing that has no date."""
    made = partial(_entries, writer, language)
    found: list[Entry] = writer.library.kept(
        "feed", language, lambda: sorted(made(), key=_rank, reverse=True)
    )
    return found


def atom(writer: Writer, language: str) -> bytes:
    """The feed as a document, which has an entry at least."""
    t, base = writer.texts[language], writer.library.base
    told = entries(writer, language)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">',
        *_text("id", base + path(language)[1:]),
        *_text("title", f"{t['site']}: {t['feed_title']}"),
        *_text("updated", max(each.updated for each in told)),
        f'<link rel="self" type="{MEDIA}" href={_quoted(base + path(language)[1:])}/>',
        f'<link rel="alternate" type="text/html" href={_quoted(base + html_path("/", language)[1:])}/>',
    ]
    for each in told:
        lines += ["<entry>", *_text("id", each.iri), *_text("title", each.title)]
        lines += [*_text("updated", each.updated), "<author>", *_text("name", each.author), "</author>"]
        if each.page:
            lines.append(f'<link rel="alternate" type="text/html" href={_quoted(each.page)}/>')
        note, said_in = each.note
        if note or not each.page:  # RFC 4287, 4.1.2: one of the two has to be there
            lines.append(f'<content type="text" xml:lang={_quoted(said_in)}>{escape(clean(note))}</content>')
        lines.append("</entry>")
    return "\n".join([*lines, "</feed>", ""]).encode("utf-8", "replace")


def instant(text: str) -> str:
    """A date of the data as a time of RFC 3339, at its beginning in UTC; empty for what is no date."""
    from datetime import datetime

    found = _MOMENT.fullmatch(text)
    if not found:
        return ""
    year, month, day, time, zone = found.groups()
    moment = f"{year}-{month or '01'}-{day or '01'}T{time or '00:00:00'}{zone or 'Z'}"
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        return ""
    return moment


def _rank(each: Entry) -> tuple[str, str]:
    return each.updated, each.iri


def _entries(writer: Writer, language: str) -> Iterator[Entry]:
    library, t = writer.library, writer.texts[language]
    facts: dict[str, dict[str, list[Any]]] = {}
    for row in library.store.query(_SAID):  # type: ignore[union-attr]
        facts.setdefault(row["thing"].value, {}).setdefault(row["property"].value, []).append(row["value"])
    for iri, said in facts.items():

        def values(*properties: str, said: dict[str, list[Any]] = said) -> list[Any]:
            return [value for each in properties for value in said.get(expand(each), ())]

        times = [instant(value.value) for value in values("dct:modified", "dct:issued", "dct:created")]
        updated = max(times, default="")
        if not updated:
            continue
        version = next((each.value for each in values("dcat:version", "owl:versionInfo")), "")
        named = next((each.value for each in values("owl:versionIRI")), "")
        maker = next((each.value for each in values("dct:publisher", "dct:creator")), "")
        where = library.addresses.path(iri)
        title = writer.name(iri, language).text
        yield Entry(
            named or (f"{iri}#{quote(version, safe='')}" if version else iri),
            f"{title}, {t['version']} {version}" if version else title,
            updated,
            writer.name(maker, language).text if maker else t["site"],
            _note(
                ([each for each in values(name) if hasattr(each, "language")] for name in _NOTES), language
            ),
            library.base + html_path(where, language)[1:] if where in library.addresses.things else "",
        )
    changelog = library.catalog.root / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8", errors="replace") if changelog.is_file() else ""
    for title, day, note in _RELEASE.findall(text):
        iri = f"{library.base}{path(LANGUAGES[0])[1:]}#{quote(title.lower().replace(' ', '-'))}"
        if updated := instant(day):
            yield Entry(iri, title, updated, t["site"], (note.strip(), "en"))


def _note(choices: Iterable[list[Any]], language: str) -> tuple[str, str]:
    """The words on what changed, in the language as far as they are; else on what it is."""
    notes = next(filter(None, choices), [])
    chosen = pick(notes, language)
    return "\n".join(each.value for each in chosen), next((each.language or "" for each in chosen), "")


def _text(name: str, text: str) -> list[str]:
    return [f"<{name}>{escape(clean(text))}</{name}>"]


def _quoted(text: str) -> str:
    return quoteattr(clean(text))
