// Export what is shown to files of other programs: pure functions of the model and two Sets of ids.
const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const RDFS = "http://www.w3.org/2000/01/rdf-schema#";
const DC = "http://purl.org/dc/elements/1.1/";
const SKOS = "http://www.w3.org/2004/02/skos/core#";
const XSD = "http://www.w3.org/2001/XMLSchema#";
const TYPES = { layer: "int", level: "int", start: "int", end: "int", confidence: "double", hub: "boolean" };

// Drop what neither XML nor RDF can hold: control characters and lone surrogates.
const clean = (text) => String(text).replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "");

// Rows of attributes by their names in the network, without empty ones

/** @param {Model} model */
function nodeRows(model, nodes) {
  const { doc } = model;
  const list = new Map(doc.lists.flatMap(({ iri, members }) => members.map((id) => [id, iri])));
  const names = uniquely(doc.nodes.map(({ iri }) => clean(iri)));
  return doc.nodes.map((node, number) => ({ node, id: names[number] })).filter(({ node }) => nodes.has(node.id)).map(({ node, id }) => ({
    node, id,
    own: present({
      label: node.name, kind: named(doc.kinds[node.kind].name, doc.texts?.unnamed_kind), class: doc.kinds[node.kind].iri,
      layer: node.layer, level: node.level, notation: node.notation, scheme: list.get(node.id),
      country: isPlace(node.country) ? doc.countries[node.country].iri : "", start: node.start, end: node.end, hub: node.hub ? true : "", description: node.description,
    }),
    facts: present(node.facts),
  }));
}

/** @param {Model} model */
function edgeRows(model, edges) {
  const { doc } = model;
  const names = uniquely(doc.nodes.map(({ iri }) => clean(iri)));
  return doc.edges.filter(({ id }) => edges.has(id)).map((edge) => {
    const basis = doc.bases[edge.basis];
    return {
      edge, source: names[model.rank(edge.source)], target: names[model.rank(edge.target)],
      own: present({
        relation: named(doc.relations[edge.relation].name, doc.texts?.unnamed_relation), property: doc.relations[edge.relation].iri,
        basis: { none: "", other: basis.name }[basis.key] ?? basis.key, strength: isPlace(edge.strength) ? doc.strengths[edge.strength].key : "",
        confidence: edge.confidence, rationale: edge.rationale, document: edge.document, passages: edge.passages.join("\n"),
        curator: edge.curator, claim: edge.claim,
      }),
      facts: present(edge.facts),
    };
  });
}

const isPlace = (number) => Number.isInteger(number);
const named = (name, unnamed) => (name === unnamed ? "" : name);
const present = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? clean(value) : value])
  .filter(([, value]) => value !== null && value !== undefined && value !== ""));

// Make texts unique by adding "_" to repeated ones.
function uniquely(texts, taken = new Set(), key = (text) => text) {
  return texts.map((text) => {
    let name = text;
    while (taken.has(key(name))) name += "_";
    taken.add(key(name));
    return name;
  });
}

// The columns of rows: [{name, of(row), type}]. A fact with the name of another column gets "_" at its end.
function columns(rows, own, taken) {
  const facts = [...new Set(rows.flatMap((row) => Object.keys(row.facts)))].sort();
  const names = uniquely(facts.map(clean), new Set([...own, ...taken]), (name) => name.toLowerCase());
  return [
    ...own.map((name) => ({ name, of: (row) => row.own[name], type: TYPES[name] || "string" })),
    ...facts.map((fact, number) => ({ name: names[number], of: (row) => (Object.hasOwn(row.facts, fact) ? row.facts[fact] : undefined), type: "string" })),
  ];
}
const OF_NODES = ["label", "kind", "class", "layer", "level", "notation", "scheme", "country", "start", "end", "hub", "description"];
const OF_EDGES = ["relation", "property", "basis", "strength", "confidence", "rationale", "document", "passages", "curator", "claim"];
const TAKEN = ["id", "source", "target", "type", "kind", "key", "label", "weight", "timeset", "pid", "viz"]; // reserved by the programs that read the files

