"""rdflib's own engine as a service, by rdflib-endpoint, with the quads of the file that $QUADS names."""

from __future__ import annotations

import os
import warnings

import rdflib
from rdflib_endpoint import SparqlEndpoint

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    data = rdflib.Dataset(default_union=True)
    data.parse(os.environ["QUADS"], format="nquads")
app = SparqlEndpoint(graph=data)
