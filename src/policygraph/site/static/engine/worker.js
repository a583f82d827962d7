// Runs the SPARQL engine over the data, in a worker: the page stays alive, and ends this to end a query.

let Store;
let store; // each graph, and in the default graph the merge of all

// A file, unpacked here unless the host has done that; `progress` takes the number of bytes as they come.
async function unpacked(url, type, progress) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  const chunks = [];
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    progress(part.value.length);
  }
  const whole = new Blob(chunks);
  const [first, second] = new Uint8Array(await whole.slice(0, 2).arrayBuffer());
  const zipped = first === 0x1f && second === 0x8b;
  const body = zipped ? whole.stream().pipeThrough(new DecompressionStream("gzip")) : whole;
  return new Response(body, { headers: { "Content-Type": type } });
}

async function load({ engine, wasm, data, labels }) {
  let loaded = 0;
  const progress = (bytes) => {
    loaded += bytes;
    postMessage({ loaded });
  };
  const [module, trig, known] = await Promise.all([
    import(engine).then((made) =>
      made.default({ module_or_path: unpacked(wasm, "application/wasm", progress) }).then(() => made),
    ),
    unpacked(data, "application/trig", progress).then((response) => response.text()),
    unpacked(labels, "application/json", progress).then((response) => response.json()),
  ]);
  Store = module.Store;
  store = new Store();
  store.load(trig, { format: "application/trig", no_transaction: true });
  store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"); // a triple of two graphs is one
  return known;
}

// The name of a reason not to run a query, and "" for one that may run.
function refusal(text) {
  // Without strings, IRIs and comments. What has a bracket may be a comparison that looks like an IRI.
  const bare = text.replace(
    /"""[\s\S]*?"""|'''[\s\S]*?'''|(["'])(?:(?!\1)[^\\\n]|\\.)*\1|<[^<>"{}|^`\\\s)]*>|#.*/g,
    " ",
  );
  if (/(?<![?$:\w-])\w*SERVICE/i.test(bare)) return "service";
  const update =
    /^(?:\s*(?:PREFIX\s*[^\s:]*:|BASE))*\s*(?:INSERT|DELETE|LOAD|CLEAR|CREATE|DROP|COPY|MOVE|ADD|WITH)\b/i;
  // The engine would repeat the triples that several graphs have in common.
  return update.test(bare)
    ? "update"
    : bare.match(/(?<![?$:\w-])FROM(?!\s*NAMED)/gi)?.length > 1
      ? "from"
      : "";
}

// The results in a format; the triples of a CONSTRUCT too, as rows if `rows`.
function query({ text, media, rows }) {
  const reason = refusal(text);
  if (reason) throw Object.assign(new Error(reason), { reason });
  const options = { results_format: media };
  if (!rows) return store.query(text, options);
  return new Store(store.query(text)).query(
    "SELECT ?subject ?predicate ?object { ?subject ?predicate ?object }",
    options,
  );
}

addEventListener("message", async ({ data }) => {
  try {
    postMessage({ answer: data.files ? await load(data.files) : query(data) });
  } catch (/** @type {any} */ error) {
    postMessage({ error: String(error.message ?? error), reason: error.reason });
  }
});