// CSV (RFC 4180)

/** @param {Model} model */
export function nodesCsv(model, nodes) {
  const rows = nodeRows(model, nodes);
  const shown = columns(rows, OF_NODES, TAKEN);
  return csv([["id", ...shown.map(({ name }) => name)], ...rows.map((row) => [row.id, ...shown.map(({ of }) => of(row))])]);
}

/** @param {Model} model */
export function edgesCsv(model, _nodes, edges) {
  const rows = edgeRows(model, edges);
  const shown = columns(rows, OF_EDGES, [...TAKEN, "source_label", "target_label"]);
  const name = (id) => clean(model.node(id).name);
  return csv([
    ["source", "source_label", "target", "target_label", ...shown.map(({ name: column }) => column)],
    ...rows.map((row) => [row.source, name(row.edge.source), row.target, name(row.edge.target), ...shown.map(({ of }) => of(row))]),
  ]);
}

const csv = (rows) => rows.map((row) => `${row.map((cell) => (/[",\r\n]/.test(cell ?? "") ? `"${cell.replaceAll('"', '""')}"` : cell ?? "")).join(",")}\r\n`).join("");

// GraphML and GEXF 1.3

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;" };
const escaped = (text) => clean(text).replace(/[&<>"\t\n\r]/g, (sign) => ENTITIES[sign]);

// Write an element; its content is XML already.
function xml(name, attributes, ...content) {
  const head = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`).join("");
  return content.length ? `<${name}${head}>${content.join("")}</${name}>` : `<${name}${head}/>`;
}
const block = (elements) => `\n${elements.join("\n")}\n`;
const xmlDocument = (name, attributes, elements) => `<?xml version="1.0" encoding="UTF-8"?>\n${xml(name, attributes, block(elements))}\n`;

// The ids of edges: their claim if unique, else the document's id.
function edgeIds(rows) {
  const counts = new Map();
  for (const { own } of rows) counts.set(own.claim, (counts.get(own.claim) || 0) + 1);
  return uniquely(rows.map(({ own, edge }) => (own.claim && counts.get(own.claim) === 1 ? own.claim : edge.id)));
}

/** @param {Model} model */
export function graphml(model, nodes, edges) {
  const { doc } = model;
  const keys = [];
  const held = (part, row) => keys.filter((key) => key.part === part && key.of(row) !== undefined).map((key) => xml("data", { key: key.id }, escaped(key.of(row))));
  const declare = (part, shown) => { for (const column of shown) keys.push({ ...column, part, id: `d${keys.length}` }); };
  const [things, links] = [nodeRows(model, nodes), edgeRows(model, edges)];
  declare("graph", [{ name: "title", type: "string", of: () => doc.title }, { name: "language", type: "string", of: () => doc.language }]);
  declare("node", columns(things, OF_NODES, ["id"]));
  declare("edge", columns(links, OF_EDGES, ["id", "source", "target"]));
  const ids = edgeIds(links);
  return xmlDocument("graphml", { xmlns: "http://graphml.graphdrawing.org/xmlns" }, [
    ...keys.map(({ id, part, name, type }) => xml("key", { id, for: part, "attr.name": name, "attr.type": type })),
    xml("graph", { edgedefault: doc.directed === false ? "undirected" : "directed" }, block([
      ...held("graph", null),
      ...things.map((row) => xml("node", { id: row.id }, ...held("node", row))),
      ...links.map((row, number) => xml("edge", { id: ids[number], source: row.source, target: row.target }, ...held("edge", row))),
    ])),
  ]);
}

// With the colours and positions of the picture; in GEXF, y points up.
/** @param {Model} model */
export function gexf(model, nodes, edges) {
  const { doc } = model;
  const [things, links] = [nodeRows(model, nodes), edgeRows(model, edges)];
  const ofNodes = columns(things, OF_NODES.filter((name) => name !== "label"), TAKEN);
  const ofEdges = columns(links, OF_EDGES, TAKEN);
  const ids = edgeIds(links);
  const declared = (part, shown) => xml("attributes", { class: part }, block(shown.map(({ name, type }) => xml("attribute", { id: name, title: name, type: type === "int" ? "integer" : type }))));
  const held = (shown, row) => xml("attvalues", {}, ...shown.filter(({ of }) => of(row) !== undefined).map(({ name, of }) => xml("attvalue", { for: name, value: of(row) })));
  const look = ({ kind, x, y }) => {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(doc.kinds[kind].color.slice(at, at + 2), 16));
    return [xml("viz:color", { r, g, b }), xml("viz:position", { x, y: -y, z: 0 })];
  };
  return xmlDocument("gexf", { xmlns: "http://gexf.net/1.3", "xmlns:viz": "http://gexf.net/1.3/viz", version: "1.3" }, [
    xml("meta", {}, xml("creator", {}, "PolicyGraph"), xml("description", {}, escaped(doc.title))),
    xml("graph", { defaultedgetype: doc.directed === false ? "undirected" : "directed", mode: "static" }, block([
      declared("node", ofNodes),
      declared("edge", ofEdges),
      xml("nodes", {}, block(things.map((row) => xml("node", { id: row.id, label: row.own.label ?? row.id }, held(ofNodes, row), ...look(row.node))))),
      xml("edges", {}, block(links.map((row, number) => {
        const relation = row.own.relation ? { label: row.own.relation, kind: row.own.relation } : {}; // Gephi distinguishes parallel edges by their kind
        return xml("edge", { id: ids[number], source: row.source, target: row.target, ...relation, weight: row.own.confidence }, held(ofEdges, row));
      }))),
    ])),
  ]);
}

// RDF: triples first, as {iri}, {blank} or {value, language, type}; then Turtle or JSON-LD of them

// Characters that RFC 3987 does not allow in an IRI.
const OUTSIDE = /[^\w\-.~:/?#@!$&'()*+,;=%\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\u{10000}-\u{1fffd}\u{20000}-\u{2fffd}]|%(?![0-9a-f]{2})/giu;

// A name as an IRI, with invalid characters percent-encoded; null if it is no IRI.
function iriOf(name) {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(clean(name ?? "")) || [];
  if (!scheme) return null;
  const [path, ...fragments] = rest.replace(OUTSIDE, encodeURIComponent).split("#");
  const host = path.startsWith("//") ? path.slice(2).split(/[/?]/)[0] : "";
  return /^([^@]*@)?[^@:]*(:\d*)?$/.test(host) ? `${scheme}:${[path, ...(fragments.length ? [fragments.join("%23")] : [])].join("#")}` : null;
}

// A node as an RDF term: its IRI, the literal of its N-Triples name, or a blank node.
function termOf(node) {
  const literal = /^"((?:[^"\\]|\\.)*)"(?:@([a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*)|\^\^<([^>]*)>)?$/s.exec(node.iri);
  if (literal) {
    const value = clean(literal[1].replace(/\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gis, (_, four, eight, one) => (
      four || eight ? String.fromCodePoint(Math.min(Number.parseInt(four || eight, 16), 0x10ffff)) : { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" }[one] ?? one)));
    if (literal[3] === undefined) return { value, language: literal[2] };
    if (iriOf(literal[3])) return { value, type: iriOf(literal[3]) };
  }
  const iri = iriOf(node.iri);
  return iri ? { iri } : { blank: node.id };
}

/** @param {Model} model */
function triples(model, nodes, edges) {
  const { doc } = model;
  const found = [];
  const known = new Set();
  const language = /^[a-z]{1,8}(-[a-z0-9]{1,8})*$/i.test(doc.language) ? doc.language : undefined;
  const words = (value) => ({ value: clean(value), language });
  const keyOf = (term) => JSON.stringify([term.iri, term.blank, term.value, term.language?.toLowerCase(), term.type]);
  const addTriple = (subject, property, object) => {
    if (subject.value !== undefined || object === null) return;
    const key = [keyOf(subject), property, keyOf(object)].join();
    if (!known.has(key)) found.push([subject, property, object]);
    known.add(key);
  };
  const one = (name) => { const iri = iriOf(name); return iri ? { iri } : null; };

  for (const { node, own } of nodeRows(model, nodes)) {
    const term = termOf(node);
    const kind = one(own.class);
    addTriple(term, `${RDF}type`, kind);
    if (kind && own.kind) addTriple(kind, `${RDFS}label`, words(own.kind));
    if (own.label) addTriple(term, `${RDFS}label`, words(own.label));
    if (term.blank && !node.iri.startsWith("_:")) addTriple(term, `${DC}identifier`, { value: clean(node.iri) });
    if (own.notation) addTriple(term, `${SKOS}notation`, { value: own.notation });
    addTriple(term, `${SKOS}inScheme`, one(own.scheme));
    if (own.description) addTriple(term, `${DC}description`, words(own.description));
  }
  const claims = new Map();
  const rows = edgeRows(model, edges).map((row) => ({ ...row, property: one(row.own.property) }));
  for (const { edge, own, property } of rows.sort((a, b) => Number(!a.property) - Number(!b.property))) {
    const [source, target] = [edge.source, edge.target].map((id) => termOf(model.node(id)));
    if (property && own.relation) addTriple(property, `${RDFS}label`, words(own.relation));
    if (property && own.strength !== "weak") addTriple(source, property.iri, target);
    const iri = iriOf(own.claim);
    const statement = [source, property ?? {}, target].map(keyOf).join();
    // A claim has one statement: a different one under the same name gets a blank node.
    const claim = iri && (claims.get(iri) ?? statement) === statement ? { iri } : { blank: edge.id };
    if (claim.iri) claims.set(iri, statement);
    addTriple(claim, `${RDF}type`, { iri: `${RDF}Statement` });
    addTriple(claim, `${RDF}subject`, source);
    addTriple(claim, `${RDF}predicate`, property);
    addTriple(claim, `${RDF}object`, target);
    if (!property && own.relation) addTriple(claim, `${RDFS}label`, words(own.relation));
    if (own.basis) addTriple(claim, `${DC}type`, words([doc.bases[edge.basis].name, isPlace(edge.strength) ? doc.strengths[edge.strength].name : ""].filter(Boolean).join(", ")));
    if (own.rationale) addTriple(claim, `${RDFS}comment`, words(own.rationale));
    for (const evidence of [edge.document, ...edge.passages].map(clean).filter(Boolean)) addTriple(claim, `${DC}source`, { value: evidence });
    if (own.curator) addTriple(claim, `${DC}contributor`, { value: own.curator });
  }
  return found;
}

const PREFIXES = { rdf: RDF, rdfs: RDFS, dc: DC, skos: SKOS };
const SIGNS = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

// A term in the syntax of Turtle and SPARQL.
/** @param {Term} term */
function written({ iri, blank, value, language, type }) {
  if (iri !== undefined) {
    const prefix = Object.keys(PREFIXES).find((name) => iri.startsWith(PREFIXES[name]) && /^[a-zA-Z]+$/.test(iri.slice(PREFIXES[name].length)));
    return prefix ? `${prefix}:${iri.slice(PREFIXES[prefix].length)}` : `<${iri}>`;
  }
  if (blank !== undefined) return `_:${blank}`;
  return `"${value.replace(/["\\\n\r\t]/g, (sign) => SIGNS[sign])}"${language ? `@${language}` : type && type !== `${XSD}string` ? `^^<${type}>` : ""}`;
}

