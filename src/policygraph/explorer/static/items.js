// The items that are drawn: nodes, groups of many alike, and "+12" for hidden neighbours; or kinds with counts.
// Both functions return {items: Map of id to item, drawn: the edges between them, places: Map of id to [x, y]}.
import { kindPositions, leafGroups, nodePositions } from "./layout.js";
import { formatNumber } from "./dom.js";
import { overview, relations } from "./model.js";

// The key of a relation of which some neighbours were added, and of the item that stands for the rest.
export const partKey = (iri, direction, name) => [iri, direction, name].join("\n");

/** @param {App} app */
export function nodeItems(app, nodes, edges) {
  const { doc, model } = app;
  const state = app.state();
  const kept = new Set([...state.pinned, state.selected].map((iri) => app.nodeOf(iri)?.id));
  const groups = leafGroups(model, nodes, edges, { opened: state.opened, kept });
  const inside = new Set(groups.flatMap(({ members }) => members));
  const single = new Set([...nodes].filter((id) => !inside.has(id)));
  const all = nodePositions(model, nodes, edges, state);
  const items = new Map();
  const places = new Map();
  for (const id of single) {
    const { name, kind } = model.node(id);
    items.set(id, { id, name, kind: doc.kinds[kind], weight: model.links(id).length });
    places.set(id, all.get(id));
  }
  const drawn = [];
  for (const id of edges) {
    const edge = model.edge(id);
    if (single.has(edge.source) && single.has(edge.target)) drawn.push({ id, from: edge.source, to: edge.target, edge });
  }
  for (const group of groups) {
    const kind = doc.kinds[group.kind];
    items.set(group.id, { id: group.id, name: `${kind.name} × ${formatNumber(group.members.length)}`, kind, weight: 1e6, group });
    places.set(group.id, beside(all.get(group.hub), group.members.map((id) => all.get(id))));
    if (single.has(group.hub)) drawn.push({ id: `l ${group.id}`, from: group.hub, to: group.id, plain: true, text: formatNumber(group.members.length) });
  }
  let parts = 0;
  for (const key of state.added) {
    const [iri, direction, ...name] = key.split("\n");
    const node = app.nodeOf(iri);
    if (!node || !single.has(node.id)) continue;
    const found = relations(model, node.id, nodes).find((each) => each.direction === direction && doc.relations[each.relation].name === name.join("\n"));
    if (!found?.hidden.length) continue;
    const id = `s ${key}`;
    const [x, y] = places.get(node.id);
    items.set(id, { id, name: name.join(" "), letter: `+${found.hidden.length}`, weight: 1e6, stub: { node, key: `${direction} ${found.relation}` } });
    places.set(id, [x + 70, y - 55 - 40 * parts]);
    parts += 1;
    drawn.push({ id: `l ${id}`, from: direction === "out" ? node.id : id, to: direction === "out" ? id : node.id, plain: true });
  }
  return { items, drawn, places };
}

// The mean of some positions, but at a distance from another.
function beside([left, top], places) {
  const [x, y] = places.reduce(([a, b], [c, d]) => [a + c / places.length, b + d / places.length], [0, 0]);
  const far = Math.hypot(x - left, y - top);
  return far >= 110 ? [Math.round(x), Math.round(y)] : [Math.round(left + (far ? (110 * (x - left)) / far : 110)), Math.round(top + (far ? (110 * (y - top)) / far : 0))];
}

/** @param {App} app */
export function kindItems(app, nodes, edges, size) {
  const { doc, model } = app;
  const { nodes: kinds, edges: pairs } = overview(model, nodes, edges);
  const most = Math.max(1, ...kinds.map(({ count }) => count));
  const widest = Math.max(1, ...pairs.map(({ count }) => count));
  const layered = doc.lanes.some(({ layer }) => layer !== null);
  const around = kindPositions(kinds.map(({ kind }) => kind), (kind) => (layered ? doc.kinds[kind].lane : null), size);
  return {
    items: new Map(kinds.map(({ kind, count }) => [`k ${kind}`, {
      id: `k ${kind}`, name: `${doc.kinds[kind].name} (${formatNumber(count)})`, kind: doc.kinds[kind], weight: count, size: 12 + 14 * Math.sqrt(count / most), ofKind: kind,
    }])),
    places: new Map(kinds.map(({ kind }) => [`k ${kind}`, around.get(kind)])),
    drawn: pairs.map(({ source, target, count }, number) => ({
      id: `p ${number}`, from: `k ${source}`, to: `k ${target}`, plain: true, text: formatNumber(count), width: 1 + 3 * Math.sqrt(count / widest),
    })),
  };
}
