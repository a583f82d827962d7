"""The fixed words are the same in each language, with its plural forms, and each is read somewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel import Locale
from checkout import SHIPPED
from command import run

import policygraph
from policygraph import i18n
from policygraph.errors import DocumentError
from policygraph.i18n import (
    LANGUAGES,
    PLURALS,
    alphabetical,
    code_name,
    format_number,
    in_each_language,
    initial,
    language_name,
    plural,
    words,
)

PACKAGE = Path(policygraph.__file__).parent
PORTS = SHIPPED / "tests" / "support" / "ports.ttl"
FILES = {path.stem: json.loads(path.read_text("utf-8")) for path in (PACKAGE / "i18n").glob("*.json")}
PLURAL = re.compile(f"(.+)_({'|'.join(PLURALS)})")


def flat(section, path=""):
    """Each text of a section by its path; the plural forms of a phrase are one, by category."""
    found = {}
    items = section.items() if isinstance(section, dict) else enumerate(section)
    for key, value in items:
        form = PLURAL.fullmatch(str(key))
        if isinstance(value, dict | list):
            found |= flat(value, f"{path}{key}.")
        elif form:
            found.setdefault(f"{path}{form[1]}", {})[form[2]] = value
        else:
            found[f"{path}{key}"] = value
    return found


def placeholders(text):
    return set(re.findall(r"\{\w+\}", text))


def test_english_comes_first():
    assert LANGUAGES[0] == "en"
    assert [*LANGUAGES[1:]] == sorted(FILES.keys() - {"en"})


@pytest.mark.parametrize("language", ["en", "da", "nb"])  # another may lack some, which is counted
def test_a_language_has_the_same_words_with_the_same_gaps(language):
    english, texts = flat(FILES["en"]), flat(FILES[language])
    # Columns of answers are English words; only other languages translate them.
    assert {key for key in texts if not key.startswith("site.columns.")} == english.keys()
    needed = Locale.parse(language).plural_form.tags | {"other"}
    for key, text in english.items():
        if isinstance(text, str):
            assert placeholders(texts[key]) == placeholders(text), key
            continue
        assert texts[key].keys() == needed, key
        gaps = placeholders(text["other"])
        assert all(placeholders(form) | {"{n}"} == gaps | {"{n}"} for form in texts[key].values()), key
        assert "{n}" in texts[key]["other"] or "{n}" not in gaps, key


def test_a_file_says_each_word_once():
    """A reader of JSON takes the last of two, so the first would be what nobody sees."""

    def once(pairs):
        assert sorted(dict(pairs)) == sorted(key for key, _ in pairs)
        return dict(pairs)

    for folder in (PACKAGE / "i18n", SHIPPED / "i18n", SHIPPED / "europe" / "i18n"):
        for path in folder.glob("*.json"):
            json.loads(path.read_text("utf-8"), object_pairs_hook=once)


@pytest.mark.parametrize("language", ["da", "nb"])
def test_the_ends_of_a_connection_are_not_called_like_a_source_or_a_position(language):
    names = FILES[language]["site"]["columns"]
    others = {FILES[language]["site"]["source"].lower(), names["document"], names["from"], names["to"]}
    assert not {names["source"], names["target"]} & others


def test_a_text_has_no_space_around_it_and_is_not_empty():
    for language in LANGUAGES:
        for key, text in flat(FILES[language]).items():
            for form in [text] if isinstance(text, str) else text.values():
                assert form, (language, key)
                assert form == " ".join(form.split()), (language, key)


def code(*folders):
    kinds = {".py", ".html", ".js", ".svg", ".txt"}
    files = [path for folder in folders for path in (PACKAGE / folder).rglob("*") if path.suffix in kinds]
    return "\n".join(path.read_text("utf-8") for path in files if not {"yasgui", "oxigraph"} & {*path.parts})


# Where the words of a section are read, and what the code calls them there.
READERS = {
    "explorer": (("explorer", "analysis", "i18n"), "texts"),
    "site": (("site", "server"), "t"),
    "resource": (("catalog", "site"), "texts"),
    "paths": (("analysis",), "t"),
    "crosswalk": (("analysis", "i18n"), "texts"),
    "measures": (("analysis", "cli"), "known"),
    "matrix": (("catalog", "site"), "texts"),
    "records": (("site", "rdf"), "records"),
    "evidence": (("authoring",), "texts"),
    "order": (("i18n",), "words"),
    "story": (("explorer", "site"), "s"),
}


@pytest.mark.parametrize("section", READERS)
def test_every_word_is_read_somewhere(section):
    folders, name = READERS[section]
    text = code(*folders)
    keys = {match[1] if (match := PLURAL.fullmatch(key)) else key for key in FILES["en"][section]}
    # All that is read, found once: to look for each key in all the code takes ten times as long.
    read = {*re.findall(rf"\b{name}\.(\w+)", text), *re.findall(r"""["']([^"'\n]+)(?=["'])""", text)}
    assert sorted(key for key in keys if {key, re.sub("_[a-z]+$", "_", key)}.isdisjoint(read)) == []


def test_every_word_of_a_measure_is_read_somewhere():
    text, measures = code("analysis", "cli"), FILES["en"]["measures"]
    keys = {key for texts in measures.values() if isinstance(texts, dict) for key in texts}
    made = re.compile(r"reading_of_(all|both)|(things|connected pairs) (in|only|alike) ?.*")  # of parts
    forms = {key: {key, key.replace(" ", "_")} for key in keys if not made.fullmatch(key)}
    assert [key for key, names in forms.items() if not any(re.search(rf"\b{x}\b", text) for x in names)] == []


@pytest.mark.parametrize("section", ["explorer", "site"])
def test_every_word_that_is_read_is_there(section):
    folders, name = READERS[section]
    text = code(folders[0])
    known = FILES["en"][section] | (FILES["en"]["resource"] if section == "site" else {})
    read = set(re.findall(rf"\b{name}\.([a-z]\w*)\b(?!\()", code(f"{folders[0]}/templates")))
    read |= set(re.findall(r"\btexts\.([a-z]\w*)\b(?!\()", text) if name == "texts" else ())
    read |= set(re.findall(rf"""\b{name}\[["'](\w+)["']\]""", text))
    counted = set(re.findall(rf"""plural\({name}, "(\w+)",""", text))
    counted |= set(re.findall(rf"""\b{name} \| plural(?:_forms)?\("(\w+)"[,)]""", text))
    assert len(read) > 50
    assert len(counted) > 5
    assert {key for key in read if key not in known} == set()
    assert {key for key in counted if f"{key}_other" not in known} == set()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["0 things", "1 thing", "2 things", "1,000 things"]),
        ("da", ["0 ting", "1 ting", "2 ting", "1.000 ting"]),
    ],
)
def test_a_phrase_fits_its_number(language, expected):
    known = words(language, "explorer")
    assert [plural(known, "things", n) for n in (0, 1, 2, 1000)] == expected
    assert plural(words(language, "site"), "used", 1) in ("used once", "brugt én gang")


