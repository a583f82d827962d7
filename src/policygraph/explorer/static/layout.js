// Positions of nodes in the picture: pure functions of what is shown. The
// position of each node in whole units, as a Map of id to [x, y]: as given, or around the one that is
// selected or else the best connected, in rings, or beside the `star`. Of too many for springs, none is
// given. `moved` has those that were dragged.
/** @param {Model} model */
export function nodePositions(model, nodes, edges, { moved, picture, selected }, box, star) {
  const shown = model.doc.nodes.filter(({ id }) => nodes.has(id));
  const positions = new Map();
  const aspect = Math.max(0.6, Math.min(1.8, box.width / box.height));
  if (star) placeBeside(model, shown, positions, star, box);
  else if (picture === "around" || model.doc.nodes.length > model.doc.limits.whole)
    placeInRings(model, shown, edges, positions, model.named(selected)?.id, aspect);
  else for (const { id, x, y } of shown) positions.set(id, [x, y]);
  for (const { id, iri } of shown) if (Object.hasOwn(moved, iri)) positions.set(id, [...moved[iri]]);
  return positions;
}

// The neighbours of each node over these edges.
/** @param {Model} model */
export function neighbours(model, nodes, edges) {
  const near = new Map([...nodes].map((id) => [id, new Set()]));
  for (const [source, target] of [...edges].map(model.ends).filter(([one, other]) => one !== other)) {
    near.get(source).add(target);
    near.get(target).add(source);
  }
  return near;
}

// The node that all others touch, the one that is selected first; or null.
/** @param {Model} model */
export function starOf(model, near, selected) {
  const all = [...near].filter(([, others]) => others.size === near.size - 1).map(([id]) => id);
  return all.find((id) => model.node(id).iri === selected) ?? all[0] ?? null;
}

const KIND = 135; // pixels of a kind's sign with its name
// pixels: between two nodes, of a letter at most, of a line of a name
const [CLOSE, LETTER, LINE] = [28, 6.6, 14.5];
// How many lines a name has, of so many letters at most.
function nameLines(name, most) {
  let [lines, used] = [1, 0];
  for (const { length } of name.split(/\s+/)) {
    if (used && used + 1 + length > most) [lines, used] = [lines + 1, 0];
    lines += Math.floor((length - 1) / most);
    used += length + 1;
  }
  return lines;
}

// What touches the one in the middle at its right and left, on an ellipse, each with room for its name beside
// it.
function placeBeside(model, shown, positions, middle, { width, height }) {
  const others = shown
    .filter(({ id }) => id !== middle)
    .sort((a, b) => a.kind - b.kind || model.rank(a.id) - model.rank(b.id));
  const wide = Math.max(90, Math.min(250, width / 2 - 90));
  const far = Math.max(60, width / 2 - wide - 28);
  positions.set(middle, [0, 0]);
  const room = ({ name }) => Math.max(CLOSE, LINE * nameLines(name, wide / LETTER) + 6);
  const sum = (some) => some.reduce((all, each) => all + room(each), 0);
  const right = others.filter((_, place) => sum(others.slice(0, place)) < sum(others) / 2);
  for (const [side, half] of /** @type {[number, any[]][]} */ ([
    [1, right],
    [-1, others.slice(right.length).reverse()],
  ])) {
    const more = Math.max(0, Math.min(70, (height - 16 - sum(half)) / Math.max(1, half.length)));
    const end = (sum(half) + more * half.length) / 2;
    half.reduce((top, node) => {
      const y = top + (room(node) + more) / 2;
      const x = side * far * (0.5 + 0.5 * Math.sqrt(1 - (y / end) ** 2));
      positions.set(node.id, [Math.round(x), Math.round(y)]);
      return top + room(node) + more;
    }, -end);
  }
}

