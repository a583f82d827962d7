"""Write data with evidence: find quotes in source texts, and verify that passages still say what they said.

- `quotes`: find a quote in a text, whatever its quotation marks, dashes and line breaks.
- `quotation`: where a quote stands, with the Turtle and the cells of a table to paste.
- `evidence`: verify the passages of datasets against the texts of their sources, and re-anchor what moved.
- `verdicts`: judge one passage: exact, moved, in another source, gone.
- `evidence_page`: the page of the texts with their passages and the claims that rest on them.
- `tables`: a dataset as tables, a fact a row, and back.
- `skeleton`: start a dataset.
"""
