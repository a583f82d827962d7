"""Make the web site of a catalogue: pages and data for a server to answer with, or for a folder of files.

`Site.page` makes the document at a path. It parses the path into an abstract path, suffix and language;
`find` gives its route, whose view, a function in `pages/`, collects what is shown from the `SiteContext`;
`rendering.render` fills a template with it; the result is a `Page`.

- `site`: `Site`, which has the document at every path, its variants, and the list of all paths; the routes.
- `urls`: map between IRIs, abstract paths, document paths and links.
- `context`: `SiteContext`: memoise what pages need of a catalogue and its store: labels, kinds, drawings.
- `noted`: note what pages ask of the context, and ask it again for the next publication.
- `rendering`: render the templates in `templates/`; `Page`; the HTTP headers of every response.
- `pages`: the views.
- `engine`: the SPARQL engine that browsers run on a published folder.
- `feeds`: robots.txt, sitemap and Atom feeds.
- `corrections`: the links by which readers tell what is wrong, and what was contradicted or replaced.
- `downloads`: whole datasets, tables and networks as files, with checksums.
- `dcat`: the catalogue's record for data portals, by DCAT-AP; its SPARQL service, with VoID counts.
- `publish`: publish a catalogue: write its site to a folder, in parallel, replacing that as a whole.
- `publication`: what a published folder holds from the publication before, and its replacement.
- `webserver`: the rules by which web servers answer for that folder, and w3id.org redirects to it.
"""
