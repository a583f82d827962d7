"""Format text: tables for a terminal, notebook progress, templates, CSV, sort keys, printable text; group."""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from itertools import repeat, zip_longest
from operator import gt
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.bccache import Bucket

K = TypeVar("K")
T = TypeVar("T")


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], width: int | None = None, right: Sequence[bool] = ()
) -> str:
    """Format a header, a rule and the rows, with two spaces between columns and a newline after each line.

    No line exceeds `width`, in columns of the terminal; without it, nothing is wrapped. `right` says which
    columns are aligned to the right. Where it would break words in more columns, it becomes `records`.
    """
    body = [[*map(printable, row)] for row in rows]
    words = _word_widths([head, *body])
    widths = _column_widths([head, *body], words, width)
    room = (width or 0) - max(map(_display_width, head), default=0) - 2
    if width and sum(map(gt, words, widths)) > sum(word > room for word in words):
        return records(head, body, width=width)
    lines = []
    for cells in (head, ["-" * size for size in widths], *body):
        wrapped = [_wrap(cell, size) for cell, size in zip(cells, widths, strict=True)]
        for parts in zip_longest(*wrapped, fillvalue=""):
            line = []
            for part, size, is_right in zip(parts, widths, right or repeat(False), strict=False):
                space = " " * (size - _display_width(part))
                line.append(space + part if is_right else part + space)
            lines.append("  ".join(line).rstrip() + "\n")
    return "".join(lines)


def records(head: Sequence[str], rows: Iterable[Sequence[str]], *, width: int | None = None) -> str:
    """Format each row as a block of lines, a cell after the name of its column, without empty cells.

    No line exceeds `width`; without it, nothing is wrapped.
    """
    size = max(map(_display_width, head), default=0)
    lines = []
    for row in rows:
        for name, cell in zip(head, map(printable, row), strict=True):
            parts = _wrap(cell, max(width - size - 2, 2)) if width else [cell]
            lines += [f"{'' if n else name:{size}}  {part}\n" for n, part in enumerate(parts) if cell]
        lines.append("\n")
    return "".join(lines)


def wrap(text: str, *, width: int | None, indent: int = 0, hang: int = 2) -> list[str]:
    """Make a text printable and wrap it to lines, all but the first indented by `hang` more.

    Without `width`, it is one line.
    """
    text = printable(text)
    if not width:
        return [" " * indent + text]
    from textwrap import wrap

    return wrap(text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + hang))


def html_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], more: Callable[[int], str], *, note: str = ""
) -> str:
    """Format an HTML table for a notebook, thirty rows and what tells of so many more; all of it escaped."""
    from html import escape

    def line(tag: str, cells: Sequence[str]) -> str:
        tag, end = f'{tag} style="text-align: left"', tag  # notebooks put all to the right
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{end}>" for cell in cells) + "</tr>"

    body = "".join(line("td", cells) for cells in rows[:30])
    left = more(len(rows) - 30) if len(rows) > 30 else ""
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in (left, note) if text)
    return f"<table><thead>{line('th', head)}</thead><tbody>{body}</tbody></table>{paragraphs}"


def notebook_progress(what: str) -> Callable[[int, int], None] | None:
    """Return a function that shows a count in one line of a Jupyter notebook; None elsewhere."""
    if "ipykernel" not in sys.modules:
        return None
    from IPython import display

    notebook: Any = display
    handle = notebook.DisplayHandle()
    handle.display({"text/plain": what}, raw=True)

    def show(number: int, total: int) -> None:
        if number == total or number % 50 == 0:
            handle.update({"text/plain": f"{number:,} of {total:,} {what}"}, raw=True)

    return show


def _display_width(text: str) -> int:
    """The width of a text on a terminal: two columns for a wide character, none for a combining one."""
    if text.isascii() or max(text) < "\u0300":
        return len(text)
    from unicodedata import east_asian_width

    return sum(0 if combining(c) or c == "\u200d" else 1 + (east_asian_width(c) in "WF") for c in text)


def _column_widths(rows: Sequence[Sequence[str]], words: list[int], width: int | None) -> list[int]:
    """The width of each column, so that with two spaces between them they take at most `width`."""
    wanted = [max(map(_display_width, column)) for column in zip(*rows, strict=True)]
    if width is None or sum(wanted) + 2 * (len(wanted) - 1) <= width:
        return wanted
    room = max(width - 2 * (len(wanted) - 1), len(wanted))
    # First enough that no word breaks, then enough that no line wraps; narrow columns first.
    sizes = _fair_shares(room, words)
    rest = _fair_shares(room - sum(sizes), [want - size for want, size in zip(wanted, sizes, strict=True)])
    return [size + more for size, more in zip(sizes, rest, strict=True)]


def _word_widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [
        max(_display_width(word) for cell in column for word in (cell.split() or [""]))
        for column in zip(*rows, strict=True)
    ]


