"""A resource is described once: its statements, and the claims behind each, whoever asks."""

import re

import pytest
from pyoxigraph import Literal, NamedNode

from policygraph import Catalog, network
from policygraph.catalog.labels import Labels
from policygraph.catalog.resource import Absences, Description, Passage, Resource
from policygraph.errors import QueryError, ResourceError
from policygraph.rdf.diff import difference
from policygraph.rdf.namespaces import MODEL as BASE, expand
from policygraph.rdf.reader import parse, read
from policygraph.site.site import Site
from policygraph.store.protocols import Store
from policygraph.store.sparql import tokens

NEMID = BASE + "id/dk/initiative/nemid"


@pytest.fixture(scope="module")
def catalog():
    return Catalog.find()


def text(catalog, resource, language="en", *, store=None, **how):
    labels = Labels(store or catalog.store, resource.named)
    return Description(resource, Absences.of([]), labels, language, None).text(**how).partition("\n\n")[2]


def test_a_claim_has_its_ends_its_basis_and_its_passages_in_order(catalog):
    (claim,) = catalog.claims("NemID", object="Increased public-private")
    assert claim.subject == NEMID
    assert claim.object.value == BASE + "id/dk/area/public-private-cooperation"
    assert (claim.basis, claim.strength) == (expand("pgc:basis/inferred"), expand("pgc:strength/strong"))
    assert claim.relation == expand("pg:exemplifies")
    assert claim.rationale.value.startswith("Developed with the banks")
    assert claim.curator == "https://w3id.org/policygraph/agent/policygraph"
    assert claim.created == "2026-11-25"
    assert claim.contested == ()
    assert [str(passage).partition(" (")[2] for passage in claim.passages] == [
        "char=174,302): “developed in … Danish banks”",
        "char=423,462): “access both … private services”",
    ]


def test_an_inward_statement_has_the_other_end_as_subject_of_its_claim(catalog):
    claims = catalog.claims(object="NemID")
    assert {claim.object.value for claim in claims} == {NEMID}
    assert NEMID not in {claim.subject for claim in claims}
    assert {*claims} <= {*catalog.describe("NemID").claims}


def test_claims_without_parts_are_all_claims_each_once(catalog):
    every = catalog.claims()
    number = sum(1 for _ in catalog.store.query("SELECT ?c { ?c rdf:subject ?s }"))
    assert number > 200
    assert len({claim.iri for claim in every}) == len(every) == number


@pytest.mark.parametrize(
    "parts",
    [
        {"subject": "NemID"},
        {"relation": "pg:developedWith"},
        {"basis": "external"},
        {"subject": "NemID", "basis": "Inferred"},
        {"subject": "MitID", "relation": "succeeds", "object": "NemID"},
    ],
)
def test_claims_are_those_of_all_that_have_these_parts(catalog, parts):
    wanted = {part: catalog.describe(name).iri for part, name in parts.items()}
    found = catalog.claims(**parts)
    assert found
    assert found == [
        claim
        for claim in catalog.claims()
        if all(getattr(value := getattr(claim, part), "value", value) == iri for part, iri in wanted.items())
    ]


def test_rationales_are_in_the_language(catalog):
    name = "pgid:dk/plan/jobs-and-growth-towards-2020"
    for language, wanted in (("da", "da"), ("nb", "en"), (None, "en")):
        (claim,) = catalog.claims(subject=name, relation="skos:altLabel", language=language)
        assert claim.rationale.language == wanted
        assert claim.object == Literal("Vækstplan DK", language="da")


def test_claims_that_contradict_each_other_name_each_other(catalog):
    target = "pgid:dk/target/digital-written-communication-2015"
    claims = [claim for claim in catalog.claims(target, relation="pg:population") if claim.contested]
    by_iri = {claim.iri: claim for claim in claims}
    assert claims
    assert all(claim.iri in by_iri[other].contested for claim in claims for other in claim.contested)
    pairs = sum(len(claim.contested) for claim in claims)
    assert catalog.describe(target).text().count("    Contested: ") == pairs