def test_languages_may_have_more_plural_forms():
    polish = {
        "@language": "pl", "plan_one": "{n} plan", "plan_few": "{n} plany", "plan_many": "{n} planów",
        "plan_other": "{n} planu",
    }  # fmt: skip
    counts = [plural(polish, "plan", n) for n in (0, 1, 2, 5, 12, 22)]
    assert counts == ["0 planów", "1 plan", "2 plany", "5 planów", "12 planów", "22 plany"]
    assert plural({"@language": "pl", "plan_other": "{n}x"}, "plan", 2) == "2x", "forms that lack are `other`"


def test_the_language_is_the_nearest_that_has_a_file():
    tags = {tag: words(tag, "paths")["@language"] for tag in ("en", "da", "da-DK", "DA-dk", "kl", "", "x y")}
    assert tags == {"en": "en", "da": "da", "da-DK": "da", "DA-dk": "da", "kl": "en", "": "en", "x y": "en"}
    assert words("da-DK", "paths") == words("da", "paths")


def test_later_sections_override_earlier_ones():
    both = words("en", "explorer", "crosswalk")
    assert (both["kinds"], both["and"]) == (FILES["en"]["crosswalk"]["kinds"], FILES["en"]["explorer"]["and"])


def test_a_word_can_be_had_in_each_language():
    assert in_each_language("explorer", "search", ("nb", "en")) == {"nb": "Søk", "en": "Search"}
    known = {"en-GB": "Search"}  # and no English that is called another language
    assert in_each_language("explorer", "search", ("en-GB", "xx", "enm")) == known
    assert in_each_language("explorer", "search", ("xx",)) == {"en": "Search"}


