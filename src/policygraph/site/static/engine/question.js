// Answers a saved question with other values where no server does. The stored answer stays until there is another,
// and each is shown with the values that it is for.
import { able, Engine, fill } from "./client.js";

const language = document.documentElement.lang;
const page = JSON.parse(document.getElementById("question").textContent);
const { words, fields } = page;
const root = new URL("..", import.meta.url);
const engine = new Engine(page.files, words, language);
const plurals = new Intl.PluralRules(language);
const heading = document.querySelector("h1").textContent;
const title = document.title;
const json = "application/sparql-results+json";

const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").split(/\s+/).join(" ").trim();
const input = (name) => form.elements[name];
const options = (name) => [...((input(name).list ?? input(name)).options ?? [])];

const form = copy("form");
const names = [...new Set([...form.elements].map((each) => each.name).filter(Boolean))]; // in their order
const card = document.querySelector(".usual");
const button = form.querySelector("button.main");
const cancel = form.querySelector("button.cancel");
const status = form.querySelector("[role=status]");
const stored = document.querySelector("section[aria-labelledby=answer]");
const pending = element("p", "", { className: "note", role: "status", hidden: true });
const read = () => Object.fromEntries(names.map((name) => [name, [input(name).value.trim()].filter(Boolean)]));
const defaults = read();
const answers = new Map([["", stored]]); // by the query string of the page
let shown = stored;
let turn = 0; // of what was asked last
let wanted = defaults; // by the address
let labels;

function copy(id) {
  return document.importNode(document.getElementById(id).content.firstElementChild, true);
}

function element(name, text, attributes = {}) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...[text].flat());
  return made;
}

// Values in words, of all parameters.
function inWords(values) {
  const text = (name, value) => options(name).find((each) => each.value === value && value)?.text || value;
  return names.map((name) => {
    const label = form.querySelector(`label[for="p-${name}"]`).textContent.trim();
    return `${label}: ${values[name].map((value) => text(name, value)).join(", ") || words.any}`;
  }).join("; ");
}

// A value as the form has it: an option by its value or its label, else the text.
function asInForm(name, value) {
  const wanted = fold(value);
  return options(name).find((each) => [each.value, each.text, each.label].some((text) => fold(text) === wanted))?.value ?? value.trim();
}

// From the address: the values of each parameter, by default those of the stored answer.
function addressed() {
  const given = new URLSearchParams(location.search);
  return Object.fromEntries(names.map((name) => {
    return [name, given.has(name) ? given.getAll(name).map((value) => asInForm(name, value)).filter(Boolean) : defaults[name]];
  }));
}

