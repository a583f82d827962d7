"""Make the interactive page of a network: one HTML file that works offline.

It shows a view document (`document`) by the map (`svg`) and by vis-network, from the installed pyvis package;
the page around them (`templates/explorer.html`, its style, scripts and words) is our own.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode, QuerySolutions

from policygraph.analysis import network
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.matrix import TEMPLATES, Matrix
from policygraph.catalog.metadata import Metadata
from policygraph.catalog.query import ROWS
from policygraph.errors import CatalogError
from policygraph.explorer.document import LIMITS, Preset, ViewDocument, by_number, finding, view_document
from policygraph.explorer.story import Storyboard, story as named
from policygraph.explorer.svg import chart, icon, picture
from policygraph.i18n import direction, plural, words
from policygraph.rdf.terms import by_subject, is_iri, language_rank, term
from policygraph.store.protocols import Store, rows
from policygraph.text import csp_hash, grouped, jinja

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.catalog.query import Query
    from policygraph.store.answer import Answer

MAX_ROWS = 2000  # the most nodes, and the most edges, that the page lists where no script runs
STATIC = Path(__file__).parent / "static"
HEIGHT = 720  # the height of the frame in a notebook, in pixels
_PRESET_VIEWS = ("graph", "timeline", "things")  # the views of saved queries that are starting points
_WEB = re.compile("https?://")
_NAME = re.compile(r"[A-Za-z_][\w+.-]*:\S+$")  # of a node, an IRI or a blank one
Names = Mapping[str, Sequence[str]]  # the labels of a resource, by its IRI, the one to show first
# Of a script.
_UNSENT = re.compile(r"^export |^ *// .*\n|^ */\*\*.*\*/\n|/\*\*.*?\*/ | // .*$|^\n", re.MULTILINE)
_WRAPPED = re.compile(r"(?<=[(,\[{])\n *|\n *(?=[)\]}.?:])")  # no string of ours has line breaks
_IMPORT = re.compile(r"""^import [^"']*from ["']\./([\w-]+\.js)["'];?[ \t]*$""", re.MULTILINE)


class ExplorerPage(str):
    """An HTML page as text; notebooks show it in a frame, or as a static picture."""

    document: ViewDocument
    policy: str  # its Content-Security-Policy

    def __repr__(self) -> str:
        count = f"{len(self.document['nodes'])} things, {len(self.document['edges'])} connections"
        return f"<Page {self.document['title'][:80]!r}: {count}>"

    def _repr_svg_(self) -> str:
        """Draw it where no HTML is shown, such as a notebook printed by LaTeX."""
        return picture(self.document)

    def _repr_html_(self) -> str:
        """Show the page in a frame that runs scripts but cannot reach the notebook, over a static picture.

        GitHub and untrusted notebooks remove the frame, and keep an image beside it where they sanitize SVG.
        """
        texts = self.document["texts"]
        drawn = base64.b64encode(picture(self.document).encode()).decode()
        title = escape(self.document["title"])
        return (
            f'<div style="position: relative; height: {HEIGHT}px; overflow: auto">'
            f"<p>{escape(texts['still'])}</p>"
            f'<img width="100%" alt="{escape(texts["picture"])}: {title}" '
            f'src="data:image/svg+xml;base64,{drawn}">'
            f'<iframe title="{title}" srcdoc="{escape(self)}" sandbox="allow-scripts allow-downloads '
            'allow-popups" style="position: absolute; inset: 0; width: 100%; height: 100%; border: 0; '
            'background: Canvas"></iframe></div>'
        )


def view(
    graph: nx.Graph, *, ways: Mapping[str, Any] | None = None, story: str = "", **options: Any
) -> ExplorerPage:
    """Make a self-contained, interactive HTML page of a network.

    Args:
        graph: any networkx graph; it is not changed. If `network` made it from a catalogue, its title,
            language, datasets, labels and starting points are by default from there.
        ways: of a page that is part of a site, links to its `home`, to other `languages` (a link and a name
            by tag), to the `pages` of nodes, by their names, and to `licences`; `url` gives that to any IRI,
            and `known_as` are its own public addresses by language.
        story: the name of a story of the catalogue that the page begins with.
        options: those of `policygraph.explorer.document.view_document`. `focus` is the node to begin with, by
            its name, label, CURIE or IRI; `steps` how far around it; `evidence` the level to begin with.

    Raises:
        CatalogError: the network is from no catalogue with this story, or the story cannot be drawn.
        NetworkError: the network of a catalogue is empty, `focus` is not in it, or `steps` is under 1.
        ResourceError: no resource, or more than one, has the label of the focus.
    """
    network.require_nodes(graph, "there is nothing to draw")
    document = document_of(graph, options)
    place = None if "around" in graph.graph or network.FILTERS & graph.graph.keys() else network.origin(graph)
    matrices = place.catalog.matrices(place.store, document["language"]) if place else {}
    if story and not place:
        raise CatalogError("A story is of a catalogue, and this network is from none.")
    metadata = Metadata(place.catalog, place.store) if story and place else None
    board = Storyboard(named(metadata.catalog, story), metadata, document["language"]) if metadata else None
    return page(document, ways=ways, matrices=matrices, board=board)


def document_of(graph: nx.Graph, options: dict[str, Any]) -> ViewDocument:
    """Make the view document, with what is not given from where the network comes from."""
    defaults: dict[str, Any] = {"title": ""}
    if place := network.origin(graph):
        catalog, store, language, saved, *_ = place
        if (focus := options.get("focus")) is not None and focus not in graph:
            options["focus"] = catalog.find_resource(focus, store=store)
        wanted = language or "en"
        datasets = options["datasets"] if "datasets" in options else _datasets(store, wanted)
        title = saved.summary or saved.name if saved else ""
        if saved is None or saved.name == network.WHOLE:
            # Those of no place are there for the others.
            about = [data for data in datasets if data.get("place")]
            if place.narrow:
                places = network.countries_of(graph)
                about = [data for data in about if data["place"] in places]
            about = about or datasets
            title = " · ".join(data["title"] for data in about) or title
            if not place.narrow and len(network.countries_of(graph)) > LIMITS["beside"]:
                title = catalog.settings.text("title", wanted)
        if saved is not None and saved.name == network.OF_FILE[0]:
            title = ", ".join(path.name for path in catalog.files)
        only = {"thing": few} if (few := _few(graph, bool(place.others))) else {}
        claims = {each for *_, each in graph.edges(data="claim") if is_iri(each)}
        # A large file may have to be read again for this, so it is first.
        held = _held(store, few and [*few, *(f"<{each}>" for each in claims)]) if datasets else {}
        evidence = catalog.ask("evidence", store=store, language=language, values=only)
        stated = [(row["claim"], row["origin"], row) for row in evidence]
        sources = {claim: row for claim, _, row in reversed(stated)}
        origins = by_subject(each for each in stated if each[1] is not None)
        # With fewer claims the answers would be others; dropping rows does not give them.
        whole = saved is not None and saved.name == network.WHOLE and not place.values
        without = network.left_out(graph) if whole and not network.FILTERS & graph.graph.keys() else None
        graph = graph.copy()
        for node, data in graph.nodes(data=True):
            data["datasets"] = held.get(node)
        for *_, data in graph.edges(data=True):
            data["datasets"] = held.get(data.get("claim"))
            source = sources.get(data.get("claim"), {})
            document = source.get("document")
            found = origins.get(data.get("claim"), {})
            cited = [*found] if document is None else [document]
            if cited:
                data.setdefault("origin", "; ".join(evidence.labels.get(each, each) for each in cited))
            if cited == [source.get("origin")] and source.get("page") is not None:
                data.setdefault("link", source["page"])
            if found and [*found] != cited[:1]:  # the passages are not all in what has this link
                pages = {network.passage_line(row): row["page"] for rows in found.values() for row in rows}
                data["links"] = [*map(pages.get, str(data.get("passages", "")).split("\n"))]
        names = _names(store, catalog.bind("labels", store, **only), wanted)
        levels = network.add_levels(graph, evidence, rows(store, catalog.bind("grounds", store, **only)))
        _add_values(graph, evidence, levels, names, wanted)
        _add_asides(graph, catalog, store, wanted)
        known = {saved.name: graph} if saved and not place.values and place.part is None else {}
        # They ask about everything, of which a neighbourhood has too little to tell.
        asks = _presets(catalog, store, wanted, known, without, names, levels)
        defaults = {
            "title": title,
            "language": wanted,
            "datasets": datasets,
            "names": names,
            "prefixes": catalog.settings.prefixes,
            "comparisons": _comparisons(catalog, store, wanted),
            "questions": () if "around" in graph.graph else asks,
        }
    return view_document(graph, **{**defaults, **options})


def _few(graph: nx.Graph, part: bool) -> list[str]:
    """Return what is named in a network that is a part of another, as a query has it; none if it is much."""
    named = {*graph}
    for _, data in graph.nodes(data=True):
        named.update((data.get("scheme"), *network.countries(data)))
    few = (part or "around" in graph.graph) and len(named) <= LIMITS["nodes"]
    return sorted(f"<{each}>" for each in named if is_iri(each)) if few else []


def _add_asides(graph: nx.Graph, catalog: Catalog, store: Store, language: str) -> None:
    """Add to each node the answers that stand beside it, as tables of texts."""
    names = words(language, "site")["columns"]
    for thing, asides in catalog.asides(store, language).items():
        if thing in graph:
            graph.nodes[thing]["asides"] = [
                {
                    "title": (" " if each.reach else " – ").join(map(each.text, each.head)),
                    "columns": [names.get(name, each.heading(name)) for name in each.columns],
                    "reach": each.reach,
                    "rows": [[*map(each.text, row)] for row in each.rows],
                }
                for each in asides
            ]


def _add_values(
    graph: nx.Graph, evidence: Answer, levels: Mapping[Any, int], names: Names, language: str
) -> None:
    """Add to each node what is claimed of it that is no edge, such as a date or an amount, by relation."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    texts = words(language, "site")
    for row in evidence:
        node, value = row["source"], str(row["target"])
        value = texts[value.lower()] if isinstance(row["target"], bool) else value
        if row["claim"] and node in graph and not _NAME.match(value) and value not in names.get(node, ()):
            relation = evidence.labels[row["property"]]
            known = found.setdefault((node, relation), {})
            known[value] = min(known.get(value, len(network.LEVELS)), levels[row["claim"]])
    for (node, relation), values in found.items():
        graph.nodes[node].setdefault(relation, "\n".join(values))
        for value, level in values.items():
            graph.nodes[node]["levels"][f"{relation}\n{value}"] = level