def test_numbers_and_languages_are_written_as_people_do():
    assert [format_number(1234567, language) for language in ("en", "da")] == ["1,234,567", "1.234.567"]
    names = [
        language_name(*pair) for pair in (("da", "en"), ("en", "da"), ("fr", "da"), ("zz", "en"), ("?", "da"))
    ]
    assert names == ["Danish", "engelsk", "fransk", "zz", "?"]


def test_a_basis_keeps_the_capitals_within_its_name(monkeypatch):
    names = {"basis_names": {"external": "Andere Dokumente"}, "strength_names": {}}
    monkeypatch.setattr(i18n, "words", lambda *_: names)
    assert i18n.basis_label(("external", ""), "de") == "andere Dokumente"
    assert i18n.basis_label(("external", ""), "de", capital=True) == "Andere Dokumente"


def test_names_are_in_the_order_of_the_alphabet(monkeypatch):
    names = ["zebra", "Ål", "ære", "öl", "øre", "Å 10", "å 9", "élan", "apple", "Łódź", "Lublin", "Đak", "Dz"]
    order = {
        language: sorted(names, key=lambda name: alphabetical(name, language)) for language in ("en", "nb")
    }
    nb = "apple, Đak, Dz, élan, Łódź, Lublin, öl, zebra, ære, øre, å 9, Å 10, Ål"
    en = "å 9, Å 10, ære, Ål, apple, Đak, Dz, élan, Łódź, Lublin, öl, øre, zebra"
    monkeypatch.setattr(i18n, "words", lambda *_: {"alphabet": "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"})
    greek = ["cat", "Βήτα", "Alpha", "Άλσος", "Γάμα", "beta"]
    sort = sorted(greek, key=lambda name: alphabetical(name, "el"))
    assert sort == ["Άλσος", "Βήτα", "Γάμα", "Alpha", "beta", "cat"]
    assert order == {"en": en.split(", "), "nb": nb.split(", ")}


def test_countries_and_languages_have_names_in_each_language():
    curies = ("eu:country/FRA", "eu:language/FRA", "eu:country/XYZ", "eu:frequency/ANNUAL", "ex:country/FRA")
    assert [code_name(each, "da") for each in curies] == ["Frankrig", "fransk", "", "", ""]
    assert code_name("eu:country/DEU", "nb") == "Tyskland"


def test_a_name_is_listed_under_a_letter_of_the_alphabet():
    assert [initial(name, "da") for name in ("ære", "öl", "élan", "42", "", "Zebra")] == list("ÆOE##Z")
    assert [initial(name, "en") for name in ("ære", "Øst", "Łódź", "œuvre")] == list("AOLO")


FOURTH = """
import sys
from policygraph import Catalog
from policygraph.i18n import LANGUAGES, plural, words
from policygraph.site.site import Site

catalog = Catalog(sys.argv[1])
site = Site(catalog, catalog.load(), live=False)
print("/index.en.html" in set(site.paths()), '<html lang="pl"' in site.page("/index.html").body.decode())
page = site.page("/things.html").body.decode()
print("pl" in LANGUAGES, '<html lang="pl"' in page, "<h1>ALL THINGS BY KIND</h1>" in page)
print("/ontology.en.html" in set(site.paths()), [plural(words("pl", "site"), "used", n) for n in (1, 2, 5)])
"""


