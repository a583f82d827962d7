"""Make the pages of the site: one view for each kind of page.

A view is a function of the `SiteContext`, an abstract path, a language and the arguments of the URL. It
queries the store and says what the page shows, which `rendering.render` fills a template with, or returns a
`Page`. `policygraph.site.site` maps paths to views.

- `home`: the home page, the lists of resources and datasets, the search, the crosswalk.
- `resource`: the page and the data of a resource, with statements, claims, passages and a picture.
- `query`: the list of saved queries, the page of each with its form and answer, the SPARQL page.
- `ontology`: the reference of the ontology's terms.
- `story`: stories, their steps and pictures.
- `explore`: the explorer of the whole catalogue.
- `versions`: versions, what changed between them, and what was removed.
- `fair`: linksets and RO-Crates.
- `schema_org`: JSON-LD for search engines, for the head of a page.
"""