def page(
    document: ViewDocument,
    *,
    ways: Mapping[str, Any] | None = None,
    matrices: Mapping[str, Matrix] = MappingProxyType({}),
    board: Storyboard | None = None,
) -> ExplorerPage:
    """Make the page of a view document, with a tab for matrices and a story; `ways` are those of `view`."""
    style = (STATIC / "explorer.css").read_text(encoding="utf-8")
    code, library = script("explorer.js"), _library()
    for name, drawn in (("matrix", matrices), ("story", board)):
        if drawn:
            style += (STATIC / f"{name}.css").read_text(encoding="utf-8")
            code += (STATIC / f"{name}.js").read_text(encoding="utf-8")
    style = re.sub(r"/\*.*?\*/\n?|^ +|(?<=[:;,{]) ", "", style, flags=re.DOTALL | re.MULTILINE)
    policy = (
        f"default-src 'none'; script-src {csp_hash(library)} {csp_hash(code)}; style-src {csp_hash(style)}; "
        "img-src blob: data:; base-uri 'none'; form-action 'none'"
    )
    every, whole = {node["id"] for node in document["nodes"]}, {**document, "start": {}}
    filters: dict[str, Any] = {"icon": icon, "plural": plural, "direction": direction}
    filters["sentence"] = lambda asked: finding(asked, whole, every)[0]
    environment = jinja(STATIC.parent / "templates", TEMPLATES, **filters)
    alone = [place for place, each in enumerate(document["countries"]) if each["own"]]
    alone = alone if 1 < len(alone) <= LIMITS["beside"] else []  # of which each has a map of its own
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    html = environment.get_template("explorer.html").render(
        document,
        document=document,
        charts={country: chart(document, country) for country in (None, *alone)},
        listed=sorted(document["nodes"], key=lambda node: by_number(node, document["language"])),
        rows=MAX_ROWS,
        policy=policy,
        ways=ways,
        matrices=matrices,
        board=board,
        s=words(document["language"], "story"),
        t=words(document["language"], "site"),
        url=ways["url"] if ways else lambda iri: iri if _WEB.match(iri) else "",
        style=style,
        script=code,
        library=library,
    )
    made = ExplorerPage(html)
    made.document, made.policy = document, policy
    return made


