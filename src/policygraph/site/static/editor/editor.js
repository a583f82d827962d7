// The SPARQL editor: YASGUI's query box and results in place of the page's form, configured from the service
// description alone, or where there is no server from the page. Without YASGUI, or without JavaScript, the form
// stays.

const VOID = "http://rdfs.org/ns/void#";
const SHACL = "http://www.w3.org/ns/shacl#";
const TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const CATALOG = "http://www.w3.org/ns/dcat#Catalog";

const MOST = 300; // things of an answer in a picture

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
  if (client) answer(service, client);
  open(service);
}

// In place of the endpoint: the engine in a worker.
function answer({ words, prefixes }, { Engine, fill }) {
  const [status, cancel] = ["[role=status]", ".cancel"].map((name) => document.querySelector(`.doing ${name}`));
  const engine = new Engine(globalThis.published.engine[""], words, (text) => { status.textContent = text; });
  // They need not be declared; in the first line, so that the others keep their numbers.
  const known = Object.entries(prefixes).map(([prefix, namespace]) => `PREFIX ${prefix}: <${namespace}> `).join("");
  document.getElementById("unable").remove();
  form.elements.query.value = new URLSearchParams(location.search).get("query") ?? form.elements.query.value;
  status.textContent = engine.words.first;
  cancel.addEventListener("click", () => engine.stop());
  window.Yasqe.prototype.query = async function () {
    if (!cancel.hidden) return; // one after another
    this.emit("queryBefore");
    cancel.hidden = false;
    const begun = performance.now();
    const response = await run(this).catch((error) => new Error(readable(error.message)));
    cancel.hidden = true;
    status.textContent = "";
    this.emit("queryResponse", response, Math.round(performance.now() - begun));
  };

  async function run(yasqe) {
    const triples = ["CONSTRUCT", "DESCRIBE"].includes(yasqe.getQueryType());
    const media = triples ? "text/turtle" : "application/sparql-results+json";
    return { content: await engine.ask(known + yasqe.getValue(), media), headers: new Headers({ "content-type": media }) };
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

function open(service) {
  const { Yasqe, Yasr } = window;
  // YASQE's own completers send requests to other sites; these reuse their rules for where a term may occur.
  for (const kind of ["class", "property"]) {
    const get = (_, token) =>
      [...service[kind]].filter((term) => term.startsWith(token?.autocompletionString ?? ""));
    Yasqe.forkAutocompleter(kind, { name: `${kind}-here`, get }, false);
  }
  const declared = Object.entries(service.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`);
  const prefixes = { name: "prefixes-here", persistenceId: null, get: () => declared };
  Yasqe.forkAutocompleter("prefixes", prefixes, false);
  const text = form.elements.query;
  const place = form.insertAdjacentElement("afterend", document.createElement("div"));
  place.id = "editor";
  const [above, picture, below] = ["div", "p", "div"].map((name) => place.appendChild(document.createElement(name)));
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
  // Known prefixes need not be declared, so the editor takes them as if they were; completion declares them still.
  yasqe.getPrefixesFromQuery = () =>
    Object.fromEntries([...yasqe.getValue().matchAll(/\bprefix\s+([\w.-]*):\s*<([^>]*)>/gi)].map(([, ...each]) => each));
  const mode = yasqe.getDoc().getMode();
  const begin = mode.startState;
  mode.startState = () => {
    const state = begin();
    Object.assign(state.prefixes, service.prefixes);
    return state;
  };
  yasqe.setValue(text.value);
  const yasr = new Yasr(below, {
    prefixes: () => ({ ...service.prefixes, ...yasqe.getPrefixesFromQuery() }),
    persistenceId: null,
  });
  below.querySelector(".yasr_external_ref_btn")?.setAttribute("aria-label", "YASGUI"); // only an icon
  yasqe.on("queryBefore", () => {
    history.replaceState(null, "", shared(yasqe.getValue()));
    document.querySelector("section[aria-labelledby=answer]")?.remove(); // of another query
    document.querySelector("main .refused")?.remove();
  });
  yasqe.on("queryResponse", (_, response, duration) => {
    yasr.setResponse(response, duration);
    picture.replaceChildren(...drawn(yasr.results, service.base));
  });
  // A host of files has no redirects.
  const local = (path) => {
    const [, stem, hash] = path.match(/^([^#]*)(.*)$/s);
    return page ? `${/(^|\/)$/.test(stem) ? `${stem}index` : stem.replace(/^id\//, "doc/")}${service.tag}${hash}` : path;
  };
  // Link IRIs that have a page on this site to that page.
  new MutationObserver(() => {
    for (const link of service.base ? below.querySelectorAll(`a[href^="${service.base}"]`) : []) {
      link.setAttribute("href", new URL(local(link.getAttribute("href").slice(service.base.length)), root).href);
      link.removeAttribute("target");
    }
    // Name what YASR's table leaves without an accessible name.
    for (const title of below.querySelectorAll("th .dt-column-title:empty")) title.textContent = "#";
    for (const part of below.querySelectorAll(".yasr_header, .dt-info, .dt-length, .dt-paging")) part.setAttribute("lang", "en"); // YASR's words
    for (const size of below.querySelectorAll("select:not([aria-label])")) {
      size.setAttribute("aria-label", form.dataset.size);
    }
  }).observe(below, { childList: true, subtree: true });
  form.hidden = true;
  yasqe.refresh();
}

// A link to the things of an answer as a picture: the explorer with these alone, and what connects them.
function drawn(results, base) {
  const terms = [...(results?.getStatements() ?? []).flatMap(({ subject, object }) => [subject, object]), ...(results?.getBindings() ?? []).flatMap(Object.values)];
  const things = [...new Set(terms.filter(({ type, termType, value }) => [type, termType].some((each) => /^(uri|NamedNode)$/.test(each)) && value.startsWith(base)).map(({ value }) => value))];
  const { explore, picture } = form.dataset;
  if (!explore || !base || !things.length) return [];
  const show = new URLSearchParams({ show: things.slice(0, MOST).join(" ") });
  return [Object.assign(document.createElement("a"), { className: "next", href: `${explore}#${show}`, textContent: picture })];
}

function shared(query) {
  const address = new URL(location.pathname, location.href);
  address.searchParams.set("query", query);
  return address.href;
}

function style(path) {
  const attributes = { rel: "stylesheet", href: new URL(path, here) };
  return loaded(Object.assign(document.createElement("link"), attributes));
}

function script(path) {
  return loaded(Object.assign(document.createElement("script"), { src: new URL(path, here) }));
}

function loaded(element) {
  return new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${element.src || element.href} cannot be loaded`));
    document.head.append(element);
  });
}
