// The items that are drawn: nodes, or kinds with counts. Both functions return {items: Map of id to item,
// drawn: the edges between them, places: Map of id to [x, y]}.
import { kindPositions, neighbours, nodePositions, starOf } from "./layout.js";
import { formatNumber } from "./dom.js";
import { overview } from "./model.js";

const TOGETHER = 4; // the most countries whose kinds are counted apart

/** @param {App} app */
export function nodeItems(app, nodes, edges, size) {
  const { doc, model } = app;
  const state = app.state();
  const near = neighbours(model, nodes, edges);
  const star = state.picture === "around" ? starOf(model, near, state.selected) : null;
  const all = nodePositions(model, nodes, edges, state, size, star);
  const measure = (id) => {
    const [pagerank = 0, betweenness = 0] = model.node(id).measures;
    return { pagerank, betweenness }[state.size] ?? near.get(id).size;
  };
  const bases = new Map(); // the best basis of what touches each
  for (const id of edges)
    for (const end of model.ends(id))
      bases.set(end, Math.min(bases.get(end) ?? Infinity, model.edge(id).basis));
  const tint = (id) => {
    const { kind, countries, community } = model.node(id);
    if (state.tint === "community")
      return community === null ? "edge" : `lane${doc.communities[community].color}`;
    if (state.tint === "country" && countries.length !== 1) return countries.length ? "lane5" : "edge";
    if (state.tint === "country") return `lane${doc.countries[countries[0]].color}`;
    return state.tint === "basis" ? (doc.bases[bases.get(id)]?.key ?? "edge") : `lane${doc.kinds[kind].lane}`;
  };
  const items = new Map();
  const places = new Map();
  for (const id of nodes) {
    const { name, kind } = model.node(id);
    items.set(id, {
      id,
      name,
      kind: doc.kinds[kind],
      weight: measure(id),
      tint: tint(id),
      side: star ? Math.sign(all.get(id)[0]) : 0,
      size: star ? (id === star ? 22 : 12.5) : 0,
    });
    places.set(id, all.get(id));
  }
  const drawn = [...edges]
    .map(model.edge)
    .map((edge) => ({ id: edge.id, from: edge.source, to: edge.target, edge }));
  const most = Math.max(...[...items.values()].map(({ weight }) => weight), 1e-9);
  for (const item of items.values()) if (state.size) item.scale = 0.75 + 1.75 * Math.sqrt(item.weight / most);
  return { items, drawn, places };
}

/** @param {App} app */
export function kindItems(app, nodes, edges, size) {
  const { doc, model } = app;
  const { nodes: kinds, edges: pairs } = overview(model, nodes, edges);
  const numbers = kinds.map(({ kind }) => kind);
  const most = Math.max(1, ...kinds.map(({ count }) => count));
  const widest = Math.max(1, ...pairs.map(({ count }) => count));
  const layered = doc.lanes.some(({ layer }) => layer !== null);
  const places = kindPositions(numbers, (kind) => (layered ? doc.kinds[kind].lane : null), size);
  // of a name, beside its sign
  const room = Math.min(size.width, ...[...places.values()].map(([x]) => x).filter(Boolean)) - 56;
  const shown = app.countries().length <= TOGETHER && app.countries().length > 1 ? app.countries() : [];
  const named = ({ kind, count, ids }) => {
    const apart = shown
      .map((of) => [doc.countries[of].mark, ids.filter((id) => model.node(id).countries.includes(of)).length])
      .filter(([, many]) => many);
    const each = apart.map(([mark, many]) => `${mark}\u00a0${formatNumber(many)}`).join(", ");
    return `${doc.kinds[kind].name} ${formatNumber(count)}${each && ` (${each})`}`;
  };
  return {
    items: new Map(
      kinds.map((each) => [
        `k ${each.kind}`,
        {
          id: `k ${each.kind}`,
          name: named(each),
          kind: doc.kinds[each.kind],
          weight: each.count,
          side: 1,
          room,
          size: 14 + 9 * Math.sqrt(each.count / most),
          ofKind: each.kind,
          holds: new Set(each.ids),
        },
      ]),
    ),
    places: new Map([...places].map(([kind, at]) => [`k ${kind}`, at])),
    drawn: pairs.map(({ source, target, count }, number) => ({
      id: `p ${number}`,
      from: `k ${source}`,
      to: `k ${target}`,
      plain: true,
      text: formatNumber(count),
      width: 1 + 3 * Math.sqrt(count / widest),
    })),
  };
}
