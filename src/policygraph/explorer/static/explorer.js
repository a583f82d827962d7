// The page of a network: outline, picture, details and views, all updated from one state.
import { canvas } from "./canvas.js";
import { combobox } from "./combobox.js";
import { countries } from "./countries.js";
import { crosswalkView } from "./crosswalk.js";
import { datasetsOf } from "./export.js";
import { details } from "./details.js";
import { byId, byNumber, fill, formatNumber, outward, plural, press, put, soon } from "./dom.js";
import { basisKey, legend } from "./legend.js";
import { map } from "./map.js";
import { find, index, neighbourhood, relations, shows, visible } from "./model.js";
import { outline } from "./outline.js";
import { pathsView } from "./paths.js";
import { findTexts } from "./search.js";
import { cited, sharing } from "./share.js";
import { tableView } from "./table.js";
import { decodeState, encodeState, focusOf, listOf, newState, undoStack } from "./state.js";
import { matrices } from "./matrices.js";
import { timeline } from "./timeline.js";

const doc = JSON.parse(byId("document").textContent);
const { texts, limits } = doc;
// Nothing selected is "", so no node's IRI may be empty.
for (const node of doc.nodes) node.iri ||= "urn:nameless";
const model = index(doc);
const listed = [...doc.nodes].sort(byNumber); // as people read them
const parts = {};

// Stable keys: the IRI of a node, the claim of an edge.
const names = doc.nodes.map(({ iri }) => iri);
const nodeOf = model.named;
const claims = new Map();
for (const edge of doc.edges) if (edge.claim) claims.set(edge.claim, claims.has(edge.claim) ? null : edge);
const edgeKey = (edge) =>
  edge.claim && claims.get(edge.claim) === edge && !nodeOf(edge.claim) ? edge.claim : edge.id;
const edgesByKey = new Map(doc.edges.map((edge) => [edgeKey(edge), edge]));
const edgeOf = (key) => edgesByKey.get(key);
const ids = (iris) => iris.map((iri) => nodeOf(iri)?.id).filter(Boolean);
const iris = (some) => [...some].map((id) => model.node(id).iri);
const sentence = (edge) =>
  `${model.node(edge.source).name} — ${doc.relations[edge.relation].name} → ${model.node(edge.target).name}`;
