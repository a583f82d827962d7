"""Faults of meaning (November 2026): a shape finds each, or docs/model.md says that no machine does.

Those that tests/check/test_shacl.py plants by themselves are asked about there. Each mutant is a change of
rows in the tables of a country that does not exist, written to Turtle by the code of `import`. So claims have
the IRIs of what they say, dates their bounds and texts both languages: only what the data mean is wrong.
"""

from __future__ import annotations

import re
import shutil
from copy import deepcopy
from functools import cache
from typing import NamedTuple

import checkout
import pytest
from cases import sampled
from checkout import SHIPPED

from policygraph.authoring import conversion, rows
from policygraph.authoring.vocabulary import Sheet, Vocabulary
from policygraph.catalog.catalog import Catalog
from policygraph.check.shacl import validate
from policygraph.rdf import reader, turtle
from policygraph.rdf.namespaces import MODEL, expand

EXAMPLIA = SHIPPED / "tests" / "support" / "examplia.ttl"
HERE = {"source": "examplia-harbour", "at": "char=0,46"}
ELSEWHERE = {"source": "news", "under": "Harbour", "cites": "news", "basis": "external"}
SIGNED = {"curator": "agent/policygraph", "date": "2026-11-25"}
READ = {**SIGNED, "why@en": "So we read the plan.", "why@nl": "Zo lezen wij het plan."}

# What the country has besides what its file says: kind, English and Dutch name, other cells.
THINGS = {
    "xx/country/elsewhere": ("Country", "Elsewhere", "~Elders", {"in country": "xx/country/elsewhere"}),
    "plan/harbour-2015": ("Plan", "Harbour Plan 2015-2018", "~Havenplan 2015-2018", {"period": "2015-2018"}),
    "plan/quays": ("Plan", "Plan for the Quays", "~Plan voor de kades", {}),
    "legislation/act-2001": ("Legislation", "Harbour Act of 2001", "~Havenwet van 2001", {"adopted": "2001"}),
    "legislation/act-2020": ("Legislation", "Harbour Act of 2020", "~Havenwet van 2020", {"adopted": "2020"}),
    "goal/no-paper": ("Goal", "No paper on the quays", "~Geen papier op de kades", {}),
    "means/papers": ("Means", "Digital cargo papers", "~Digitale vrachtpapieren", {}),
    "outcome/fewer-lorries": ("Outcome", "Fewer lorries", "~Minder vrachtwagens", {}),
    "driver/world-trade": ("Driver", "World trade", "~Wereldhandel", {}),
    "driver/larger-ships": ("Driver", "Larger ships", "~Grotere schepen", {}),
    "group/banks": ("Group", "Banks of Examplia", "~Banken van Examplia", {}),
    "organisation/ministry": ("Public organisation", "Ministry of the Sea", "~Ministerie van de Zee", {}),
    "indicator/papers": ("Indicator", "Share of digital papers", "~Aandeel digitale papieren", {}),
    "target/papers": (
        "Target",
        "At least 80 % by 2024",
        "~Minstens 80 % in 2024",
        {
            "value": "80",
            "unit": "concept/unit/percent",
            "comparator": "concept/comparator/at-least",
            "due": "2024",
        },
    ),
}
# Its claims, by the ids that the mutants call them by.
CLAIMS = {
    "first": ("amount/first", "value", "2700000000", {}),
    "second": ("amount/second", "value", "2700000000", {}),
    "total": ("amount/total", "value", "5400000000", {"basis": "derived", "about": "from first second"}),
    "brings": ("plan/open-harbour", "has expected contribution", "amount/total", {}),
    "brings-1": ("plan/harbour-2015", "has expected contribution", "amount/first", {}),
    "brings-2": ("plan/quays", "has expected contribution", "amount/second", {}),
    "succeeds": ("plan/open-harbour", "succeeds", "plan/harbour-2015", {}),
    "replaces": ("legislation/act-2020", "succeeds", "legislation/act-2001", {}),
    "helps": ("means/papers", "contributes to", "goal/no-paper", {}),
    "serves": ("plan/quays", "contributes to", "plan/open-harbour", {}),
    "part": ("goal/no-paper", "is part of", "goal/shorter-waiting", {}),
    "under": ("organisation/harbour-office", "subordinate to", "organisation/ministry", {}),
    "implements": ("plan/open-harbour", "implements", "means/papers", {}),
    "effect": ("means/papers", "has outcome", "outcome/fewer-lorries", {}),
    "drives": ("driver/world-trade", "drives", "means/papers", {"basis": "medium", **READ}),
    "presses": ("driver/larger-ships", "drives", "organisation/harbour-office", {}),
    "for": ("infrastructure/harbour-register", "operated for", "group/banks", {}),
    "target": ("plan/open-harbour", "has target", "target/papers", {}),
    "measures": ("target/papers", "has indicator", "indicator/papers", {}),
    "counts": ("observation/papers", "has indicator", "indicator/papers", {}),
    "reached": ("target/papers", "status", "concept/status/reached", {}),
    "nearly": ("target/papers", "status", "concept/status/nearly-reached", {"about": "disputes reached"}),
    "lies": ("plan/quays", "in country", "country/examplia", {**ELSEWHERE, **SIGNED}),
    "abroad": ("plan/quays", "relates to", "xx/country/elsewhere", {}),
    "weak": ("area/quiet-quays", "relates to", "goal/no-paper", {"basis": "weak", **READ}),
}


