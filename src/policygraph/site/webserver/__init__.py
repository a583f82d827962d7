"""Write the rules by which web servers answer with a published folder as our own server does.

`files.files` summarises the documents of the folder; each server's module writes the steps of `rules` and
that summary as configuration. docs/rewriting.md describes the answers.

- `files`: the files of rules by name, and the redirects of w3id.org.
- `rules`: content negotiation as a table of steps; the summary of a folder.
- `apache`, `nginx`, `caddy`: translate them for each server.
"""
