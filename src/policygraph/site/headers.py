"""Define the HTTP headers that our server and the rules for other web servers send."""

from __future__ import annotations

from collections.abc import Mapping

METHODS = "GET, HEAD, OPTIONS"
ALWAYS: Mapping[str, str] = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Content-Location, ETag, Link, Policygraph-Truncated, Retry-After",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
}
PREFLIGHT: Mapping[str, str] = {
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": "Accept, Accept-Language, If-None-Match",
    "access-control-max-age": "86400",
}
REVALIDATE = "no-cache"  # a cache may store it, but must revalidate
NOTHING_LOADS = "default-src 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of everything but pages."""

MIN_GZIP = 1_000  # bytes; a shorter body fits in one packet
