"""What has been seen of a place that is inspected: its documents, where they lead, and the faults found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from urllib.parse import quote

from policygraph.check.site.fetch import Fetched, SiteUrls, Source, Web, printable
from policygraph.check.site.report import RULES, Finding

_TOLD = 60  # characters of a stranger's text that a problem repeats
_HOPS = 5  # redirects that are followed


class Crawl:
    """A place under inspection.

    Args:
        place: what is inspected.
        names: the paths that are known to be there.
        most: how many addresses of a kind may be asked for beyond those that are read; None for all.
    """

    def __init__(self, place: Source, *, names: Iterable[str], most: int | None = None) -> None:
        self.place, self.base, self.map = place, "", SiteUrls(place.address, "")
        self.names = set(names)
        self.findings: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self.links: dict[tuple[str, str], list[str]] = {}  # (target, fragment) to the pages that link there
        self.iris: dict[str, str] = {}  # each IRI of the site to the document that names it first
        self.terms: dict[str, str] = {}  # likewise, of those that are used as terms
        self.names_only: set[str] = set()  # IRIs of versions and graphs, which are no documents of their own
        self.ids: dict[str, frozenset[str]] = {}  # of each page that was read
        self.stateful: set[str] = set()  # pages whose scripts may read a fragment
        self.prints: dict[str, tuple[str, object]] = {}  # a document's content, whatever the format
        self._most = most
        self._there: dict[str, bool] = {}

    def fault(self, rule: str, where: str, problem: str) -> None:
        """Note a fault; text in the problem that is a stranger's should have gone through `shorten`."""
        self.findings.append(Finding(rule, printable(where), printable(problem), RULES[rule].fix))

    def read(self, path: str, **headers: str) -> Fetched:
        """The document at a path, redirects followed on this site; a fault when there is none to be had."""
        answer, where, seen = self.place.get(path, **headers), path, {path}
        while answer.status in (301, 302, 303, 307, 308):
            location = answer.headers.get("location", "")
            target = self.map.path(self.map.resolved(location, where))
            if target is None or target in seen or len(seen) > _HOPS:
                why = "leave the site" if target is None else "go round" if target in seen else "do not end"
                self.fault("redirects", path, f"The redirects {why}: the last leads to {shorten(location)}.")
                return Fetched(0, problem="redirects")
            seen.add(target)
            answer, where = self.place.get(target, **headers), target
        self._there[path] = answer.status == 200
        if not answer.status:
            rule = "size-limit" if answer.problem.startswith("It has ") else "reachable"
            self.fault(rule, path, answer.problem)
        elif answer.status >= 500:
            self.fault("reachable", path, f"The server answers {answer.status}.")
        return answer

    def settle(self, base: str) -> None:
        """Learn what the IRIs of the site begin with."""
        self.base, self.map = base, SiteUrls(self.place.address, base)

    def some(self, addresses: list[str]) -> list[str]:
        """As many addresses as may be asked for, from all over the list."""
        if self._most is None or len(addresses) <= self._most:
            return addresses
        self.counts["not looked at"] += len(addresses) - self._most
        return spread(addresses, self._most, lambda _: "")

    def there(self, path: str) -> bool:
        """Whether there is a document at a path."""
        if path in self.names:
            return True
        if not self.place.live:
            return path.endswith("/") and f"{path}index.html" in self.names
        if path not in self._there:
            self._there[path] = self.place.get(path, method="HEAD").status in (200, 303)
        return self._there[path]

    def on_host(self, target: str) -> bool:
        """Whether something is at a path of the same host that is not below the site's address."""
        return isinstance(self.place, Web) and self.place.fetch(target, method="HEAD").status < 400

    def iri(self, path: str) -> str:
        """The public address of a path."""
        return self.base + quote(path.lstrip("/"), safe="/:@!$&'()*+,;=~")


def is_lost(path: str) -> bool:
    """Whether a page is the one that a server shows where nothing is, at whatever address that may be."""
    return path.startswith("/404.")


def shorten(text: str) -> str:
    """A stranger's text as it may stand in a report: on one line, without control signs, not too long."""
    shown = printable(text)
    return shown if len(shown) <= _TOLD else shown[:_TOLD] + "…"


def spread(paths: Iterable[str], count: int, kind: Callable[[str], str]) -> list[str]:
    """So many of each kind, from all over the list; all of them when `count` is 0."""
    kinds: dict[str, list[str]] = {}
    for path in paths:
        kinds.setdefault(kind(path), []).append(path)
    return [each for group in kinds.values() for each in _some(group, count)]


def _some(group: list[str], count: int) -> list[str]:
    if not count or len(group) <= count:
        return group
    return [group[round(number * (len(group) - 1) / max(1, count - 1))] for number in range(count)]
