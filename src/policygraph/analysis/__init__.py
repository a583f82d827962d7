"""Analyse networks: make them from a SELECT, measure and compare them, explain their paths, and export them.

A network is a networkx graph whose edges are claims, each with its basis and strength. Every measure returns
a `Table` with how to read it and a recipe to reproduce it; networkx and the other libraries are imported when
they are used.

- `network`: make a graph from SPARQL results, filter it, project it to a simple weighted graph.
- `measures`: run a measure by name, with the saved queries that it needs.
- `centrality`: central nodes, cut points, bridges and brokers.
- `communities`: communities and their stability under resampled claims.
- `gaps`: isolated nodes, overlaps, and breaks in the chain of levels.
- `comparison`: a network in numbers, and networks compared.
- `paths`: the shortest paths between two nodes, with the claims behind each hop.
- `crosswalk`: a matrix of how two lists connect, with an explanation in each cell.
- `heatmap`: a crosswalk as SVG.
- `table`: the result of a measure, with how to read it and its recipe.
- `engine`: measure networks that are larger than memory, on an engine of Spark Connect.
- `exchange`: a network as GraphML, GEXF, JSON or CSV.
"""
