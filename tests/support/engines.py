"""Other people's SPARQL servers on loopback, each with the quads of a store, while a test needs one."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results, serialize
from tools import missing
from webservers import free

from policygraph.catalog.parameters import MEMBER
from policygraph.rdf.namespaces import MODEL as BASE, expand
from policygraph.store.memory import merged

_ASK = "?query=ASK%7B%3Fs+%3Fp+%3Fo%7D"
VIRTUOSO = """[Database]
DatabaseFile = {home}/virtuoso.db
ErrorLogFile = {home}/virtuoso.log
LockFile = {home}/virtuoso.lck
TransactionFile = {home}/virtuoso.trx
xa_persistent_file = {home}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {home}/temp.db
TransactionFile = {home}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
MaxClientConnections = 8
DirsAllowed = {home}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
MaxMemPoolSize = 1000000000
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {home}
MaxClientConnections = 4
[SPARQL]
ResultSetMaxRows = 100000
"""


def write(store, path: Path) -> Path:
    """The quads of a store as N-Quads."""
    path.write_bytes(serialize(store, format=RdfFormat.N_QUADS))
    return path


@contextlib.contextmanager
def _running(command, url, home, environment=None):
    """Run a server until it answers, and end it."""
    with (Path(home) / "output.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=home, stdout=log, stderr=subprocess.STDOUT, env=environment)
    try:
        for _ in range(600):
            assert process.poll() is None, (Path(home) / "output.log").read_text()
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url, timeout=5).close()
                break
            time.sleep(0.1)
        else:
            raise AssertionError((Path(home) / "output.log").read_text())
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def oxigraph(store, home, *, union=True):
    """`oxigraph serve`; yields the address of its endpoint.

    Its default graph is the union of all graphs, or without that, their merge, as after `push --merge`.
    """
    program, port = str(Path(sys.executable).with_name("oxigraph")), free()
    quads = write(store if union else merged(store), Path(home) / "data.nq")
    folder = str(Path(home) / "store")
    subprocess.run(
        [program, "load", "--location", folder, "--file", str(quads)], check=True, capture_output=True
    )
    command = [
        program,
        "serve-read-only",
        "--location",
        folder,
        "--bind",
        f"127.0.0.1:{port}",
        *["--union-default-graph"] * union,
    ]
    with _running(command, f"http://127.0.0.1:{port}/query{_ASK}", home):
        yield f"http://127.0.0.1:{port}/query"


@contextlib.contextmanager
def rdflib_endpoint(store, home):
    """rdflib-endpoint, with rdflib's own engine; yields the address of its endpoint."""
    quads, port = write(store, Path(home) / "data.nq"), free()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    environment = {**os.environ, "QUADS": str(quads), "PYTHONPATH": str(Path(__file__).parent)}
    with _running([*command, "rdflib_service:app"], f"http://127.0.0.1:{port}/{_ASK}", home, environment):
        yield f"http://127.0.0.1:{port}/"


@contextlib.contextmanager
def virtuoso(store, home):
    """Virtuoso 7.2 (Debian's virtuoso-opensource-7) with a database of its own in the folder `home`.

    Yields the address of its endpoint, and a function that starts it anew with the same database: only then
    does its planner have statistics, and some answers differ.
    """
    if shutil.which("virtuoso-t") is None:
        missing("Virtuoso is not installed (virtuoso-opensource-7)")
    home = Path(home)
    quads, sql, port = write(store, home / "data.nq"), free(), free()
    (home / "virtuoso.ini").write_text(VIRTUOSO.format(home=home, sql=sql, port=port))
    url = f"http://127.0.0.1:{port}/sparql"

    with contextlib.ExitStack() as stack:

        def start():
            stack.close()
            command = ["virtuoso-t", "+foreground", "+configfile", str(home / "virtuoso.ini")]
            stack.enter_context(_running(command, url + _ASK, home))

        start()
        load = f"DB.DBA.TTLP(file_to_string_output('{quads}'), '', 'urn:none', 512); checkpoint;"
        command = ["isql-vt", str(sql), "dba", "dba", f"exec={load}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        # Its own graphs, with the descriptions of its services, are no part of the data.
        graphs = {quad.graph_name.value for quad in store}
        yield url + "?" + "&".join(f"default-graph-uri={quote(each)}" for each in sorted(graphs)), start


def term_text(term) -> str:
    """A term as engines that keep numbers and booleans in forms of their own agree on it."""
    if term is None or not hasattr(term, "datatype"):
        return "" if term is None else str(term)
    text, kind = term.value, term.datatype.value.rpartition("#")[2]
    if kind == "boolean":
        text = {"1": "true", "0": "false"}.get(text, text)
    if kind in ("decimal", "double"):
        text = str(float(text))
    return f'"{text}"' + (f"@{term.language}" if term.language else "")


def multiset(answer) -> Counter:
    """The rows of a SELECT or the triples of a CONSTRUCT, without their order."""
    if hasattr(answer, "variables"):
        return Counter(tuple(map(term_text, row)) for row in answer)
    return Counter(map(str, answer))


def cases(store, parameter) -> list[str]:
    """Values to try for a parameter: each instance of its kind, or some numbers."""
    if parameter.kind in ("xsd:gYear", "xsd:integer"):
        return ["2012", "1900"]
    if parameter.kind in ("rdfs:Resource", "rdf:Property", "owl:Class", "owl:ObjectProperty"):
        kinds = "rdf:subject|rdf:object|rdf:predicate" if parameter.kind != "owl:Class" else "^a"
        select = f"SELECT DISTINCT ?x {{ ?any {kinds} ?x FILTER(isIRI(?x)) }} ORDER BY ?x LIMIT 40"
        found = [row["x"].value for row in store.query(select)]
        return [
            *found,
            *map(expand, ("rdf:Property", "dct:source", "skos:exactMatch")),
            f"{BASE}source/opsi-denmark",
        ]
    instances = f"SELECT DISTINCT ?x {{ ?x {MEMBER} <{expand(parameter.kind)}> }} ORDER BY ?x"
    return [*(row["x"].value for row in store.query(instances)), "https://example.org/nothing"]


def results(body: bytes):
    """The rows in SPARQL results JSON."""
    return parse_query_results(body, format=QueryResultsFormat.JSON)


def triples(body: bytes):
    """The triples in N-Triples."""
    return (str(quad.triple) for quad in parse(body, format=RdfFormat.N_TRIPLES))
