"""Answer SPARQL, wherever the data are.

A question goes through `Store.query(text)`; what also needs the quads takes a `QuadStore`.

- `protocols`: what every store has, and what one with quads has besides.
- `memory`: quads in memory.
- `endpoint`: a SPARQL service on the web, whose requests `http` sends with credentials, retries and limits.
- `sparql`: tokenize SPARQL; declare prefixes, refuse updates and SERVICE, explain syntax errors.
- `answer`: keep the answer to a query, to read it several times.
"""
