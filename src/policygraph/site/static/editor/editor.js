// The SPARQL editor: YASGUI's query box and results in place of the page's form, configured from the service
// description alone, or where there is no server from the page. Without YASGUI, or without JavaScript, the
// form stays.

const VOID = "http://rdfs.org/ns/void#";
const SHACL = "http://www.w3.org/ns/shacl#";
const TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const CATALOG = "http://www.w3.org/ns/dcat#Catalog";

const MOST = 300; // things of an answer in a picture
const NAMED = 1000; // of it by name, as on other pages
const AT_ONCE = 100; // names in an answer of the server

const language = document.documentElement.lang;
const here = new URL(".", import.meta.url);
const root = new URL("..", here); // of the site
const form = document.querySelector("form#sparql");
const page = document.getElementById("engine"); // where there is no server

if (form) start().catch((error) => console.warn(`The editor is not used: ${error.message}`));

async function start() {
  const code = new URL("yasgui/yasgui.min.js", here);
  const client = page && (await import(new URL("engine/client.js", root).href));
  if (client && !client.able) return;
  const [yasgui, description] = await Promise.all([
    fetch(code, { method: "HEAD" }),
    page ? undefined : fetch(form.action, { headers: { Accept: "application/ld+json" } }),
  ]);
  if (!yasgui.ok) {
    // For whoever runs the server, not for visitors.
    console.info("For an editor with colours and completion, install npm and run: make clean serve");
    return;
  }
  const service = page ? JSON.parse(page.textContent) : read(await description?.json());
  await Promise.all([style("yasgui/yasgui.min.css"), style("editor.css"), script("yasgui/yasgui.min.js")]);
  const engine = client && answer(service, client);
  open(service, engine ? async (iris) => iris.map((iri) => engine.link(iri)) : links);
}

// In place of the endpoint: the engine in a worker.
function answer({ words, prefixes }, { Engine, fill }) {
  const [status, cancel] = ["[role=status]", ".cancel"].map((name) =>
    document.querySelector(`.doing ${name}`),
  );
  const engine = new Engine(globalThis.published.engine[language], words, (text) => {
    status.textContent = text;
  });
  // They need not be declared; in the first line, so that the others keep their numbers.
  const known = Object.entries(prefixes)
    .map(([prefix, namespace]) => `PREFIX ${prefix}: <${namespace}> `)
    .join("");
  document.getElementById("unable").remove();
  keep();
  form.elements.query.value = new URLSearchParams(location.search).get("query") ?? form.elements.query.value;
  status.textContent = engine.words.first;
  cancel.addEventListener("click", () => engine.stop());
  window.Yasqe.prototype.query = async function () {
    if (!cancel.hidden) return; // one after another
    this.emit("queryBefore");
    cancel.hidden = false;
    const begun = performance.now();
    const response = await run(this).catch((error) => !error.stopped && new Error(readable(error.message)));
    if (document.activeElement === cancel) this.focus();
    cancel.hidden = true;
    status.textContent = "";
    if (response) this.emit("queryResponse", response, Math.round(performance.now() - begun));
  };
  return engine;

  async function run(yasqe) {
    const triples = ["CONSTRUCT", "DESCRIBE"].includes(yasqe.getQueryType());
    const media = triples ? "text/turtle" : "application/sparql-results+json";
    return {
      content: await engine.ask(known + yasqe.getValue(), media),
      headers: new Headers({ "content-type": media }),
    };
  }

  // Of the engine's messages, the place and its remark: all else lists what it would have accepted.
  function readable(message) {
    const [, line, column, why] = message.match(/^error at (\d+):(\d+): (.*)/s) ?? [];
    const [remark = ""] = why?.match(/[A-Z][a-z]+(?: [a-z]+)+/) ?? [];
    const place = { line, column: line === "1" ? column - known.length : column, remark };
    return line ? fill(words.syntax, place).trim() : message;
  }
}

