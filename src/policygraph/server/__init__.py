"""Serve the site, linked data and a SPARQL endpoint over HTTP.

The event loop of the server process handles requests and caches responses. It runs no query of a client and
renders no page: untrusted queries go to worker processes, which are killed when they take too long, and pages
are rendered in two threads.

- `app`: the ASGI application: the endpoint, the site, a health check and an access log.
- `protocol`: the SPARQL Protocol: parameters, formats, caching, and a sentence for every error.
- `pool`: the worker processes: start, limit, kill and replace them.
- `queue`: a fair queue, in which clients take turns at the workers.
- `evaluation`: evaluate one query within limits, in a worker or on a remote endpoint.
- `linked_data`: the response at every path of the site: negotiation, redirects, the page cache, and the
  SPARQL page, whose scripts are in `static`.
- `mcp`: the tools of an assistant, over the Model Context Protocol, and by `mcp_http` over HTTP.
- `replies`: cut their replies to size.
- `negotiation`: choose a media type, language and coding by request headers.
- `responses`: HTTP responses, ETags, compression, and an LRU cache.
"""
