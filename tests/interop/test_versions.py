"""What others wrote reads the changes of a catalogue: as a linked data event stream and as a feed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import loopback
import pytest
from releases import BASE, VERSIONS, release
from tools import missing

from policygraph.site.publish import publish

pytestmark = pytest.mark.full

CLIENTS = Path(__file__).parent / "clients"


class Typed(loopback.Quiet):
    """A plain web server that knows Turtle."""

    extensions_map = loopback.Quiet.extensions_map | {".ttl": "text/turtle"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Three releases, published one after another where a web server shows them."""
    place = tmp_path_factory.mktemp("web") / "site"
    root = tmp_path_factory.mktemp("register")
    with loopback.serving(place, Typed) as address:
        for number in range(len(VERSIONS)):
            publish(release(root, number), place, address=address, processes=1)
        yield place, address


def node(script, *arguments, **options):
    """What a script says, line by line."""
    if not (CLIENTS / "node_modules" / "ldes-client").is_dir():
        missing("the clients are not installed (`npm ci --ignore-scripts --prefix tests/interop/clients`)")
    command = shutil.which("node") or missing("node is not installed")
    done = subprocess.run(
        [command, script, *arguments], cwd=CLIENTS, capture_output=True, timeout=120, **options
    )
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_ldes_client_reads_every_version_of_every_thing(site):
    members = node("members.mjs", f"{site[1]}changes/stream.ttl")
    found = {(each[0].removeprefix(BASE), each[1].removeprefix(BASE)) for each in members}
    assert len(found) == len(members)
    of_east = {member for member, thing in found if thing == "port/east"}
    assert of_east == {"register/1.1.0#port/east", "register/2.0.0#port/east"}
    assert ("register/1.0.0#port/old", "port/old") in found
    assert ("register/1.1.0#port/old", "port/old") in found, "that it was removed"
    assert {each[2][:10] for each in members} == {"2026-09-01", "2026-10-01", "2026-11-01"}


def test_feedparser_reads_what_changed(site):
    place, address = site
    for file, title, what in (
        ("feed.atom", "Register of ports: from 1.0.0 to 1.1.0", "New: 1"),
        ("feed.da.atom", "Register of ports: fra 1.0.0 til 1.1.0", "Nyt: 1"),
    ):
        entries = {each["title"]: each for each in node("feed.mjs", input=(place / file).read_bytes())}
        entry = entries[title]
        assert entry["guid"] == f"{BASE}changes/register/1.0.0..1.1.0"
        assert entry["date"] == "2026-10-01T00:00:00.000Z"
        assert (place / entry["link"].removeprefix(address)).is_file()
        assert what in entry["description"]
