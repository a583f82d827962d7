"""Keep what was published: versions at their addresses, what changed between them, and what was removed.

`releases` makes the record and the files of each version, `changes` compares it with the one before and lists
what was removed, `stream` makes an event stream of the versions (LDES), `archive` reads what earlier
publications left and lists all of it with its SHA-256.
"""
