"""The first hour of a publisher, as docs/publish-your-own.md tells it, from an empty folder to a site."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest
from checkout import SHIPPED
from documents import different, fences, sessions

WAY = (SHIPPED / "docs" / "publish-your-own.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    """The folder after its files were written and its commands run, in their order, and what these said."""
    folder = tmp_path_factory.mktemp("agency")
    said = {}
    for kind, name, body in fences(WAY):
        if kind != "console":
            if not name:  # only shown
                continue
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(body, encoding="utf-8")
            continue
        for line, shown in sessions(body):
            command = shlex.split(line)
            assert command.pop(0) == "policygraph"
            run = [sys.executable, "-m", "policygraph", *command]
            done = subprocess.run(run, cwd=folder, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, (line, done.stdout + done.stderr)
            said[" ".join(command[2:])] = done.stdout + done.stderr
            assert not different(done.stdout + done.stderr, shown, line)
    return folder, said


@pytest.mark.full
def test_each_command_says_what_it_did(hour):
    said = hour[1]
    assert "North Harbour" in said["query ports"]
    assert "A harbour for fishing boats." in said["describe North Harbour"]
    assert said["publish site"].startswith("Wrote site: ")
    assert "site passes every rule" in said["publish check site"]


@pytest.mark.full
def test_the_site_has_the_publisher_s_name_and_pages_for_its_things(hour):
    site = hour[0] / "site"
    home = (site / "index.html").read_text(encoding="utf-8")
    for text in ("Ports of the coast", "Every port, and who runs it.", "Ports Agency"):
        assert text in home
    assert 'href="https://example.org/imprint"' in home
    assert "Which ports are there?" in (site / "query.html").read_text(encoding="utf-8")
    for path in ("doc/port/north.html", "doc/port/south.ttl", "data/ports.html", "query/ports.csv"):
        assert (site / path).is_file(), path
    assert "https://data.example.org/sitemap.xml" in (site / "robots.txt").read_text(encoding="utf-8")
    for file in {*site.rglob("*.html")} - {*site.glob("sparql*")}:  # which names the prefixes of the model
        assert "w3id.org" not in file.read_text(encoding="utf-8"), file


@pytest.mark.full
def test_the_pages_for_github_are_at_their_address(hour):
    pages = hour[0] / "pages"
    address = "https://agency.github.io/ports/"
    assert f"Sitemap: {address}sitemap.xml" in (pages / "robots.txt").read_text(encoding="utf-8")
    stub = (pages / "id" / "port" / "north.html").read_text(encoding="utf-8")
    assert 'content="0; url=../../doc/port/north.html"' in stub
    assert f'rel="canonical" href="{address}doc/port/north.html"' in stub
    assert "https://data.example.org/id/port/north" in stub


@pytest.mark.full
def test_the_workflow_runs_the_command_that_was_tried(hour):
    folder, said = hour
    workflow = (folder / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    (command,) = re.findall(r"run: policygraph --catalog \. (publish .*)", workflow)
    assert command in said
    assert "path: pages" in workflow
