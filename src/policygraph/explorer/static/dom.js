// Make elements of the page: text from the data becomes text nodes, never markup.
export const byId = (id) => document.getElementById(id);

// Put these into an element instead of what is in it; lists are laid flat, and what is empty is left out.
export const put = (element, ...children) =>
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));

// The same for what is made anew: a button that has the focus keeps it, as what its data names, and of several
// of that as the same one of them.
export function anew(element, ...children) {
  const focused = document.activeElement;
  const named = ({ dataset, parentElement }) =>
    JSON.stringify([{ ...dataset }, { ...parentElement.dataset }]);
  const name = element.contains(focused) ? named(focused) : null;
  const same = () => [...element.querySelectorAll("button, summary")].filter((at) => named(at) === name);
  const place = same().indexOf(focused);
  put(element, ...children);
  const again = same()[place] ?? same()[0] ?? element.querySelector("button");
  if (name) again?.focus({ preventScroll: true });
}

// make("li.path", {title: "…"}, …): an element of a name and classes, with its properties, if any, and its
// children, as `put` takes them.
export function make(name, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  const { data = {}, aria = {}, ...others } = children[0]?.constructor === Object ? children.shift() : {};
  Object.assign(made, others);
  Object.assign(made.dataset, data);
  for (const [key, value] of Object.entries(aria))
    if (value !== null) made.setAttribute(`aria-${key}`, String(value));
  put(made, children);
  return made;
}

// A button with what is on it: a text, or a list.
export const button = (content, properties = {}) =>
  make("button", { type: "button", ...properties }, content);

// A button that leads to a node.
export const go = ({ name, iri }) => button(name, { className: "go", dir: "auto", data: { goto: iri } });

// The language of the page, for sorting and numbers; undefined where it is not a language tag.
const LOCALE = (() => {
  try {
    return Intl.getCanonicalLocales(document.documentElement.lang)[0];
  } catch {
    return undefined;
  }
})();
const SORTER = new Intl.Collator(LOCALE, { numeric: true });
export const compareNames = (one, other) => SORTER.compare(one, other);
export const byNumber = (one, other) =>
  Number(!one.notation) - Number(!other.notation) ||
  compareNames(one.notation || one.name, other.notation || other.name);
export function formatNumber(number, decimals = 0) {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const options = /** @type {any} */ ({ ...digits, roundingMode: "halfEven" }); // as Python rounds
  return number.toLocaleString(LOCALE, options);
}

// The plural form of a phrase, in the language of the words: plural(texts, "things", 1) is "1 thing".
let pluralRules;
export function plural(texts, key, number) {
  pluralRules ??= new Intl.PluralRules(texts["@language"]);
  const phrase = texts[`${key}_${pluralRules.select(number)}`] ?? texts[`${key}_other`];
  return phrase.replace("{n}", formatNumber(number));
}

// A sentence with its placeholders filled: fill("{a} of {b}", {a: 1, b: 2}).
export const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (gap, name) => (name in values ? String(values[name]) : gap));

// An element of a vector graphic; and a small one of such parts.
export function vector(name, attributes, ...children) {
  const made = /** @type {any} */ (document.createElementNS("http://www.w3.org/2000/svg", name));
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}
export const sketch = (className, box, ...parts) =>
  vector("svg", { class: className, viewBox: box, "aria-hidden": true }, ...parts);

// Call `work` with what is pressed in a place, the nearest element of a selector, and with the event.
export function press(place, selector, work) {
  place.addEventListener("click", (event) => {
    const at = event.target.closest(selector);
    if (at) work(at, event);
  });
}

// What a field holds, as text that wraps, in front of it: a field cuts a long name.
export function wrap(field) {
  field.parentElement.querySelector(".held").textContent = field.selectedOptions?.[0]?.text ?? field.value;
}

// The icon of a kind: its shape in its colour, with its letter.
export function icon(kind) {
  const look = { class: `l${kind.lane}` };
  const points = kind.corners.map(([x, y]) => `${10 + x * 8.2},${10 + y * 8.2}`).join(" ");
  const shape = points
    ? vector("polygon", { ...look, points })
    : vector("circle", { ...look, cx: 10, cy: 10, r: 8.6 });
  const middle = { x: 10, y: 13.5 + kind.lower * 8, "text-anchor": "middle" };
  return sketch("sign", "0 0 20 20", shape, vector("text", { ...look, ...middle }, kind.letter));
}

// The marks of the countries of a node, where the page has several.
/** @param {any} doc */
export const flags = (doc, { countries }) =>
  doc.countries.length > 1
    ? countries.map((of) => make("abbr.flag", { title: doc.countries[of].name }, doc.countries[of].mark))
    : [];

// The line of a basis, distinct without colour: solid, dashed, dotted, dash-dotted.
export const basisLine = (key) => sketch(`line ${key}`, "0 0 40 8", vector("path", { d: "M1 4h38" }));

// A value of the data: a web address becomes a link, everything else text.
export function linkOrText(text) {
  if (!/^https?:\/\/[^\s<>"]+$/.test(text)) return make("span", { dir: "auto" }, text);
  return outward(text, text);
}
export const outward = (href, text) =>
  make("a", { href, target: "_blank", rel: "noopener noreferrer" }, text);

export const theme = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// Let the browser paint and respond before more work.
export const soon = (work) => requestAnimationFrame(() => setTimeout(work));