def test_a_language_is_one_file(tmp_path):
    """Polish, made up: the English words in capitals, with the plural categories that Polish has."""
    package = tmp_path / "policygraph"
    package.mkdir()
    for part in PACKAGE.iterdir():
        if part.name not in ("i18n", "__pycache__"):
            (package / part.name).symlink_to(part)
    shutil.copytree(PACKAGE / "i18n", package / "i18n")

    def made_up(value):
        if not isinstance(value, dict):
            return value.upper() if isinstance(value, str) and "{" not in value else value
        many = {
            f"{key[:-6]}_{name}": " ".join([name, *sorted({*re.findall(r"{\w+}", value[key])} - {"{n}"})])
            for key in value
            if key.endswith("_other")
            for name in ("few", "many")
        }
        return {key: made_up(each) for key, each in value.items()} | many

    (package / "i18n" / "pl.json").write_text(json.dumps(made_up(FILES["en"])), "utf-8")
    root = tmp_path / "catalog"  # which asks for it
    root.mkdir()
    for part in ("data", "ontology", "queries"):
        (root / part).symlink_to(policygraph.Catalog.find().root / part)
    (root / "catalog.toml").write_text('languages = ["pl", "en"]', "utf-8")
    said = subprocess.run(
        [sys.executable, "-c", FOURTH, root],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    assert said.splitlines() == ["True True", "True True True", "True ['USED ONCE', 'few', 'many']"]


def test_a_language_of_the_package_may_lack_words(tmp_path, monkeypatch):
    folder = shutil.copytree(PACKAGE / "i18n", tmp_path / "i18n")
    (folder / "sv.json").write_text('{"site": {"search": "Sök"}}', "utf-8")
    monkeypatch.setattr(i18n, "_FOLDER", folder)
    monkeypatch.setattr(i18n, "LANGUAGES", (*LANGUAGES, "sv"))
    try:
        own, lacks = words("sv", "site")["search"], words("sv", "measures")
        assert (own, lacks["recipe"]) == ("Sök", words("en", "measures")["recipe"])
        assert i18n.lacking(i18n.template("sv"), "sv")[0] > 100
    finally:
        i18n._own.cache_clear()
        i18n._read.cache_clear()


def test_a_catalogue_may_word_a_page_of_a_language_that_is_there_otherwise(tmp_path):
    """And the package's own catalogue, which is opened for its questions, has no other words for that."""
    (tmp_path / "i18n").mkdir()
    (tmp_path / "data").mkdir()
    shutil.copy(PORTS, tmp_path / "data")
    (tmp_path / "i18n" / "da.json").write_text('{"site": {"search": "Led"}}', "utf-8")
    (tmp_path / "catalog.toml").write_text(
        'base = "https://data.ports.example/"\nlanguages = ["da"]\n', "utf-8"
    )
    (page,) = in_its_own(tmp_path, SHOW + 'catalog.saved("evidence")\n', "/index.html").split(
        "<!doctype html>"
    )[1:]
    assert "Led" in page


WORDS = {
    "site": {
        "search": {"en": "Search", "ar": "بحث"},
        "things": "أشياء",
        "serch": "x",
        "tags": {"trial": "تجارب"},
        "about_other": "",
    },
    "explorer": {"things_two": {"en": "{n} things", "ar": "شيئان"}},
    "questions": {"ports": {"en": "Which ports are there?", "ar": "ما هي الموانئ؟"}},
}


@pytest.fixture
def arabic(tmp_path):
    """A catalogue whose first language is not in the package, with some of its words."""
    root = tmp_path / "ports"
    for name, file, text in (
        (".", "catalog.toml", 'base = "https://data.ports.example/"\nlanguages = ["ar", "en"]\n'),
        ("data", "ports.ttl", PORTS.read_text("utf-8")),
        (
            "queries",
            "ports.rq",
            "#+ summary: Which ports are there?\n#+ tags: [trial]\nSELECT ?s { ?s a org:Site }",
        ),
        ("i18n", "ar.json", json.dumps(WORDS)),
    ):
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / file).write_text(text, "utf-8")
    return root