def test_a_triple_term_is_shown_as_its_text(small_catalog):
    data = small_catalog.root / "data" / "said.ttl"
    data.write_text(
        "@base <https://w3id.org/policygraph/> . @prefix t: <https://example.org/terms#> .\n"
        '<id/xy/a> t:cost 5 ~ <id/xy/claim> {| t:by "x" |} ; t:says <<( <id/xy/b> t:of 1 )>> , <id/xy/b> .',
        encoding="utf-8",
    )
    catalog = Catalog(small_catalog.root)
    for name, part in (("claim", f"<<( <{BASE}id/xy/a> <"), ("a", f"<<( <{BASE}id/xy/b> <")):
        about = catalog.describe(f"{BASE}id/xy/{name}")
        assert f": {part}" in about.text()
        assert part in str(about.resource.groups(outward=True, links=False))  # as pages take them


def test_the_documents_of_its_passages_are_named(catalog):
    address = catalog.claims("NemID", relation="pg:developedWith")[0].passages[0].page
    text = catalog.describe("NemID").text()
    assert text.count(f"\nThe passages stand in:\n    {address}\n") == text.count(address) == 1


def test_what_is_not_there_is_not_stated_examined_or_not_examined(catalog):
    assert catalog.describe("NemID").text().endswith("\n\nNot stated: in operation since\n")
    area = catalog.describe("pgid:dk/area/service-minded-public-sector")
    ((date, examined),) = area.absences.examined.items()
    assert date == "2026-11-28"
    assert {*examined} == {
        row["member"] for row in catalog.ask("members", group="pgid:dk/scheme/digital-welfare-areas").rows
    }
    assert "\nExamined on 2026-11-28, none found: " in area.text()
    assert "\nGennemgået den 2026-11-28, ingen fundet: " in catalog.describe(area.iri, language="da").text()


def test_what_no_statement_is_about_is_an_error(catalog):
    with pytest.raises(ResourceError, match="no statement about pgid:dk/none; check"):
        catalog.describe("pgid:dk/none")
    for name in ("pgid:dk/none", "http://nope/"):
        with pytest.raises(ResourceError, match=f"no statement about {name}; check"):
            catalog.absences(name)
        with pytest.raises(ResourceError, match=f"no statement about {name}; check"):
            catalog.claims(object=name)
    assert not catalog.absences(NamedNode("http://nope/")).named
    with pytest.raises(ResourceError, match="NemID"):
        catalog.claims(subject="NemDI")
    with pytest.raises(ResourceError, match="NemID"):
        catalog.absences("NemDI")
    with pytest.raises(QueryError, match="nothing here has a label in the language 'xx'"):
        catalog.claims("NemID", language="xx")


def test_what_is_not_there_is_found_by_any_name(catalog):
    found = catalog.describe("NemID").absences
    assert found.properties
    for name in ("NemID", "pgid:dk/initiative/nemid", NEMID, f"<{NEMID}>", NamedNode(NEMID)):
        assert catalog.absences(name) == found, name
    assert catalog.absences("Denmark") == Absences((), {}, ()), "nothing lacks"


def test_resources_keep_their_order_and_the_unknown_is_empty(catalog):
    iris = [NEMID, BASE + "id/dk/none", expand("pg:Plan")]
    found = catalog.resources(iris)
    assert [each.iri for each in found] == iris
    assert [bool(each) for each in found] == [True, False, True]
    assert found[0].statements == catalog.describe("NemID").statements
    again = catalog.resources(["pgid:dk/initiative/nemid", "pgid:dk/none", NEMID, NEMID])
    assert [each.iri for each in again] == [NEMID, iris[1], NEMID, NEMID]
    assert {each.statements for each in again} == {found[0].statements, ()}


def test_the_labels_of_some_resources_are_those_among_all(catalog):
    every = Labels(catalog.store)
    for iri in (NEMID, "https://w3id.org/policygraph/ontology"):
        (resource,) = catalog.resources([iri])
        some = Labels(catalog.store, resource.named)
        for language in ("en", "da", "de"):
            for each in resource.named:
                assert some.of(each, language) == every.of(each, language), each


