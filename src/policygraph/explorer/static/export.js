// Export what is shown to files of other programs: pure functions of the model and two Sets of ids.
import { became, factLines, shows } from "./model.js";

const TYPES = { confidence: "double", hub: "boolean" };
for (const name of "layer level start end horizon succeeded".split(" ")) TYPES[name] = "int";

// Drop what XML cannot hold: control characters and lone surrogates.
export const clean = (text) =>
  String(text).replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "");

// Rows of attributes by their names in the network, without empty ones

/** @param {Model} model */
function nodeRows(model, nodes) {
  const { doc } = model;
  const list = new Map(doc.lists.flatMap(({ iri, members }) => members.map((id) => [id, iri])));
  const names = uniquely(doc.nodes.map(({ iri }) => clean(iri)));
  return doc.nodes
    .filter(({ id }) => nodes.has(id))
    .map((node) => ({
      node,
      id: names[model.rank(node.id)],
      own: present({
        ...node,
        label: node.name,
        kind: named(doc.kinds[node.kind].name, doc.texts?.unnamed_kind),
        class: doc.kinds[node.kind].iri,
        scheme: list.get(node.id),
        country: node.countries.map((of) => doc.countries[of].iri).join("; "),
        interval: days(model, node),
        hub: node.hub ? true : "",
      }),
      facts: present(
        Object.fromEntries(
          Object.entries(node.facts).map(([name, value]) => [name, factLines(model, node, name, value)]),
        ),
      ),
    }));
}

// The days of a node whose years are shown at the level of evidence.
function days({ doc, evidence }, { interval, levels }) {
  const ends = interval
    .split("/")
    .map((day, place) => (shows(doc, evidence, levels[["start", "end"][place]] ?? 0) ? day : ""));
  return ends.join("/").replace(/^\/$/, "");
}

/** @param {Model} model */
function edgeRows(model, edges) {
  const { doc } = model;
  const names = uniquely(doc.nodes.map(({ iri }) => clean(iri)));
  return doc.edges
    .filter(({ id }) => edges.has(id))
    .map((edge) => {
      const basis = doc.bases[edge.basis];
      return {
        edge,
        source: names[model.rank(edge.source)],
        target: names[model.rank(edge.target)],
        own: present({
          ...edge,
          relation: named(doc.relations[edge.relation].name, doc.texts?.unnamed_relation),
          property: doc.relations[edge.relation].iri,
          basis: { none: "", other: basis.name }[basis.key] ?? basis.key,
          strength: doc.strengths[edge.strength]?.key,
          document: doc.documents[edge.document]?.name,
          passages: edge.passages.join("\n"),
        }),
        facts: present(edge.facts),
      };
    });
}

const named = (name, unnamed) => (name === unnamed ? "" : name);
const present = (values) =>
  Object.fromEntries(
    Object.entries(values)
      .map(([name, value]) => [name, typeof value === "string" ? clean(value) : value])
      .filter(([, value]) => value !== null && value !== undefined && value !== ""),
  );

// Make texts unique by adding "_" to repeated ones.
function uniquely(texts, taken = new Set(), key = (text) => text) {
  return texts.map((text) => {
    let name = text;
    while (taken.has(key(name))) name += "_";
    taken.add(key(name));
    return name;
  });
}

// The columns of rows: [{name, of(row), type}]. A fact with the name of another column gets "_" at its end.
function columns(rows, own, taken) {
  const facts = [...new Set(rows.flatMap((row) => Object.keys(row.facts)))].sort();
  const names = uniquely(facts.map(clean), new Set([...own, ...taken]), (name) => name.toLowerCase());
  return [
    ...own.map((name) => ({ name, of: (row) => row.own[name], type: TYPES[name] || "string" })),
    ...facts.map((fact, number) => ({
      name: names[number],
      of: (row) => (Object.hasOwn(row.facts, fact) ? row.facts[fact] : undefined),
      type: "string",
    })),
  ];
}
const OF_NODES =
  "label kind class layer level notation scheme country start end horizon succeeded interval hub description".split(
    " ",
  );
const OF_EDGES =
  "relation property basis strength confidence rationale document passages curator claim".split(" ");
// reserved by the programs that read the files
const TAKEN = ["id", "source", "target", "type", "kind", "key", "label", "weight", "timeset", "pid", "viz"];

// CSV (RFC 4180)

/** With two years, what became of each thing from one to the other. @param {Model} model */
export function nodesCsv(model, nodes, years = null) {
  const compared = Array.isArray(years);
  const rows = nodeRows(model, nodes).map((row) => ({
    ...row,
    own: { ...row.own, change: compared ? became(model, row.node, years) : "" },
  }));
  const shown = columns(rows, compared ? [...OF_NODES, "change"] : OF_NODES, TAKEN);
  return csv([
    ["id", ...shown.map(({ name }) => name)],
    ...rows.map((row) => [row.id, ...shown.map(({ of }) => of(row))]),
  ]);
}

/** @param {Model} model */
export function edgesCsv(model, edges, places = null) {
  const rows = new Map(edgeRows(model, edges).map((row) => [row.edge.id, row]));
  const ends = ["source", "source_label", "target", "target_label"];
  const shown = columns([...rows.values()], OF_EDGES, [...TAKEN, ...ends, "path", "hop"]);
  const name = (id) => clean(model.node(id).name);
  const line = (row) => [
    row.source,
    name(row.edge.source),
    row.target,
    name(row.edge.target),
    ...shown.map(({ of }) => of(row)),
  ];
  const heads = [...ends, ...shown.map(({ name: column }) => column)];
  return csv(
    places
      ? [["path", "hop", ...heads], ...places.map(([id, ...place]) => [...place, ...line(rows.get(id))])]
      : [heads, ...[...rows.values()].map(line)],
  );
}

