"""Make the pages of stories: their steps to play and to print, each to be embedded in pages of others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from policygraph.explorer.story import Slide, Step, Story, Storyboard
from policygraph.i18n import words
from policygraph.site.context import SiteContext, once
from policygraph.site.rendering import FRAMED_ANYWHERE, Arguments, Page, clean, render

FOLDER, FRAMES, SCRIPT = "/story", "/embed/story", "/embed/embed.js"
_FONTS = Path(__file__).parents[1] / "static" / "fonts"
_SIZE = (1200, 630)  # pixels of an image for previews of links
_FRAME_HEIGHT = 790  # pixels of a frame, for a step at its width on a desktop
_MEDIA = {".svg": "image/svg+xml", ".json": "application/json", ".png": "image/png"}


@once
def _slides(context: SiteContext, name: str, language: str) -> Sequence[Slide]:
    """The slides of a story in a language."""
    return Storyboard(context.stories[name], context.metadata, language).slides


def lead(context: SiteContext, language: str) -> dict[str, Any]:
    """What the home page shows of stories: the first slide of the first, and the titles of all."""
    boards = {name: Storyboard(each, context.metadata, language) for name, each in context.stories.items()}
    if not boards:
        return {"lead": None}
    name, board = next(iter(boards.items()))
    covered = {}
    for row in context.metadata.covered(language):
        if row["place"]:
            years = f" {row['first']}–{row['last']}" if row["first"] and row["last"] else ""
            covered[row["place"]] = context.labels.of(row["place"], language).text + years
    return {
        "lead": _slides(context, name, language)[0],
        "tales": [(name, board.text(board.story.title)) for name, board in boards.items()],
        "covered": [*covered.values()],
        "counted": board.counts()["rows"],
        "s": words(language, "story", marked=True),
    }


def steps(context: SiteContext) -> dict[str, tuple[Story, Step]]:
    """The abstract path of each step's page to embed, with its story and the step."""
    return {
        f"{FRAMES}/{each.name}/{step.id}": (each, step)
        for each in context.stories.values()
        for step in each.steps
    }


def story(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The page of a story."""
    found = context.stories[path.rpartition("/")[2]]
    board = Storyboard(found, context.metadata, language)
    slides, frames = _slides(context, found.name, language), f"{FRAMES}/{found.name}/"
    return render(
        context,
        "story.html",
        language,
        path,
        story=found,
        title=board.text(found.title),
        author=board.text(found.author),
        shown=slides,
        s=words(language, "story", marked=True),
        tag=context.urls.tag(language),
        frames={each.step.id: frames + each.step.id for each in slides},
        snippets={each.step.id: _snippet(context, frames + each.step.id, each, language) for each in slides},
        asked={
            each.step.id: f"?{urlencode(each.values, doseq=True, quote_via=quote)}" if each.values else ""
            for each in slides
        },
        others_here=[
            (name, board.text(each.title)) for name, each in context.stories.items() if name != found.name
        ],
        image=context.preview(language, found),
    )


def embed(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The page of a step that pages of others frame: its picture, its source and a link."""
    found, slide = _slide(context, path, language)
    page = render(
        context,
        "embed.html",
        language,
        path,
        policy=FRAMED_ANYWHERE.rpartition(";")[0],  # the rest holds in headers only
        story=found,
        title=Storyboard(found, context.metadata, language).text(found.title),
        slide=slide,
        s=words(language, "story", marked=True),
        licences=context.metadata.licences,
    )
    return page._replace(policy=FRAMED_ANYWHERE)


@once
def files(context: SiteContext) -> Mapping[str, tuple[str, str, str]]:
    """The pictures and descriptions of steps: abstract path, language and suffix by document path."""
    found = {}
    for path, (each, step) in steps(context).items():
        for language in context.languages:
            drawn = (".png",) if step == each.steps[0] and context.preview(language, each) else ()
            for suffix in (".svg", ".json", *drawn):
                found[f"{path}{context.urls.tag(language)}{suffix}"] = path, language, suffix
    return found


def file(context: SiteContext, path: str) -> Page:
    """The picture of a step, as SVG or for previews of links, or its description as oEmbed has it."""
    step, language, suffix = files(context)[path]
    _, slide = _slide(context, step, language)
    if suffix == ".svg":
        body = clean(slide.svg).encode()
    elif suffix == ".png":
        body = _image(slide.svg)
    else:
        about = {
            "version": "1.0",
            "type": "rich",
            "title": slide.sentence,
            "provider_name": context.text("title", language),
            "provider_url": context.address,
            "html": _snippet(context, step, slide, language),
            "width": 1280,
            "height": _FRAME_HEIGHT,
        }
        body = json.dumps(about, ensure_ascii=False).encode()
    return Page(body, _MEDIA[suffix], policy=FRAMED_ANYWHERE)


def _slide(context: SiteContext, path: str, language: str) -> tuple[Story, Slide]:
    found, step = steps(context)[path]
    return found, _slides(context, found.name, language)[found.steps.index(step)]


def _snippet(context: SiteContext, path: str, slide: Slide, language: str) -> str:
    """The line by which others embed a step."""
    address, title = context.urls.address(context.urls.html(path, language)), escape(slide.sentence)
    size = f'width="100%" height="{_FRAME_HEIGHT}"'
    return f'<iframe src="{address}" title="{title}" {size} style="border: 0" loading="lazy"></iframe>'


def _image(svg: str) -> bytes:
    """A slide as an image for previews of links."""
    import resvg_py

    width, height = _SIZE
    wide = height * 16 // 9
    place = f'x="{(width - wide) // 2}" width="{wide}" height="{height}"'
    inner = svg.replace('width="1280" height="720"', place, 1)
    around = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{inner}</svg>'
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=around,
            background="#ffffff",
            skip_system_fonts=True,  # which would make another image on each computer
            font_files=[str(path) for path in sorted(_FONTS.glob("*.ttf"))],
            sans_serif_family="Story Sans",
        )
    )
