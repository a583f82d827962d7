"""Read, query, compare and write RDF, whatever the data are about.

A graph comes in through `reader` and goes out through `formats`. All terms,
quads and results are pyoxigraph's own types, so nothing is converted between these modules.

- `namespaces`: the table of prefixes; CURIEs to IRIs and back; the order of properties.
- `reader`: read RDF files safely, with the line and column of every error.
- `terms`: canonical blank nodes, the best literal for a language, Python values of terms.
- `blanks`: blank nodes by what is said of them: constructs of OWL, lists, an order.
- `formats`: write a query result or a graph in any format; the table of formats and suffixes.
- `turtle`: canonical Turtle, for diffs that show only what changed.
- `jsonld`: compact JSON-LD with a context.
- `csvw`: a graph as CSV tables with W3C metadata.
- `diff`: compare two graphs, as a table, a changelog or a patch.
"""
