// Query a view document: pure functions, without the page. Sets of nodes and edges are Sets of ids.
// Letters that no mark can be taken from, each with those that it is compared as.
const LETTERS = new Map(
  "æae øo œoe ßss ðd þth łl đd ħh ıi ςs".split(" ").map(([one, ...as]) => [one, as.join("")]),
);
const LONGEST = 200; // characters of a name or of typed text that are compared

// Index the document: node(id), edge(id), links(id) -> edges, named(iri) -> node; all and ends(id), the ids of
// all edges, and of the nodes of one.
export function index(doc) {
  const nodes = new Map(doc.nodes.map((node) => [node.id, node]));
  const edges = new Map(doc.edges.map((edge) => [edge.id, edge]));
  const links = new Map(doc.nodes.map(({ id }) => [id, []]));
  for (const edge of doc.edges) {
    links.get(edge.source).push(edge);
    if (edge.target !== edge.source) links.get(edge.target).push(edge);
  }
  const byIri = new Map(doc.nodes.map((node) => [node.iri, node]));
  const rank = new Map(doc.nodes.map(({ id }, number) => [id, number]));
  return {
    doc,
    node: (id) => nodes.get(id),
    edge: (id) => edges.get(id),
    links: (id) => links.get(id),
    named: (iri) => byIri.get(iri),
    rank: (id) => rank.get(id),
    all: [...edges.keys()],
    ends: (id) => [edges.get(id).source, edges.get(id).target],
    memo: {},
    evidence: "weak", // the level at which it is seen
  };
}

// Searching

