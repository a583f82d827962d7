"""Files of any size, read in batches, packed too: the same quads, limits and sentences as read at once."""

from __future__ import annotations

import gzip
import subprocess
import sys

import pyoxigraph
import pytest
import zstandard

from policygraph.errors import DocumentError
from policygraph.rdf.reader import SUFFIXES, Stream, read

TURTLE = """@prefix e: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
e:a e:of [ e:is "blank" ] ; e:list ( 1 2.50 "x"@da ) ; e:year "2014"^^xsd:gYear .
e:b e:name "Ærø 🙂" , "" ; e:of e:a .
"""
WRONG = b'<a:s> <a:p> "x"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
DEEP = "<a:s> <a:p> " + "<<( <a:s> <a:p> " * 300 + "<a:o>" + " )>>" * 300 + " .\n"
MANY = b"".join(b"<a:%d> <a:p> <a:o> .\n" % number for number in range(20_000))
PACKERS = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,  # as the command writes it
}


@pytest.fixture
def file(tmp_path):
    """Writes a file, packed as its suffix says."""

    def write(name, content):
        packer = next((PACKERS[each] for each in (".gz", ".zst") if name.endswith(each)), bytes)
        path = tmp_path / name
        path.write_bytes(packer(content))
        return path

    return write


def streamed(path, size=2):
    return [quad for batch in Stream(path).batches(size) for quad in batch]


def canonical(quads):
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
    return sorted(map(str, dataset))


def refused(path):
    """The sentence without the name of the file, which it begins with."""
    with pytest.raises(DocumentError) as caught:
        streamed(path)
    assert str(caught.value).startswith(f"{path}:")
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{path}:").strip()


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_stream_has_the_quads_of_a_file_read_at_once(file, suffix, packed):
    quads = [*pyoxigraph.parse(TURTLE, format=pyoxigraph.RdfFormat.TURTLE)]
    data = pyoxigraph.serialize(quads, format=SUFFIXES[suffix])
    expected = canonical(read(file(f"plain{suffix}", data)))
    assert canonical(streamed(file(f"data{suffix}{packed}", data))) == expected == canonical(quads)


def test_batches_have_their_size_and_prefixes_are_those_declared_so_far(file):
    stream = Stream(file("data.ttl", TURTLE.encode()))
    assert [len(batch) for batch in stream.batches(4)] == [4, 4, 4, 1]
    assert stream.prefixes == {"e": "http://example.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"}


def test_an_empty_file_has_no_batch(file):
    assert [*Stream(file("empty.nt.gz", b"")).batches(2)] == []


def test_what_was_read_of_a_file_is_told(file):
    told, path = [], file("many.nt.zst", MANY)
    assert sum(map(len, Stream(path, told.append).batches(1_000))) == 20_000
    assert sum(told) == path.stat().st_size


def test_blank_nodes_of_two_streams_are_never_the_same(file):
    path = file("data.ttl", TURTLE.encode())
    one, other = ({str(quad.subject) for quad in streamed(path)} for _ in range(2))
    assert {each for each in one & other if each.startswith("_:")} == set()


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.nt", b"<a:s> <a:p> <a:o> .\n" + WRONG, '"x" is not a valid xsd:integer; correct the value'),
        ("a.ttl", b"<a:s> <a:p> <a:o> .\n" + WRONG, '"x" is not a valid xsd:integer; correct the value'),
        ("a.ttl", b"<a:s> <a:p> <a:o> .\n<a:s> <a:p> oops .", ""),
        ("a.ttl", b"<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:o>", ""),
        ("a.nt", b'<a:s> <a:p> "\xff" .\n', ""),
        ("a.ttl", b'<a:s> <a:p> "\xff" .\n', ""),
        ("a.trig", b'<a:s> <a:p> "\xc3', ""),
        ("a.nt", b'<a:s> <a:p> "a\0b" .\n', "NUL byte"),
        ("a.ttl", b"\0" * 100, "NUL byte"),
        ("a.nt", DEEP.encode(), "Nesting is deeper than 200 levels"),
        ("a.ttl", DEEP.encode(), "Nesting is deeper than 200 levels"),
        ("a.ttl", b"<a:s> <a:p> " + b"<<( <a:s> <a:p> " * 100_000, ""),
        ("a.jsonld", b'{"@id":' * 100_000, "Nesting is deeper than 200 levels"),
        (
            "a.rdf",
            b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            "Entity declarations (<!DOCTYPE) are not read",
        ),
        (
            "a.jsonld",
            b'{"@context": "http://example.org/c", "@id": "a:b"}',
            "A remote @context is never fetched",
        ),
        ("a.nt", b'<a:s> <a:p> "' + b"x" * 17_000_000 + b'" .\n', ""),
    ],
)
def test_what_is_no_sound_document_is_refused_in_one_sentence(file, name, content, sentence, packed):
    assert sentence in refused(file(name + packed, content))


