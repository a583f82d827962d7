"""Write data with evidence: find quotes in source texts, verify passages, and write facts as tables.

- `quotes`: find a quote in a text, whatever its quotation marks, dashes and line breaks, and what to paste.
- `evidence`: verify the passages of datasets against the texts of their sources, re-anchor and show them.
- `support`: whether a quote holds the values that a claim states.
- `verdicts`: judge one passage: exact, moved, in another source, gone.
- `workbook`: tables, a fact a row, as a workbook (.xlsx) or a folder of .csv files.
- `vocabulary`: which sheets, columns and macros tables have, and what a cell means.
- `rows`: from rows to triples: of things, of claims and the words that they quote.
- `conversion`: from triples to rows, and both ways for the catalogue: written, validated, compared, imported.
- `skeleton`: start a dataset.
- `draft`: tables from texts that share a structure, by a pattern of words.
- `titles`: what a title and the sentences below it say, by the same pattern.
"""
