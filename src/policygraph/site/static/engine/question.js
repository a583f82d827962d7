// Answers a saved question with other values where no server does. The stored answer stays until there is
// another, and each is shown with the values that it is for.
import { able, Engine, element, fill } from "./client.js";

const language = document.documentElement.lang;
const page = JSON.parse(document.getElementById("question").textContent);
const { words, columns } = page;
const find = (selector, within = document) => within.querySelector(selector);
const copy = (id) => document.importNode(find(`#${id}`).content.firstElementChild, true);
const fold = globalThis.fold; // of site.js, which loads this

const [form, stored, pending, title, heading] = [
  copy("form"),
  find("section[aria-labelledby=answer]"),
  find("#pending"),
  document.title,
  find("h1").textContent,
];
const [button, cancel, status] = ["button.main", ".cancel", "[role=status]"].map((each) => find(each, form));
const engine = new Engine(globalThis.published.engine[language], words, (text) => {
  status.textContent = text;
});
const inputs = [...form.elements].filter((each) => each.name);
const trimmed = (texts) => texts.map((text) => text.trim()).filter(Boolean);
const chosen = (input) => [...(input.selectedOptions ?? [input])].map(({ value }) => value);
const read = () => Object.fromEntries(inputs.map((input) => [input.name, trimmed(chosen(input))]));
const isDefault = (name, values) => values.join("\n") === defaults[name].join("\n");
const options = (input) => [...((input.list ?? input).options ?? [])];
const defaults = read();
const answers = new Map([["", stored]]); // by the query string of the page
// what is seen, what the address says, and how often one asked
let [shown, wanted, turn] = [stored, defaults, 0];

// Values in words, of all parameters.
function inWords(values) {
  const text = (input, value) => options(input).find((each) => each.value === value)?.text || value;
  const each = inputs.map((input) => [
    input.labels[0].textContent.trim(),
    values[input.name].map((value) => text(input, value)).join(", ") || words.any,
  ]);
  return each.map((pair) => pair.join(": ")).join("; ");
}

// What the address asks for, as the form has it; by default what the stored answer is for.
function addressed() {
  const given = new URLSearchParams(location.search);
  const option = (input, text) =>
    options(input).find((each) => [each.value, each.text, each.label].map(fold).includes(fold(text)));
  const values = { ...defaults };
  for (const input of inputs.filter(({ name }) => given.has(name)))
    values[input.name] = trimmed(given.getAll(input.name).map((text) => option(input, text)?.value ?? text));
  return values;
}

// The query string of values, without those of the stored answer.
function address(values) {
  const other = Object.keys(defaults).filter((name) => !isDefault(name, values[name]));
  const query = new URLSearchParams(
    other.flatMap((name) => (values[name].length ? values[name] : [""]).map((value) => [name, value])),
  );
  return query.size ? `?${query}` : "";
}

function fillIn(values) {
  for (const input of inputs) {
    const chosen = values[input.name];
    if (input.tagName === "SELECT") {
      const listed = options(input).map((each) => each.value);
      for (const each of chosen) if (!listed.includes(each)) input.add(new Option(each, each));
      input.multiple ||= chosen.length > 1;
      input.value = chosen[0] ?? "";
      for (const each of options(input)) each.selected ||= chosen.includes(each.value);
      continue;
    }
    const value = chosen.join(" ");
    input.value = value;
    if (input.value !== value) Object.assign(input, { type: "text", value }); // no number, no date
  }
}

async function rows(text, triples = false) {
  const { boolean, results } = JSON.parse(await engine.ask(text, "application/sparql-results+json", triples));
  return results?.bindings ?? [{ answer: { type: "literal", value: String(boolean) } }];
}

