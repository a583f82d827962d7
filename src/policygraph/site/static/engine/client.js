// What pages know of the SPARQL engine: it is loaded when it is first asked, and a query has ten seconds.

const LIMIT = 10;

export const able =
  /^https?:$/.test(location.protocol) && ["Worker", "WebAssembly", "DecompressionStream"].every((name) => name in globalThis);

export const fill = (text, values) => text.replace(/{(\w+)}/g, (whole, name) => values[name] ?? whole);

export class Engine {
  #worker;
  #end; // of what is asked now

  constructor(files, words, language) {
    this.files = files;
    this.words = words;
    this.megabytes = (bytes) =>
      (bytes / 1e6).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  }

  get ready() {
    return Boolean(this.#worker);
  }

  // Load everything; gives the labels. `report` takes a sentence for people.
  async load(report) {
    const { worker, size, ...files } = this.files;
    const there = Object.entries(files).map(([name, path]) => [name, new URL(path, import.meta.url).href]);
    const of = this.megabytes(size);
    const progress = (bytes) => report(fill(this.words.loading, { n: this.megabytes(Math.min(bytes, size)), of }));
    progress(0);
    const begun = new Worker(new URL(worker, import.meta.url), { type: "module" });
    this.#worker = begun;
    try {
      return await this.#send({ files: Object.fromEntries(there) }, progress);
    } catch (error) {
      if (this.#worker === begun) this.stop();
      throw error.stopped ? error : new Error(this.words.failed, { cause: error });
    }
  }

  // The results of a query, in a format of the engine; `rows` as of the worker.
  async ask(text, media, rows = false) {
    const timer = setTimeout(() => this.stop(fill(this.words.timeout, { n: LIMIT })), 1000 * LIMIT);
    try {
      return await this.#send({ text, media, rows });
    } catch (error) {
      throw error.reason ? new Error(this.words[error.reason]) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  // End what is asked, and the engine with it; without a reason, because somebody wanted that.
  stop(reason = "") {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#end?.(Object.assign(new Error(reason), { stopped: !reason }));
  }

  #send(message, progress = (_) => {}) {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      this.#end = reject;
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data }) => {
        if (data.loaded) progress(data.loaded);
        else if (data.error !== undefined) reject(Object.assign(new Error(data.error), { reason: data.reason }));
        else resolve(data.answer);
      };
      worker.postMessage(message);
    });
  }
}