const base = (() => {
  // the start that saves most if it is written once, to keep addresses short
  const counts = new Map();
  for (const iri of names) {
    for (let at = iri.indexOf("/", 8); at > 0; at = iri.indexOf("/", at + 1)) {
      const start = iri.slice(0, at + 1);
      counts.set(start, (counts.get(start) || 0) + start.length);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] || "";
})();

// State and what is computed from it

function first(focus = doc.focus) {
  const start = newState(doc.start);
  if (focus) {
    const open = visible(model, { evidence: start.evidence }).edges;
    start.shown = iris(neighbourhood(model, focus.node, focus.steps, open));
    start.selected = model.node(focus.node).iri;
  }
  return start;
}
// The state in the address: the whole state, or only the node to begin with (#focus=IRI&steps=2) or to show
// (#show=IRI IRI).
function addressed() {
  const fragment = location.hash.slice(1);
  const shown = listOf(fragment, names);
  if (shown) return { ...first(null), shown, picture: "network" };
  const focus = focusOf(fragment, names, doc.defaults.steps);
  return focus
    ? first({ node: nodeOf(focus.iri).id, steps: focus.steps })
    : known(decodeState(fragment, names));
}
// What a filter may name. Of a state, what is not here is left out: it would count as set and hide nothing.
const NAMES = {
  kinds: doc.kinds.map(({ name }) => name),
  relations: doc.relations.map(({ name }) => name),
  bases: doc.bases.map(basisKey),
  strengths: doc.strengths.map(({ key }) => key),
  countries: doc.countries.map(({ name }) => name),
};
let lost = [];
function known(of) {
  if (!of) return null;
  const kept = (names, some) => some.filter((name) => names.includes(name) || !lost.push(name));
  for (const [list, names] of Object.entries(NAMES)) of[list] = kept(names, of[list]);
  of.connectedTo = kept(["", ...names], [of.connectedTo])[0] ?? "";
  of.hidden = of.hidden.filter(nodeOf);
  return of;
}
// A page that begins with anything else names even the state in which nothing is chosen, as "{}".
const encode = (of) => encodeState(of, base) || (doc.focus || Object.keys(doc.start).length ? "e30" : "");

const steps = undoStack(addressed() || first());
const state = () => steps.now();
let seen = null;
let atLevels = {};

function filter(shown) {
  const now = state();
  const off = (list, names) => [...names.keys()].filter((place) => now[list].includes(names[place]));
  return {
    ...now,
    ...Object.fromEntries(Object.entries(NAMES).map(([list, names]) => [list, new Set(off(list, names))])),
    connectedTo: nodeOf(now.connectedTo)?.id || null,
    shown,
    pinned: new Set(ids(now.pinned)),
  };
}
function chosen() {
  const { shown, hidden } = state();
  if (shown === null && !hidden.length) return null;
  const off = ids(hidden);
  return new Set(
    (shown === null ? doc.nodes.map(({ id }) => id) : ids(shown)).filter((id) => !off.includes(id)),
  );
}
// Years that are not shown at this level of evidence are none.
const YEARS = ["start", "end", "horizon", "succeeded"];
const dated = new Map(doc.nodes.map((node) => [node, YEARS.map((name) => node[name])]));
function date(evidence) {
  if (model.evidence === evidence) return;
  for (const [node, years] of dated)
    YEARS.forEach((name, place) => {
      node[name] = shows(doc, evidence, node.levels[name] ?? 0) ? years[place] : null;
    });
  model.evidence = evidence;
}
function visibleAt(evidence, shown) {
  date(evidence);
  const found = visible(model, { ...filter(shown), evidence });
  date(state().evidence);
  return found;
}
function applyFilter() {
  seen = visibleAt(state().evidence, chosen());
  atLevels = {};
}
// All that the filter allows at a level of evidence, whether it is in the picture or not; paths and the
// crosswalk use it.
const allowedAt = (evidence) => (atLevels[evidence] ??= visibleAt(evidence, null));
const allowedAll = () => allowedAt(state().evidence);
const FILTERS = "kinds relations bases strengths countries years year connectedTo evidence".split(" ");
const filterKey = (of = state()) => JSON.stringify(FILTERS.map((key) => of[key]));
const allowedKey = () => `${filterKey()} ${state().pinned.join(" ")}`; // what is pinned is allowed too
const unfiltered = () => Object.fromEntries(FILTERS.map((key) => [key, newState()[key]]));
const filtered = (of = state()) => filterKey(of) !== filterKey(newState());
// Those of which something is that is of no other, as a thing of two countries does not bring the other with
// it.
const shownCountries = () =>
  [...doc.countries.keys()].filter(
    (of) => doc.countries[of].own && !state().countries.includes(doc.countries[of].name),
  );
const PICTURES = ["countries", "map", "network", "around", "groups"];
function picture() {
  const beside =
    shownCountries().length <= limits.beside && shownCountries().length > 1 && state().view !== "paths";
  const chosen = PICTURES.includes(state().picture) ? state().picture : "countries";
  return chosen === "countries" && !beside ? "map" : chosen;
}
const charted = () => ["map", "countries"].includes(picture()); // without vis-network
// The map that is laid out for what is shown: that of the one country, or of all.
const maps = new Map();
const whole = byId("map");
function lay() {
  const [only, ...more] = shownCountries();
  const other = more.length
    ? null
    : /** @type {any} */ (document.querySelector(`template[data-country="${only}"]`));
  const key = other ? only : "";
  const svg = maps.get(key)?.svg ?? (other ? other.content.firstElementChild : whole);
  if (svg !== byId("map")) byId("map").replaceWith(svg);
  if (!maps.has(key)) {
    maps.set(key, map(app));
    maps.get(key).start();
  }
  parts.map = maps.get(key);
}
// What is shown is called as its datasets are.
function title() {
  const some = doc.datasets.filter(({ place }) =>
    shownCountries().some((of) => doc.countries[of].iri === place),
  );
  return state().countries.length && some.length ? some.map((data) => data.title).join(" · ") : doc.title;
}
// What is selected: a thing or a connection, if any.
function target() {
  const node = nodeOf(state().selected);
  return { node, edge: node ? null : edgeOf(state().selected) };
}
// What is lit: what touches the thing, connection or path that is selected, or else pointed at or asked about.
function lit(pointed = null) {
  const path = app.path();
  if (path) return { things: new Set(path.nodes), edges: new Set(path.edges) };
  const { node, edge } = target();
  const told = node || edge || pointed ? null : app.answered();
  if (told) return { things: told.nodes, edges: told.edges };
  const ids = node ? [node.id] : edge ? [] : pointed?.things || [];
  const own = edge ? [edge] : (!node && pointed?.edges) || [];
  const links = ids.flatMap(model.links).filter(({ id }) => seen.edges.has(id));
  const edges = new Set([...own, ...links].map(({ id }) => id));
  return { things: new Set([...ids, ...[...edges].flatMap(model.ends)]), edges };
}
// Around a thing, it and what touches it are all that is drawn, unless what is shown was chosen one by one.
function pictured() {
  if (picture() !== "around" || state().shown !== null || !seen.nodes.size) return seen;
  const { node, edge } = target();
  const chosen = node?.id ?? edge?.source;
  const links = (id) => model.links(id).filter((each) => seen.edges.has(each.id)).length;
  const middle = seen.nodes.has(chosen)
    ? chosen
    : [...seen.nodes].reduce((best, id) => (links(id) > links(best) ? id : best));
  const nodes = neighbourhood(model, middle, 1, seen.edges);
  return {
    nodes,
    edges: new Set([...seen.edges].filter((id) => model.ends(id).every((end) => nodes.has(end)))),
  };
}
// What the tab tells of: some of everything that is left, the others of what is drawn.
const inView = () => (["crosswalk", "matrices", "timeline"].includes(state().view) ? seen : pictured());
const grouped = () => {
  if (picture() === "groups") return true;
  const { nodes, edges } = pictured();
  return nodes.size > limits.whole || edges.size > limits.edges;
};

function counts(of = seen) {
  const hidden = [
    of.hiddenNodes && plural(texts, "things", of.hiddenNodes),
    of.hiddenEdges && plural(texts, "connections", of.hiddenEdges),
  ].filter(Boolean);
  const left = hidden.length ? `; ${hidden.join(` ${texts.and} `)} ${texts.hidden}` : "";
  return `${amount(of)}${left}`;
}

const amount = ({ nodes, edges }) =>
  `${plural(texts, "things", nodes.size)} ${texts.and} ${plural(texts, "connections", edges.size)}`;
let sayTimer = 0;
// What nobody asked for is not read out.
function tell(text, ariaLive) {
  clearTimeout(sayTimer);
  Object.assign(byId("status"), { ariaLive, textContent: text });
}
function say(text) {
  tell(text, "polite");
  sayTimer = setTimeout(() => tell(counts(), "off"), 6000);
}
function sayLost() {
  if (lost.length) say(fill(texts.filter_lost, { names: lost.join(", ") }));
  lost = [];
}

// Of those that are picked, and more, the ones that one sees.
const picked = (...more) => [...state().picked, ...more].filter((iri) => seen.nodes.has(nodeOf(iri)?.id));

function update(ariaLive = "polite") {
  const had = document.activeElement;
  applyFilter();
  lay();
  findings();
  document.title = title();
  Object.assign(byId("title"), { textContent: title(), title: title() });
  document.body.classList.toggle("bare", state().bare);
  if (state().bare)
    put(
      byId("credit"),
      datasetsOf(model, seen).map((data) => `${data.title} ${data.version} · `),
      outward(`#${encode({ ...state(), bare: false })}`, texts.open_whole),
    );
  document.body.dataset.several = shownCountries().length > 1 ? "yes" : "no";
  tell(counts(), ariaLive);
  views();
  const [undo, redo] = steps.depth();
  for (const [name, many] of Object.entries({ undo, redo })) {
    byId(name).disabled = !many && document.activeElement !== byId(name);
    byId(name).setAttribute("aria-disabled", String(!many));
  }
  for (const name of ["legend", "outline", "details", ...VIEWS.slice(1)]) parts[name].update();
  parts[charted() ? picture() : "canvas"].update();
  // What had the focus may be gone.
  const there = (at) => at?.checkVisibility({ visibilityProperty: true });
  const now = document.activeElement;
  if (had !== document.body && (now === document.body || !there(now)))
    [byId("details").querySelector("h2"), byId(`tab-${state().view}`), byId("search")].find(there)?.focus();
  const address = encode(state());
  if (address === location.hash.slice(1)) return;
  try {
    history.replaceState(null, "", `${location.href.split("#")[0]}${address ? `#${address}` : ""}`);
  } catch {
    /* a frame without an address of its own, as in a notebook */
  }
}

function change(patch, same = false) {
  const lit = "path" in patch ? null : app.path();
  steps.put({ ...state(), ...patch }, same);
  if (lit) {
    applyFilter();
    steps.put({ ...state(), path: parts.paths.placeOf(lit) }, true);
  }
  update(same ? "off" : "polite");
}

// Actions on nodes

function select(key, { details: inDetails = false } = {}) {
  if (key === state().selected && !inDetails && state().path < 0) return inDetails;
  const pane = byId("details");
  const had = pane.contains(document.activeElement);
  change({ selected: key, path: state().view === "paths" && (key || state().selected) ? state().path : -1 });
  parts.outline.reveal(key);
  if (nodeOf(key) && picture() === "map") parts.map.show(nodeOf(key).id);
  if (had || inDetails) key ? parts.details.focus() : byId("search").focus({ preventScroll: true });
  if (key) byId("aside").scrollTop = 0;
  return key;
}
function include(more, patch = {}) {
  const { hidden, shown } = state();
  const added = new Set(more);
  change({
    hidden: hidden.filter((iri) => !added.has(iri)),
    shown: shown === null ? null : [...new Set([...shown, ...more])],
    ...patch,
  });
}
// To add to it by relation, begin with a thing alone, where so much is shown that all of that is there
// already.
function alone(iri) {
  if (!charted() && state().shown === null && (grouped() || picture() === "around"))
    change({ shown: [iri], hidden: [], selected: iri, ...around() });
}
// In another picture, what was dragged stood elsewhere.
function around() {
  return { picture: "around", ...(state().picture === "around" ? {} : { moved: {} }) };
}
function expand(iri) {
  alone(iri);
  if (state().selected !== iri) select(iri);
  pane("details");
  parts.details.expand(nodeOf(iri));
}
// Add the neighbours of a node by a relation ("out 3", or "all"), at most as many as the limit allows.
function add(node, which) {
  const found = relations(model, node.id, seen.nodes, allowedAll().edges).filter(
    ({ direction, relation }) => which === "all" || which === `${direction} ${relation}`,
  );
  addAll([...new Set(found.flatMap(({ hidden }) => hidden))].slice(0, limits.added));
}
function addAll(ids) {
  include(iris(ids));
  say(plural(texts, "added", ids.length));
}
function isolate(iri, number) {
  const node = nodeOf(iri);
  const near = neighbourhood(model, node.id, number, visible(model, filter(null)).edges);
  change({
    shown: iris(near),
    hidden: [],
    selected: iri,
    ...around(),
    view: state().view === "crosswalk" ? "picture" : state().view,
  });
  parts.canvas.frame();
  say(fill(texts.isolated, { name: node.name, n: plural(texts, "things", near.size - 1) }));
}
// What hides some things, of which none stays pinned, picked or selected.
function hiding(some) {
  const { hidden, selected } = state();
  const others = (list) => state()[list].filter((iri) => !some.includes(iri));
  return {
    hidden: [...hidden, ...some],
    pinned: others("pinned"),
    picked: others("picked"),
    selected: some.includes(selected) ? "" : selected,
  };
}
function pin({ iri, name }) {
  const { pinned } = state();
  const off = pinned.includes(iri);
  change({ pinned: off ? pinned.filter((each) => each !== iri) : [...pinned, iri] });
  say(fill(texts[off ? "unpinned" : "pinned_now"], { name }));
}
function act(action, node, number) {
  if (action === "isolate") isolate(node.iri, number);
  else if (action === "pin") pin(node);
  else if (action === "hide") {
    change(hiding([node.iri]));
    say(fill(texts.hid, { name: node.name }));
  } else if (action === "show") {
    const pins = !allowedAll().nodes.has(node.id); // a filter hides it
    include([node.iri], pins ? { pinned: [...state().pinned, node.iri] } : {});
    if (pins) say(fill(texts.pinned_now, { name: node.name }));
  } else if (action === "path-from" || action === "path-to") {
    between({ [action.slice(5)]: node.iri });
    if (!state().from || !state().to) byId(state().from ? "path-to" : "path-from").focus();
  }
}
// Look for paths, and light the best.
function between(ends) {
  pane("picture");
  change({ view: "paths", ...ends, path: -1 });
  parts.paths.best();
}
function showKind(kind) {
  const members = doc.nodes.filter((node) => node.kind === kind && seen.nodes.has(node.id));
  if (members.length > limits.whole) {
    // too many to read: they are listed, and stay grouped
    app.openKind(kind);
    return say(fill(texts.over_limit, { n: formatNumber(members.length) }));
  }
  return change({
    shown: members.map(({ iri }) => iri),
    ...(picture() === "groups" ? { picture: "network" } : {}),
  });
}

// Views and panes

// Of some tabs, the one that is open.
function turnTo(open, of, names) {
  for (const name of names) {
    const tab = byId(`${of}-${name}`);
    tab.setAttribute("aria-selected", String(name === open));
    tab.tabIndex = name === open ? 0 : -1;
  }
}
const VIEWS = ["picture", "paths", "crosswalk", "matrices", "timeline", "table"];
function views() {
  const { view } = state();
  const now = VIEWS.includes(view) && !byId(`tab-${view}`).hidden ? view : "picture";
  document.body.dataset.view = now;
  document.body.dataset.path = state().path >= 0 ? "yes" : "no";
  turnTo(now, "tab", VIEWS);
  for (const name of VIEWS.slice(1)) byId(name).hidden = name !== now;
  byId("stage").hidden = now !== "picture" && now !== "paths";
  byId("layout").value = picture();
  byId("countries").hidden = picture() !== "countries";
  document.body.dataset.picture = picture();
  byId("map-pane").hidden = !charted();
  for (const name of ["canvas", "canvas-note", "canvas-foot"]) byId(name).hidden = charted();
  if (charted()) byId("canvas-empty").hidden = seen.nodes.size > 0;
  else parts.canvas.start();
  [byId("size").value, byId("tint").value] = [state().size, state().tint];
  byId("picks").hidden = !picked().length;
  byId("keep").textContent = plural(texts, "keep_only", picked().length);
}
const drawn = () => parts[charted() ? "map" : "canvas"];
function pane(name) {
  document.body.dataset.pane = name;
  turnTo(name, "pane", ["outline", "picture", "details"]);
}
function tabs(id, turn) {
  const list = byId(id);
  const choose = (tab) => {
    turn(tab.id.replace(/^\w+-/, ""));
    drawn().turned();
  };
  press(list, "[role=tab]", choose);
  list.addEventListener("keydown", (event) => {
    const open = [...list.children].filter((tab) => !tab.hidden);
    const place = open.indexOf(document.activeElement);
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: open.length - 1 }[event.key];
    if (to === undefined || place < 0) return;
    const tab = open[(to + open.length) % open.length];
    choose(tab);
    tab.focus();
    event.preventDefault();
  });
}

const given = { doc, model, listed, texts, parts, nodeOf, edgeKey, sentence };
const acts = { change, select, alone, expand, act, add, addAll, say, showKind, between };
const asked = { state, target, lit, pictured, inView, chosen, filtered, unfiltered, grouped, picture, title };
export const app = {
  ...given,
  ...acts,
  ...asked,
  counts,
  allowedKey,
  // Add things to those that are picked, the selected with them; one that is among them is put back, unless
  // they are only to be added.
  pick: (more, only = false) => {
    const { selected } = state();
    const some = new Set(picked(selected));
    for (const iri of more) if (only || !some.delete(iri)) some.add(iri);
    change({ picked: [...some], selected: some.has(selected) ? selected : "" });
    say(plural(texts, "picked", some.size));
  },
  // What answers the question that is asked, of what is shown: the rest is faded; null without a question.
  answered() {
    const question = doc.questions.find(({ name }) => name === state().question);
    if (!question) return null;
    const part = answered(question) || question;
    return {
      nodes: new Set([...answer(part)].filter((id) => seen.nodes.has(id))),
      edges: new Set(part.edges.filter((id) => seen.edges.has(id))),
    };
  },
  seen: () => seen,
  at: allowedAt,
  allowed: allowedAll,
  marked: () => marked,
  selected: () => state().selected,
  anyYear: () => {
    const { nodes } = visible(model, { ...filter(chosen()), year: null });
    return doc.nodes.filter(({ id }) => nodes.has(id));
  },
  search: (typed) => {
    const found = new Set();
    return [...find(model, typed, Infinity), ...findTexts(model, typed)]
      .sort((a, b) => b.score - a.score)
      .filter(({ node }) => !found.has(node) && found.add(node));
  },
  level: () => (state().evidence === newState().evidence ? "" : texts.evidence_shown[state().evidence]),
  isPinned: (id) => state().pinned.includes(model.node(id)?.iri),
  openKind: (kind) => {
    pane("outline");
    parts.outline.openKind(kind);
  },
  move: (moved) => change({ moved: { ...state().moved, ...moved } }),
  path: () => parts.paths?.chosen() || null,
  showPath(number, path) {
    const same = number === state().path;
    change({ path: same ? -1 : number });
    if (same) return;
    const absent = path.nodes.filter((id) => !seen.nodes.has(id));
    if (absent.length) include(iris(absent));
    drawn().frame(path.nodes);
  },
  toDetails: () => {
    pane("details");
    parts.details.focus();
  },
  mapped: () => picture() === "map",
  countries: shownCountries,
};

// What a question finds of what is shown, or at another level of evidence: things, or connections with their
// ends; null where the filter leaves open what the answer would be.
const plainly = () =>
  !state().hidden.length && !filtered({ ...state(), evidence: newState().evidence, countries: [] });
function answered(question, evidence = state().evidence) {
  if (!plainly()) return null;
  const { nodes, edges } = allowedAt(evidence);
  if (question.edges.length) {
    const ends = new Set(question.edges.flatMap(model.ends));
    return {
      nodes: question.nodes.filter((id) => nodes.has(id) && !ends.has(id)),
      edges: question.edges.filter((id) => edges.has(id)),
    };
  }
  const found = question.levels[evidence];
  if (!found && evidence !== newState().evidence) return null;
  // shown or not, as the question itself counts
  return { nodes: (found || question.nodes).filter((id) => allowedAt("weak").nodes.has(id)), edges: [] };
}
const answer = ({ nodes, edges }) => new Set([...nodes, ...edges.flatMap(model.ends)]);

// A finding in words, as `finding` in document.py: the number by what the sources say, and by what is shown
// or else read; of how many, where all are of some lists.
function told(question, part) {
  const { evidence } = state();
  const found = (key) => answered(question, key)[question.edges.length ? "edges" : "nodes"];
  const other = ["said", "only"].includes(evidence) ? "weak" : evidence;
  const [some, all, own] = ["said", other, evidence].map(found);
  const { nodes } = allowedAt("weak");
  const counted = (ids, among) => {
    const kinds = new Set(among.map((id) => model.node(id)?.kind));
    const listed = doc.lists.flatMap(({ members }) => members).filter((id) => nodes.has(id));
    const of = new Set(listed.filter((id) => kinds.has(model.node(id).kind)));
    return of.size && among.every((id) => of.has(id))
      ? fill(texts.n_of_m, { n: formatNumber(ids.length), m: formatNumber(of.size) })
      : formatNumber(ids.length);
  };
  const sourced = counted(some, [...some, ...all]);
  const n = evidence === "only" ? counted(own, own) : formatNumber(all.length);
  const things = question.edges.length ? part.edges.map(model.ends) : part.nodes.map((id) => [id]);
  const named = things.map((ids) => ids.map((id) => model.node(id).notation));
  const order = (a, b) => String(a).localeCompare(String(b), "en", { numeric: true });
  const isShort = named.length <= limits.named && named.flat().every(Boolean);
  const few = new Set(isShort ? named.map((each) => each.sort(order).join("–")) : []);
  const rows = fill(texts.evidence_counts[evidence], { sourced, n });
  return fill(question.finding, { rows }) + (few.size ? ` (${[...few].sort(order).join(", ")})` : "");
}

// Tell the findings, and mark what they count, as far as what is shown leaves them true.
let marked = new Set();
function findings() {
  const { shown } = state();
  const asked = doc.questions.filter(({ finding }) => finding).map((each) => [each, answered(each)]);
  const isShown = (all) => !shown || (shown.length === all.length && all.every((iri) => shown.includes(iri)));
  const standing = asked.filter(([, part]) => part && isShown(iris(answer(part))));
  const marks = standing.filter(([question, { edges }]) => question.marked && edges.length <= limits.named);
  marked = new Set(marks.flatMap(([, { nodes, edges }]) => [...nodes, ...edges]));
  for (const at of document.querySelectorAll("[data-finding]")) {
    const [question, part] = standing.find(([{ name }]) => name === at.dataset.finding) || [];
    at.hidden = at.nextElementSibling.hidden = !part;
    const isMarked = part && [...part.nodes, ...part.edges].some((id) => marked.has(id));
    at.classList.toggle("marked", Boolean(isMarked));
    at.textContent = part ? told(question, part) : "";
    at.nextElementSibling.ariaLabel = `${texts.copy_cited}: ${at.textContent}`;
  }
  const out = asked.length - standing.length;
  if (asked.length) byId("finding-note").textContent = out ? plural(texts, "findings_out", out) : "";
  for (const at of byId("questions").querySelectorAll("[data-question]")) {
    const question = doc.questions.find(({ name }) => name === at.dataset.question);
    const part = answered(question); // else a number would be that of another answer
    at.setAttribute("aria-pressed", String(state().question === question.name));
    at.lastChild.textContent = part ? plural(texts, "things", answer(part).size) : "";
  }
  const { year, years } = state();
  const { edges } = visibleAt(newState().evidence, chosen());
  const of = (place) => [...edges].filter((id) => model.edge(id).evidence === place).length;
  // on the level depends which years are known, and what joins things to a country or another
  const at = (key) => visibleAt(key, chosen()).edges.size;
  const plain = year === null && !years && !state().connectedTo && !state().countries.length;
  const sizes = plain ? null : doc.evidence.map(({ key }) => at(key));
  const many = doc.evidence.map((_, place) => (sizes ? sizes[place] - (sizes[place - 1] ?? 0) : of(place)));
  const only = sizes ? at("only") : many[2] + many[3];
  const now = doc.evidence.findIndex(({ key }) => key === state().evidence);
  [...byId("evidence").children].forEach((each, place) => {
    each.setAttribute("aria-pressed", String(each.dataset.evidence === state().evidence));
    each.classList.toggle("within", now < 0 ? place > 1 : place <= now);
    each.lastChild.textContent = formatNumber(many[place] ?? only);
  });
}

// Light the answer of a question, or no longer.
function ask(name) {
  change({
    question: state().question === name ? "" : name,
    selected: "",
    path: -1,
    view: state().view === "table" ? "table" : "picture",
    ...(picture() === "countries" ? { picture: "map" } : {}),
  });
  const now = app.answered();
  if (!now) return;
  say(`${doc.questions.find((each) => each.name === name).title} ${amount(now)}.`);
  if (picture() === "map") parts.map.show([...now.nodes][0]);
  if (window.matchMedia("(max-width: 700px)").matches) pane("picture");
}

function back(way) {
  const before = state();
  steps[way]();
  if (state() === before) return;
  update();
  parts.outline.reveal(state().selected);
  say(`${way === "undo" ? texts.undone : texts.redone}. ${byId("status").textContent}`);
}

function listen() {
  combobox(app, byId("search"), byId("found"), (node) => {
    if (!seen.nodes.has(node.id) && !grouped()) include([node.iri]);
    if (state().view === "crosswalk") change({ view: "picture" });
    select(node.iri);
    parts.outline.reveal(node.iri);
    if (window.matchMedia("(max-width: 700px)").matches) pane("details");
  });
  for (const at of document.querySelectorAll("[data-question], [data-finding]"))
    at.addEventListener("click", () => ask(at.dataset.question ?? at.dataset.finding));
  for (const at of document.querySelectorAll("[data-copy]"))
    at.addEventListener("click", () =>
      parts.share.copy([
        at.previousElementSibling.textContent,
        ...cited(app, answer(answered(doc.questions.find(({ name }) => name === at.dataset.copy))), []),
      ]),
    );
  press(byId("evidence"), "button", ({ dataset }) => change({ evidence: dataset.evidence }));
  for (const name of ["size", "tint"])
    byId(name).addEventListener("change", ({ target }) => change({ [name]: target.value }));
  for (const id of ["keep", "hide-picked", "unpick"])
    byId(id).addEventListener("click", () => soon(() => byId("layout").focus())); // they are no longer there
  const presses = {
    skip() {
      change({ view: "picture" });
      pane("picture");
      const to = { countries: "#countries :is(button, summary)", map: "#map [tabindex='0'], #lanes summary" };
      const stops = [...document.querySelectorAll(to[picture()] ?? "#canvas [tabindex]")];
      stops.find((at) => at.checkVisibility({ visibilityProperty: true }))?.focus();
    },
    undo: () => back("undo"),
    redo: () => back("redo"),
    "show-all"() {
      change({ shown: null, hidden: [], question: "", ...unfiltered() });
      parts.canvas.frame();
      if (grouped()) say(fill(texts.over_limit, { n: formatNumber(seen.nodes.size) }));
    },
    clear: () => change({ shown: [], hidden: [], pinned: [], picked: [], selected: "", path: -1 }),
    keep() {
      change({ shown: picked(), hidden: [], picked: [] });
      drawn().frame();
    },
    "hide-picked": () => change({ ...hiding(picked()), selected: "", picked: [] }),
    unpick: () => change({ picked: [] }),
    fit: () => drawn().frame(),
    "zoom-in": () => drawn().zoom(1.3),
    "zoom-out": () => drawn().zoom(1 / 1.3),
    help: () => byId("keys").showModal(),
  };
  for (const [id, work] of Object.entries(presses)) byId(id).addEventListener("click", work);
  byId("layout").addEventListener("change", ({ target }) => {
    change({ picture: target.value, moved: {} });
    drawn().frame(app.path()?.nodes || (app.mapped() ? [] : undefined));
  });
  tabs("views", (view) => change({ view }));
  tabs("panes", pane);
  document.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, shiftKey, target } = event;
    const typing = target.closest("input:not([type=checkbox]), select, textarea");
    const writing = typing && !typing.matches("select"); // which has an undo of its own
    if ((ctrlKey || metaKey) && key.toLowerCase() === "z" && !(writing && target.value))
      back(shiftKey ? "redo" : "undo");
    else if ((ctrlKey || metaKey) && key.toLowerCase() === "y" && !writing) back("redo");
    else if (
      key === "Escape" &&
      (state().selected || state().path >= 0 || state().question || state().picked.length) &&
      !document.querySelector("dialog[open], :popover-open")
    ) {
      change({ question: "", picked: [] });
      select("");
      parts.outline.focus();
    } else if (key === "F6") turn(shiftKey ? -1 : 1);
    else if (typing || ctrlKey || metaKey || !byId("single-keys").checked || byId("keys").open) return;
    else if (key === "/") byId("search").focus();
    else if (key === "?") byId("keys").showModal();
    else return;
    event.preventDefault();
  });
  window.addEventListener("hashchange", () => {
    steps.put(addressed() || first());
    update();
    sayLost();
  });
  const dark = window.matchMedia("screen and (prefers-color-scheme: dark)");
  dark.addEventListener("change", () => parts.canvas.tint());
}
function turn(step) {
  const stops = [
    byId("search"),
    byId("outline").querySelector("[tabindex='0']"),
    byId(`tab-${document.body.dataset.view}`),
    byId("details").querySelector("h2") || byId("questions").querySelector("button"),
  ].filter((at) => at?.checkVisibility());
  const place = stops.findIndex((at) =>
    at.closest("header, #side, #middle, #aside").contains(document.activeElement),
  );
  stops[(place + step + stops.length) % stops.length].focus();
}

document.documentElement.classList.replace("no-js", "js");
// An address of one's own leads past the story that the page begins with.
if (encode(state()) !== encode(first())) {
  document.body.classList.remove("story");
  byId("story")?.remove();
}
const spanned = { legend: legend(app), timeline: timeline(app) }; // of the years at any level of evidence
applyFilter();
pane("picture");
if (window.matchMedia("(max-width: 1359px)").matches) byId("legend").open = false;
Object.assign(parts, spanned, {
  outline: outline(app),
  details: details(app),
  paths: pathsView(app),
  crosswalk: crosswalkView(app),
  matrices: matrices(app),
  table: tableView(app),
  canvas: canvas(app),
  countries: countries(app),
});
listen();
Object.assign(parts, { share: sharing(app) });
update();
sayLost();
if (charted()) document.body.dataset.drawn = "yes";
parts.outline.reveal(state().selected);
window.explorer = {
  model,
  picture,
  state: () => structuredClone(state()),
  address: (patch) => encode({ ...state(), ...patch }),
  positions: () => parts.canvas.positions(),
  counts: () => ({ nodes: seen.nodes.size, edges: seen.edges.size }),
  frames: () => parts.canvas.picture(),
};
soon(() => {
  document.body.dataset.ready = "yes";
});