class Tables:
    """The tables of the country, as lists of rows."""

    def __init__(self):
        self.sheets = deepcopy(written())

    def add(self, sheet, **cells):
        self.sheets[sheet].append({name.replace("_", " "): value for name, value in cells.items()})

    def change(self, sheet, key, **cells):
        """Change a row, found by its id or else its first cell."""
        (row,) = (r for r in self.sheets[sheet] if key == r.get("id", next(iter(r.values()))))
        row |= {name.replace("_", " "): value for name, value in cells.items()}

    def turtle(self):
        """What `import` writes."""
        sheets = {}
        for name, found in self.sheets.items():
            head = list(dict.fromkeys(column for row in found for column in row))
            sheets[name] = Sheet(
                head, [(n, [row.get(c, "") for c in head]) for n, row in enumerate(found, 2)]
            )
        graph = rows.read(sheets, vocabulary(), known={})
        assert graph.problems == []
        return turtle.serialize(graph.triples)


@cache
def vocabulary():
    return Vocabulary(Catalog(SHIPPED))


@cache
def written():
    """The rows of the country, by sheet, before a mutant."""
    quads = reader.read(EXAMPLIA)
    found = conversion.convert(quads, vocabulary(), known={"examplia": quads})
    sheets = {
        name: [dict(zip(head, row, strict=True)) for _, row in each] for name, (head, each) in found.items()
    }
    news = {"title@en": "Harbour news", "title@nl": "Havennieuws", "address": "https://news.example/"}
    more = {"terms@en": "Cited.", "terms@nl": "Geciteerd.", "language": "eu:language/ENG"}
    sheets["sources"].append({"source": "news", **news, **more, "retrieved": "2026-11-25"})
    for name, (kind, english, dutch, cells) in THINGS.items():
        labels = {"label@en": english, "label@nl": dutch}
        sheets["things"].append({"thing": name, "kind": kind, **labels, **cells})
        sheets["mentions"].append({"thing": name, **HERE})
    for name, english, dutch, value in (
        ("amount/first", "EUR 2.7 billion", "EUR 2,7 miljard", "2700000000"),
        ("amount/second", "Another EUR 2.7 billion", "Nog EUR 2,7 miljard", "2700000000"),
        ("amount/total", "EUR 5.4 billion", "EUR 5,4 miljard", "5400000000"),
    ):
        cells = {
            "type": "concept/amount-kind/growth",
            "value": value,
            "unit": "eu:currency/EUR",
            "label@en": english,
            "label@nl": dutch,
        }
        sheets["amounts"].append({"amount": name, **cells})
        sheets["mentions"].append({"thing": name, **HERE})
    labels = {"label@en": "77 % in 2022", "label@nl": "77 % gemeten in 2022"}
    cells = {"value": "77", "unit": "concept/unit/percent", "period": "2022", **labels}
    sheets["observations"].append({"observation": "observation/papers", **cells})
    labels = {"label@en": "Areas and goals", "label@nl": "Gebieden en doelen"}
    pair = {"first": "scheme/harbour-areas", "second": "goal/no-paper"}
    sheets["examined"].append({"examination": "examination/areas", **labels, **pair, **READ})
    for name, (subject, relation, value, cells) in CLAIMS.items():
        where = {} if cells.keys() & {"source", "about"} and cells.get("basis") else HERE
        claim = {"id": name, "subject": subject, "relation": relation, "object": value}
        sheets["claims"].append(claim | where | cells)
    return sheets


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What `validate` finds in tables, or in Turtle."""
    root = tmp_path_factory.mktemp("mutants")
    for folder in ("ontology", "queries"):
        (root / folder).symlink_to(SHIPPED / folder)
    checkout.settings(root)
    (root / "data").mkdir()
    shutil.copy(EXAMPLIA, root / "data")
    catalog = Catalog(root)

    def find(text):
        (root / "mutant.ttl").write_text(text, encoding="utf-8")
        results = validate(catalog, root / "mutant.ttl").results
        # The tables say no numbers by claims, which these tests are not about.
        return {(each.shape, each.focus) for each in results if each.shape != "pgs:ClaimOfValue"}

    return find


class Mutant(NamedTuple):
    name: str
    change: tuple  # arguments of Tables.change
    cells: dict[str, str]
    shape: str  # that finds it; or, in quotes, what docs/model.md says of what no machine can see


def change(name, shape, sheet, key, **cells):
    return Mutant(name, (sheet, key), cells, shape)


def claims(name, shape, key, **cells):
    return change(name, shape, "claims", key, **cells)


REGISTER = "infrastructure/harbour-register"
TURNED = "direction of a relation between two things of one kind"
DEGREE = "claim whose grounds are said to be better than they are"
MUTANTS = [
    claims("a passage is of another document", "pgs:ExternalClaim", "lies", cites="examplia-harbour"),
    change("two values of one target", "pgs:OneValue", "things", "target/papers", value="80 ++ 75"),
    claims(
        "a goal contributes to a means",
        "pgs:Signature",
        "helps",
        subject="goal/no-paper",
        object="means/papers",
    ),
    claims("two plans are turned round", TURNED, "serves", subject="plan/open-harbour", object="plan/quays"),
    claims("a plan succeeds itself", "pgs:Order", "succeeds", object="plan/open-harbour"),
    claims("an unrelated passage is cited", "passage that does not say it", "effect", at="char=299,328"),
    change("a new law is older", "pgs:Order", "things", "legislation/act-2001", adopted="2021"),
    claims(
        "an inferred claim is stated",
        DEGREE,
        "drives",
        basis="",
        curator="",
        date="",
        **{"why@en": "", "why@nl": ""},
    ),
    claims("a body is under itself", "pgs:Order", "under", object="organisation/harbour-office"),
    change("an examination of 2931", "pgs:Future", "examined", "examination/areas", date="2931-01-01"),
    change(
        "a translation is in English",
        "pgs:SameText",
        "things",
        "plan/harbour-2015",
        **{"label@nl": "~Harbour Plan of 2015-2018", "label@en": "Harbour Plan of 2015-2018"},
    ),
    change(
        "a short name is in English",
        "name that is in the wrong language",
        "things",
        "means/papers",
        **{"label@nl": "~Digital cargo papers"},
    ),
    claims("a driver drives a driver", "pgs:Signature", "drives", object="driver/larger-ships"),
    claims(
        "a plan is launched by banks",
        "pgs:Signature",
        "for",
        relation="launched by",
        subject="plan/quays",
    ),
    change(
        "at most for at least",
        "*at most* for *at least*",
        "things",
        "target/papers",
        comparator="concept/comparator/at-most",
    ),
    change("a law ended before it was adopted", "pgs:Dates", "things", "legislation/act-2001", ended="1990"),
    change("a system ended in 1990", "date that contradicts no other", "things", REGISTER, ended="1990"),
    claims("a weak claim is strong", DEGREE, "weak", basis="strong"),
]


def test_the_country_conforms_before_it_is_changed(found):
    assert found(Tables().turtle()) == set()


@pytest.mark.parametrize("mutant", sampled(MUTANTS, 3), ids=lambda mutant: mutant.name)
def test_a_mutant_is_found_by_a_shape_of_meaning_or_named_as_what_none_can_see(mutant, found):
    tables = Tables()
    tables.change(*mutant.change, **mutant.cells)
    shapes = {shape for shape, _ in found(tables.turtle())}
    text = (SHIPPED / "docs" / "model.md").read_text(encoding="utf-8")
    (unseen,) = re.findall(r"\n## What no machine can see\n(.*?)\n## ", text, re.DOTALL)
    if mutant.shape.startswith("pgs:"):
        assert mutant.shape in shapes
    else:
        assert shapes == set()
        assert mutant.shape in " ".join(unseen.split())


def test_a_weak_claim_with_a_triple_is_found(found):
    triple = f"<{MODEL}id/ex/area/quiet-quays> <{expand('pg:relatesTo')}> <{MODEL}id/ex/goal/no-paper> ."
    assert {shape for shape, _ in found(f"{Tables().turtle()}{triple}\n")} == {"pgs:TripleOfClaim"}