// From the service description: the prefixes, the classes and properties that occur, and the base of the IRIs
// that have pages on this site.
function read(nodes) {
  const service = { prefixes: {}, base: "", class: new Set(), property: new Set() };
  for (const node of nodes) {
    const value = (name) => node[name]?.[0]?.["@value"];
    if (value(`${SHACL}prefix`)) service.prefixes[value(`${SHACL}prefix`)] = value(`${SHACL}namespace`);
    if (node[TYPE]?.some((each) => each["@id"] === CATALOG)) service.base = new URL(".", node["@id"]).href;
    for (const kind of ["class", "property"]) {
      for (const term of node[VOID + kind] ?? []) service[kind].add(term["@id"]);
    }
  }
  return service;
}

// From the server: what each of some resources is called, in an element that leads to its page.
async function links(iris) {
  const values = iris.map((iri) => `<${iri}>`).join(" ");
  const answer = await fetch(shared(`SELECT ?x { VALUES ?x { ${values} } }`), {
    headers: { Accept: "text/html" },
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("#rows tbody td")].map((cell) =>
    element("span", {}, ...document.importNode(cell, true).childNodes),
  );
}

// Let a table of YASR's show, order and find resources by their names once it knows them, the short IRI as
// title; of literals it shows the text, with the rest as title.
function byName(table, names) {
  const { getColumns, getUriLinkFromBinding, formatLiteral } = table;
  const titled = (html, ...content) => {
    const title = element("span", { innerHTML: html }).textContent;
    return element("span", { title }, ...content).outerHTML;
  };
  return Object.assign(table, {
    persistentConfig: { ...table.persistentConfig, isEllipsed: false }, // whole names
    getUriLinkFromBinding(term, prefixes) {
      const html = getUriLinkFromBinding.call(this, term, prefixes);
      const name = names.get(term.value);
      return name ? titled(html, name.cloneNode(true)) : html;
    },
    formatLiteral(term, prefixes) {
      const tag = term["xml:lang"];
      const content = element("span", { dir: "auto" }, term.value);
      const tongue = tag ? [" ", element("small", { className: "tongue" }, tag)] : [];
      return titled(formatLiteral.call(this, term, prefixes), content, ...tongue);
    },
    getColumns() {
      return getColumns.call(this).map((column) => ({
        ...column,
        render: (term, use, ...rest) =>
          use !== "display" && term?.type === "uri" && names.has(term.value)
            ? names.get(term.value).textContent
            : column.render(term, use, ...rest),
      }));
    },
  });
}

function open(service, linked) {
  const { Yasqe, Yasr } = window;
  // YASQE's own completers send requests to other sites; these reuse their rules for where a term may occur.
  for (const kind of ["class", "property"]) {
    const get = (_, token) =>
      [...service[kind]].filter((term) => term.startsWith(token?.autocompletionString ?? ""));
    Yasqe.forkAutocompleter(kind, { name: `${kind}-here`, get }, false);
  }
  // They lead to what stands after and before, also where the response is; Ctrl-] and Ctrl-[ indent.
  Object.assign(Yasqe.keyMap.basic, { Tab: false, "Shift-Tab": false });
  const declared = Object.entries(service.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`);
  const prefixes = { name: "prefixes-here", persistenceId: null, get: () => declared };
  Yasqe.forkAutocompleter("prefixes", prefixes, false);
  const text = form.elements.query;
  const place = form.insertAdjacentElement("afterend", document.createElement("div"));
  place.id = "editor";
  const [above, picture, below, outcome] = ["div", "p", "div", "output"].map((name) =>
    place.appendChild(document.createElement(name)),
  );
  outcome.className = "unseen"; // for who does not see that there is another answer
  const yasqe = new Yasqe(above, {
    value: text.value,
    autocompleters: ["prefixes-here", "class-here", "property-here", "variables"],
    requestConfig: {
      endpoint: form.action,
      method: (box) => (box.getValue().length > 4000 ? "POST" : "GET"),
    },
    createShareableLink: (box) => shared(box.getValue()),
    consumeShareLink: null,
    persistenceId: null,
    prefixCcApi: null,
    screenReaderLabel: document.querySelector("label[for=text]").textContent,
  });
  const words = JSON.parse(form.dataset.words);
  const update = yasqe.updateQueryButton; // which names it in English with each change
  yasqe.updateQueryButton = (state) => {
    update(state);
    for (const name of ["title", "aria-label"]) yasqe.queryBtn.setAttribute(name, words.run);
  };
  above.addEventListener("focusin", () => reword(place, words)); // what is open
  above.addEventListener("keydown", ({ key, target }) => {
    if (key !== "Escape" || !target.closest(".yasqe_sharePopup")) return;
    document.body.click(); // which closes it
    above.querySelector(".yasqe_share").focus();
  });
  // Known prefixes need not be declared, so the editor takes them as if they were; completion declares them
  // still.
  yasqe.getPrefixesFromQuery = () =>
    Object.fromEntries(
      [...yasqe.getValue().matchAll(/\bprefix\s+([\w.-]*):\s*<([^>]*)>/gi)].map(([, ...each]) => each),
    );
  const mode = yasqe.getDoc().getMode();
  const begin = mode.startState;
  mode.startState = () => {
    const state = begin();
    Object.assign(state.prefixes, service.prefixes);
    return state;
  };
  yasqe.setValue(text.value);
  const refused = ({ text }) => {
    const reason = element("span", { lang: page ? language : "en", dir: "auto" }, text);
    return element("span", {}, element("b", {}, words.refused), " ", reason);
  };
  const yasr = new Yasr(below, {
    prefixes: () => ({ ...service.prefixes, ...yasqe.getPrefixesFromQuery() }),
    persistenceId: null,
    errorRenderers: [refused],
  });
  const names = new Map();
  const table = byName(yasr.plugins.table, names);
  Object.assign(table.config.tableConfig.language, {
    info: words.info.replace("{start}", "_START_").replace("{end}", "_END_").replace("{total}", "_TOTAL_"),
    infoEmpty: "",
    infoFiltered: words.filtered.replace("{total}", "_MAX_"),
    emptyTable: words.none,
    zeroRecords: words.none,
    aria: { orderable: "", orderableReverse: "", orderableRemove: "" },
  });
  below.querySelector(".yasr_external_ref_btn")?.setAttribute("aria-label", "YASGUI"); // only an icon
  yasqe.on("queryBefore", () => {
    history.replaceState(null, "", shared(yasqe.getValue()));
    keep();
    outcome.textContent = "";
    document.querySelector("section[aria-labelledby=answer]")?.remove(); // of another query
    document.querySelector("main .refused")?.remove();
  });
  yasqe.on("queryResponse", async (_, response, duration) => {
    yasr.setResponse(response, duration);
    reword(place, words);
    const { results } = yasr;
    const error = results.getError();
    const truth = words[results.getBoolean()];
    const chip = below.querySelector(".yasr_response_chip").textContent;
    outcome.replaceChildren(error ? refused(error) : truth ? `${words.response}: ${truth}` : chip);
    picture.replaceChildren(...drawn(results, service.base));
    const terms = (results.getBindings() ?? []).flatMap(Object.values);
    const nameless = terms.filter(({ type, value }) => type === "uri" && !names.has(value));
    const unknown = [...new Set(nameless.map(({ value }) => value))].slice(0, NAMED);
    for (let first = 0; first < unknown.length; first += AT_ONCE) {
      const some = unknown.slice(first, first + AT_ONCE);
      const found = await linked(some).catch(() => []);
      if (found.length === some.length)
        found.forEach((name, place) => {
          names.set(some[place], name);
        });
    }
    if (unknown.length && table.dataTable) table.draw(table.persistentConfig);
  });
  // DataTables knows the order of code points and that of the browser's language.
  const { compare } = new Intl.Collator(language, { numeric: true });
  yasr.on("drawn", () => {
    const order = table.dataTable?.$("tr").constructor.fn.dataTable.ext.type.order ?? {};
    for (const type of ["html", "html-utf8"])
      Object.assign(order, { [`${type}-asc`]: compare, [`${type}-desc`]: (a, b) => compare(b, a) });
  });
  // A host of files has no redirects.
  const local = (path) => {
    const [, stem, hash] = path.match(/^([^#]*)(.*)$/s);
    return page
      ? `${/(^|\/)$/.test(stem) ? `${stem}index` : stem.replace(/^id\//, "doc/")}${service.tag}${hash}`
      : path;
  };
  // Link IRIs that have a page on this site to that page.
  new MutationObserver(() => {
    for (const link of service.base ? below.querySelectorAll(`a[href^="${service.base}"]`) : []) {
      const path = link.getAttribute("href").slice(service.base.length);
      link.setAttribute("href", new URL(local(path), root).href);
      link.removeAttribute("target");
    }
    // Name what YASR's table leaves without an accessible name.
    for (const title of below.querySelectorAll("th .dt-column-title:empty")) title.textContent = "#";
    reword(place, words);
  }).observe(below, { childList: true, subtree: true });
  form.hidden = true;
  reword(place, words);
  yasqe.refresh();
}

// Say in the language of the page what YASQE and YASR say in English.
function reword(place, words) {
  const put = (selector, text, ...attributes) => {
    for (const part of place.querySelectorAll(selector)) {
      // else it would be seen as a change
      if (!attributes.length && part.textContent !== text) part.textContent = text;
      for (const name of attributes) part.setAttribute(name, text);
    }
  };
  for (const view of ["table", "response"]) {
    put(`.select_${view} span`, words[view]);
    put(`.select_${view}`, words[view], "title", "aria-label");
  }
  for (const view of place.querySelectorAll(".yasr_btn[class*=select_]"))
    view.ariaPressed = String(view.classList.contains("selected"));
  put(".yasqe_share, .yasqe_sharePopup input", words.share, "title", "aria-label");
  put(".yasr_results textarea", words.response, "aria-label");
  put(".dataTable", words.response, "aria-label");
  put(".yasr_downloadIcon", words.download, "title", "aria-label");
  put(".tableControls > :nth-child(1) .label", words.simple);
  put(".tableControls > :nth-child(2) .label", words.ellipse);
  put(".tableFilter", words.filter, "placeholder", "aria-label");
  put(".pageSizerLabel", `${words.size} `);
  put(".tableSizer", words.shown, "aria-label");
  put(".tableSizer option[value='-1']", words.all);
  const answer = place.querySelector(".booleanResult span");
  const truth = words[answer?.textContent.toLowerCase()];
  if (truth) answer.textContent = truth;
  const chip = place.querySelector(".yasr_response_chip");
  const [found, n, seconds] =
    chip.textContent.match(/^(?:(\d+) results?|Response)(?: in ([\d.]+) seconds?)?$/) ?? [];
  const number = (text) => Number(text).toLocaleString(language);
  if (found)
    chip.textContent =
      (n ? words.rows.replace("{n}", number(n)) : words.response) +
      (seconds ? ` (${number(seconds)} s)` : "");
  for (const part of place.querySelectorAll(".dt-paging, .yasr_external_ref_btn, .yasr_fallback_info"))
    part.setAttribute("lang", "en"); // its labels
}

// A link to the things of an answer as a picture: the explorer with these alone, and what connects them.
function drawn(results, base) {
  const terms = [
    ...(results?.getStatements() ?? []).flatMap(({ subject, object }) => [subject, object]),
    ...(results?.getBindings() ?? []).flatMap(Object.values),
  ];
  const isThing = ({ type, termType, value }) =>
    /^(uri|NamedNode)$/.test(type ?? termType) && value.startsWith(base);
  const things = [...new Set(terms.filter(isThing).map(({ value }) => value))];
  const { explore, picture } = form.dataset;
  if (!explore || !base || !things.length) return [];
  const show = new URLSearchParams({ show: things.slice(0, MOST).join(" ") });
  return [element("a", { className: "next", href: `${explore}#${show}` }, picture)];
}

// Let the links to other languages keep the query of the address.
function keep() {
  for (const each of /** @type {any} */ (document.querySelectorAll(".tongues a")))
    each.search = location.search;
}

function shared(query) {
  const address = new URL(location.pathname, location.href);
  address.searchParams.set("query", query);
  return address.href;
}

function element(name, attributes, ...content) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...content);
  return made;
}

function style(path) {
  return loaded(element("link", { rel: "stylesheet", href: new URL(path, here) }));
}

function script(path) {
  return loaded(element("script", { src: new URL(path, here) }));
}

function loaded(element) {
  return new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${element.src || element.href} cannot be loaded`));
    document.head.append(element);
  });
}
