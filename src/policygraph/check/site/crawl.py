"""Keep the state of one inspection: documents seen, links, findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from policygraph.check.site.fetch import Fetched, SiteUrls, Source, Web
from policygraph.check.site.report import RULES, Finding
from policygraph.text import printable, shorten as text_shorten

_MAX_TEXT = 60  # characters of untrusted text in a problem
_MAX_REDIRECTS = 5  # redirects that are followed


class Crawl:
    """The state of one inspection.

    Args:
        source: the site to read.
        paths: the paths that are known to exist.
        limit: the most addresses of a kind to request beyond the documents read; None for all.
    """

    def __init__(self, source: Source, *, paths: Iterable[str], limit: int | None = None) -> None:
        self.source, self.urls = source, SiteUrls(source.address, "")
        self.paths = set(paths)
        self.findings: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self.links: dict[str, list[str]] = {}  # by target, the pages that link there
        self.iris: dict[str, str] = {}  # each IRI of the site to the document that names it first
        self.terms: dict[str, str] = {}  # likewise, the IRIs used as terms
        self.names_only: set[str] = set()  # IRIs of versions and graphs, which have no document
        self.ids: dict[str, set[str]] = {}  # of each page read
        self.fingerprints: dict[str, tuple[str, object]] = {}  # by path without suffix
        self._limit = limit
        self._exists: dict[str, bool] = {}

    def fault(self, rule: str, where: str, problem: str) -> None:
        """Add a finding; pass untrusted text in the problem through `shorten` first."""
        if not isinstance(self.source, Web):
            problem = problem.replace(self.source.address, "/")  # which is made up
        self.findings.append(Finding(rule, printable(where), printable(problem), RULES[rule].fix))

    def read(self, path: str, accept: str = "") -> Fetched:
        """Fetch a path, following redirects on this site; add a finding when it cannot be fetched."""
        answer, where, seen = self.source.get(path, accept), path, {path}
        while answer.status in (301, 302, 303, 307, 308):
            location = answer.headers.get("location", "")
            target = self.urls.path(self.urls.resolve(location, where))
            if target is None or target in seen or len(seen) > _MAX_REDIRECTS:
                why = (
                    "leave the site" if target is None else "form a loop" if target in seen else "do not end"
                )
                self.fault("redirects", path, f"The redirects {why}: the last leads to {shorten(location)}.")
                return Fetched(0, problem="redirects")
            seen.add(target)
            answer, where = self.source.get(target, accept), target
        self._exists[path] = answer.status == 200
        if not answer.status:
            rule = "size-limit" if answer.problem.startswith("It has ") else "reachable"
            self.fault(rule, path, answer.problem)
        elif answer.status >= 500:
            self.fault("reachable", path, f"The server answers {answer.status}.")
        return answer

    def sample(self, addresses: list[str]) -> list[str]:
        """Pick as many addresses as the limit allows, evenly spaced."""
        if self._limit is None or len(addresses) <= self._limit:
            return addresses
        self.counts["not looked at"] += len(addresses) - self._limit
        return sample_kinds(addresses, self._limit, lambda _: "")

    def exists(self, path: str) -> bool:
        """Whether a path has a document."""
        if path in self.paths:
            return True
        if not isinstance(self.source, Web):
            return path.endswith("/") and f"{path}index.html" in self.paths
        if path not in self._exists:
            status = self.source.get(path, method="HEAD").status
            if status in (405, 501):  # the server knows no HEAD
                status = self.source.get(path).status
            self._exists[path] = status in (200, 303)
        return self._exists[path]


def is_404(path: str) -> bool:
    """Whether a page is the server's 404 page, which is shown at any address."""
    return path.startswith("/404.")


def shorten(text: str) -> str:
    """Make untrusted text fit for a report: one short line without control characters."""
    return text_shorten(printable(text), _MAX_TEXT)


def sample_kinds(paths: Iterable[str], count: int, kind: Callable[[str], str]) -> list[str]:
    """Pick `count` paths of each kind, evenly spaced; 0 for all."""
    kinds: dict[str, list[str]] = {}
    for path in paths:
        kinds.setdefault(kind(path), []).append(path)
    chosen = []
    for group in kinds.values():
        most = min(count or len(group), len(group))
        chosen += [group[round(number * (len(group) - 1) / max(1, most - 1))] for number in range(most)]
    return chosen
