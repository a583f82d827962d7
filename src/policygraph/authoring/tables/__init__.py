"""Write a dataset as tables, a fact a row, and read them back.

- `sheets`: rows of cells, each with its address.
- `workbook`: a workbook (.xlsx) or a folder of .csv files.
- `vocabulary`: which sheets, columns and macros there are, and what a cell means.
- `export`: from triples to tables.
- `things`, `rows`, `passages`: from rows to triples: of things, of claims, of the words that they quote.
- `conversion`: both ways for the catalogue: written, validated, compared, imported.
"""