// The component of the one in the middle in rings around it; the others, each around its best connected, in
// rows below.
/** @param {Model} model */
function placeInRings(model, shown, edges, positions, middle, aspect) {
  const ids = shown.map(({ id }) => id); // in the document's order, which a sort keeps
  const near = neighbours(model, ids, edges);
  const first = (id) => Number(id === middle);
  let row = null;
  for (const start of ids.sort((a, b) => first(b) - first(a) || near.get(b).size - near.get(a).size)) {
    if (positions.has(start)) continue;
    const rings = [[start]];
    const known = new Set(rings[0]);
    while (rings.at(-1).length) {
      // in the order of the ring before, so that few edges cross
      const next = (id) =>
        [...near.get(id)]
          .filter((other) => !known.has(other) && known.add(other))
          .sort((a, b) => model.rank(a) - model.rank(b));
      rings.push(rings.at(-1).flatMap(next));
    }
    let radius = 0;
    // A ring of many is staggered in two or three rows, so that it has room for names.
    const rows = (ring) => (ring.length > 36 ? 3 : ring.length > 14 ? 2 : 1);
    const radii = rings.slice(0, -1).map((ring, number) => {
      const wide = (ring.length * 105) / (2 * Math.PI * rows(ring)); // enough for its names
      radius = number ? Math.max(radius + 110 * rows(ring), wide) : 0;
      return radius;
    });
    const far = aspect * radius;
    const [x, y] = row ? [row.x + far, row.y + radius] : [0, 0];
    if (!row) row = { x: -far, y: radius + 150, high: 0, end: far };
    else {
      row = { ...row, x: row.x + 2 * far + 190, high: Math.max(row.high, 2 * radius + 150) };
      if (row.x > row.end) row = { ...row, x: -row.end, y: row.y + row.high, high: 0 };
    }
    for (const [number, ringed] of radii.entries()) {
      for (const [place, id] of rings[number].entries()) {
        const angle = (2 * Math.PI * place) / rings[number].length - Math.PI / 2;
        const by = ringed - 80 * (place % rows(rings[number])) * Number(number > 0);
        const [a, b] = [x + aspect * by * Math.cos(angle), y + by * Math.sin(angle)];
        positions.set(id, [Math.round(a), Math.round(b)]);
      }
    }
  }
}

function extent(positions) {
  const [xs, ys] = [positions.map(([x]) => x), positions.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [Math.max(...xs) - left, Math.max(...ys) - top, left, top];
}

// The centre and scale of the view that shows all positions.
export function fitView(positions, box, closest = 1.35) {
  if (!positions.length) return { x: 0, y: 0, scale: 1 };
  const [width, height, left, top] = extent(positions);
  const scale = Math.min(
    closest,
    Math.max(60, box.width - (box.width > 600 ? 150 : 130)) / Math.max(1, width),
    Math.max(60, box.height - 100) / Math.max(1, height),
  );
  return { x: left + width / 2, y: top + height / 2 + 8 / scale, scale };
}

// The mean distance of nodes, in units of the picture.
export function spacing(positions) {
  const [width, height] = extent(positions);
  return Math.sqrt((Math.max(width, 200) * Math.max(height, 200)) / Math.max(1, positions.length));
}

// Positions of the kinds, at the left of the room for their names: a column for each lane, or for as many as
// there is width, and the other lanes below.
export function kindPositions(kinds, laneOf, { width, height }) {
  const lanes = new Map();
  kinds.forEach((kind, number) => {
    const lane = laneOf(kind) ?? number % Math.ceil(Math.sqrt(kinds.length));
    lanes.set(lane, [...(lanes.get(lane) || []), kind]);
  });
  const columns = [...lanes].sort(([a], [b]) => a - b).map(([, some]) => some);
  const across = Math.max(1, Math.min(columns.length, Math.floor(width / KIND)));
  const most = (some) => Math.max(...some.map(({ length }) => length));
  const high = Math.max(56, Math.min(100, (height - 40) / most(columns)));
  const top = (band) =>
    band ? top(band - 1) + high * most(columns.slice((band - 1) * across, band * across)) : 0;
  return new Map(
    columns.flatMap((some, place) =>
      some.map((kind, row) => [
        kind,
        [
          Math.round((width / across) * (place % across)),
          Math.round(top(Math.floor(place / across)) + high * row),
        ],
      ]),
    ),
  );
}