def script(*entries: str) -> str:
    """Join the page's scripts, each after those that it imports, without imports, exports and comments."""
    order: dict[str, str] = {}

    def visit(name: str) -> None:
        if name not in order:
            source = (STATIC / name).read_text(encoding="utf-8")
            order[name] = ""  # so that two that import each other end the recursion
            for imported in _IMPORT.findall(source):
                visit(imported)
            del order[name]
            plain = _UNSENT.sub("", _IMPORT.sub("", source))
            order[name] = re.sub("^ +", " ", _WRAPPED.sub("", plain), flags=re.MULTILINE)

    for entry in entries:
        visit(entry)
    return "\n".join(order.values())


def _library() -> str:
    """Return vis-network from the installed pyvis package."""
    import pyvis

    file = max(Path(pyvis.__file__).parent.glob("lib/vis-*/vis-network.min.js"))
    # A string in it has a control character, which HTML forbids; JavaScript can escape it.
    return file.read_text(encoding="utf-8").replace("\x85", "\\x85")


def _datasets(store: Store, language: str) -> list[dict[str, str]]:
    """Return each dataset once, with its title in the language, or in English, or in any."""
    text = """SELECT ?data ?title ?version (COALESCE(?country, ?spatial) AS ?place) ?license {
      ?data a dcat:Dataset ; dct:title ?title OPTIONAL { ?data dcat:version ?version }
      OPTIONAL { ?data dct:license ?license }
      OPTIONAL { ?data dct:spatial ?spatial OPTIONAL { ?country schema:sameAs|owl:sameAs ?spatial } }
    } ORDER BY ?data ?title ?version ?place ?license"""
    found, fields = dict[str, dict[str, str]](), ("title", "version", "place", "license")
    for row in sorted(rows(store, text), key=lambda row: language_rank(row["title"].language, language)):
        values = {name: row[name].value if row[name] else "" for name in fields}
        found.setdefault(row["data"].value, {"iri": row["data"].value, **values})
    return [found[iri] for iri in sorted(found)]


