"""Answer SPARQL, wherever the data are.

A question goes through `Store.query(text)`; what also needs the quads takes a `QuadStore`.

- `protocols`: what every store has, and what one with quads has besides.
- `memory`: quads in memory.
- `kept`: the same on disk, so that large files are parsed once.
- `endpoint`: a SPARQL service on the web, whose requests `http` sends with credentials, retries and limits.
- `sparql`: tokenize SPARQL; declare prefixes, refuse updates and SERVICE, explain syntax errors.
- `index`: the names and the types of values in a kept store, in one SQLite file.
- `names`: find these in any store, by its index or by reading all.
- `trace`: note what results are made of, to know whether they still hold.
- `answer`: keep the answer to a query, to read it several times.
"""
