"""Open a catalogue: a folder of ontology, datasets and saved queries, and what is read from it.

`Catalog` finds the files and loads them into a store. Everything else is queried from that store, so these
modules know RDF, labels, claims and passages, but no class of the ontology.

- `catalog`: the folder; datasets and saved queries by name; load them into a store.
- `settings`: what `catalog.toml` says.
- `query`: saved queries, their headers and findings; bind values to parameters.
- `parameters`: the parameters in a query's text; terms of values, things by name.
- `notes`: what a query asks in vain: terms that nothing uses, comparisons that cannot hold.
- `labels`: labels and classes of every resource; the label to show in a language; search; a resource by name.
- `resource`: one resource: its statements, their claims and passages, by the queries in `queries/`.
- `matrix`: an answer as a matrix or as tiles.
- `metadata`: the records of datasets, their citations, what they cover; the dataset and the kind of a thing.
- `datafiles`: lay out the file of a dataset.
- `history`: read a graph or the whole catalogue as it was, from a file, a folder or git.
- `push`: push graphs to a SPARQL store.
"""