// The hops of paths, a line for each connection.
/** @param {Model} model */
export const pathsCsv = (model, paths) =>
  edgesCsv(
    model,
    new Set(paths.flatMap(({ edges }) => edges)),
    paths.flatMap(({ hops }, path) =>
      hops.flatMap(({ edges }, hop) => edges.map((id) => [id, path + 1, hop + 1])),
    ),
  );

// The cells of a crosswalk, a line for each, as the terminal's table has them.
/** @param {Model} model */
export function crosswalkCsv(model, { down, across, cells }) {
  const { doc } = model;
  const end = ({ iri, notation, name }) => [clean(iri), clean([notation, name].filter(Boolean).join(" "))];
  const basis = (edge) =>
    edge ? [doc.bases[edge.basis].key, doc.strengths[edge.strength]?.key].filter(Boolean).join(", ") : "";
  const line = ({ kind, strength, count, shared, via, weakest }) => [
    kind,
    strength,
    count,
    shared,
    via.map((id) => clean(model.node(id).name)).join("; "),
    basis(model.edge(weakest)),
  ];
  return csv([
    ["row", "row_label", "column", "column_label", "kind", "strength", "paths", "shared", "through", "basis"],
    ...down.flatMap((row, y) =>
      across.map((column, x) => [...end(row), ...end(column), ...line(cells[y][x])]),
    ),
  ]);
}

const field = (text) => (/[",\r\n]/.test(text ?? "") ? `"${text.replaceAll('"', '""')}"` : (text ?? ""));

export const csv = (rows) => rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");

// The datasets that things and connections are in; where that is not known of any of them, all.
/** @param {Model} model */
export function datasetsOf({ doc, node, edge }, { nodes, edges }) {
  const items = [...[...nodes].map(node), ...[...edges].map(edge)];
  const held = new Set(items.flatMap(({ datasets }) => datasets));
  return doc.datasets.filter((_, place) => !held.size || held.has(place));
}

// What tables are of, from where, and under which licence: CSV on the Web
// (https://www.w3.org/TR/tabular-metadata/).
export function csvw(doc, title, urls, datasets) {
  const terms = (name) =>
    [...new Set(datasets.map((each) => each[name]).filter(Boolean))].map((iri) => ({ "@id": iri }));
  const about = {
    "@context": "http://www.w3.org/ns/csvw",
    "dc:title": { "@value": title, "@language": doc.language },
    "dc:source": terms("iri"),
    "dc:license": terms("license"),
    tables: urls.map((url) => ({ url })),
  };
  return `${JSON.stringify(about, null, 2)}\n`;
}

// GraphML

export const escaped = (text) => clean(text).replace(/[&<>"\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);

// Write an element; its content is XML already.
export function xml(name, attributes, ...content) {
  const head = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`)
    .join("");
  return content.length ? `<${name}${head}>${content.join("")}</${name}>` : `<${name}${head}/>`;
}
const block = (elements) => `\n${elements.join("\n")}\n`;

// The ids of edges: their claim if unique, else the document's id.
function edgeIds(rows) {
  const counts = new Map();
  for (const { own } of rows) counts.set(own.claim, (counts.get(own.claim) || 0) + 1);
  return uniquely(rows.map(({ own, edge }) => (counts.get(own.claim) === 1 && own.claim) || edge.id));
}

/** @param {Model} model */
export function graphml(model, nodes, edges, title = model.doc.title) {
  const { doc } = model;
  const keys = [];
  const held = (part, row) =>
    keys
      .filter((key) => key.part === part && key.of(row) !== undefined)
      .map((key) => xml("data", { key: key.id }, escaped(key.of(row))));
  const declare = (part, shown) => {
    for (const column of shown) keys.push({ ...column, part, id: `d${keys.length}` });
  };
  const [things, links] = [nodeRows(model, nodes), edgeRows(model, edges)];
  declare("graph", [
    { name: "title", type: "string", of: () => title },
    { name: "language", type: "string", of: () => doc.language },
  ]);
  declare("node", columns(things, OF_NODES, ["id"]));
  declare("edge", columns(links, OF_EDGES, ["id", "source", "target"]));
  const ids = edgeIds(links);
  const key = ({ id, part, name, type }) =>
    xml("key", { id, for: part, "attr.name": name, "attr.type": type });
  const edge = ({ source, target, ...row }, number) =>
    xml("edge", { id: ids[number], source, target }, ...held("edge", row));
  const graph = [
    ...held("graph", null),
    ...things.map((row) => xml("node", { id: row.id }, ...held("node", row))),
    ...links.map(edge),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml(
    "graphml",
    { xmlns: "http://graphml.graphdrawing.org/xmlns" },
    block([
      ...keys.map(key),
      xml("graph", { edgedefault: doc.directed === false ? "undirected" : "directed" }, block(graph)),
    ]),
  )}\n`;
}

// A kind's shape with its letter, as SVG.
export function mark(kind, x, y) {
  const look = { fill: kind.color, stroke: "#595959" };
  const points = kind.corners.map(([a, b]) => `${(11 * a).toFixed(1)},${(11 * b).toFixed(1)}`).join(" ");
  const shape = points ? xml("polygon", { points, ...look }) : xml("circle", { r: 11, ...look });
  const letter = {
    y: (4.4 + 11 * kind.lower).toFixed(1),
    fill: kind.ink,
    "font-size": kind.letter.length > 1 ? 11 : 12,
    "font-weight": "bold",
    "text-anchor": "middle",
  };
  const sign = xml("text", letter, escaped(kind.letter));
  return xml("g", { transform: `translate(${x} ${y})` }, shape, sign);
}
