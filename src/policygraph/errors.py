"""Define the exceptions of this package; str(error) is the sentence to show to the user."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

moved: dict[str, str] = {}
"""What to call folders that are gone when an error is read, by their paths: a revision."""


class PolicyGraphError(Exception):
    """Any error of this package; its text is one sentence to show to the user."""

    def __init__(self, what: str = "") -> None:
        super().__init__(_called(what))


def _called(text: str) -> str:
    for folder, called in [*moved.items()]:
        text = text.replace(f"{folder}/", f"{called}:").replace(folder, called)
    return text


class _LocatedError(PolicyGraphError):
    """An error at a place in a text; its message begins with that place, as a compiler's does."""

    def __init__(
        self,
        what: str,
        *,
        path: object = None,
        line: int | None = None,
        column: int | None = None,
        parameter: str | None = None,
    ) -> None:
        self.path = None if path is None else _called(str(path)) or None
        self.line, self.column, self.parameter = line, column, parameter
        if self.path is None:
            place = "" if line is None else f"line {line}" + (f", column {column}" if column else "")
        else:
            place = ":".join(str(part) for part in (self.path, line, column) if part is not None)
        super().__init__(f"{place}: {what}" if place else what)


class DocumentError(_LocatedError):
    """An RDF file that cannot be read; `path`, `line` and `column` (both from 1) say where, when known."""

    @classmethod
    def of(cls, error: SyntaxError, *, path: object = None) -> DocumentError:
        """Convert pyoxigraph's error, leaving out the place that its text repeats in words."""
        text = " ".join(str(error).split())
        what = re.sub(r"^Parser error at [^:]*: | \(line \d+\)$", "", text).rstrip(".")
        if what == "No scheme found in an absolute IRI":
            what = "This IRI is relative, and the file declares no base; declare one, or write it in full"
        return cls(f"{what}.", path=path, line=error.lineno, column=error.offset)


class CatalogError(PolicyGraphError):
    """A folder that is not a catalogue, or a dataset or query that the catalogue does not have."""


class QueryError(_LocatedError):
    """SPARQL text or a parameter's value that cannot be used; `parameter` is its name, where known."""


class EvidenceError(PolicyGraphError):
    """A quote that a text does not have, or passages that cannot be re-anchored or shown."""


class ExtraError(PolicyGraphError):
    """An optional library that is not installed."""


@contextmanager
def extra(name: str, purpose: str) -> Iterator[None]:
    """Import optional libraries inside: ExtraError says which extra of this package brings one that lacks."""
    try:
        yield
    except ModuleNotFoundError as error:
        what = f'{purpose} needs {error.name}; install it with: pip install "policygraph[{name}]"'
        raise ExtraError(what) from None


class EndpointError(PolicyGraphError):
    """A remote SPARQL service that is down, slow, not SPARQL, or answers with an error.

    `status` is that of its HTTP response, where that is the error.
    """

    def __init__(self, what: str, *, status: int | None = None) -> None:
        self.status = status
        super().__init__(what)


class FormatError(PolicyGraphError):
    """A format that is unknown or does not fit the result, or output that cannot be written."""


class NetworkError(PolicyGraphError):
    """A network that a measure cannot work on: it is empty, too big, or lacks what the measure needs."""


class PublicationError(PolicyGraphError):
    """A site that cannot be written as files, or a folder that cannot hold it."""


class ResourceError(PolicyGraphError):
    """A resource asked for by name that does not exist or is ambiguous; `candidates` are possible IRIs."""

    def __init__(self, what: str, *, candidates: Sequence[str] = ()) -> None:
        self.candidates = tuple(candidates)
        super().__init__(what)


def warn(text: str) -> None:
    """Warn by a line of the log of this package, which is on stderr unless somebody takes it elsewhere."""
    import logging

    logging.getLogger("policygraph").warning("policygraph: %s", text)


def reason(error: object) -> str:
    """An exception's message in short: its first line, without the error number and the full stop."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, FileExistsError) and error.filename:  # which may be a folder on the way
        text += f": {error.filename}"
    return str(text).strip().splitlines()[0].rstrip(".")


def nearest(word: object, words: Iterable[str]) -> str:
    """The end of an error message: " Did you mean 'x'?" for the most similar word, or one that it begins."""
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for each in words:
        folded.setdefault(each.casefold(), each)
    wanted = str(word).casefold()
    # Of two letters, too much is like them.
    matches = get_close_matches(wanted, folded, n=1, cutoff=0.65) if len(wanted) > 2 else []
    matches = matches or [each for each in folded if wanted and each.startswith(wanted)]
    return f" Did you mean {folded[matches[0]]!r}?" if matches else ""