// Fold text for comparison: lower case without diacritics, words between single spaces. As å may be written
// aa, and ø oe, each pair is one letter.
export function fold(text) {
  let folded = text.toLowerCase();
  if (/[^\0-\x7f]/.test(folded)) {
    folded = folded
      .normalize("NFKD")
      .toLowerCase()
      .replace(/\p{M}/gu, "")
      .replace(/[æøœßðþłđħıς]/g, (letter) => LETTERS.get(letter))
      .replace(/[^\p{L}\p{N}\p{S}]+/gu, " ");
  } else folded = folded.replace(/[^a-z0-9$+<=>^`|~]+/g, " ");
  return folded.replace(/aa/g, "a").replace(/oe/g, "o").trim();
}

// Find nodes by their labels in any language: the whole label, its start, the starts of its words, a part of
// it, and last with typos. Returns [{node: id, text: the label that matches, score}].
/** @param {Model} model */
export function find(model, typed, limit = 12) {
  const wanted = fold(typed).slice(0, LONGEST).trim();
  const exact = model.named(typed.trim());
  const { names, words } = wanted ? searchable(model) : { names: [], words: [] };
  const parts = wanted.split(" ");
  const close = parts.map((part) => words.map((word) => nearness(part, word)));
  const squeezed = wanted.replaceAll(" ", "");
  const best = new Map(exact ? [[exact.id, { node: exact.id, text: exact.name, score: 100, size: 0 }]] : []);
  for (const { node, text, folded, bare, inside } of names) {
    const score = fits(folded, bare, inside);
    const known = best.get(node);
    if (score > 0 && (!known || score > known.score))
      best.set(node, { node, text, score, size: folded.length });
  }
  return [...best.values()]
    .sort((a, b) => b.score - a.score || a.size - b.size || model.rank(a.node) - model.rank(b.node))
    .slice(0, limit)
    .map(({ node, text, score }) => ({ node, text, score }));

  function fits(folded, bare, inside) {
    if (folded === wanted) return 100;
    if (folded.startsWith(wanted)) return 90;
    let typos = 0;
    for (const near of close) {
      let least = 9;
      for (const word of inside) if (near[word] < least) least = near[word];
      typos += least;
    }
    if (typos === 0) return 70;
    if (bare.includes(squeezed)) return 50;
    return typos < 9 ? 30 - typos : 0;
  }
}

// All labels of all nodes, folded, and their words, each once.
/** @param {Model} model */
function searchable(model) {
  if (model.memo.searchable) return model.memo.searchable;
  const numbers = new Map();
  const names = [];
  for (const { id, name, names: called, notation } of model.doc.nodes) {
    for (const text of new Set([name, ...called, ...(notation ? [notation] : [])])) {
      const folded = fold(text.slice(0, 4 * LONGEST));
      if (!folded) continue;
      const inside = folded.split(" ").map((word) => {
        if (!numbers.has(word)) numbers.set(word, numbers.size);
        return numbers.get(word);
      });
      names.push({ node: id, text, folded, bare: folded.replaceAll(" ", ""), inside });
    }
  }
  const words = [...numbers.keys()].map((word) => ({ word, letters: letters(word) }));
  model.memo.searchable = { names, words };
  return model.memo.searchable;
}

const letters = (word) => {
  let bits = 0;
  for (let at = 0; at < word.length; at += 1) bits |= 1 << (word.charCodeAt(at) % 31);
  return bits;
};

// The number of typos between typed text and the start of a word; 9 if more than allowed.
function nearness(typed, { word, letters: has }) {
  if (word.startsWith(typed)) return 0;
  const allowed = typed.length < 4 || /\d/.test(typed) ? 0 : typed.length < 8 ? 1 : 2;
  if (!allowed || word.length < typed.length - allowed) return 9;
  let lacking = letters(typed) & ~has;
  for (let left = allowed; lacking; lacking &= lacking - 1, left -= 1) if (!left) return 9;
  return typos(typed, word, allowed);
}

// Optimal string alignment: the Levenshtein distance with transpositions (Damerau 1964).
function typos(typed, word, allowed) {
  const width = Math.min(word.length, typed.length + allowed);
  let [before, last] = [[], Array.from({ length: width + 1 }, (_, column) => column)];
  for (let row = 1; row <= typed.length; row += 1) {
    const now = [row];
    for (let column = 1; column <= width; column += 1) {
      const same = typed[row - 1] === word[column - 1];
      let least = Math.min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (same ? 0 : 1));
      if (row > 1 && column > 1 && typed[row - 1] === word[column - 2] && typed[row - 2] === word[column - 1])
        least = Math.min(least, before[column - 2] + 1);
      now.push(least);
    }
    if (Math.min(...now) > allowed) return 9;
    [before, last] = [last, now];
  }
  const least = Math.min(...last);
  return least > allowed ? 9 : least;
}

// Filtering

// filter: {kinds, relations, bases, strengths, countries: Sets of what is hidden, by index in the document's
//   lists; evidence: a level, or "only" what is read; years: [from, to] or null; year: one in which nodes are
//   in force, or two in either of which, or null; connectedTo: id or null; shown: Set of ids or null for all;
//   pinned: Set of ids that nothing hides}; all optional.
// A node without years stays; one without a start has the year of its end or horizon. With `year`, only nodes
// with a start stay that have begun and are not known to be over, and without one those of kinds that do not
// last, unless they are over. A node that loses its edges stays as long as what names it is shown; of what is
// read alone, only ends of edges and what is compared stay, and what the project made up. Of some countries,
// a node of none stays if edges, shown or not, join it to one of them, through none.
// Returns {nodes, edges: Sets, hiddenNodes, hiddenEdges: how many are not among them}.
/** @param {Model} model */
export function visible(model, filter = {}) {
  const { doc } = model;
  const { kinds, relations, bases, strengths, countries } = filter;
  const { evidence = "weak", years, year, connectedTo, shown, pinned } = filter;
  const off = (hidden, number) => Boolean(hidden?.has(number));
  const lasting = lastingKinds(doc.nodes);
  const allowed = doc.edges.filter(
    (edge) =>
      !off(relations, edge.relation) &&
      !off(bases, edge.basis) &&
      !off(strengths, edge.strength) &&
      shows(doc, evidence, edge.evidence),
  );
  const joined = countries?.size ? joinedTo(model, countries) : null;
  const seen = allowed.map(({ id }) => id);
  const among = (some) => some.filter((id) => !joined || joined.has(id));
  const together = [...seen.map(model.ends), ...doc.comparisons.map((each) => each.nodes)].map(among);
  const ends = evidence === "only" ? new Set(together.filter((some) => some.length > 1).flat()) : null;
  const near = connectedTo ? neighbourhood(model, connectedTo, 1, seen) : null;
  const asked = [year ?? []].flat();
  const stands = (node, one) =>
    isYear(node.start) ? inForce(node, one) : !lasting.has(node.kind) && !over(node, one);
  const isLeft = (node) =>
    (!shown || shown.has(node.id)) &&
    (!near || near.has(node.id)) &&
    !off(kinds, node.kind) &&
    (!joined || joined.has(node.id)) &&
    (shows(doc, evidence, node.evidence) || ends?.has(node.id)) &&
    (!years || within(node, years[0], years[1])) &&
    (!asked.length || asked.some((one) => stands(node, one)));
  const left = doc.nodes.filter((node) => pinned?.has(node.id) || isLeft(node));
  const nodes = new Set(left.map(({ id }) => id));
  const edges = new Set(seen.filter((id) => model.ends(id).every((end) => nodes.has(end))));
  return {
    nodes,
    edges,
    hiddenNodes: doc.nodes.length - nodes.size,
    hiddenEdges: doc.edges.length - edges.size,
  };
}

// Whether a level of evidence, or "only" what is read, has what is at this level.
export const shows = ({ evidence: levels }, key, level) => {
  const place = (name) => levels.findIndex((each) => each.key === name);
  return key === "only" ? level >= place("read") : level <= place(key);
};

// The lines of a fact of a node that are shown at the level of evidence at which the model is.
/** @param {Model} model */
export const factLines = ({ doc, evidence }, { levels }, name, text) =>
  text
    .split("\n")
    .filter((line) => shows(doc, evidence, levels[`${name}\n${line}`] ?? 0))
    .join("\n");

// The lane of the map in which a node is, as in cards.py.
export const laneOf = ({ lanes }, { kind, layer }) =>
  lanes[0].layer === null ? kind : lanes.indexOf(lanes.find((lane) => lane.layer === layer) || lanes.at(-1));

// The nodes of other countries than these, and those of no country that edges join to them, through none of
// these.
function joinedTo(model, countries) {
  const isOf = ({ countries: of }) => of.some((each) => !countries.has(each));
  const ids = (some) => some.map(({ id }) => id);
  const open = new Set(ids(model.doc.nodes.filter((node) => isOf(node) || !node.countries.length)));
  const edges = model.all.filter((id) => model.ends(id).every((end) => open.has(end)));
  return neighbourhood(model, ids(model.doc.nodes.filter(isOf)), Infinity, edges);
}

const isYear = (year) => Number.isFinite(year);

// Whether any year is known of a node, be it that to which it looks forward.
export const hasYear = ({ start, end, horizon }) => [start, end, horizon].some(isYear);

// The kinds that last: those of which some nodes have a start and an end.
export const lastingKinds = (nodes) =>
  new Set(nodes.filter(({ start, end }) => isYear(start) && isYear(end)).map(({ kind }) => kind));

// The years of a node in words: what has no end, or no start, says so; a horizon is neither.
export function yearsOf({ start, end, horizon }, texts) {
  const from = !isYear(start)
    ? isYear(end) && `${texts.to_year} ${end}`
    : !isYear(end)
      ? `${texts.from_year} ${start}`
      : end !== start
        ? `${start}–${end}`
        : String(start);
  return [from, isYear(horizon) && `${texts.horizon} ${horizon}`].filter(Boolean).join(", ");
}

const over = ({ end }, year) => isYear(end) && end < year;

// The last year of a node: its end, or the one in which another begins that succeeds it; null if none is
// known.
export const lastYear = ({ start, end, succeeded }) =>
  isYear(end) ? end : isYear(succeeded) && isYear(start) ? Math.max(start, succeeded) : null;

// Whether a node is known to have begun by a year and is not known to be over.
export const inForce = (node, year) =>
  isYear(node.start) && node.start <= year && !(isYear(lastYear(node)) && lastYear(node) < year);

// The shown connections in which a node succeeds others or is succeeded.
const successions = ({ doc, evidence, links }, { id }) =>
  links(id).filter((edge) => doc.relations[edge.relation].succession && shows(doc, evidence, edge.evidence));

// Those in which others succeed it, whether these have begun or not.
/** @param {Model} model */
export const successors = (model, node) =>
  successions(model, node).filter(({ target }) => target === node.id);

// What became of a node from one year to another, by its sign: gone, come, still in force, or with one that
// took its place.
export const CHANGES = { gone: "−", new: "+", continued: "=", changed: "→" };
/** @param {Model} model */
export function became(model, node, years) {
  if (!Array.isArray(years)) return "";
  const of = (each) => {
    const [before, after] = years.map((year) => inForce(each, year));
    return before && after ? "continued" : before ? "gone" : after ? "new" : "";
  };
  const replaces = ({ source, target }) =>
    of(model.node(target)) === "gone" && of(model.node(source)) === "new";
  const own = of(node);
  return ["gone", "new"].includes(own) && successions(model, node).some(replaces) ? "changed" : own;
}

// Whether the years of a node, if it has any, overlap these; what has no end goes on. Null is no limit.
function within(node, first, last) {
  const begun = node.start ?? node.end ?? node.horizon;
  const over = isYear(node.start) ? lastYear(node) : begun;
  return (
    !hasYear(node) || ((first === null || !isYear(over) || over >= first) && (last === null || begun <= last))
  );
}

// The nodes at most so many steps from one or several, themselves included, over these edges, ignoring
// directions.
/** @param {Model} model */
export function neighbourhood(model, ids, steps, edges) {
  const allowed = new Set(edges);
  const found = new Set([ids].flat());
  let rim = [...found];
  for (let step = 0; step < steps && rim.length; step += 1) {
    const links = rim.flatMap(model.links).filter(({ id }) => allowed.has(id));
    rim = links.flatMap(({ id }) => model.ends(id)).filter((id) => !found.has(id) && found.add(id));
  }
  return found;
}

// The relations of a node over the edges that a filter allows, for expanding: [{relation, direction: "out" or
// "in", total: neighbours, hidden: ids of those not in `shown`, by name}]; in an undirected network all are
// "out".
/** @param {Model} model */
export function relations(model, id, shown, allowed) {
  const { doc } = model;
  const groups = new Map();
  for (const { source, target, relation } of model.links(id).filter((edge) => allowed.has(edge.id))) {
    const direction = doc.directed === false || source === id ? "out" : "in";
    const key = `${relation} ${direction}`;
    if (!groups.has(key)) groups.set(key, { relation, direction, things: new Set() });
    groups.get(key).things.add(source === id ? target : source);
  }
  const name = (other) => model.node(other).name;
  return [...groups.values()]
    .sort((a, b) => a.relation - b.relation || (a.direction < b.direction ? 1 : -1))
    .map(({ relation, direction, things }) => ({
      relation,
      direction,
      total: things.size,
      hidden: [...things]
        .filter((other) => !shown.has(other))
        .sort((a, b) => name(a).localeCompare(name(b), doc.language) || model.rank(a) - model.rank(b)),
    }));
}

// The connections of a node over these edges, each with whether it leads from there, and the node at its other
// end.
/** @param {Model} model */
export const connections = (model, { id }, edges) =>
  model
    .links(id)
    .filter((edge) => edges.has(edge.id))
    .map((edge) => ({
      edge,
      out: edge.source === id,
      other: model.node(edge.source === id ? edge.target : edge.source),
    }));

// The kinds instead of the nodes: {nodes: [{kind, count, ids}], edges: [{source, target: kinds, count}]}.
/** @param {Model} model */
export function overview(model, nodes, edges) {
  const { doc } = model;
  const inside = doc.kinds.map(() => []);
  for (const id of nodes) inside[model.node(id).kind].push(id);
  const pairs = new Map();
  for (const id of edges) {
    const edge = model.edge(id);
    const ends = [model.node(edge.source).kind, model.node(edge.target).kind];
    if (doc.directed === false) ends.sort((a, b) => a - b);
    const pair = pairs.get(ends.join()) || { source: ends[0], target: ends[1], count: 0 };
    pair.count += 1;
    pairs.set(ends.join(), pair);
  }
  return {
    nodes: inside.map((ids, kind) => ({ kind, count: ids.length, ids })).filter(({ count }) => count),
    edges: [...pairs.values()].sort((a, b) => a.source - b.source || a.target - b.target),
  };
}

// Paths and crosswalk, computed as in network.py, paths.py and crosswalk.py, with the same numbers

// One undirected edge for each connected pair of nodes: a Map of id to Map of other id to {weight, length, edges:
// ids}. The weight is the confidence if each claim may be wrong independently; the length is -ln(weight) plus
// half the logarithm of the degree of either end, since hubs explain little.
/** @param {Model} model */
export function simple(model, edges) {
  const near = new Map();
  for (const id of edges) {
    const { source, target, confidence } = model.edge(id);
    if (source === target) continue;
    for (const end of [source, target]) if (!near.has(end)) near.set(end, new Map());
    const pair = near.get(source).get(target) ?? { weight: 0, length: 0, edges: [], doubt: 1 };
    near.get(source).set(target, pair);
    near.get(target).set(source, pair);
    pair.doubt *= 1 - confidence;
    pair.edges.push(id);
  }
  for (const others of near.values()) {
    for (const [other, pair] of others) {
      pair.weight = 1 - pair.doubt;
      pair.length = (Math.log(others.size) + Math.log(near.get(other).size)) / 2 - Math.log(pair.weight);
    }
  }
  return near;
}

// The k shortest paths between two nodes over these edges, the best first, and before all those through hubs,
// which many things share: [{nodes, hops: [{from, to, edges: the most reliable first}], edges, length,
// stated: whether each hop is, weakest: the best edge of the weakest hop, hubs: ids between its ends}].
/** @param {Model} model */
export function paths(model, edges, from, to, k = 5) {
  const near = simple(model, edges);
  const open = (id) => id === from || id === to || !model.node(id).hub;
  const kept = [...near]
    .filter(([id]) => open(id))
    .map(([id, others]) => [id, new Map([...others].filter(([other]) => open(other)))]);
  // as in Python, which tells whether there are more
  const specific = shortest(model, new Map(/** @type {any} */ (kept)), from, to, k + 1);
  const wider =
    specific.length <= k
      ? shortest(model, near, from, to, 2 * k + 2).filter((route) => !route.every(open))
      : [];
  return [...specific, ...wider].slice(0, k).map((nodes) => along(model, near, nodes));
}

// The nodes that every path between two nodes goes through, in order: without one of them there is no path.
/** @param {Model} model */
export function through(model, edges, from, to) {
  const [route = []] = shortest(model, simple(model, edges), from, to, 1);
  const without = (id) => [...edges].filter((edge) => !model.ends(edge).includes(id));
  return route.slice(1, -1).filter((id) => !neighbourhood(model, from, Infinity, without(id)).has(to));
}

// If these nodes and edges have no path: the shortest one in the whole document, {path, hops: those that are
// missing}, over other nodes only if none does without them; null if there is a path already, or none at all.
/** @param {Model} model */
export function missing(model, { nodes, edges: kept }, from, to) {
  if (from === to || shortest(model, simple(model, kept), from, to, 1).length) return null;
  const inside = model.all.filter((id) => model.ends(id).every((end) => nodes.has(end)));
  const best = (some) => paths(model, some, from, to, 1)[0];
  const path = best(inside) ?? best(model.all);
  return path ? { path, hops: path.hops.filter((hop) => !hop.edges.some((id) => kept.has(id))) } : null;
}

// How the nodes of two lists connect: {cells: rows of {strength, paths: the best as of `paths`, those through
// hubs last, count: of all but those, shared: of those, stated, weakest: of the first, via: ids between its
// ends, same: one node in both lists, kind: as in crosswalk.py}, rowTotals, columnTotals}. Paths through hubs
// do not count to the strength. A path of up to `hops` counts the product of its weights divided by the
// degree of each node that it goes through (resource allocation: Zhou, Lü and Zhang 2009); the paths of a
// cell combine as 1 - (1 - p)(1 - q)… They run over things of the lists' countries and of none.
/** @param {Model} model */
export function crosswalk(model, edges, rows, columns, hops = model.doc.defaults.hops) {
  const own = new Set([...rows, ...columns].flatMap((id) => model.node(id).countries));
  const far = (id) =>
    own.size && model.node(id).countries.length && !model.node(id).countries.some((of) => own.has(of));
  const inside = [...edges].filter((id) => !model.ends(id).some(far));
  const near = simple(model, inside);
  const wanted = new Set(columns);
  const ends = new Map(
    [...near].map(([id, others]) => [id, [...others.keys()].filter((other) => wanted.has(other))]),
  );
  const cells = rows.map((row) => {
    const found = new Map(columns.map((column) => [column, []]));
    const open = /** @type {[number, string[]][]} */ (near.has(row) ? [[1, [row]]] : []);
    while (open.length) {
      const [score, way] = open.pop();
      const here = way.at(-1);
      for (const other of ends.get(here)) {
        if (!way.includes(other))
          found.get(other).push([score * near.get(here).get(other).weight, [...way, other]]);
      }
      if (way.length >= hops) continue;
      for (const [other, { weight }] of near.get(here)) {
        if (!way.includes(other)) open.push([(score * weight) / near.get(other).size, [...way, other]]);
      }
    }
    return columns.map((column) => {
      const round = ([score]) => Math.round(score * 1e12);
      const ranks = ([, way]) => way.map(model.rank);
      const order = (a, b) => a[1].length - b[1].length || round(b) - round(a) || inOrder(ranks(a), ranks(b));
      const all = found.get(column).sort(order);
      const shared = all.filter(([, way]) => way.slice(1, -1).some((id) => model.node(id).hub));
      const ways = all.filter((way) => !shared.includes(way));
      const best = [...ways, ...shared].slice(0, model.doc.defaults.kept);
      const kept = best.map(([, way]) => along(model, near, way));
      const [first] = kept;
      return {
        strength: row === column ? 1 : 1 - ways.reduce((doubt, [score]) => doubt * (1 - score), 1),
        paths: kept,
        count: ways.length,
        shared: shared.length,
        stated: Boolean(first?.stated),
        weakest: first?.weakest ?? null,
        via: first?.nodes.slice(1, -1) ?? [],
        same: row === column,
        kind: row === column ? "same" : kindOf(model, first, row, column),
      };
    });
  });
  const total = (list) => list.reduce((sum, { strength, same }) => sum + (same ? 0 : strength), 0);
  return {
    cells,
    rowTotals: cells.map(total),
    columnTotals: columns.map((_, place) => total(cells.map((row) => row[place]))),
  };
}

/** @param {Model} model */
function kindOf(model, path, row, column) {
  if (!path) return looked(model, row, column);
  if (path.hubs.length) return "shared";
  if (path.hops.length > 1) return "through";
  return path.hops[0].edges.every((id) => model.edge(id).confidence <= model.doc.defaults.weak)
    ? "weak"
    : "direct";
}

// What is known of two without a path: "left out" if a claim is on them that is not seen; "none found" if
// somebody looked for one, of each by itself or by the list it is in; or "not examined".
/** @param {Model} model */
export function looked(model, one, other) {
  if (model.links(one).some(({ source, target }) => source === other || target === other)) return "left out";
  const groups = (id) => [
    model.node(id).iri,
    model.node(id).facts.scheme,
    ...model.doc.lists.filter(({ members }) => members.includes(id)).map(({ iri }) => iri),
  ];
  const found = model.doc.examined.some((things) => {
    const [first, second] = [one, other].map((id) => groups(id).filter((iri) => things.includes(iri)));
    return first.some((a) => second.some((b) => a !== b || things.length === 1));
  });
  return found ? "none found" : "not examined";
}

const byCode = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// The order of two routes of ranks: that of what first differs.
function inOrder(one, other) {
  const place = one.findIndex((rank, number) => rank !== other[number]);
  return place < 0 ? 0 : one[place] - other[place];
}

// The path through these nodes in turn, with all edges between them.
/** @param {Model} model */
function along(model, near, nodes) {
  const { doc } = model;
  const basis = (id) => doc.bases[model.edge(id).basis].key;
  const doubt = (a, b) =>
    Number(basis(b) === "stated") - Number(basis(a) === "stated") ||
    model.edge(b).confidence - model.edge(a).confidence;
  const hops = nodes.slice(1).map((to, number) => {
    const from = nodes[number];
    const back = (id) => doc.directed !== false && model.edge(id).source !== from;
    const edges = [...near.get(from).get(to).edges].sort(
      (a, b) =>
        doubt(a, b) ||
        byCode(basis(a), basis(b)) ||
        Number(back(a)) - Number(back(b)) ||
        model.edge(a).relation - model.edge(b).relation ||
        byCode(model.edge(a).claim, model.edge(b).claim) ||
        Number(a.slice(1)) - Number(b.slice(1)),
    );
    return { from, to, edges };
  });
  return {
    nodes,
    hops,
    edges: hops.flatMap(({ edges }) => edges),
    length: hops.reduce((sum, { from, to }) => sum + near.get(from).get(to).length, 0),
    stated: hops.every(({ edges }) => model.edge(edges[0]).evidence === 0),
    weakest: hops.map(({ edges }) => edges[0]).reduce((a, b) => (doubt(a, b) < 0 ? b : a)),
    hubs: nodes.slice(1, -1).filter((id) => model.node(id).hub),
  };
}

// The k shortest simple paths (Yen 1971), as lists of ids: independent of which end is first, and among
// equally short ones the same as in Python: lengths are whole billionths, and each search uses the document's
// order.
/** @param {Model} model */
function shortest(model, near, from, to, k) {
  if (from === to || !near.has(from) || !near.has(to)) return [];
  const graph = new Map();
  for (const [id, others] of near) {
    const listed = [...others].map(([other, { length }]) => [model.rank(other), Math.round(length * 1e9)]);
    listed.sort((a, b) => a[0] - b[0]);
    graph.set(model.rank(id), listed);
  }
  const size = model.doc.nodes.length;
  const turned = model.rank(to) < model.rank(from);
  const [first, last] = (turned ? [to, from] : [from, to]).map(model.rank);
  const lengthOf = (route) =>
    route
      .slice(1)
      .reduce((sum, id, number) => sum + graph.get(route[number]).find(([other]) => other === id)[1], 0);
  const found = [];
  const waiting = queue();
  const known = new Set();
  const put = (length, route) => {
    if (known.has(route.join())) return;
    known.add(route.join());
    waiting.push(length, route);
  };
  const direct = quickest(graph, size, first, last, new Set(), new Set());
  if (direct) put(direct.length, direct.route);
  while (found.length < k && waiting.size()) {
    const [length, latest] = waiting.pop();
    found.push({ length, route: latest });
    if (found.length === k) break;
    const closed = new Set();
    const cut = new Set();
    for (let number = 1; number < latest.length; number += 1) {
      const root = latest.slice(0, number);
      const spur = root.at(-1);
      for (const { route: other } of found) {
        if (root.every((id, place) => other[place] === id) && other.length > number) {
          cut.add(spur * size + other[number]);
          cut.add(other[number] * size + spur);
        }
      }
      const branch = quickest(graph, size, spur, last, closed, cut);
      if (branch) put(lengthOf(root) + branch.length, [...root.slice(0, -1), ...branch.route]);
      closed.add(spur);
    }
  }
  found.sort((a, b) => a.length - b.length || inOrder(a.route, b.route));
  return found.map(({ route }) => (turned ? route.reverse() : route).map((rank) => model.doc.nodes[rank].id));
}

// The shortest path, by bidirectional search (Dijkstra 1959, Pohl 1971), without closed nodes and cut edges.
function quickest(graph, size, first, last, closed, cut) {
  if (closed.has(first) || closed.has(last)) return null;
  const sides = [first, last].map((start) => {
    const rim = queue();
    rim.push(0, start);
    return { done: new Set(), seen: new Map([[start, 0]]), before: new Map([[start, -1]]), rim };
  });
  let [middle, least] = [-1, Infinity];
  for (let turn = 0; sides[0].rim.size() && sides[1].rim.size(); turn = 1 - turn) {
    const [here, there] = [sides[turn], sides[1 - turn]];
    const [length, node] = here.rim.pop();
    if (here.done.has(node)) continue;
    here.done.add(node);
    if (there.done.has(node)) break;
    for (const [other, step] of graph.get(node)) {
      if (closed.has(other) || cut.has(node * size + other) || here.done.has(other)) continue;
      const reach = length + step;
      if (here.seen.has(other) && here.seen.get(other) <= reach) continue;
      here.seen.set(other, reach);
      here.before.set(other, node);
      here.rim.push(reach, other);
      if (there.seen.has(other) && reach + there.seen.get(other) < least)
        [middle, least] = [other, reach + there.seen.get(other)];
    }
  }
  if (middle < 0) return null;
  const half = ({ before }) => {
    const way = [];
    for (let node = middle; node >= 0; node = before.get(node)) way.push(node);
    return way;
  };
  return { length: least, route: [...half(sides[0]).reverse(), ...half(sides[1]).slice(1)] };
}

// A priority queue: the least first, and among equals the oldest.
function queue() {
  const items = []; // the next one last
  return {
    size: () => items.length,
    push(key, value) {
      let [from, to] = [0, items.length];
      while (from < to) {
        const middle = (from + to) >> 1;
        if (items[middle][0] > key) from = middle + 1;
        else to = middle;
      }
      items.splice(from, 0, [key, value]);
    },
    pop: () => items.pop(),
  };
}
