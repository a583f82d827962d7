// Positions of nodes in the picture, and groups of nodes drawn as one: pure functions of what is shown.
// The position of each node in whole units, as a Map of id to [x, y]: as given, or in rings around the one that is
// selected or else the best connected. `moved` has those that were dragged.
/** @param {Model} model */
export function nodePositions(model, nodes, edges, { moved, picture, selected }) {
  const shown = model.doc.nodes.filter(({ id }) => nodes.has(id));
  const positions = new Map();
  if (picture === "around" && shown.length) placeInRings(model, shown, edges, positions, model.named(selected)?.id);
  else for (const { id, x, y } of shown) positions.set(id, [x, y]);
  for (const { id, iri } of shown) if (Object.hasOwn(moved, iri)) positions.set(id, [...moved[iri]]);
  return positions;
}

// Each component in rings around its best connected node, the first around the one in the middle.
/** @param {Model} model */
function placeInRings(model, shown, edges, positions, middle) {
  const near = new Map(shown.map(({ id }) => [id, new Set()]));
  for (const id of edges) {
    const { source, target } = model.edge(id);
    if (source !== target) { near.get(source).add(target); near.get(target).add(source); }
  }
  const ranked = shown.map(({ id }) => id).sort((a, b) => Number(b === middle) - Number(a === middle) || near.get(b).size - near.get(a).size || model.rank(a) - model.rank(b));
  let left = 0;
  for (const start of ranked) {
    if (positions.has(start)) continue;
    const rings = [[start]];
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