// The terms that a parameter gets, as SPARQL writes them.
async function terms(name, values) {
  const { kind, thing: isThing, pattern, refused, needed, default: given } = page.fields[name];
  if (isDefault(name, values)) return given;
  const wrong = (value) =>
    Object.assign(new Error(value ? fill(refused, { value }) : needed), { parameter: name });
  if (needed && !values.length) throw wrong("");
  if (!values.length) return [];
  if (!isThing) {
    const found = [];
    for (const value of values) {
      const literal = kind.endsWith("#string")
        ? JSON.stringify(value)
        : `<${kind}>(${JSON.stringify(value)})`;
      const [{ x }] = value.match(`^${pattern}$`)
        ? await rows(`SELECT (${literal} AS ?x) {}`)
        : [{ x: null }];
      if (!x) throw wrong(value);
      found.push(`${JSON.stringify(x.value)}^^<${kind}>`);
    }
    return found;
  }
  const member =
    "a/<http://www.w3.org/2000/01/rdf-schema#subClassOf>*|<http://www.w3.org/2004/02/skos/core#inScheme>";
  const labelled = () => rows(bound(page.labelled, {}));
  const found = await rows(`SELECT DISTINCT ?x { ?x ${member} <${kind}> FILTER(isIRI(?x)) }`);
  const things = found.length ? found : await labelled();
  const known = [...new Set(things.map(({ x, thing }) => (x ?? thing).value))];
  const asked = [];
  for (const value of values) {
    const [, prefix, rest] = value.match(/^([\w.-]*):(.*)$/s) ?? [];
    const iri =
      prefix in engine.labels.prefixes
        ? engine.labels.prefixes[prefix] + rest
        : value.replace(/^<(.*)>$/, "$1");
    const alike = (text) => fold(text) === fold(value);
    let same = known.includes(iri) ? [iri] : known.filter((each) => alike(engine.named(each).text));
    if (!same.length) {
      // its name in another language
      const named = (await labelled()).filter(({ label }) => alike(label.value));
      same = known.filter((each) => named.some(({ thing }) => thing.value === each));
    }
    if (same.length !== 1) throw wrong(value);
    asked.push(`<${same[0]}>`);
  }
  return asked;
}

const bound = (parts, given) =>
  parts
    .map(
      ([before, start, name, end]) =>
        before + (given[name]?.length ? `${start} ${given[name].join(" ")} ${end}` : ""),
    )
    .join("");

// Of rows that differ only in the languages of some columns, those in the best, as the server chooses.
function inLanguage(found) {
  const [wanted, primary] = [language.toLowerCase(), language.toLowerCase().split("-")[0]];
  const distance = (tag) =>
    [tag === wanted, tag.split("-")[0] === primary, tag.split("-")[0] === "en", true].indexOf(true);
  const best = new Map();
  const ranked = found.map((row) => {
    const tagged = page.localised.filter((column) => row[column]?.["xml:lang"]);
    const key = JSON.stringify(
      columns.map((column) => (tagged.includes(column) ? true : (row[column] ?? null))),
    );
    const tags = tagged.map((column) => row[column]["xml:lang"].toLowerCase());
    const far = tags.reduce((sum, tag) => sum + distance(tag), 0);
    const rank = [String(far).padStart(3, "0"), ...tags].join(); // of some as far, the first by its tag
    if (!(best.get(key) <= rank)) best.set(key, rank);
    return { row, key, rank };
  });
  return ranked.filter(({ key, rank }) => rank === best.get(key)).map(({ row }) => row);
}

function cell(term) {
  const { type, value = "", datatype, "xml:lang": lang = "" } = term ?? {};
  const text = type === "uri" ? engine.named(value).text : type === "bnode" ? `_:${value}` : value;
  const lines = text.split("\n").filter(Boolean);
  const short = lines.join("").length <= 10 ? "short" : "";
  const own = lang && lang !== language ? { lang, dir: "auto" } : { dir: "auto" };
  const items = lines.map((line) => element("li", line));
  /** @type {any} */
  let content = lines.map((line) => element("span", line, own));
  if (items.length > 1) content = element("ul", items, { className: "lines" });
  if (type === "uri") content = engine.link(value);
  return element("td", content, { className: page.numbers.includes(datatype) ? "number" : short });
}

// The sentence that says what the answer tells, if it has all its values.
async function finding(given, found) {
  const values = { rows: String(found.length) };
  const text = ({ type, value }) => (type === "uri" ? engine.named(value).text : value);
  for (const name in given) {
    values[name] = given[name]
      .map((term) =>
        term[0] === "<" ? engine.named(term.slice(1, -1)).text : JSON.parse(term.replace(/\^\^<[^>]*>$/, "")),
      )
      .join(", ");
  }
  for (const column of columns) {
    const texts = new Set(found.map((row) => (row[column] ? text(row[column]) : "")));
    values[column] = texts.size === 1 ? [...texts][0] : "";
  }
  for (const name in page.counted)
    values[name] = String((await rows(bound(page.counted[name], given))).length);
  return [...page.finding.matchAll(/{(.*?)}/g)].every(([, name]) => values[name])
    ? fill(page.finding, values)
    : "";
}