def _fair_shares(room: int, wanted: list[int]) -> list[int]:
    """Fair shares of the room: who wants less than an equal share gets it, the others divide the rest."""
    shares = [0] * len(wanted)
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    for served, column in enumerate(order):
        shares[column] = min(wanted[column], room // (len(wanted) - served))
        room -= shares[column]
    return shares


def _wrap(text: str, size: int) -> list[str]:
    """Wrap a text to lines of at most `size` columns: at spaces, and longer words after one of "/#:-"."""

    def divide(word: str) -> tuple[str, str]:
        end = next(n for n in range(1, len(word)) if not fits(word[: n + 1]))
        last = max((match.end() for match in re.finditer(r"[/#:-]", word[:end])), default=0)
        end = last if last > end // 2 else end
        return word[:end], word[end:]

    def fits(line: str) -> bool:
        return _display_width(line) <= size

    return [text] if fits(text) else wrap_words(text, fits, divide)


def wrap_words(text: str, fits: Callable[[str], bool], divide: Callable[[str], tuple[str, str]]) -> list[str]:
    """Wrap a text to lines that fit; a word that is longer is divided."""
    lines = [""]
    for word in text.split():
        if fits(joined := f"{lines[-1]} {word}".strip()):
            lines[-1] = joined
            continue
        lines += [""] * bool(lines[-1])
        while len(word) > 1 and not fits(word):
            lines[-1], word = divide(word)
            lines.append("")
        lines[-1] = word
    return lines


_compiled: dict[tuple[str, ...], Any] = {}  # templates, by folder, name and text


@cache
def jinja(*folders: Path, **filters: Callable[..., Any]) -> Environment:
    """Make the environment of the templates in folders: it escapes for HTML and XML, and knows each name."""
    from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined

    class Compiled(FileSystemBytecodeCache):
        """Keeps compiled templates, also beside them as Python its modules: compiling takes half a second."""

        def get_cache_key(self, name: str, filename: str | None = None) -> str:
            return super().get_cache_key(name)  # wherever the folder is

        def load_bytecode(self, bucket: Bucket) -> None:
            bucket.code = _compiled.get((self.directory, bucket.key, bucket.checksum))
            if bucket.code is None:
                super().load_bytecode(bucket)

        def dump_bytecode(self, bucket: Bucket) -> None:
            _compiled[self.directory, bucket.key, bucket.checksum] = bucket.code
            with suppress(OSError):  # where nobody may write
                if not sys.dont_write_bytecode:
                    Path(self.directory).mkdir(exist_ok=True)
                    super().dump_bytecode(bucket)

    environment = Environment(
        loader=FileSystemLoader(folders),
        bytecode_cache=Compiled(str(folders[0] / "__pycache__")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= filters
    return environment


def csv_text(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows as CSV (RFC 4180), in UTF-8."""
    import csv
    import io

    data = io.BytesIO()
    text = io.TextIOWrapper(data, encoding="utf-8", newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    text.flush()
    return data.getvalue()


def pixels(number: float) -> str:
    """A length in a picture, with at most one decimal."""
    return f"{number:.1f}".removesuffix(".0")


def csp_hash(content: str) -> str:
    """What allows a style or script of this content in a Content-Security-Policy."""
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def gzipped(data: bytes) -> bytes:
    """Return data as gzip, in which nothing tells the version of Python."""
    import gzip

    packed = gzip.compress(data, mtime=0)
    return packed[:9] + b"\xff" + packed[10:]  # the system: unknown, which Python says since 3.13


# Unicode has no property for it: Thai and Lao, Burmese, Khmer, Tai scripts, Han with kana and bopomofo.
UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf\u3005-\u3007\u3041-\u312f\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaadf\uf900-\ufaff\uff66-\uff9f"
    r"\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Letters of scripts that have no spaces between words, as a class of a regular expression has them."""

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that XML 1.0 cannot hold, even as a reference."""


def natural(text: str) -> list[str | int]:
    """Return a sort key that puts "char=878" before "char=1022": text and numbers in turn."""
    parts = re.split("([0-9]{1,4000})", text)  # int() refuses more than 4,300
    return [int(part) if number % 2 else part for number, part in enumerate(parts)]


def grouped(pairs: Iterable[tuple[K, T]]) -> dict[K, list[T]]:
    """Return the values of each key, both in their order."""
    found: dict[K, list[T]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


# Letters that Unicode does not part into one and its mark, each with those that it is compared as.
_ALIKE = str.maketrans("ðøđħıłŋŧ", "dodhilnt") | str.maketrans({"æ": "ae", "þ": "th", "œ": "oe"})


def unmarked(text: str) -> str:
    """Return the text in lower case, without accents, and with ł as l, ø as o, æ as ae."""
    text = text.casefold()
    if text.isascii():
        return text
    return "".join(c for c in normalize("NFKD", text) if not combining(c)).translate(_ALIKE)


def fold(text: str) -> str:
    """Fold a text for comparison: as `unmarked`, with single spaces."""
    return " ".join(unmarked(text).split())


def printable(text: str) -> str:
    """Return the text in one line, without control characters, which a terminal obeys and XML cannot hold."""
    if text.isprintable():
        return text
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|\r(?!\n)")


def visible(text: str) -> str:
    """Return the text with what a terminal obeys, but ends of lines and tabs, escaped as in SPARQL."""
    return _OBEYED.sub(lambda sign: f"\\u{ord(sign[0]):04X}", text)


def escape_markdown(text: str) -> str:
    """Escape a text so that Markdown shows it as it is, in one line, also in a table."""
    return re.sub(r"([\\`*_\[\]<>|~#&])", r"\\\1", " ".join(text.split()))


def shorten(text: str, most: int) -> str:
    """Return the text, cut to so many characters with an ellipsis at its end."""
    return text if len(text) <= most else text[: most - 1] + "…"


def lower(text: str) -> str:
    """Return the text with a small first letter."""
    return text[:1].lower() + text[1:]


def upper(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]
