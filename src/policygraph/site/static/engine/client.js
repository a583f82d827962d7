// What pages know of the SPARQL engine: it is loaded when it is first asked, and a query has ten seconds.

const LIMIT = 10;

export const able =
  /^https?:$/.test(location.protocol) &&
  ["Worker", "WebAssembly", "DecompressionStream"].every((name) => name in globalThis);

export const fill = (text, values) => text.replace(/{([\w-]+)}/g, (whole, name) => values[name] ?? whole);

const oneDecimal = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const megabytes = (bytes) =>
  new Intl.NumberFormat(document.documentElement.lang, oneDecimal).format(bytes / 1e6);

export function element(name, content, attributes = {}) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...[content].flat());
  return made;
}

export class Engine {
  labels; // once it is loaded
  worker; // its script
  files; // that it loads
  size; // of these, in bytes
  words; // for people
  report; // takes a sentence of these
  #worker;
  #reject; // ends what is asked now

  constructor({ worker, size, ...files }, words, report) {
    const first = fill(words.first, { n: megabytes(size) });
    Object.assign(this, { worker, size, files, report, words: { ...words, first } });
  }

  get ready() {
    return Boolean(this.#worker);
  }

  // The results of a query, in a format of the engine; `rows` as of the worker.
  async ask(text, media, rows = false) {
    await this.load();
    this.report(this.words.running);
    const timer = setTimeout(() => this.stop(fill(this.words.timeout, { n: LIMIT })), 1000 * LIMIT);
    return this.#send({ text, media, rows }).finally(() => clearTimeout(timer));
  }

  // End what is asked, and the engine with it; without a reason, because somebody wanted that.
  stop(reason = "") {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#reject?.(Object.assign(new Error(reason), { stopped: !reason }));
  }

  async load() {
    if (this.#worker) return;
    const files = {};
    for (const name in this.files) files[name] = new URL(this.files[name], import.meta.url).href;
    this.#worker = new Worker(new URL(this.worker, import.meta.url), { type: "module" });
    const of = megabytes(this.size);
    const progress = (n) =>
      this.report(fill(this.words.loading, { n: megabytes(Math.min(n, this.size)), of }));
    progress(0);
    this.labels = await this.#send({ files }, progress).catch((error) => {
      if (!error.stopped) this.stop();
      throw error.stopped ? error : new Error(this.words.failed, { cause: error });
    });
  }

  // What a resource is called, in which language if not the page's, and the path of its page.
  named(iri) {
    const { iris, texts, prefixes, base, tag: suffix } = this.labels;
    const [parts, tag, path] = iris[iri] ?? [null, "", iri.startsWith(base) ? 2 : 0];
    const [[prefix, namespace] = []] = Object.entries(prefixes)
      .filter(([, each]) => iri.startsWith(each))
      .sort((one, other) => other[1].length - one[1].length);
    const usual = iri
      .slice(base.length)
      .replace(/^id\//, "doc/")
      .replace(path === 2 ? /#.*|$/ : /(?=#|$)/, suffix);
    const named = { text: iri, tag, path: path > 0 ? usual : path };
    const isAway = iri.includes("#") || (namespace && !iri.startsWith(base));
    const [, name] = (isAway && iri.match(/[#/]([A-Za-z][\w-]*)$/)) || [];
    if (parts) named.text = parts.map((each) => texts[each]).join(" · ");
    else if (name && name === name.toUpperCase())
      named.text = name; // a code, as of a currency
    else if (name) {
      // the words of a name that the data do not have
      const words = name.replace(/([a-z])(?=[A-Z])/g, "$1 ").replace(/[_-]/g, " ");
      named.text = name[0] + words.slice(1).toLowerCase();
      named.tag = document.documentElement.lang === "en" ? "" : "en";
    } else if (namespace) named.text = `${prefix}:${iri.slice(namespace.length)}`;
    return named;
  }

  // The name of a resource, which leads to its page.
  link(iri) {
    const { text, tag, path } = this.named(iri);
    const marked = [
      element("span", text, { lang: tag, dir: "auto" }),
      " ",
      element("small", tag, { className: "tongue" }),
    ];
    const name = tag ? marked : element("bdi", text);
    const href = path
      ? new URL(path, new URL("..", import.meta.url))
      : /^(https?:\/\/|mailto:)/.test(iri) && iri;
    return href
      ? element("a", name, { href, className: path || iri.startsWith("mailto:") ? "" : "away" })
      : element("span", name);
  }

  #send(message, progress = (_) => {}) {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#worker.onerror = (event) => reject(new Error(event.message));
      this.#worker.onmessage = ({ data: { loaded, error, reason, answer } }) => {
        if (loaded) progress(loaded);
        else if (error !== undefined) reject(new Error(this.words[reason] ?? error));
        else resolve(answer);
      };
      this.#worker.postMessage(message);
    });
  }
}