def _held(store: Store, few: list[str]) -> dict[Any, str]:
    """Return the datasets in which each thing and claim is, or these, as their IRIs with spaces between."""
    among = f"VALUES ?thing {{ {' '.join(few)} }}" if few else ""
    text = f"""SELECT DISTINCT ?thing ?data {{ {among} GRAPH ?data {{ ?thing a|rdf:subject ?of }}
      ?data a dcat:Dataset }} ORDER BY ?data"""
    found: dict[Any, str] = {}
    for row in rows(store, text):
        thing = row["thing"].value
        found[thing] = f"{found.get(thing, '')} {row['data'].value}"
    return found


def _comparisons(catalog: Catalog, store: Store, language: str) -> list[dict[str, Any]]:
    """Return what was compared, with the words of each verdict."""
    answer = catalog.ask("comparisons", store=store, language=language)
    found: dict[str, dict[str, Any]] = {}
    for row, (_, _, aspect, verdict, rationale) in zip(answer.shown.rows, answer.texts, strict=True):
        comparison, thing = (str(getattr(term, "value", term)) for term in row[:2])
        each = {"aspect": aspect, "verdict": verdict, "rationale": rationale, "nodes": []}
        found.setdefault(comparison, each)["nodes"].append(thing)
    return [*found.values()]


def _names(store: Store, labels: str, language: str) -> Names:
    """Return the labels of each resource, in the language first, then in English, then in others."""

    def rank(row: Any) -> tuple[Any, str]:
        return language_rank(row["label"].language, language), row["label"].value

    ranked = sorted(rows(store, labels), key=rank)
    return grouped((row["thing"].value, row["label"].value) for row in ranked)


def _presets(
    catalog: Catalog,
    store: Store,
    language: str,
    known: Mapping[str, nx.Graph],
    without: set[str] | None,
    names: Names,
    levels: Mapping[Any, int],
) -> Iterator[Preset]:
    """Yield the starting points; `known` are networks that need no further query.

    A finding counts connections, or things by the claims that its question takes, for each level of evidence;
    there is none where `without`, the things left out, is None.
    """
    for name, query in catalog.queries.items():
        if query.view not in _PRESET_VIEWS:
            continue
        graph = known[name] if name in known else _result(store, query, query.bind())
        if graph is None:
            continue
        found, by_level = "" if without is None else query.finding(language, {ROWS: f"{{{ROWS}}}"}), None
        if found and "claim" in query.parameters:
            by_level = {}
            for key in network.SHOWN:
                shown = (each for each in levels if is_iri(each) and network.shows(key, levels[each]))
                bound = catalog.bind(query, store, claim=[*map(NamedNode, shown)] or [term("rdf:nil")])
                by_level[key] = {*(_result(store, query, bound) or ())}.difference(without or ())
        elif not graph.size():
            found = ""
        # An IRI without a name, such as that of an empty list, says nothing to people.
        given = [term.value for parameter in query.parameters.values() for term in parameter.default]
        called = (next(iter(names.get(each, ())), "" if is_iri(each) else each) for each in given)
        about = ", ".join(filter(None, called))
        title = query.title(language)[0] + (f" ({about})" if about else "")
        yield Preset(name, title, graph, found, by_level)


def _result(store: Store, query: Query, text: str) -> nx.Graph | None:
    """Return the result of a query as a network: its edges or else its things; None if it is no table."""
    import networkx as nx

    answer = store.query(text)
    if not isinstance(answer, QuerySolutions):
        return None
    if {"source", "target"} <= {variable.value for variable in answer.variables}:
        return network.network(store, edges=text)
    graph = nx.Graph()
    # What it is asked by, such as a country, and what else it tells of a thing is not what it finds.
    found = [each.value for each in answer.variables if each.value not in query.parameters]
    for row in answer:
        graph.add_nodes_from([row[n].value for n in found if isinstance(row[n], NamedNode)][:1])
    return graph