def in_its_own(root, code, *arguments):
    """Run code in a process of its own, since languages are those of a process."""
    command = [sys.executable, "-c", code, str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


SHOW = """
import sys
from policygraph.catalog.catalog import Catalog
from policygraph.site.site import Site
catalog = Catalog(sys.argv[1])
site = Site(catalog, catalog.load(), live=False)
print(*(site.page(path).body.decode() for path in sys.argv[2:]))
"""


def test_a_language_beside_the_settings_is_in_its_words_and_its_direction_and_else_in_english(arabic):
    paths = ("/index.html", "/index.en.html", "/query.html")
    page, other, asked = in_its_own(arabic, SHOW, *paths).split("<!doctype html>")[1:]
    assert ">تجارب</h2>" in asked
    assert '<html lang="ar" dir="rtl">' in page
    assert ">بحث</button>" in page
    assert '<a href="things.html">أشياء</a>' in page
    assert '<span lang="en" dir="ltr">What is in it</span>' in page
    assert 'aria-label="Sections"' in page  # an attribute has no place for a language
    assert '<a href="query/ports.html"><span>ما هي الموانئ؟</span>' in page
    assert '<a href="index.en.html" lang="en" dir="auto" hreflang="en">English</a>' in page
    assert '<html lang="en" dir="ltr">' in other
    assert "Which ports are there?" in other
    assert not re.search(r"[\ue000\ue001]|ue00[01]", page + other)
    for element in re.findall(r"<[a-z]+ [^>]*\blang=[^>]*>", page):
        assert " dir=" in element or element.startswith("<link"), element


def test_a_language_of_a_region_or_a_script_is_its_own_however_its_tag_is_written(arabic):
    (arabic / "i18n" / "ar.json").rename(arabic / "i18n" / "pt-BR.json")
    texts = {"search": {"en": "Search", "zh-Hant": "搜尋"}}
    (arabic / "i18n" / "zh-Hant.json").write_text(json.dumps({"site": texts}), "utf-8")
    (arabic / "queries" / "ports.rq").write_text(
        "#+ summary: 哪些港口?\n#+ pt-BR: Que portos?\nSELECT ?s { ?s a org:Site }", "utf-8"
    )
    settings = arabic / "catalog.toml"
    title = 'languages = ["zh-Hant", "pt-BR"]\ntitle = { zh-Hant = "港口", pt-BR = "Portos" }\n'
    settings.write_text(settings.read_text("utf-8").partition("languages")[0] + title, "utf-8")
    with (arabic / "data" / "ports.ttl").open("a", encoding="utf-8") as data:
        data.write('\n<port/north> dct:title "北港"@zh-Hant .\n')
    code = SHOW + 'catalog.ask("ports", language="pt-BR")\n'  # in which nothing has a label
    first, names, other = in_its_own(arabic, code, "/query.html", "/names.html", "/query.pt-br.html").split(
        "<!doctype html>"
    )[1:]
    assert '<html lang="zh-hant" dir="ltr">' in first
    assert ">搜尋</button>" in first
    assert 'height="28">港口</a>' in first
    assert 'hreflang="pt-br">Português (Brasil)</a>' in first
    assert "<span>哪些港口?</span>" in first
    assert "<bdi>北港</bdi></a>" in names
    assert 'lang="zh-hant"' not in names.partition("<body")[2]
    assert "<span>Que portos?</span>" in other
    assert 'height="28">Portos</a>' in other


def test_each_page_marks_what_is_in_english_and_is_well_formed(arabic, tmp_path):
    from lxml import etree

    paths = (
        "/things.html",
        "/catalog.html",
        "/names.html",
        "/query.html",
        "/query/ports.html",
        "/port/north.html",
    )
    for page in in_its_own(arabic, SHOW, *paths).split("<!doctype html>")[1:]:
        etree.HTML(page, etree.HTMLParser(recover=False))
        assert page.count("<span") == page.count("</span>")
        assert '<span lang="en" dir="ltr">' in page


def test_the_words_that_are_written_stand_beside_the_english_and_are_counted(tmp_path):
    path = tmp_path / "i18n" / "pl.json"
    assert "texts are still in English" in run("words", "pl", "-o", path).stderr
    texts = json.loads(path.read_text("utf-8"))
    assert texts["site"]["search"] == {"en": words("en", "site")["search"], "pl": ""}
    forms = {key for key in texts["explorer"] if key.startswith("things_")}
    assert forms == {f"things_{form}" for form in ("one", "few", "many", "other")}
    texts["site"]["search"]["pl"] = "Szukaj"
    texts["site"]["serch"], texts["sites"] = "Szukać", {"own": {"en": "Mine", "pl": "Moje"}}
    texts["site"]["tags"]["trial"] = "Próby"
    (tmp_path / "queries").mkdir()
    own = tmp_path / "queries" / "own.rq"
    own.write_text("#+ summary: Own\n#+ tags: [trial, test]\nSELECT ?mine { ?mine ?p ?o }", "utf-8")
    path.write_text(json.dumps(texts), "utf-8")
    command = [sys.executable, "-m", "policygraph", "words", "pl", "-o", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "No page has these texts, which stay: site.serch, sites.own." in done.stderr
    site = json.loads(path.read_text("utf-8"))["site"]
    assert (site["search"]["pl"], site["serch"]["pl"]) == ("Szukaj", "Szukać")
    assert site["tags"]["trial"] == {"en": "trial", "pl": "Próby"}
    assert site["tags"]["test"] == {"en": "test", "pl": ""}
    assert site["columns"]["mine"] == {"en": "mine", "pl": ""}
    assert "is no language" in run("words", "qqq").stderr


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("de.json", "\ufeff{", r"de\.json: This is no file of words: Expecting property name"),
        (
            "de.json",
            '{"site": {"search": "Suche", "home": "Start", "search": "Suchen"}}',
            r"de\.json: This is no file of words: 'search' stands twice in one object\.",
        ),
        ("klingon.json", "{}", r"klingon\.json: Its name is no language that the Unicode CLDR knows"),
        (
            "de.json",
            '{"resource": {"contested": "Bestritten"}}',
            r"de\.json: resource\.contested: .* differ in \{claim\}\.",
        ),
    ],
)
def test_a_file_of_words_with_a_fault_is_named(name, text, what, arabic):
    (arabic / "i18n" / name).write_text(text, "utf-8")
    command = [sys.executable, "-m", "policygraph", "--catalog", str(arabic), "queries"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert re.search(what, done.stderr), done.stderr


def test_what_a_file_of_words_is_to_be_is_told(tmp_path):
    path = tmp_path / "de.json"
    for text, what in (
        ('{"site": ["x"]}', r"words: site is to be a section, an object of texts, as in \{"),
        ('{"site": {"search": 5}}', r"words: site\.search is to be a text, or a list where"),
        ('{"a": ' * 900 + "1" + "}" * 900, r"words: a\.a\.a\.a\.a is to be a text"),
        ('{"a": ' * 9_000 + "1" + "}" * 9_000, r"words: nesting is too deep\."),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(DocumentError, match=what):
            i18n.of_questions(tmp_path, "questions")
    path.write_bytes(b'{\n\xe4"site": {"search": ""}}')
    with pytest.raises(DocumentError, match=r"words: its line 2 is not UTF-8\."):
        i18n.of_questions(tmp_path, "questions")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(DocumentError, match="words: it is a pipe, a device or a folder"):
        i18n.of_questions(tmp_path, "questions")


BOTH = """
import sys
from pathlib import Path
from policygraph.catalog.catalog import Catalog
from policygraph.errors import DocumentError
from policygraph.i18n import languages, words
one, other = (Catalog(Path(sys.argv[1]) / name) for name in ("one", "other"))
print(one.queries["ports"].title("da")[0], other.queries["ports"].title("da")[0], sep="|")
print(words("da", "site")["columns"]["country"], words("da", "site")["columns"]["harbour"])
try:
    Catalog(Path(sys.argv[1]) / "third")
except DocumentError as error:
    print(error)
try:
    Catalog(Path(sys.argv[1]) / "bad")
except DocumentError:
    print(*languages())
"""


def test_a_catalogue_keeps_its_words_to_itself(arabic, tmp_path):
    """Titles are its own; a faulty file leaves nothing; other words for one language are refused."""
    words = {"site": {"columns": {"harbour": "Havn"}}}
    files = {
        "one": ("da", {**words, "questions": {"ports": "Hvilke havne?"}}),
        "other": ("da", words),
        "third": ("da", {"site": {"search": "Find"}}),
        "bad": ("fi", []),
    }
    for name, (tag, sections) in files.items():
        shutil.copytree(arabic, tmp_path / name)
        (tmp_path / name / "i18n" / "ar.json").unlink()
        (tmp_path / name / "catalog.toml").write_text('base = "https://data.ports.example/"\n', "utf-8")
        (tmp_path / name / "i18n" / f"{tag}.json").write_text(json.dumps(sections), "utf-8")
    said = in_its_own(tmp_path, BOTH).splitlines()
    assert said[0] == "Hvilke havne?|Which ports are there?"
    assert said[1] == "land Havn"
    assert "has other words for 'da' already" in said[2]
    assert said[3] == "en da nb"


OPENED = """
import sys
from pathlib import Path
from policygraph.catalog.catalog import Catalog
from policygraph.errors import PolicyGraphError
from policygraph.i18n import words
for name in sys.argv[2:]:
    try:
        Catalog(Path(sys.argv[1]) / name)
        print(words("da", "site")["search"])
    except PolicyGraphError as error:
        print(error)
"""


def test_no_catalogue_speaks_in_the_words_of_another_whichever_is_opened_first(arabic, tmp_path):
    (arabic / "i18n" / "ar.json").unlink()
    for name, tag in (("plain", "da"), ("worded", "da"), ("alone", "ar")):
        shutil.copytree(arabic, tmp_path / name)
        (tmp_path / name / "catalog.toml").write_text(
            f'base = "https://data.ports.example/"\nlanguages = ["{tag}"]\n', "utf-8"
        )
    (tmp_path / "worded" / "i18n" / "da.json").write_text('{"site": {"search": "Led"}}', "utf-8")
    (tmp_path / "worded" / "i18n" / "ar.json").write_text(json.dumps(WORDS), "utf-8")
    said = in_its_own(tmp_path, OPENED, "worded", "plain", "worded").splitlines()
    assert said[::2] == ["Led", "Led"]
    assert f"other words for 'da' already, those of {tmp_path / 'worded'};" in said[1]
    said = in_its_own(tmp_path, OPENED, "plain", "worded", "plain").splitlines()
    assert said[::2] == ["Søg", "Søg"]
    assert f"other words for 'da' already, those of {tmp_path / 'plain'};" in said[1]
    (tmp_path / "worded" / "i18n" / "da.json").unlink()
    said = in_its_own(tmp_path, OPENED, "worded", "alone", "plain").splitlines()
    assert "has 'ar', a language without words for pages; there are en, da, nb" in said[1]
    assert said[::2] == ["Søg", "Søg"]


def test_a_catalogue_that_is_refused_leaves_none_of_its_words(arabic, tmp_path):
    given = {"one": {"da": "Led"}, "refused": {"ar": "x", "da": "Find"}, "other": {"ar": "y", "da": "Led"}}
    for name, texts in given.items():
        shutil.copytree(arabic, tmp_path / name)
        (tmp_path / name / "i18n" / "ar.json").unlink()
        (tmp_path / name / "catalog.toml").write_text(
            'base = "https://data.ports.example/"\nlanguages = ["da"]\n', "utf-8"
        )
        for tag, text in texts.items():
            file = tmp_path / name / "i18n" / f"{tag}.json"
            file.write_text(json.dumps({"site": {"search": text}}), "utf-8")
    said = in_its_own(tmp_path, OPENED, *given).splitlines()
    assert (said[0], said[2]) == ("Led", "Led")
    assert "other words for 'da' already" in said[1]


FAULTY = """
import sys
from pathlib import Path
from policygraph import i18n
from policygraph.errors import DocumentError
from policygraph.errors import PolicyGraphError
file = Path(sys.argv[1]) / "i18n" / "ar.json"
i18n.add(file.parent)
before = i18n.words("ar", "site")["search"]
file.write_text(sys.argv[2], "utf-8")
try:
    i18n.add(file.parent)
except PolicyGraphError as error:
    print(error, i18n.words("ar", "site")["search"] == before, sep="\\n")
"""


def test_a_faulty_edit_leaves_the_words_of_before(arabic):
    wrong = json.dumps({**WORDS, "site": {**WORDS["site"], "search": "{wrong}"}})
    *_, same = in_its_own(arabic, FAULTY, wrong).splitlines()
    assert same == "True"


def test_without_words_a_language_is_refused_and_how_to_write_them_is_said(arabic):
    settings = arabic / "catalog.toml"
    settings.write_text(settings.read_text("utf-8").replace('"ar"', '"fi"'), "utf-8")
    done = run("--catalog", arabic, "queries")
    assert done.returncode == 2
    assert "Write those of another: policygraph words TAG -o i18n/TAG.json." in done.stderr


GERMAN = {
    "i18n/de.json": {
        "measures": {
            "recipe": {"en": "Recipe: {entries}.", "de": "Rezept: {entries}."},
            "names": {"network": "Netz", "cut point": "Schnittpunkt"},
            "bridges": {"asks": "Was hält die Teile zusammen?", "reading": "Ohne einen Schnittpunkt …"},
        },
        "questions": {"plans-in-force": "Welche Pläne galten in einem Jahr?"},
        "findings": {"plans-in-force": "Pläne bis {year}: {rows}, ohne Datum {plans-undated}"},
    },
    "ontology/labels.de.ttl": """
@prefix pg: <https://w3id.org/policygraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
pg:Goal rdfs:label "Ziel"@de . pg:Plan rdfs:label "Vorhaben"@de .
""",
}
SPEAK = """
import sys
from policygraph import Catalog, analyse, network
from policygraph.analysis.measures import format_measures
from policygraph.site.site import Site
catalog = Catalog(sys.argv[1])
print("Was hält die Teile zusammen?" in format_measures("de"), "What holds" in format_measures("de"))
table = analyse("bridges", catalog, language="de")
print("Schnittpunkt " in str(table), table.reading, "Rezept: Netz: network; " in table.recipe_text)
print({row[0] for row in table.rows} <= {"cut point", "bridge", "broker"})
answer = catalog.ask("plans-in-force", language="de", year="2022")
print(catalog.queries["plans-in-force"].title("de")[0], answer.finding)
kinds = {kind for _, kind in network(catalog, language="de").nodes(data="kind")}
print("Vorhaben" in kinds, "Plan" in kinds, catalog.find_resource("Vorhaben"))
site = Site(catalog, catalog.load(), live=False)
page = site.page("/query/plans-in-force.de.html").body.decode()
print("Welche Pläne galten in einem Jahr?" in page, 'lang="de"' in page)
print("Vorhaben" in site.page("/things.de.html").body.decode())
"""


@pytest.fixture
def german(tmp_path):
    """A catalogue with the shipped questions, to which nothing but files is added."""
    root = tmp_path / "german"
    for folder in ("i18n", "queries"):
        shutil.copytree(SHIPPED / folder, root / folder)
    (root / "data").mkdir()
    (root / "data" / "examplia.ttl").symlink_to(SHIPPED / "tests" / "support" / "examplia.ttl")
    settings = (SHIPPED / "catalog.toml").read_text("utf-8").replace('"nb"]', '"nb", "de"]')
    (root / "catalog.toml").write_text(settings, "utf-8")
    for name, content in GERMAN.items():
        text = content if isinstance(content, str) else json.dumps(content)
        assert not (root / name).exists()
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def test_a_language_of_measures_findings_questions_and_terms_is_new_files_only(german):
    said = in_its_own(german, SPEAK).splitlines()
    assert said == [
        "True False",
        "True Ohne einen Schnittpunkt … True",
        "True",
        "Welche Pläne galten in einem Jahr? Pläne bis 2022: 1, ohne Datum 0",
        "True False https://w3id.org/policygraph/ontology#Plan",
        "True True",
        "True",
    ]


def test_what_a_language_lacks_is_counted_with_questions_and_terms(german):
    lacks = r"([\d,]+) of ([\d,]+) texts are still in English\.\n([\d,]+) terms of the ontology have no label"
    counted = []
    for left_out in ("", "i18n/de.json", "ontology/labels.de.ttl"):
        (german / left_out).unlink() if left_out else None
        command = [sys.executable, "-m", "policygraph", "--catalog", str(german), "words", "de"]
        settings = german / "catalog.toml"
        settings.write_text(settings.read_text("utf-8").replace(', "de"]', "]"), "utf-8")
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        counted.append([int(n.replace(",", "")) for n in re.search(lacks, done.stderr).groups()])
        known = json.loads(done.stdout)
        assert known["findings"]["plans-in-force"]["en"].startswith("Plans by country, begun by {year}")
    (some, every, terms), (none, same, still), (_, _, all_terms) = counted
    assert (none, every, still) == (same, same, terms)
    assert every - some == 7
    assert all_terms - terms == 2


def test_a_finding_with_another_column_than_in_the_header_is_refused(german):
    texts = {"findings": {"plans-in-force": "Pläne: {zeilen}"}}
    (german / "i18n" / "de.json").write_text(json.dumps(texts), "utf-8")
    command = [sys.executable, "-m", "policygraph", "--catalog", str(german), "query", "plans-in-force"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert (
        "the header of 'plans-in-force' has no finding with the same columns as that in i18n/de.json."
        in done.stderr
    )
