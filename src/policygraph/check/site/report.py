"""The faults that a published linked-data site can have: what each is, and how it is mended.

`RULES` is the whole list. What a rule asks comes from RFC 9110 (HTTP), RFC 8288 (Link), the W3C's Cool URIs
and Data on the Web Best Practices, DCAT-AP 3, VoID and HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Rule(NamedTuple):
    """What a site must keep: the rule's name, what it asks, and how to mend what breaks it."""

    name: str
    asks: str
    fix: str


class Finding(NamedTuple):
    """One fault: the rule it breaks, where, what is wrong there, and how to mend it."""

    rule: str
    where: str
    problem: str
    fix: str


_TABLE = (
    # What can be fetched at all
    ("reachable", "Every address answers", "Look in the server's log, or publish the folder again."),
    ("size-limit", "No document is too large to be read", "Split the document, or offer it as a .gz dump."),
    ("redirects", "Redirects end, and end on this site", "Redirect straight to the document, on this host."),
    # Pages
    ("dead-link", "Every link leads to something", "Correct the link, or publish what it leads to."),
    ("anchor", "Every #fragment is an id on its page", "Give the element that id, or correct the link."),
    (
        "local-link",
        "No link leads to the maker's own machine",
        "Write the public address, or a relative link.",
    ),
    (
        "portable",
        "Links are relative, so that the folder works anywhere",
        "Write the link relative to its page.",
    ),
    ("outside", "Pages load nothing from other sites", "Put the file into the site and load it from there."),
    (
        "script",
        "No inline script without its hash in the policy",
        "Move the script to a file, or add its hash.",
    ),
    ("policy", "Pages have a Content-Security-Policy", "Send the header, or write it as <meta http-equiv>."),
    ("page-title", "Every page has a title", "Write a <title> that says what the page is about."),
    ("heading", "Every page has one heading that names its topic", "Give the page one <h1> with the label."),
    (
        "page-language",
        "Every page says in which language it is",
        "Write lang on <html>, as the file's name has it.",
    ),
    ("charset", "Text says that it is UTF-8", "Send charset=utf-8, and write <meta charset> in pages."),
    ("encoding", "Text is UTF-8", "Save the document as UTF-8."),
    ("mojibake", "No letters are garbled", "Read the source in its own encoding and write it as UTF-8 once."),
    ("duplicate-id", "Every id is there once on a page", "Rename one of the elements with this id."),
    ("page-licence", "Every page names its licence", 'Add a link with rel="license".'),
    ("alternate", "A page links its data documents", 'Add a <link rel="alternate"> for each format.'),
    ("translation", "A page links itself in other languages", 'Add a <link rel="alternate" hreflang="…">.'),
    ("canonical", "A canonical link is the page's own public address", "Write the base and the page's path."),
    # Data
    (
        "not-rdf",
        "Data documents can be parsed",
        "Write the document again; the problem says where it breaks.",
    ),
    ("content", "A document is what its name says", "Publish the right content at this name."),
    ("topic", "A data document tells of its topic", "Write the topic's own triples into the document."),
    ("formats-differ", "All formats of a document say the same", "Write all formats from the same triples."),
    ("label", "What a document is about has a label", "Give the thing a label in each language."),
    ("literal-language", "Labels and texts say their language", "Add a language tag to the literal."),
    ("data-licence", "Every data document names its licence", "Say dct:license of the document."),
    ("iri", "Every IRI of the site has a document", "Publish the document, or correct the IRI in the data."),
    ("term", "Every term used has an anchor in the reference", "Document the term in the ontology."),
    # The record and the dumps
    ("record", "There is a catalogue record, /catalog.ttl", "Publish the record with its dcat:Catalog."),
    ("dcat-ap", "The record keeps to DCAT-AP 3", "Complete the record as the message says."),
    (
        "distribution",
        "Every distribution of the record is there",
        "Publish the file, or take it from the record.",
    ),
    (
        "distribution-type",
        "The record has the file's media type",
        "Correct dcat:mediaType or the file's suffix.",
    ),
    ("byte-size", "The record has the file's size", "Write the record after the file, with its size."),
    (
        "checksum",
        "Checksums are those of the files",
        "Publish the file again and write its SHA-256 afterwards.",
    ),
    ("unsummed", "Every dump has a checksum", "Add the file to SHA256SUMS."),
    ("dumps-differ", "All dumps of a dataset hold the same triples", "Write all dumps from the same store."),
    ("packed", "A .gz file is sound, and of a sane size", "Compress the file again."),
    ("void", "VoID's counts are those of the data", "Count again when the data have changed."),
    # For machines that come by
    (
        "sitemap",
        "The sitemap is sound and its entries are there",
        "Write the sitemap from the list of pages.",
    ),
    ("unlisted", "Every page is in the sitemap", "Add the page to the sitemap."),
    ("robots", "robots.txt lets readers in and names the sitemap", "Allow what is public; name the sitemap."),
    (
        "feed",
        "The feed is sound Atom",
        "Write the feed with id, title and updated, and as much of each entry.",
    ),
    # The server's conduct
    ("see-other", "A thing's IRI answers 303 with its document", "Redirect /id/… with 303 to /doc/…."),
    ("media-type", "A document has the media type of its name", "Map the suffix to its type in the server."),
    ("negotiation", "The answer has the type that was asked for", "Choose the document by Accept."),
    ("vary", "A negotiated answer says Vary: Accept", "Send Vary: Accept wherever Accept decides."),
    ("content-location", "A negotiated answer says which document it is", "Send Content-Location."),
    ("link-header", "Links to the other formats are in the headers", 'Send Link with rel="alternate".'),
    ("head", "HEAD answers like GET, without a body", "Let HEAD run through the same rules as GET."),
    ("options", "OPTIONS says which methods there are", "Answer OPTIONS with 204 and Allow."),
    ("method", "Other methods get 405", "Answer POST to a document with 405 and Allow."),
    ("not-acceptable", "What is not to be had gets 406", "Answer 406 and list the types that there are."),
    ("not-found", "What is not there gets 404", "Answer 404, with a page that helps people on."),
    ("cors", "Scripts of other sites may read", "Send Access-Control-Allow-Origin: *."),
    ("validator", "Who has a document need not fetch it again", "Send an ETag, and 304 to If-None-Match."),
    ("compression", "Compressed and plain answers are the same", "Compress on the way out, and only once."),
    ("nosniff", "Browsers are told not to guess types", "Send X-Content-Type-Options: nosniff."),
)

RULES: Mapping[str, Rule] = {row[0]: Rule(*row) for row in _TABLE}
"""Every rule by name, in the order in which people meet them."""
