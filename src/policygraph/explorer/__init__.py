"""Make the explorer: an interactive page of a network, in one HTML file that works offline.

`page.explore` runs the saved queries, `document` makes one JSON document of their results, and the scripts in
`static/` show it. The same document can be drawn as a static SVG.

- `document`: the view document, with the nodes, edges, legend and words of a page.
- `cards`: the map's lanes and columns: what has a card, what stands inside one or in a group.
- `layout`: where cards stand, and nodes where vis-network draws them, the same for the same network.
- `routes`: how the lines of the map run.
- `svg`: the map of a view document, in the page and as a still picture.
- `story`: stories: what their sentences assert, and a picture of each step.
- `export`: what pyvis and Gephi draw as the page does.
- `page`: the HTML page of a view document, a graph or a saved query; notebooks show it in a frame.
"""