// For every edge a reified statement with its provenance; and the triple itself, unless it is a weak inference.
/** @param {Model} model */
export function turtle(model, nodes, edges) {
  const subjects = new Map();
  for (const [subject, property, object] of triples(model, nodes, edges)) {
    const key = written(subject);
    if (!subjects.has(key)) subjects.set(key, new Map());
    const verb = property === `${RDF}type` ? "a" : written({ iri: property });
    subjects.get(key).set(verb, [...(subjects.get(key).get(verb) || []), written(object)]);
  }
  const prefixes = Object.entries(PREFIXES).map(([name, iri]) => `@prefix ${name}: <${iri}> .\n`).join("");
  return prefixes + [...subjects].map(([subject, verbs]) => `\n${subject} ${[...verbs].map(([verb, objects]) => `${verb} ${objects.join(" , ")}`).join(" ;\n  ")} .\n`).join("");
}

// The same triples as expanded JSON-LD, in which no IRI can be mistaken for a term or compact IRI.
/** @param {Model} model */
export function jsonld(model, nodes, edges) {
  const subjects = new Map();
  const id = ({ iri, blank }) => iri ?? `_:${blank}`;
  for (const [subject, property, object] of triples(model, nodes, edges)) {
    if (!subjects.has(id(subject))) subjects.set(id(subject), new Map([["@id", id(subject)]]));
    const [key, value] = property === `${RDF}type` && object.value === undefined ? ["@type", id(object)]
      : [property, object.value === undefined ? { "@id": id(object) }
        : { "@value": object.value, ...(object.language ? { "@language": object.language } : object.type && object.type !== `${XSD}string` ? { "@type": object.type } : {}) }];
    subjects.get(id(subject)).set(key, [...(subjects.get(id(subject)).get(key) || []), value]);
  }
  return `${JSON.stringify([...subjects.values()].map((values) => Object.fromEntries(values)), null, 1)}\n`;
}

