"""Make the explorer: an interactive page of a network, in one HTML file that works offline.

`page.explore` runs the saved queries, `document` makes one JSON document of their results, and the scripts in
`static/` show it. The same document can be drawn as a static SVG.

- `document`: the view document, with the nodes, edges, legend and words of a page.
- `layout`: the positions of the nodes, the same for the same network.
- `page`: the HTML page of a view document, a graph or a saved query; notebooks show it in a frame.
- `svg`: a view document as a static picture.
"""