// The query string of values, without those of the stored answer.
function address(values) {
  const other = names.filter((name) => values[name].join("\n") !== defaults[name].join("\n"));
  const given = other.flatMap((name) => (values[name].length ? values[name] : [""]).map((value) => [name, value]));
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

function fillIn(values) {
  for (const name of names) {
    const value = values[name].join(" ");
    if (input(name).tagName === "SELECT" && !options(name).some((each) => each.value === value)) input(name).add(new Option(value, value));
    input(name).value = value;
    if (input(name).value !== value) Object.assign(input(name), { type: "text", value }); // no number, no date
  }
}

// The IRI in a CURIE, or in angle brackets.
function full(text) {
  const [, prefix, rest] = text.match(/^([\w.-]*):(.*)$/s) ?? [];
  return prefix in labels.prefixes ? labels.prefixes[prefix] + rest : text.replace(/^<(.*)>$/, "$1");
}

function named(iri) {
  const [parts, tag, path] = labels.iris[iri] ?? [null, "", iri.startsWith(labels.base) ? 1 : 0];
  const prefixes = Object.entries(labels.prefixes).filter(([, namespace]) => iri.startsWith(namespace));
  const [prefix, namespace] = prefixes.sort((one, other) => other[1].length - one[1].length)[0] ?? [];
  const curie = prefix === undefined ? iri : `${prefix}:${iri.slice(namespace.length)}`;
  return { text: parts ? parts.map((each) => labels.texts[each]).join(" · ") : curie, tag, path };
}

async function rows(text, triples = false) {
  const found = JSON.parse(await engine.ask(text, json, triples));
  if ("boolean" in found) return [{ answer: { type: "literal", value: String(found.boolean) } }];
  return found.results.bindings;
}

// The terms that a parameter gets, as SPARQL writes them.
async function terms(name, values) {
  const { kind, thing, pattern, refused, needed } = fields[name];
  const wrong = (value) => Object.assign(new Error(value ? fill(refused, { value }) : needed), { parameter: name });
  if (needed && !values.length) throw wrong("");
  const found = [];
  let among;
  for (const value of values) {
    if (!thing) {
      if (pattern && !new RegExp(`^${pattern}$`).test(value)) throw wrong(value);
      const literal = JSON.stringify(value);
      const cast = kind.endsWith("#string") ? literal : `<${kind}>(${literal})`;
      const [{ x }] = await rows(`SELECT (${cast} AS ?x) {}`);
      if (!x) throw wrong(value);
      found.push(`${JSON.stringify(x.value)}^^<${x.datatype ?? kind}>`);
      continue;
    }
    among ??= (await rows(`SELECT DISTINCT ?x { ?x a/<http://www.w3.org/2000/01/rdf-schema#subClassOf>* <${kind}> FILTER(isIRI(?x)) }`)).map(({ x }) => x.value);
    const known = among.length ? among : Object.keys(labels.iris);
    const same = known.includes(full(value)) ? [full(value)] : known.filter((iri) => fold(named(iri).text) === fold(value));
    if (same.length !== 1) throw wrong(value);
    found.push(`<${same[0]}>`);
  }
  return found;
}

function bound(parts, given) {
  return parts.map(([before, start, name, end]) => {
    return before + (given[name]?.length ? `${start} ${given[name].join(" ")} ${end}` : "");
  }).join("");
}

// How far a language is from the page's, as the server counts.
function distance(tag = "") {
  const [one, other] = [tag, language].map((each) => each.toLowerCase());
  return [one === other, one.split("-")[0] === other.split("-")[0], one.startsWith("en"), !one, true].indexOf(true);
}

// Of rows that differ only in the languages of some columns, those in the best.
function inLanguage(found) {
  const best = new Map();
  const ranked = found.map((row) => {
    const tagged = page.localised.filter((column) => row[column]?.["xml:lang"]);
    const key = JSON.stringify(page.columns.map((column) => (tagged.includes(column) ? true : row[column] ?? null)));
    const rank = tagged.reduce((sum, column) => sum + distance(row[column]["xml:lang"]), 0);
    best.set(key, Math.min(rank, best.get(key) ?? rank));
    return { row, key, rank };
  });
  return ranked.filter(({ key, rank }) => rank === best.get(key)).map(({ row }) => row);
}

function linked(iri) {
  const { text, tag, path } = named(iri);
  const label = tag ? [element("span", text, { lang: tag, dir: "auto" }), " ", element("small", tag, { className: "tongue" })] : [element("bdi", text)];
  const usual = () => iri.slice(labels.base.length).replace(/^id\//, "doc/").replace(/(?=#|$)/, labels.tag);
  if (path) return [element("a", label, { href: new URL(path === 1 ? usual() : path, root) })];
  return /^(https?:\/\/|mailto:)/.test(iri) ? [element("a", label, { href: iri, className: iri.startsWith("mailto:") ? "" : "away" })] : label;
}

function cell(term) {
  if (!term) return element("td", [], { className: "short" });
  const iri = term.type === "uri";
  const value = term.type === "bnode" ? `_:${term.value}` : term.value;
  const lines = (iri ? named(value).text : value).split("\n").filter(Boolean);
  const number = page.numbers.includes(term.datatype);
  const text = { dir: "auto", ...(term["xml:lang"] && term["xml:lang"] !== language ? { lang: term["xml:lang"] } : {}) };
  const list = () => element("ul", lines.map((line) => element("li", line)), { className: "lines" });
  const content = iri ? linked(value) : lines.length > 1 ? list() : lines.map((line) => element("span", line, text));
  return element("td", content, { className: number ? "number" : lines.join("").length <= 10 ? "short" : "" });
}

// The sentence that says what the answer tells, if it has all its values.
async function finding(given, found) {
  const values = { rows: String(found.length) };
  const shownAs = (text) => (text.startsWith("<") ? named(text.slice(1, -1)).text : JSON.parse(text.slice(0, text.lastIndexOf("^^"))));
  for (const name of names) values[name] = given[name].map(shownAs).join(", ");
  for (const column of page.columns) {
    const texts = new Set(found.map((row) => (row[column]?.type === "uri" ? named(row[column].value).text : row[column]?.value ?? "")));
    values[column] = texts.size === 1 ? [...texts][0] : "";
  }
  for (const [name, parts] of Object.entries(page.counted)) values[name] = String((await rows(bound(parts, given))).length);
  const text = page.finding;
  const needed = [...text.matchAll(/{(.*?)}/g)].map(([, name]) => name);
  return needed.every((name) => values[name]) ? text.replace(/{(.*?)}/g, (_, name) => values[name]) : "";
}

// The section with an answer.
async function answered(values) {
  const given = {};
  for (const name of names) given[name] = await terms(name, values[name]);
  const text = bound(page.parts, given);
  const raw = await rows(text, page.graph);
  for (const row of raw) for (const column of page.unstated) row[column] ??= { type: "uri", value: page.absent };
  const found = inLanguage(raw);
  const written = ({ type, value, datatype, "xml:lang": tag }) =>
    type === "uri" ? `<${value}>` : `${type === "bnode" ? "_:" : ""}${JSON.stringify(value)}${tag ?? datatype ?? ""}`;
  const key = (row) => page.columns.map((name) => written(row[name])).join("\0");
  if (page.graph) found.sort((one, other) => (key(one) < key(other) ? -1 : 1));
  const section = copy("computed");
  const part = (selector) => section.querySelector(selector);
  const form = words.rows[plurals.select(found.length)] ?? words.rows.other;
  part(".count").textContent = fill(form, { n: found.length.toLocaleString(language) });
  part(".finding").textContent = await finding(given, found);
  const body = part("tbody");
  for (const row of found.slice(0, page.most)) body.append(element("tr", page.shown.map((column) => cell(row[column]))));
  part("caption").textContent = `${heading} (${inWords(values)})`;
  part(".none").hidden = found.length > 0;
  part(".part").hidden = found.length <= page.most;
  part(".scroll").hidden = !found.length;
  part("a[download]").href = URL.createObjectURL(new Blob([await engine.ask(text, page.media)], { type: page.media }));
  part("code").textContent = text.replace(/ ?#\+.*/g, "").replace(/\n{2,}/g, "\n").trim();
  part("a.next").search = new URLSearchParams({ query: text });
  return section;
}

function refused(error) {
  const section = copy("refused");
  section.querySelector("span").textContent = error.message;
  input(error.parameter)?.setAttribute("aria-invalid", "true");
  return section;
}

// Put an answer in the place of the one that is shown, with what belongs to it.
function show(section, values, note = "") {
  const own = section === stored && !note;
  shown.replaceWith(section);
  shown = section;
  const tools = section.querySelector(".tools");
  if (tools?.hidden && section.querySelector("tbody tr:nth-child(2)")) globalThis.answer(tools);
  for (const each of document.querySelectorAll(".stored")) each.hidden = section !== stored;
  for (const each of section.querySelectorAll(".values")) each.textContent = inWords(section === stored ? defaults : values);
  for (const each of section.querySelectorAll(".gone span")) each.textContent = fill(words.gone, { stored: inWords(defaults) });
  section.classList.toggle("old", Boolean(note));
  document.title = own ? title : title.replace(heading, () => `${heading} (${inWords(values)})`);
  for (const each of document.querySelectorAll(".tongues a")) each.search = location.search;
  pending.textContent = note;
  pending.hidden = !note;
  status.textContent = note ? "" : section.querySelector(".count")?.textContent ?? "";
}

async function ask(values, push) {
  const query = address(values);
  const mine = ++turn;
  const before = shown.classList.contains("old");
  const change = () => { if (push && location.search !== query) history.pushState(null, "", query || location.pathname); };
  for (const name of names) input(name).removeAttribute("aria-invalid");
  if (answers.has(query)) {
    change();
    return show(answers.get(query), values);
  }
  shown.classList.add("old");
  shown.setAttribute("aria-busy", "true");
  cancel.hidden = false;
  try {
    if (!engine.ready) labels = await engine.load((text) => { status.textContent = text; });
    if (mine !== turn) return;
    status.textContent = words.running;
    const section = await answered(values);
    if (mine !== turn) return;
    answers.set(query, section);
    change();
    show(section, values);
  } catch (error) {
    if (mine !== turn) return;
    if (error.stopped) {
      shown.classList.toggle("old", before);
      status.textContent = "";
    } else {
      change();
      show(refused(error), values);
    }
  } finally {
    if (mine === turn) {
      for (const each of [shown, stored]) each.removeAttribute("aria-busy");
      cancel.hidden = true;
      button.textContent = engine.ready ? words.again : words.first;
    }
  }
}

// What the address asks for, which may come from a link or by going back.
function follow() {
  wanted = addressed();
  fillIn(wanted);
  if (answers.has(address(wanted)) || engine.ready) ask(wanted, false);
  else show(stored, wanted, fill(words.other, { stored: inWords(defaults), asked: inWords(wanted) }));
}

stored.before(pending);
if (able) {
  card.replaceWith(form);
  button.textContent = words.first;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = read();
    for (const name of names) if (values[name].join() === wanted[name].join(" ")) values[name] = wanted[name]; // several
    ask(values, true);
  });
  cancel.addEventListener("click", () => engine.stop());
  addEventListener("popstate", follow);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a.reset")) return;
    event.preventDefault();
    fillIn(defaults);
    ask(defaults, true);
  });
} else if (location.protocol === "file:") {
  card.append(element("p", words.disk, { className: "note" }));
}
follow();
