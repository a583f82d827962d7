"""Look up the labels and classes of resources, choose the label for a language, find resources by label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Lock
from typing import NamedTuple, TypeAlias

from pyoxigraph import Literal, NamedNode

from policygraph.errors import QueryError, ResourceError, nearest, warn
from policygraph.i18n import code_name, languages, words
from policygraph.rdf.namespaces import LABEL_PROPERTIES, OPAQUE, PREFIXES, compact, expand, local_name
from policygraph.rdf.terms import best_literal, is_iri, language_rank
from policygraph.store.index import Name
from policygraph.store.protocols import Store, batches, rows
from policygraph.text import fold, grouped, printable

_ANY, _SHOWN = (", ".join(f"<{iri}>" for iri in iris) for iris in (LABEL_PROPERTIES, LABEL_PROPERTIES[:-1]))
# In each part: the labels, the classes, the parts of a claim, and the labels of a version, which are those of
# what it is a version of, with its number. A list of IRIs before them is faster than one in each.
_LOOK_UP = f"""SELECT ?iri ?property ?label ?class ?subject ?predicate ?object ?number {{
  %s
  {{ ?iri ?property ?label FILTER(?property IN ({_ANY}) && isIRI(?iri) && isLiteral(?label)) }}
  UNION {{ ?iri a ?class FILTER(isIRI(?iri) && isIRI(?class)) }}
  UNION {{ ?iri rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object FILTER(isIRI(?iri)) }}
  UNION {{
    ?of owl:versionIRI ?iri ; owl:versionInfo ?number ; ?property ?label
    FILTER(?property IN ({_SHOWN}) && isIRI(?iri) && isLiteral(?label) && isLiteral(?number))
  }}
}}"""

_TERMS = ("Class", "Property", "Datatype", "Ontology")  # how the names of their classes end
_MAX_READ = 1_000  # characters of an IRI whose labels are read later: any client of a server may make it up
_CANDIDATES = 12  # shown in an error message; more would fill the terminal
_NOTED = """SELECT ?thing {{ ?thing skos:notation ?n
  FILTER(isIRI(?thing) && LCASE(STR(?n)) = LCASE({})) }} ORDER BY ?thing"""
_TAGS = f"SELECT DISTINCT (LANG(?label) AS ?tag) {{ ?iri ?property ?label FILTER(?property IN ({_SHOWN})) }}"


# Gives things, or all of them for None, with each of their labels.
Named: TypeAlias = Callable[[Iterable[str] | None], Iterable[tuple[str, str]]]


def _in_order(label: tuple[int, Label]) -> tuple[int, str, str]:
    return label[0], label[1].language, label[1].text


class Label(NamedTuple):
    """A label and its language tag, which is empty where none is known."""

    text: str
    language: str = ""


class Labels:
    """The labels and classes of these resources, or of all in a store, as they were when this was created.

    Of resources that it has no label of, the labels are those in `ontology`. With `later`, each is read when
    it is first asked for.
    """

    def __init__(
        self,
        store: Store,
        iris: Iterable[str] | None = None,
        *,
        ontology: Callable[[], Store] | None = None,
        prefixes: Mapping[str, str] = PREFIXES,
        later: bool = False,
    ) -> None:
        self.prefixes = prefixes  # of the CURIEs of what has no label
        self._lock, self._known = Lock(), set[str]()
        self._later = store if later else None
        self._labels: dict[str, list[tuple[int, Label]]] = {}
        self._claims: dict[str, tuple[str, ...]] = {}
        self._classes: dict[str, list[str]] = {}
        self._versions: dict[str, set[Label]] = {}
        if later:
            return
        named = self._read(store, None if iris is None else sorted({*iris}))
        if iris is not None and (more := named.difference(iris)):
            self._read(store, sorted(more))
        if ontology and (unlabelled := sorted({*(iris or ()), *named} - self._labels.keys())):
            self._read(ontology(), unlabelled)
        for labels in self._labels.values():
            labels.sort(key=_in_order)

    def learn(self, iris: Iterable[str]) -> None:
        """Read what is not yet known of these resources, together sooner than one by one."""
        if self._later is None:
            return
        if new := [each for each in {*iris} - self._known if len(each) <= _MAX_READ]:
            with self._lock:
                self._read(self._later, [iri for iri in new if iri not in self._known and is_iri(iri)])
                for iri in new:
                    self._labels.get(iri, []).sort(key=_in_order)
                self._known.update(new)

    def known(self, iri: str) -> tuple[object, ...]:
        """All that is known of a resource, but for what its parts are called."""
        named = (each.get(iri) for each in (self._labels, self._claims))
        return (*named, sorted(self._classes.get(iri, ())), sorted(self._versions.get(iri, ())))

    @property
    def size(self) -> int:
        """How many resources it has labels of, or has looked for some."""
        return max(len(self._labels), len(self._known))

    def _read(self, store: Store, iris: list[str] | None) -> set[str]:
        """Read what is known of these resources, or of all; return what the claims among them are about."""
        named: set[str] = set()
        versions: dict[str, list[tuple[int, Label]]] = {}
        for few in [""] if iris is None else batches(iris):
            values = f"VALUES ?iri {{ {few} }}" if few else ""
            for row in rows(store, _LOOK_UP % values):
                iri = row["iri"].value
                if row["class"] is not None:
                    self._classes.setdefault(iri, []).append(row["class"].value)
                elif row["predicate"] is not None:
                    parts = (row["subject"], row["predicate"], row["object"])
                    self._claims.setdefault(iri, tuple(str(getattr(part, "value", part)) for part in parts))
                    named.update(part.value for part in parts if isinstance(part, NamedNode))
                elif row["label"].value.strip():  # else it names nothing
                    name, literal, number = row["property"].value, row["label"], row["number"]
                    text = f"{literal.value} {number.value}" if number else literal.value
                    label = LABEL_PROPERTIES.index(name), Label(text, literal.language or "")
                    (versions if number else self._labels).setdefault(iri, []).append(label)
        for iri, labels in versions.items():
            if iri not in self._labels or iri in self._versions:
                self._versions.setdefault(iri, set()).update(label for _, label in labels)
                self._labels.setdefault(iri, []).extend(labels)
        return named

    def of(self, iri: str, language: str) -> Label:
        """The label to show: in the language, else in English, else in any.

        Without one, a common term, country or language gets its label in `policygraph.i18n`, a claim (an RDF
        reification) those of its subject, predicate and object, and anything else its CURIE.
        """
        self.learn([iri])
        if best := best_literal(self._shown(iri), language):
            return best
        if iri in self._claims:
            parts = [
                self.of(part, language) if part not in self._claims else Label(compact(part, self.prefixes))
                for part in self._claims[iri]
            ]
            return Label(" · ".join(part.text for part in parts), parts[1].language)
        curie, fixed = compact(iri, self.prefixes), words(language, "site")
        text = fixed["terms"].get(curie) or code_name(curie, language)
        return Label(text, fixed["@language"]) if text else Label(curie)

    def _shown(self, iri: str) -> list[Label]:
        """Its labels that are shown, the best first."""
        return [label for rank, label in self._labels.get(iri, ()) if rank < len(LABEL_PROPERTIES) - 1]

    def others(self, iri: str, language: str) -> list[Label]:
        """Every other label of a resource, the best first, each text once."""
        shown = self.of(iri, language).text
        others = [label for _, label in self._labels.get(iri, ()) if label.text != shown]
        return list({label.text: label for label in reversed(others)}.values())[::-1]

    def by_language(self, iri: str) -> dict[str, str]:
        """The best label of a resource in each language, by tag."""
        self.learn([iri])
        texts = {label.language: label.text for label in reversed(self._shown(iri)) if label.language}
        return dict(sorted(texts.items()))

    def has(self, iri: str) -> bool:
        """Whether a resource has a label."""
        self.learn([iri])
        return iri in self._labels

    def version(self, iri: str) -> list[Label]:
        """The labels of an `owl:versionIRI` that has none in the data; none for any other IRI."""
        self.learn([iri])
        return sorted(self._versions.get(iri, ()))

    def kinds(self, iri: str) -> list[str]:
        """The classes of a resource, those with a label first."""
        self.learn([iri])
        return sorted(self._classes.get(iri, ()), key=lambda each: (not self.has(each), each))

    def is_term(self, iri: str) -> bool:
        """Whether a resource is a class, a property, a datatype or an ontology."""
        return any(local_name(each).endswith(_TERMS) for each in self.kinds(iri))

    def members(self) -> dict[str, list[str]]:
        """The resources of each class, without inference."""
        pairs = sorted((iri, kind) for iri, kinds in self._classes.items() for kind in kinds)
        return grouped((kind, iri) for iri, kind in pairs)

    def names(self) -> Iterator[Name]:
        """All labels, with what they are of."""
        return (Name(iri, rank, *label) for iri, labels in self._labels.items() for rank, label in labels)

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)


def matching(names: Iterable[Name], text: str) -> list[str]:
    """The resources with one of these names that contains every word of a text; best match first.

    Case and accents count only between equal names. An equal name ranks before one that starts with the
    text, then one in which each word starts a word, then one that only contains them.
    """
    wanted = fold(text)
    words = wanted.split()
    ranks: dict[str, tuple[int, ...]] = {}
    for name in names:
        folded = fold(name.text)
        if words and all(word in folded for word in words):
            other = name.text.casefold() != text.casefold()
            key = (_match_rank(folded, wanted, words), other, name.rank, len(folded))
            ranks[name.iri] = min(key, ranks.get(name.iri, key))
    return sorted(ranks, key=lambda iri: (ranks[iri], iri))


def near(store: Store, labels: Callable[[], Iterable[str]], text: str) -> list[str]:
    """The five resources whose local name is most similar to that of a path or IRI, if any is similar.

    `labels` gives all that have a label; an index those whose labels are alike, by which it finds them too.
    """
    from difflib import get_close_matches

    wanted = local_name(text).replace("-", " ").casefold()
    named = [(each.text, each.iri) for each in store.index.alike(wanted)] if store.index else []
    iris = {iri for _, iri in named} if store.index else labels()
    names = (*((local_name(iri), iri) for iri in sorted(iris)), *named)
    by_name = grouped((name.replace("-", " ").casefold(), iri) for name, iri in names)
    close = get_close_matches(wanted[:100], by_name, n=5)
    return [*dict.fromkeys(iri for name in close for iri in by_name[name])][:5]


def _match_rank(folded: str, wanted: str, words: list[str]) -> int:
    if folded == wanted:
        return 0
    if folded.startswith(wanted):
        return 1
    return 2 if all(re.search(rf"\b{re.escape(word)}", folded) for word in words) else 3


def find(store: Store, what: str | NamedNode, *, labels: Named, prefixes: Mapping[str, str]) -> str:
    """The IRI of the resource that `what` names: an IRI, a CURIE, (a part of) a label, or a skos:notation.

    An equal label is preferred to one that differs in case, that to one that differs in accents, that to an
    equal notation, that to a label that starts with `what`, and that to one with a word that does.
    ResourceError when no resource matches, or several do; those are its `candidates`.
    """
    if isinstance(what, NamedNode):
        return what.value
    if not isinstance(what, str):
        raise ResourceError(f"{what!r} is not the name of a resource: that is a text or an IRI.")
    require_unicode(what)
    what = what.strip()
    prefix, colon, _ = what.partition(":")
    if what.lower().startswith(("<", *OPAQUE)) or "://" in what or (colon and prefix in prefixes):
        try:
            return expand(what, prefixes, base=store.base)
        except ValueError as error:
            raise ResourceError(f"{what!r} is not the name of a resource: {error}") from None
    known, wanted = [*called(store, what, labels)], fold(what)
    if not any(fold(label) == wanted for _, label in known):
        noted = rows(store, _NOTED.format(Literal(what)))
        known = [(row["thing"].value, what) for row in noted] or known
    return match(what, known, prefixes)


def require_unicode(what: str) -> None:
    """ResourceError for a name with half a character, which no text in a store can have."""
    if re.search("[\ud800-\udfff]", what):
        raise ResourceError(f"{what!r} is not the name of a resource: it is not valid Unicode.")


def called(store: Store, what: str, labels: Named) -> Iterable[tuple[str, str]]:
    """The things that may be called so, with their labels; where none is, those with a similar one."""
    if not store.index:
        return labels(None)
    wanted = re.escape(fold(what))
    within = (
        each
        for each in store.index.names(what)
        if each.rank < len(LABEL_PROPERTIES) and re.search(rf"\b{wanted}|^{wanted}", fold(each.text))
    )
    for names in (store.index.equal(what), within):
        if known := [*labels({name.iri for name in names})]:
            return sorted(known, key=lambda each: (each[1], each[0]))
    return labels({name.iri for name in store.index.alike(what)})


def match(what: str, labels: Iterable[tuple[str, str]], prefixes: Mapping[str, str] = PREFIXES) -> str:
    """The thing that `what` names by its label, or the start of it or of a word in it.

    Where it is that of a word, a line of the log says so. ResourceError as for `find`.
    """
    known = list(labels)[::-1]  # so that of several labels, the first stays
    found = {thing: label for thing, label in known if label == what}
    for before, after in (("^", r"\Z"), ("^", ""), (r"\b", "")):
        for plain in (str.casefold, fold):
            if wanted := plain(what):
                like = re.compile(before + re.escape(wanted) + after)
                found = found or {thing: label for thing, label in known if like.search(plain(label))}
    if len(found) == 1:
        ((thing, label),) = found.items()
        if not fold(label).startswith(fold(what)):
            warn(f"note: {what!r} is taken for {printable(label)}, the only name with a word that begins so.")
        return thing
    if not found:
        close = nearest(what, (label for _, label in reversed(known)))
        raise ResourceError(f"No label, nor a word in one, begins with {what!r}, in any language.{close}")
    things = sorted(found, key=found.__getitem__)
    lines = [f"  {printable(found[thing])} ({compact(thing, prefixes)})" for thing in things[:_CANDIDATES]]
    more = [f"  and {len(things) - _CANDIDATES} more"] if len(things) > _CANDIDATES else []
    head = f"{what!r} may be any of these; name one by its CURIE:"
    raise ResourceError("\n".join([head, *lines, *more]), candidates=tuple(reversed(found)))


def require_language(store: Store, language: str | None) -> str:
    """The language, or English; QueryError, naming those that there are, if nothing has a label in it."""
    language = language or "en"
    if not {(tag := language.lower()), tag.partition("-")[0]}.isdisjoint(languages()):
        return language
    tags = sorted({row["tag"].value for row in rows(store, _TAGS)} - {""})
    if min((language_rank(tag, language) for tag in tags), default=2) > 1:
        known = ", ".join(tags) or "none"
        raise QueryError(f"nothing here has a label in the language {language!r}; there are: {known}.")
    return language


def look_up(labels: Labels, iris: Iterable[str], language: str) -> dict[str, str]:
    """The labels of these resources, by IRI; those that share one have their CURIEs too."""
    texts, known = {iri: labels.of(iri, language).text for iri in iris}, labels.prefixes
    times = Counter(texts.values())
    return {iri: f"{it} ({compact(iri, known)})" if times[it] > 1 else it for iri, it in texts.items()}