def test_triple_terms_are_too_deep_wherever_they_are_cut(file):
    for cut in range(65_000, 66_000, 9):
        text = "#" * (cut - DEEP.index(")>>")) + f"\n{DEEP}"
        assert "Nesting is deeper than 200 levels" in refused(file("a.ttl", text.encode()))


def test_an_error_in_a_plain_file_has_its_place(file):
    for name, place in (("a.ttl", "2:13"), ("a.nt", "2:13")):
        path = file(name, b"<a:s> <a:p> <a:o> .\n" + WRONG)
        assert refused(path).startswith(f"{place}: ")


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("format", [".nt", ".ttl", ".jsonld", ".rdf"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-3],
        lambda data: data[:5],
        lambda data: b"not packed at all",
        lambda data: data + b"garbage behind it",
    ],
    ids=["half", "without its end", "a few bytes", "not packed", "garbage behind"],
)
def test_a_packed_file_that_breaks_off_is_refused_in_one_sentence(tmp_path, suffix, format, spoil):
    quads = pyoxigraph.parse(MANY, format=pyoxigraph.RdfFormat.N_TRIPLES)
    data = pyoxigraph.serialize(quads, format=SUFFIXES[format])
    path = tmp_path / f"a{format}{suffix}"
    path.write_bytes(spoil(PACKERS[suffix](data)))
    assert "Error" not in refused(path)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_packed_file_with_other_bytes_in_it_is_refused_wherever_they_are(tmp_path, suffix):
    data = PACKERS[suffix](MANY)
    for tenth in range(1, 10):
        start = len(data) * tenth // 10
        path = tmp_path / f"{tenth}.nt{suffix}"
        spoilt = bytes(255 - byte for byte in data[start : start + 20])
        path.write_bytes(data[:start] + spoilt + data[start + 20 :])
        assert refused(path)


@pytest.mark.full
@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("format", [".nt", ".jsonld"])
def test_a_packed_file_of_several_parts_is_read_to_its_end(tmp_path, suffix, format):
    quads = [*pyoxigraph.parse(MANY, format=pyoxigraph.RdfFormat.N_TRIPLES)]
    data = pyoxigraph.serialize(quads, format=SUFFIXES[format])
    path = tmp_path / f"a{format}{suffix}"
    path.write_bytes(
        b"".join(PACKERS[suffix](data[at : at + 100_000]) for at in range(0, len(data), 100_000))
    )
    assert canonical(streamed(path, 5_000)) == canonical(quads)


def test_a_file_that_is_not_there_or_of_no_known_format_is_named(tmp_path):
    (tmp_path / "folder.nt").mkdir()
    assert refused(tmp_path / "none.nt.gz") == "There is no such file."
    assert refused(tmp_path / "folder.nt") == "This is a folder; name a file in it."
    (tmp_path / "a.gz").write_bytes(gzip.compress(b""))
    assert "No RDF format has the suffix ''" in refused(tmp_path / "a.gz")
    (tmp_path / "a.csv.zst").write_bytes(b"")
    assert "No RDF format has the suffix '.csv'" in refused(tmp_path / "a.csv.zst")


def test_a_suffix_in_capitals_is_the_same(tmp_path):
    (tmp_path / "A.NT.GZ").write_bytes(gzip.compress(MANY))
    assert len(streamed(tmp_path / "A.NT.GZ", 5_000)) == 20_000


@pytest.mark.full
def test_a_large_packed_file_takes_little_memory(file):
    line = b'<http://example.org/s> <http://example.org/p> "' + b"x" * 150 + b'" .\n'
    path = file("large.nt.gz", line * 300_000)  # 60 MB unpacked
    code = (
        "import sys, resource; from pathlib import Path; from policygraph.rdf.reader import Stream\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "n = sum(map(len, Stream(Path(sys.argv[1])).batches(10_000)))\n"
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    number, kilobytes = map(int, done.stdout.split())
    assert number == 300_000
    assert kilobytes < 40_000