def test_a_text_has_a_line_for_each_end_and_fits_its_width(catalog):
    resource = catalog.describe("NemID").resource
    lines = text(catalog, resource).splitlines()
    assert sum(line.startswith("→ name: NemID") for line in lines) == 1
    ends = [line for line in lines if line.startswith(("→", "←"))]
    assert len(ends) == len({*ends})
    start = lines.index("← succeeds: MitID")
    assert any(line.startswith("    NemID Digital Signature and MitID (char=") for line in lines[start:])
    assert max(map(len, text(catalog, resource, width=60).splitlines())) <= 60
    assert "→ uses technology: Digital signature\n    Stated\n" in text(catalog, resource)
    assert "→ bruger teknologi: " in text(catalog, resource, "da")
    assert "Inferred, Strong: " in text(catalog, resource, "de")  # English where there is nothing nearer


def test_a_text_has_no_control_characters_and_names_blank_nodes(tmp_path, catalog):
    file = tmp_path / "odd.ttl"
    file.write_text('<urn:a> <urn:p> _:node , "A \\u001B[31mname\\nand more" .')
    store = catalog.load(files=[file])
    resource = catalog.describe("<urn:a>", store=store).resource
    lines = text(catalog, resource, store=store).splitlines()
    assert lines[0] == "→ urn:p: A [31mname and more"
    assert lines[1].startswith("→ urn:p: _:")


def test_what_blank_nodes_say_of_a_thing_is_told(tmp_path, catalog):
    file = tmp_path / "members.ttl"
    file.write_text(
        "@prefix o: <urn:o:> . o:ann o:name 'Ann' ; o:at [ o:city 'Assen' ] . o:list o:of ( o:ann ) . "
        "[] o:member o:ann ; o:role o:chair . o:agency o:has [ o:member o:ann ; o:role o:chair ] . "
        "_:a o:knows _:b , o:ann . _:b o:knows _:a ."
    )
    lines = catalog.describe("<urn:o:ann>", store=catalog.load(files=[file])).text().splitlines()
    assert lines[2:] == [
        "→ urn:o:at: [→ urn:o:city: Assen]",
        "→ urn:o:name: Ann",
        "← urn:o:knows: [→ urn:o:knows: […]]",
        "← urn:o:member: [→ urn:o:role: urn:o:chair; ← urn:o:has: urn:o:agency]",
        "← urn:o:member: [→ urn:o:role: urn:o:chair]",
    ]


def test_what_is_called_alike_is_told_apart_with_the_claims_of_each(tmp_path, catalog):
    file = tmp_path / "alike.ttl"
    head = "@prefix pg: <https://w3id.org/policygraph/ontology#> . @prefix b: <concept/basis/> ."
    claims = "".join(
        f"<urn:c:{number}> a pg:Claim ; pg:basis b:{basis} ; rdf:subject {one} ; rdf:predicate <urn:p> ;"
        f" rdf:object {two} . {one} <urn:p> {two} .\n"
        for number, basis, one, two in (
            (1, "stated", "<urn:a>", "<urn:x>"),
            (2, "external", "<urn:b>", "<urn:x>"),
            (3, "stated", "<urn:x>", "1"),
            (4, "external", "<urn:x>", '"1"@en'),
        )
    )
    names = '<urn:a> rdfs:label "Alike"@en . <urn:b> rdfs:label "Alike"@en . <urn:x> <urn:p> "1" , "1"@da .'
    spaces = "".join(f"@prefix {each}: <{expand(each + ':')}> . " for each in ("rdf", "rdfs"))
    file.write_text(f"@base <{BASE}> . {head} {spaces} {names} {claims}", encoding="utf-8")
    lines = catalog.describe("<urn:x>", store=catalog.load(files=file)).text().splitlines()
    assert lines[2:] == [
        "→ urn:p: 1",
        "→ urn:p: 1 (en)",
        "    External",
        "→ urn:p: 1 (xsd:integer)",
        "    Stated",
        "← urn:p: Alike (urn:a)",
        "    Stated",
        "← urn:p: Alike (urn:b)",
        "    External",
    ]


