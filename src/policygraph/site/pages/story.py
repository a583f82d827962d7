"""Make the pages of stories: their steps to play and to print, each to be embedded in pages of others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from policygraph.explorer.story import Slide, values
from policygraph.i18n import plural, words
from policygraph.site.context import SiteContext
from policygraph.site.noted import once
from policygraph.site.rendering import FRAMED_ANYWHERE, Arguments, Page, Shown, clean, render, show

FOLDER, FRAMES, SCRIPT = "/story", "/embed/story", "/embed/embed.js"
_FONTS = Path(__file__).parents[1] / "static" / "fonts"
_WIDTH, _HEIGHT = 1200, 630  # pixels of an image for previews of links
_FRAME = {"width": 1280, "height": 790}  # pixels of a frame, for a step at its width on a desktop
_MEDIA = {".svg": "image/svg+xml", ".json": "application/json", ".png": "image/png"}


def lead(context: SiteContext, language: str) -> dict[str, Any]:
    """What the home page shows: the stories, what is covered, and how many claims are said and read."""
    boards = [context.board(name, language) for name in context.stories]
    if not boards:
        return {"boards": ()}
    rows, covered = [*context.metadata.covered(language)], dict[str, list[str]]()
    for row in (each for each in rows if each["place"]):
        years = f"{row['first']}–{row['last']}" if row["first"] and row["last"] else ""
        covered.setdefault(row["place"], []).append(years)
    s, counted = words(language, "story", marked=True), boards[0].counts["rows"]
    # Where most datasets name no place, the few that do are not what is covered.
    every, placed = ({row["data"] for row in rows if row["place"] or not of} for of in (False, True))
    places = [plural(s, "datasets", len(every))]
    if 2 * len(placed) >= len(every):
        names = {place: context.labels.of(place, language).text for place in covered}
        some = {place: ", ".join(filter(None, dict.fromkeys(years))) for place, years in covered.items()}
        places = [f"{names[place]} {some[place]}".strip() for place in covered]
    return {"boards": boards, "covered": places, "counted": counted, "s": s}


@once
def steps(context: SiteContext) -> Mapping[str, tuple[str, int]]:
    """The abstract path of each step's page to embed, with the name of its story and its place there."""
    known = ((each, n, step) for each in context.stories.values() for n, step in enumerate(each.steps))
    return {f"{FRAMES}/{each.name}/{step.id}": (each.name, n) for each, n, step in known}


def story(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The page of a story."""
    board, frames = context.board(name := path.rpartition("/")[2], language), f"{FRAMES}/{name}/"

    def asked(slide: Slide) -> str:
        return urlencode(values(slide.step.draw), doseq=True, quote_via=quote)

    def snippet(slide: Slide) -> str:
        return _snippet(context, f"{frames}{slide.step.id}", slide, language)

    shown: dict[str, Any] = {"board": board, "frames": frames, "asked": asked, "snippet": snippet}
    shown |= {"tag": context.urls.tag(language), "s": words(language, "story", marked=True)}
    others = [context.board(each, language) for each in context.stories if each != name]
    image = context.preview(language, board.story)
    return show("story.html", image=image, boards=others, **shown)


def embed(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The page of a step that pages of others frame: its picture, its source and a link."""
    name, number = steps(context)[path]
    board, policy = context.board(name, language), FRAMED_ANYWHERE.rpartition(";")[0]
    shown: dict[str, Any] = {"slide": board.slides[number], "licences": context.metadata.licences}
    shown |= {"board": board, "s": words(language, "story", marked=True)}
    # Who may frame it, a header says alone.
    page = render(context, "embed.html", language, path, policy=policy, **shown)
    return page._replace(policy=FRAMED_ANYWHERE)


@once
def files(context: SiteContext) -> Mapping[str, tuple[str, str, str]]:
    """The pictures and descriptions of steps: abstract path, language and suffix by document path."""
    found: dict[str, tuple[str, str, str]] = {}
    for path, (name, number) in steps(context).items():
        for tag, each in ((context.urls.tag(each), each) for each in context.languages):
            drawn = (".png",) if not number and context.preview(each, context.stories[name]) else ()
            found |= {f"{path}{tag}{suffix}": (path, each, suffix) for suffix in (".svg", ".json", *drawn)}
    return found


def file(context: SiteContext, path: str) -> Page:
    """The picture of a step, as SVG or for previews of links, or its description as oEmbed has it."""
    step, language, suffix = files(context)[path]
    name, number = steps(context)[step]
    slide = context.board(name, language).slides[number]
    if suffix == ".json":
        about = {"version": "1.0", "type": "rich", "title": slide.sentence, **_FRAME}
        about |= {"provider_name": context.settings.text("title", language), "provider_url": context.address}
        body = json.dumps({**about, "html": _snippet(context, step, slide, language)}).encode()
    else:
        body = clean(slide.svg).encode() if suffix == ".svg" else _image(slide.svg)
    return Page(body, _MEDIA[suffix], policy=FRAMED_ANYWHERE)


def _snippet(context: SiteContext, path: str, slide: Slide, language: str) -> str:
    """The line by which others embed a step."""
    address, title = context.urls.address(context.urls.html(path, language)), escape(slide.sentence)
    size = f'width="100%" height="{_FRAME["height"]}"'
    return f'<iframe src="{address}" title="{title}" {size} style="border: 0" loading="lazy"></iframe>'


def _image(svg: str) -> bytes:
    """A slide as an image for previews of links; the fonts of a computer would make another one on each."""
    import resvg_py

    wide, fonts = _HEIGHT * 16 // 9, [str(path) for path in sorted(_FONTS.glob("*.ttf"))]
    place = f'x="{(_WIDTH - wide) // 2}" width="{wide}" height="{_HEIGHT}"'
    inner = svg.replace('width="1280" height="720"', place, 1)
    around = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}">{inner}</svg>'
    image = resvg_py.svg_to_bytes(
        svg_string=around,
        skip_system_fonts=True,
        background="#ffffff",
        font_files=fonts,
        sans_serif_family="Story Sans",
    )
    return bytes(image)