// The section with the answer to values.
async function answered(values) {
  await engine.load();
  const given = {};
  for (const name in values) given[name] = await terms(name, values[name]);
  const text = bound(page.parts, given);
  const raw = await rows(text, page.graph);
  for (const row of raw)
    for (const column of given.basis?.length ? [] : page.unstated)
      row[column] ??= { type: "uri", value: page.absent };
  const found = inLanguage(raw);
  const written = ({ type, value, datatype = "", "xml:lang": tag = datatype }) =>
    type === "uri" ? `<${value}>` : (type === "bnode" ? "_:" : "") + JSON.stringify(value) + tag;
  const key = (row) => columns.map((name) => written(row[name])).join("\0");
  if (page.graph) found.sort((one, other) => (key(one) < key(other) ? -1 : 1));
  const section = copy("computed");
  const count = words.rows[new Intl.PluralRules(language).select(found.length)] ?? words.rows.other;
  const texts = {
    ".count": fill(count, { n: found.length.toLocaleString(language) }),
    ".values": inWords(values),
    ".gone span": fill(words.gone, { stored: inWords(defaults) }),
    ".finding": await finding(given, found),
    caption: `${heading} (${inWords(values)})`,
    code: text
      .replace(/ ?#\+.*/g, "")
      .replace(/\n{2,}/g, "\n")
      .trim(),
  };
  for (const selector in texts) find(selector, section).textContent = texts[selector];
  const cells = (row) => page.shown.map((column) => cell(row[column]));
  find("tbody", section).append(...found.slice(0, page.most).map((row) => element("tr", cells(row))));
  const hidden = { ".none": found.length, ".scroll": !found.length, ".part": found.length <= page.most };
  for (const selector in hidden) find(selector, section).hidden = hidden[selector];
  const file = new Blob([await engine.ask(text, page.media)], { type: page.media });
  find("a[download]", section).href = URL.createObjectURL(file);
  find("a.next", section).search = new URLSearchParams({ query: text });
  return section;
}

// Put an answer in the place of the one that is seen, with what belongs to it; `note` says that it is
// another's.
function show(section, values, note = "") {
  shown.replaceWith(section);
  shown = section;
  for (const each of document.querySelectorAll(".stored")) each.hidden = section !== stored;
  for (const each of /** @type {any} */ (document.querySelectorAll(".tongues a")))
    each.search = location.search;
  const tools = find(".tools", section);
  if (tools?.hidden && find("tbody tr:nth-child(2)", section)) globalThis.answer(tools);
  section.classList.toggle("old", Boolean(note));
  document.title =
    section === stored && !note ? title : title.replace(heading, () => `${heading} (${inWords(values)})`);
  Object.assign(pending, { textContent: note, hidden: !note });
  status.textContent = note ? "" : find(".count", section)?.textContent;
}

// Whether a field's value is refused, and by what.
function tell(input, wrong) {
  input.ariaInvalid = wrong ? "true" : null;
  input.setAttribute("aria-describedby", `h-${input.name}${wrong ? " wrong" : ""}`);
}

// What can no longer be cancelled does not keep the focus.
function idle() {
  if (document.activeElement === cancel) button.focus();
  cancel.hidden = true;
}

async function ask(values, push) {
  const [query, mine, dim] = [address(values), ++turn, shown.classList.contains("old")];
  for (const input of inputs) tell(input, false);
  shown.classList.add("old");
  shown.setAttribute("aria-busy", "true");
  cancel.hidden = false;
  /** @type {any} */
  const section = answers.get(query) ?? (await answered(values).catch((error) => error));
  if (mine !== turn) return;
  for (const each of [shown, stored]) each.removeAttribute("aria-busy");
  idle();
  button.textContent = engine.ready ? words.again : engine.words.first;
  if (section.stopped) {
    shown.classList.toggle("old", dim);
    status.textContent = "";
    return;
  }
  if (push && location.search !== query) history.pushState(null, "", query || location.pathname);
  wanted = values;
  if (section.message !== undefined) {
    const refused = copy("refused");
    const said = { textContent: section.message, lang: section.parameter ? "en" : language };
    Object.assign(find("span", refused), said);
    if (section.parameter) tell(form.elements[section.parameter], true);
    show(refused, values);
  } else {
    answers.set(query, section);
    show(section, values);
  }
}

// What the address asks for, which may come from a link or by going back.
function follow() {
  if (!cancel.hidden) engine.stop();
  turn++;
  idle();
  wanted = addressed();
  fillIn(wanted);
  if (answers.has(address(wanted)) || engine.ready) ask(wanted, false);
  else show(stored, wanted, fill(words.other, { stored: inWords(defaults), asked: inWords(wanted) }));
}

if (able) {
  find(".usual").replaceWith(form);
  button.textContent = engine.words.first;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!cancel.hidden) return; // one after another
    const values = read();
    for (const name in values)
      if (values[name].join() === wanted[name].join(" ")) values[name] = wanted[name]; // several
    ask(values, true);
  });
  cancel.addEventListener("click", () => engine.stop());
  // a link within the page asks for nothing else
  addEventListener("popstate", () => address(addressed()) === address(wanted) || follow());
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a.reset")) return;
    event.preventDefault();
    history.pushState(null, "", location.pathname);
    follow();
    inputs[0].focus(); // the link goes
  });
}
find(".values", stored).textContent = inWords(defaults);
follow();