def test_it_asks_only_for_what_it_shows(catalog):
    class Counting(Store):
        def __init__(self):
            self.asked = []

        def query(self, query):
            self.asked.append(query)
            return catalog.store.query(query)

    store = Counting()
    catalog.describe("pgid:dk/initiative/nemid", store=store)
    assert len(store.asked) == 5
    assert all(any(token[0] == "VALUES" for token in tokens(asked)) for asked in store.asked)


def test_a_passage_without_a_heading_is_its_position_or_its_name(examplia, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "catalog.toml").symlink_to(examplia.root / "catalog.toml")
    data = examplia.datasets["examplia"].path.read_text(encoding="utf-8")
    data = re.sub(r"pg:section [^;.]*([;.])", r"\1", data)
    data += "<id/ex/claim/zijhk5vq> pg:passage <source/examplia-harbour#x> .\n"
    data += "<source/examplia-harbour#x> a pg:Passage ; pg:isPassageOf <source/examplia-harbour> .\n"
    assert "pg:section" not in data
    (tmp_path / "data" / "examplia.ttl").write_text(data, encoding="utf-8")
    catalog = Catalog(tmp_path)
    (claim,) = catalog.claims("Harbour Register", relation="enables")
    passages = sorted(map(str, claim.passages))
    assert passages == [
        "(char=250,297): “Paperless customs … Harbour Register”",
        "examplia-harbour#x",
    ]
    assert "\n    (char=250,297): “" in catalog.describe("Harbour Register").text()
    told = [data["passages"] for *_, data in network(catalog).edges(data=True) if data["claim"] == claim.iri]
    assert told == [passages[0]]
    site = Site(catalog, catalog.store, live=False)
    page = site.page("/doc/ex/infrastructure/harbour-register.html").body.decode()
    assert ">characters 250 to 297</a>" in page


THING = "https://x.example/id/a"


def row(name, value):
    return {"source": NamedNode(THING), "property": NamedNode(expand(name)), "target": value} | dict.fromkeys(
        ("claim", "passage")
    )


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_second_description_is_a_fact(language):
    found = [
        row("skos:definition", Literal("First.", language="en")),
        row("skos:definition", Literal("Første.", language="da")),
        row("dct:description", Literal("Second.", language="en")),
        row("skos:prefLabel", Literal("Second.", language="en")),
    ]
    groups = Resource(THING, found, language).groups(outward=True, links=False)
    assert [*groups] == [expand("dct:description")]
    assert [each.other.value for each in groups[expand("dct:description")]] == ["Second."]


def test_only_a_web_address_becomes_a_link():
    names = ("section", "from", "to", "words")
    for page, link in (("javascript:alert(1)", ""), ("https://x.example/a", "https://x.example/a")):
        given = {"passage": NamedNode(THING), "page": NamedNode(page)} | dict.fromkeys(names)
        assert Passage.of(given).link == link


def test_a_document_has_what_is_said_of_the_blank_nodes_of_a_thing_at_any_depth(tmp_path):
    (tmp_path / "catalog.toml").write_text('base = "https://example.org/"')
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.ttl").write_text(
        "@prefix e: <https://example.org/id/> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
        f'e:a e:steps ( "one" "two" "three" ( "four" ) ) ; e:nested {"[ e:in " * 9}1{" ]" * 9} ; '
        "e:ring _:r . _:r e:ring _:r . [] rdf:subject e:a ; e:because [ e:says [ e:quotes 2 , [] ] ] ."
    )
    site = Site(catalog := Catalog(tmp_path), catalog.load())
    document = parse(site.page("/doc/a.nt").body, name="a.nt")
    assert not difference(read(tmp_path / "data/a.ttl"), document).removed
