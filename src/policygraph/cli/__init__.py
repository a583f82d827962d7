"""Run PolicyGraph from the command line.

Each command reads its arguments, calls the package, prints the result and returns an exit code: 0 for
success, 1 when a check fails, 2 for an error, which is one sentence on stderr.

- `main`: the command group; query, describe, validate, diff and export.
- `explore`: analyse, path, crosswalk, network and view.
- `publish`: publish and publish check.
- `serve`: serve the site, linked data and the SPARQL endpoint.
- `author`: quote, verify, and write data as tables.
- `store`: load, and the stores that are kept.
- `options`: shared options, `Session`, and output.
"""
