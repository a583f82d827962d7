// Positions of nodes in the picture, and groups of nodes drawn as one: pure functions of what is shown.
const COLUMN = 205; // units between two columns when few nodes are shown
const ROW = 104;
const MAX_ROWS = 9; // nodes in one column before it is folded

// The position of each node: as given while most are shown; closer together, in the same order, when few are.
// Returns a Map of id to [x, y]; `box` is the size of the canvas in pixels, which a layered picture fills.
/** @param {Model} model */
export function nodePositions(model, nodes, edges, moved, box) {
  const { doc } = model;
  const shown = doc.nodes.filter(({ id }) => nodes.has(id));
  const layered = shown.some(({ layer }) => layer !== null && layer !== undefined);
  const positions = new Map();
  if (layered && shown.length < 0.7 * doc.nodes.length) placeInColumns(shown, positions);
  else if (!layered && shown.length > 2 && shown.length <= 150 && shown.length < 0.7 * doc.nodes.length) placeInRings(model, shown, edges, positions);
  else for (const { id, x, y } of shown) positions.set(id, [x, y]);
  if (layered && shown.length > 2) {
    const [width, height] = extent([...positions.values()]);
    const wanted = ((box.height - 110) / Math.max(200, box.width - 150)) * (width / Math.max(1, height));
    const stretch = Math.max(0.75, Math.min(1.9, wanted));
    for (const position of positions.values()) position[1] = Math.round(position[1] * stretch);
  }
  for (const { id, iri } of shown) if (Object.hasOwn(moved, iri)) positions.set(id, [...moved[iri]]);
  return positions;
}

function placeInColumns(shown, positions) {
  const columns = new Map();
  for (const node of shown) {
    const key = node.layer ?? 1e6;
    columns.set(key, [...(columns.get(key) || []), node]);
  }
  let x = 0;
  for (const [, column] of [...columns].sort(([a], [b]) => a - b)) {
    column.sort((a, b) => a.y - b.y || a.x - b.x);
    const folds = Math.ceil(column.length / MAX_ROWS);
    column.forEach(({ id }, number) => {
      const y = (number - (column.length - 1) / 2) / folds;
      positions.set(id, [x + 165 * (number % folds), Math.round(ROW * (y + ((x / COLUMN) % 2) / 5))]);
    });
    x += COLUMN + 165 * (folds - 1);
  }
}

// Positions without layers: each component in rings around its best connected node.
/** @param {Model} model */
function placeInRings(model, shown, edges, positions) {
  const near = new Map(shown.map(({ id }) => [id, new Set()]));
  for (const id of edges) {
    const { source, target } = model.edge(id);
    if (source !== target) { near.get(source).add(target); near.get(target).add(source); }
  }
  const ranked = shown.map(({ id }) => id).sort((a, b) => near.get(b).size - near.get(a).size || model.rank(a) - model.rank(b));
  let left = 0;
  for (const middle of ranked) {
    if (positions.has(middle)) continue;
    const rings = [[middle]];
    const known = new Set(rings[0]);
    while (rings.at(-1).length) { // in the order of the ring before, so that few edges cross
      rings.push(rings.at(-1).flatMap((id) => [...near.get(id)].filter((other) => !known.has(other) && known.add(other)).sort((a, b) => model.rank(a) - model.rank(b))));
    }
    let radius = 0;
    const piece = rings.slice(0, -1).map((ring, number) => {
      radius = number ? Math.max(radius + 130, (ring.length * 95) / (2 * Math.PI)) : 0;
      return { ring, far: radius };
    });
    for (const { ring, far } of piece) {
      ring.forEach((id, number) => {
        const angle = (2 * Math.PI * number) / ring.length - Math.PI / 2;
        positions.set(id, [Math.round(left + radius + 1.25 * far * Math.cos(angle)), Math.round(far * Math.sin(angle))]);
      });
    }
    left += 2 * radius + 240;
  }
}

function extent(positions) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of positions) {
    left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y);
  }
  return [right - left, bottom - top, left, top];
}

// The centre and scale of the view that shows all positions.
export function fitView(positions, box, closest = 1.35) {
  if (!positions.length) return { x: 0, y: 0, scale: 1 };
  const [width, height, left, top] = extent(positions);
  const scale = Math.min(closest, Math.max(60, box.width - (box.width > 600 ? 150 : 90)) / Math.max(1, width), Math.max(60, box.height - 100) / Math.max(1, height));
  return { x: left + width / 2, y: top + height / 2 + 8 / scale, scale };
}

// Nodes of one kind whose only neighbour is the same hub are one group if they are many, unless it was opened.
// Returns [{id, hub, kind, members}], where members are ids.
/** @param {Model} model */
export function leafGroups(model, nodes, edges, { opened, kept }) {
  const { doc } = model;
  if (nodes.size <= doc.limits.group) return [];
  const near = new Map();
  for (const id of edges) {
    const { source, target } = model.edge(id);
    if (source === target) continue;
    for (const [one, other] of [[source, target], [target, source]]) {
      if (!near.has(one)) near.set(one, new Set());
      near.get(one).add(other);
    }
  }
  const groups = new Map();
  for (const [id, others] of near) {
    if (others.size !== 1 || kept.has(id)) continue;
    const [hub] = others;
    const key = `${hub} ${model.node(id).kind}`;
    if (!groups.has(key)) groups.set(key, { id: `b ${key}`, hub, kind: model.node(id).kind, members: [] });
    groups.get(key).members.push(id);
  }
  return [...groups.values()].filter(({ hub, kind, members }) =>
    members.length > doc.limits.group && !opened.includes(`${model.node(hub).iri} ${doc.kinds[kind].name}`));
}

// The mean distance of nodes, in units of the picture.
export function spacing(positions) {
  const [width, height] = extent(positions);
  return Math.sqrt((Math.max(width, 200) * Math.max(height, 200)) / Math.max(1, positions.length));
}

// Positions of the kinds in a ring, for a network too large to draw.
export function kindPositions(kinds, box) {
  const positions = new Map();
  const [a, b] = [Math.max(220, box.width * 0.36), Math.max(170, box.height * 0.36)];
  kinds.forEach((kind, number) => {
    const angle = (2 * Math.PI * number) / kinds.length - Math.PI / 2;
    positions.set(kind, [Math.round(a * Math.cos(angle)), Math.round(b * Math.sin(angle))]);
  });
  return positions;
}