// A query whose result is what is shown: claims by their IRI, edges without a claim as values, and isolated nodes
// as rows with one end. What has no IRI is left out, and counted in a comment.
/** @param {Model} model */
export function sparql(model, nodes, edges) {
  const { doc } = model;
  const rows = edgeRows(model, edges);
  const [claims, links, pairs, lone] = [new Set(), new Set(), new Set(), new Set()];
  const labels = new Map();
  const touched = new Set();
  let left = 0;
  const term = (id) => { const found = termOf(model.node(id)); return found.blank === undefined ? written(found) : null; };
  for (const { edge, own } of rows) {
    const [source, target] = [term(edge.source), term(edge.target)];
    const [claim, property] = [iriOf(own.claim), iriOf(own.property)];
    for (const id of [edge.source, edge.target]) touched.add(id);
    if (property && own.relation && !labels.has(property)) labels.set(property, own.relation);
    if (claim && property) claims.add(`<${claim}>`);
    else if (!source || !target) left += 1;
    else if (property && !source.startsWith('"')) links.add(`(${source} <${property}> ${target})`);
    else pairs.add(`(${source} ${target} ${own.relation ? written({ value: own.relation }) : "UNDEF"})`);
  }
  for (const { id } of doc.nodes) {
    if (!nodes.has(id) || touched.has(id)) continue;
    if (term(id)) lone.add(term(id));
    else left += 1;
  }
  const values = (name, items) => `VALUES ${name} {\n      ${[...items].join("\n      ")}\n    }`;
  const called = [...labels].map(([property, relation]) => `(<${property}> ${written({ value: relation })})`);
  const labelled = called.length ? `\n    OPTIONAL { ${values("(?property ?relation)", called)} }` : "";
  const parts = [];
  if (claims.size) parts.push(`${values("?claim", claims)}\n    ?claim rdf:subject ?source ; rdf:predicate ?property ; rdf:object ?target .${labelled}`);
  if (links.size) parts.push(`${values("(?source ?property ?target)", links)}\n    ?source ?property ?target .${labelled}`);
  if (pairs.size) parts.push(values("(?source ?target ?relation)", pairs));
  if (lone.size || !parts.length) parts.push(values("?source", lone));
  const summary = clean(doc.title).replace(/[\s#\u0085\u2028\u2029]+/g, " ").trim() || "A network";
  return `#+ summary: ${summary}\n#+ tags: [network]\n#+ view: graph\n`
    + (left ? `# Left out, for want of an IRI: ${left}\n` : "")
    + `PREFIX rdf: <${RDF}>\n\nSELECT DISTINCT ?source ?target ?relation ?property ?claim WHERE {\n  {\n    ${parts.join("\n  } UNION {\n    ")}\n  }\n}\nORDER BY ?source ?target ?claim\n`;
}

// SVG

const RADIUS = 13;
const CELL = [210, 26]; // of the legend
// Draw what is shown, with its legend. Positions are {x, y} by id, by default those of the document; the theme has
// colours by the names page, ink, soft, and those of the bases.
/** @param {Model} model */
export function svg(model, nodes, edges, positions = {}, theme = {}) {
  const { doc } = model;
  const tint = (name, other) => theme[name] || other;
  const things = doc.nodes.filter(({ id }) => nodes.has(id));
  const links = doc.edges.filter(({ id, source, target }) => edges.has(id) && nodes.has(source) && nodes.has(target));
  const at = new Map(things.map(({ id, x, y }) => {
    const place = (positions instanceof Map ? positions.get(id) : positions[id]) || { x, y };
    return [id, { x: Math.round(place.x), y: Math.round(place.y) }];
  }));
  const end = (axis, most) => [...at.values()].reduce((edge, place) => most(edge, place[axis]), things.length ? at.get(things[0].id)[axis] : 0);
  const [left, top, right, bottom] = [end("x", Math.min), end("y", Math.min), end("x", Math.max), end("y", Math.max)];
  const counts = (list, items, key) => list.map((each, number) => ({ ...each, shown: items.filter((item) => item[key] === number).length })).filter(({ shown }) => shown);
  const [kinds, bases] = [counts(doc.kinds, things, "kind"), counts(doc.bases, links, "basis")];
  const width = Math.max(right - left + 200, 4 * CELL[0] + 48);
  const rows = Math.ceil(kinds.length / Math.floor((width - 48) / CELL[0]));
  const box = [left - 100, top - 110, width, bottom - top + 210 + CELL[1] * (rows + 3)];
  const number = (count) => count.toLocaleString(/^[a-z]{2,3}(-|$)/i.test(doc.language) ? doc.language.slice(0, 2) : "en");
  const sentence = ({ source, target, relation, basis }) => `${shorter(model.node(source).name, 100)} – ${doc.relations[relation].name} – ${shorter(model.node(target).name, 100)} (${doc.bases[basis].name})`;

  const lines = links.map((edge) => {
    const { key, dashes } = doc.bases[edge.basis];
    const weight = (isPlace(edge.strength) ? doc.strengths[edge.strength] : doc.defaults).width;
    const { d, tip } = stroke(at.get(edge.source), at.get(edge.target), edge.twin, doc.directed !== false);
    const color = tint(key, tint("soft", "#737373"));
    return xml("g", { class: "edge", stroke: color, fill: "none" }, xml("title", {}, escaped(sentence(edge))),
      xml("path", { d, "stroke-width": (0.6 * weight).toFixed(1), ...dashed(dashes) }),
      ...(tip ? [xml("path", { d: tip, fill: color, stroke: "none" })] : []));
  });
  const figures = things.map(({ id, name, kind }) => {
    const { x, y } = at.get(id);
    const halo = { "text-anchor": "middle", stroke: tint("page", "#ffffff"), "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke" };
    return xml("g", { class: "node" }, xml("title", {}, escaped(`${doc.kinds[kind].name}: ${shorter(name, 300)}`)), mark(doc.kinds[kind], x, y),
      ...wrapped(name, 23, 3).map((text, row) => xml("text", { x, y: y + RADIUS + 13 * (row + 1), ...halo }, escaped(text))));
  });
  const legend = [
    ...kinds.map((kind, place) => {
      const [x, y] = [CELL[0] * Math.floor(place / rows) + 14, CELL[1] * (place % rows)];
      return mark(kind, x, y) + xml("text", { x: x + 22, y: y + 4 }, escaped(`${shorter(kind.name, 26)} ${number(kind.shown)}`));
    }),
    ...bases.map(({ key, name, dashes, shown }, place) => {
      const [x, y] = [CELL[0] * place, CELL[1] * (rows + 0.5)];
      return xml("path", { d: `M${x} ${y}h52`, fill: "none", stroke: tint(key, tint("soft", "#737373")), "stroke-width": 1.5, ...dashed(dashes) }) + xml("text", { x: x + 60, y: y + 4 }, escaped(`${shorter(name, 20)} ${number(shown)}`));
    }),
  ];
  return `${xml("svg", {
    xmlns: "http://www.w3.org/2000/svg", role: "img", lang: doc.language, viewBox: box.join(" "), width: box[2], height: box[3],
    "font-family": "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif", "font-size": 12, fill: tint("ink", "#1a1a1a"),
  }, block([
    xml("title", {}, escaped(doc.title)),
    xml("rect", { x: box[0], y: box[1], width: box[2], height: box[3], fill: tint("page", "#ffffff") }),
    xml("text", { x: box[0] + 24, y: box[1] + 34, "font-size": 18, "font-weight": "bold" }, escaped(shorter(doc.title, 110))),
    ...lines, ...figures,
    xml("g", { class: "legend", transform: `translate(${left - 76} ${bottom + 100})` }, block(legend)),
  ]))}\n`;
}

const dashed = (dashes) => (dashes.length ? { "stroke-dasharray": dashes.join(" ") } : {});

function mark(kind, x, y) {
  const look = { fill: kind.color, stroke: "#595959" };
  return xml("g", { transform: `translate(${x} ${y})` },
    kind.corners.length ? xml("polygon", { points: kind.corners.map(([x, y]) => `${(11 * x).toFixed(1)},${(11 * y).toFixed(1)}`).join(" "), ...look }) : xml("circle", { r: 11, ...look }),
    xml("text", { y: (4.4 + 11 * kind.lower).toFixed(1), fill: kind.ink, "font-size": kind.letter.length > 1 ? 9.5 : 12, "font-weight": "bold", "text-anchor": "middle" }, escaped(kind.letter)));
}

// A line from rim to rim, and its arrowhead; parallel edges bend ever further, to alternate sides.
function stroke(from, to, twin, arrow) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (!length) {
    const side = 26 + 8 * twin;
    return { d: `M${from.x - 9} ${from.y - 9}C${from.x - side} ${from.y - 2 * side} ${from.x + side} ${from.y - 2 * side} ${from.x + 9} ${from.y - 9}`, tip: "" };
  }
  const turn = from.x < to.x || (from.x === to.x && from.y < to.y) ? 1 : -1; // the side of the pair, whatever the direction of the edge
  const bend = turn * 16 * Math.floor((twin + 1) / 2) * (twin % 2 ? 1 : -1);
  const middle = { x: (from.x + to.x) / 2 - (bend * (to.y - from.y)) / length, y: (from.y + to.y) / 2 + (bend * (to.x - from.x)) / length };
  const rim = (end, away) => {
    const far = Math.hypot(middle.x - end.x, middle.y - end.y) || 1;
    return { x: end.x + ((middle.x - end.x) * away) / far, y: end.y + ((middle.y - end.y) * away) / far };
  };
  const [start, end, point] = [rim(from, RADIUS), rim(to, RADIUS + (arrow ? 8 : 0)), rim(to, RADIUS)];
  const spot = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const across = { x: (point.y - end.y) / 2, y: (end.x - point.x) / 2 };
  return {
    d: `M${spot(start)}Q${spot(middle)} ${spot(end)}`,
    tip: arrow ? `M${spot(point)}L${spot({ x: end.x + across.x, y: end.y + across.y })} ${spot({ x: end.x - across.x, y: end.y - across.y })}z` : "",
  };
}

const shorter = (text, most) => { const signs = [...text.slice(0, 2 * most + 2)]; return signs.length <= most ? signs.join("") : `${signs.slice(0, most - 1).join("")}…`; };

// Wrap a text to lines of `width` characters; if there are more than `most`, the last ends with "…".
function wrapped(text, width, most) {
  const lines = [];
  for (const word of shorter(text, width * (most + 1)).split(/\s+/).filter(Boolean)) {
    const joined = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(shorter(word, width));
    if (lines.length > most) {
      const last = shorter(lines[most - 1], width - 2);
      return [...lines.slice(0, most - 1), last.endsWith("…") ? last : `${last} …`];
    }
  }
  return lines;
}
