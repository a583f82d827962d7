"""Validate data, assess an ontology, and check a published site.

Each check returns a report as plain data, which names what is wrong, where, and what to do about it; the
command line prints it.

- `shacl`: validate datasets or RDF files with the catalogue's SHACL shapes.
- `claims`: the IRIs of claims, which are made from what they say.
- `ontology`: check a catalogue against the FOOPS!, OOPS!, SKOS, five-star and Data on the Web checklists.
- `ontology_rules`: the SPARQL queries of these checks, one file each.
- `site`: check a published site, in a folder or on the web.
"""
