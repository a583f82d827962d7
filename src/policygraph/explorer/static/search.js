// Search what is said of things: definitions, values, reasons and quoted words.
import { factLines, fold, shows } from "./model.js";

const SNIPPET = 90; // characters of a text around what matches
const TEXT_SCORE = 40; // after every name that holds what is typed, before names with typos

// The texts of each node at this level of evidence, folded: [{node, label, text, folded}].
/** @param {Model} model */
function saidTexts(model) {
  const { doc } = model;
  model.memo.said ??= {};
  model.memo.said[model.evidence] ??= [
    ...doc.nodes.flatMap(({ id, description, facts, levels = {} }) => [
      { node: id, label: doc.texts.description, text: description },
      ...Object.entries(facts || {})
        .map(([name, value]) => [name, factLines(model, { levels }, name, value)])
        .filter(([, value]) => value)
        .map(([name, value]) => ({ node: id, text: `${name}: ${value}`, plain: true })),
    ]),
    ...doc.edges
      .filter(({ evidence }) => shows(doc, model.evidence, evidence))
      .flatMap(({ source, target, relation, rationale, passages }) =>
        [
          [rationale, doc.texts.rationale],
          ...(passages || []).map((passage) => [passage, doc.texts.passages]),
        ].flatMap(([text, label]) =>
          [source, target].map((node) => ({
            node,
            label: `${doc.relations[relation].name}, ${label}`,
            text,
          })),
        ),
      ),
  ]
    .filter(({ text }) => text)
    .map((each) => ({ ...each, folded: ` ${fold(each.text)}` }));
  return model.memo.said[model.evidence];
}

// Nodes of which a text has these words in a row: [{node, text: where it matched, score}].
/** @param {Model} model */
export function findTexts(model, typed) {
  const wanted = fold(typed);
  if (wanted.length < 3) return [];
  const found = new Map();
  for (const { node, label, text, folded, plain } of saidTexts(model)) {
    if (!found.has(node) && folded.includes(` ${wanted}`))
      found.set(node, { node, text: plain ? text : `${label}: ${snippet(text, typed)}`, score: TEXT_SCORE });
  }
  return [...found.values()];
}

function snippet(text, typed) {
  const at = Math.max(0, text.toLowerCase().indexOf(typed.trim().toLowerCase()));
  const start = at < SNIPPET / 2 ? 0 : text.indexOf(" ", at - SNIPPET / 2) + 1;
  const end = start + SNIPPET;
  return `${start ? "… " : ""}${text.slice(start, end)}${end < text.length ? " …" : ""}`;
}
