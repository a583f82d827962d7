"""Write data with evidence: find quotes in source texts, and verify that passages still say what they said.

- `quotes`: find a quote in a text, whatever its quotation marks, dashes and line breaks.
- `evidence`: verify the passages of datasets against the texts, re-anchor them, and show them as a page.
"""
