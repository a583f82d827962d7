// The state of the page as one plain value, kept in the address and on the undo stack.
const START = {
  shown: null,
  hidden: [],
  pinned: [],
  moved: {},
  selected: "",
  kinds: [],
  relations: [],
  bases: [],
  strengths: [],
  countries: [],
  evidence: "weak",
  years: null,
  year: null,
  connectedTo: "",
  picture: "",
  size: "degree",
  tint: "lane",
  picked: [],
  question: "",
  table: "links",
  sort: 1,
  word: "",
  view: "picture",
  bare: false,
  from: "",
  to: "",
  path: -1,
  rows: "",
  columns: "",
  cell: null,
};
// shown: IRIs (null: all) · hidden: IRIs hidden by hand · pinned: never filtered · moved: IRI to [x, y]
// picture: "" (the first of these that there is), "countries" (side by side), "map", "network" (forces),
// "around" (rings around what is selected) or "groups" (kinds)
// evidence: up to which level, or "only" what is read
// size, tint: what the size ("": nothing) and the colour of a thing say
// picked: IRIs that are selected beside the first, to keep or hide them
// question: the starting point whose answer is lit · table: "links" or "things" · sort: by which of its
// columns, from 1, less than 0 downwards · word: what rows of the table hold
// kinds … countries: what is not shown · bare: the tab alone, as in a page of others
const VALUES = {
  evidence: ["said", "documents", "read", "weak", "only"],
  size: ["", "degree", "pagerank", "betweenness"],
  tint: ["lane", "country", "community", "basis"],
};
const NOT_STEPS = "size tint picked table sort word selected view bare from to path rows columns cell".split(
  " ",
); // changes of these are no undo steps

export const newState = (changes = {}) => ({ ...structuredClone(START), ...changes });

// A mark of four letters for an IRI (24 bits of FNV-1a), by which an address names many things: it stays the
// same whatever else is in the network. Of two things with one mark, both are shown.
function markOf(iri) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(iri)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  hash = (hash ^ (hash >>> 24)) & 0xffffff;
  return base64([hash >> 16, (hash >> 8) & 255, hash & 255]);
}

// Bytes in base64url (RFC 4648, section 5).
function base64(bytes) {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// A value with each text in it, names among them, as `of` makes it.
const eachText = (value, of) => {
  if (typeof value === "string") return of(value);
  if (Array.isArray(value)) return value.map((each) => eachText(each, of));
  return value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [of(key), eachText(each, of)]))
    : value;
};

// Encode a state as a URL fragment: what differs from the start, as JSON in base64url, with the common start
// of IRIs written once.
export function encodeState(state, base) {
  const short = (text) => {
    if (base && text.startsWith(base)) return `~${text.slice(base.length)}`;
    return /^[~=]/.test(text) ? `=${text}` : text;
  };
  const kept = Object.entries({ ...state, shown: state.shown?.map(markOf).join("") ?? null }).filter(
    ([key, each]) => JSON.stringify(each) !== JSON.stringify(START[key]),
  );
  if (!kept.length) return "";
  const value = { ...eachText(Object.fromEntries(kept), short), "~": base };
  return base64(new TextEncoder().encode(JSON.stringify(value)));
}

// Decode a state from a fragment; null if there is none. Values that do not fit are dropped, and so are
// things that are not among these IRIs.
export function decodeState(fragment, iris) {
  try {
    const text = atob(fragment.replaceAll("-", "+").replaceAll("_", "/"));
    const { "~": base = "", ...kept } = JSON.parse(
      new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0))),
    );
    const long = (text) => {
      if (text.startsWith("~")) return base + text.slice(1);
      return text.startsWith("=") ? text.slice(1) : text;
    };
    const state = newState();
    for (const [key, each] of Object.entries(eachText(kept, long)))
      if (key in START && fits(key, each)) state[key] = each;
    if (typeof kept.shown === "string") {
      const marked = new Map();
      for (const iri of iris) marked.set(markOf(iri), [...(marked.get(markOf(iri)) || []), iri]);
      state.shown = (kept.shown.match(/.{4}/g) || []).flatMap((mark) => marked.get(mark) || []);
    }
    return state;
  } catch {
    return null;
  }
}

// Parse a fragment such as "focus=pgid:xy/plan/growth&steps=1": the IRI of the node, and how many steps
// around it to show (or the usual number). The node is given by its IRI, or a CURIE whose local part ends no
// other IRI; otherwise null.
export function focusOf(fragment, iris, usual) {
  const asked = new URLSearchParams(fragment);
  const iri = resolveName(asked.get("focus"), iris);
  const steps = Number(asked.get("steps") ?? usual);
  return iri ? { iri, steps: Number.isInteger(steps) && steps > 0 ? steps : usual } : null;
}

// The IRIs of the nodes that a fragment such as "show=pgid:xy/plan/growth pgid:xy/area/health" lists; null if
// it lists none.
export function listOf(fragment, iris) {
  const found = (new URLSearchParams(fragment).get("show") ?? "")
    .split(" ")
    .map((name) => resolveName(name, iris))
    .filter(Boolean);
  return found.length ? found : null;
}

function resolveName(name, iris) {
  if (!name || iris.includes(name)) return name;
  const local = name.slice(name.indexOf(":") + 1);
  const ending = iris.filter((iri) => iri.endsWith(`/${local}`) || iri.endsWith(`#${local}`));
  return ending.length === 1 ? ending[0] : null;
}

function fits(key, each) {
  const texts = (list) => Array.isArray(list) && list.every((item) => typeof item === "string");
  const numbers = (list) => Array.isArray(list) && list.length === 2 && list.every(Number.isFinite);
  if (each === null) return START[key] === null;
  if (key in VALUES) return VALUES[key].includes(each);
  if (key === "shown") return texts(each);
  if (key === "years") return numbers(each);
  if (key === "year") return Number.isInteger(each) || (numbers(each) && each.every(Number.isInteger));
  if (key === "cell") return texts(each) && each.length === 2;
  if (key === "sort") return Number.isInteger(each) && each !== 0;
  if (key === "moved") return typeof each === "object" && Object.values(each).every(numbers);
  return Array.isArray(START[key]) ? texts(each) : typeof each === typeof START[key];
}

// The undo stack of states. Changes of what is selected or viewed belong to the step before.
export function undoStack(first, limit = 200) {
  const past = [];
  let now = first;
  const future = [];
  const plain = (state) => JSON.stringify(Object.entries(state).filter(([key]) => !NOT_STEPS.includes(key)));
  const step = (from, to) => {
    if (!from.length) return;
    to.push(now);
    now = from.pop();
  };
  return {
    now: () => now,
    put(state, same = false) {
      // as a part of the same step, or as a step of its own
      if (plain(state) !== plain(now)) {
        if (!same) past.push(now);
        if (past.length > limit) past.shift();
        future.length = 0;
      }
      now = state;
    },
    undo: () => step(past, future),
    redo: () => step(future, past),
    depth: () => [past.length, future.length],
  };
}
