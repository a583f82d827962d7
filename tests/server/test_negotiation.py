from __future__ import annotations

import time

import pytest

from policygraph.server.negotiation import choose, gzip_accepted, language

PAGE, TURTLE, JSON, XML = "text/html", "text/turtle", "application/ld+json", "application/rdf+xml"
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, TURTLE),  # no header: the first on offer
        ("", TURTLE),
        ("*/*", TURTLE),
        ("*", TURTLE),  # Java's old URLConnection
        ("text/html", PAGE),
        ("TEXT/HTML", PAGE),
        (CHROME, PAGE),
        ("application/*", JSON),
        ("text/*", TURTLE),
        ("text/turtle;q=0.5, text/html;q=0.8", PAGE),
        ("text/turtle;q=0.5,*/*;q=0.8", JSON),  # the most specific range counts, not the best
        ("text/turtle;q=0,*/*", JSON),
        ("text/*;q=0.3, text/html;q=0.7, text/html;level=1, */*;q=0.5", PAGE),  # the example of RFC 9110
        ("application/rdf+xml, text/turtle", TURTLE),  # equal: the order of the offer
        ("application/rdf+xml, text/turtle;q=0.9", XML),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted, x;q=0"', JSON),
        ("text/turtle; charset=utf-8", TURTLE),
        ("text/turtle ; q = 0.2 , application/ld+json ; q=0.3", JSON),
        ("image/png, text/turtle;q=0.001", TURTLE),
        ("image/png", None),
        ("text/turtle;q=0", None),
        ("*/*;q=0", None),
        ("text/turtle;q=high, application/ld+json;q=0.1", JSON),  # what cannot be read counts least
        ("application/ld+json;q=2, image/png", JSON),
        ("text/turtle;q=.2, application/ld+json;q=.9, text/html;q=0.", JSON),
        ("text/turtle;q=2, application/ld+json;q=0.1", JSON),
        (",,, ;q=1 ,text/html", PAGE),
        (";;;", TURTLE),
        ('text/html;a="b, application/ld+json', PAGE),  # a quote that is never closed
    ],
)
def test_the_best_media_type_is_chosen_as_rfc_9110_says(accept, chosen):
    assert choose(accept, [TURTLE, JSON, XML, PAGE]) == chosen


def test_the_range_without_parameters_goes_before_the_one_with():
    assert choose("text/html;level=1;q=1, text/html;q=0.1, text/turtle;q=0.5", [PAGE, TURTLE]) == TURTLE


def test_nothing_fits_where_nothing_is_offered():
    assert choose(None, []) is None
    assert choose("*/*", []) is None


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "en"),
        ("da", "da"),
        ("da-DK, en;q=0.8", "da"),
        ("DA", "da"),
        ("fr, da;q=0.5, en;q=0.4", "da"),
        ("fr", "en"),
        ("da;q=0", "en"),
        ("*", "en"),
        ("en;q=0.2,da;q=0.9", "da"),
        ("en;q=0, *", "da"),
        ("fr, *;q=0.5, en;q=0", "da"),
        ("da, *;q=0.5", "da"),
    ],
)
def test_a_language_is_found_by_its_longest_known_beginning(header, chosen):
    assert language(header, ["en", "da"]) == chosen


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (None, False),
        ("", False),
        ("gzip, deflate, br", True),
        ("x-gzip", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("br;q=1.0, gzip;q=0.5", True),
    ],
)
def test_only_who_accepts_gzip_gets_it(header, accepted):
    assert gzip_accepted(header) is accepted


@pytest.mark.parametrize(
    "header",
    ["," * 100_000, ";" * 100_000, '"' * 100_000, 'a;"' * 50_000, "a/b," * 50_000, '"\\' * 50_000],
)
def test_a_hostile_header_costs_little(header):
    start = time.process_time()
    choose(header, [TURTLE])
    assert time.process_time() - start < 0.5
