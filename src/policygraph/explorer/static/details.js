// The details pane: the selected node or edge, with its claims and their provenance.
import {
  basisLine,
  button,
  byId,
  compareNames,
  fill,
  flags,
  formatNumber,
  go,
  icon,
  linkOrText,
  make,
  outward,
  plural,
  press,
  put,
} from "./dom.js";
import { connections, factLines, relations, yearsOf } from "./model.js";
import { basisOf, evidence } from "./paths.js";
import { cited } from "./share.js";

// Fields with a name of the page's own; a fact of a network may be called as any other of its words.
const TITLED =
  "years country also identifier rationale passages document link curator claim level strength".split(" ");

/** @param {App} app */
export function details(app) {
  const { doc, model, texts } = app;
  const pane = byId("details");
  const pages = JSON.parse(byId("pages").textContent); // of a site, by IRI
  let expanded = ""; // the node whose relations are listed for expanding
  let far = "1"; // steps to isolate, as last chosen
  let listed = ""; // the relation whose nodes are listed one by one

  const names = (name) => (TITLED.includes(name) ? texts[name] : name.replaceAll("_", " "));

  function facts(pairs) {
    const lines = (text) => text.split("\n").map((part) => make("p", linkOrText(part)));
    const rows = pairs
      .filter(([, text]) => text)
      .map(([name, text]) => [
        make("dt", { dir: "auto" }, names(name)),
        make("dd", text instanceof Node ? text : lines(text)),
      ]);
    return rows.length && make("dl", rows);
  }

  const more = (pairs) => make("details.more", make("summary", texts.more_facts), facts(pairs));

  const head = (title, over) =>
    make(
      "header",
      over,
      make("h2", { tabIndex: -1, dir: "auto" }, title),
      button("×", { id: "close", ariaLabel: texts.close, title: texts.close }),
    );

  // Nodes

  function actions(node) {
    const pinned = app.state().pinned.includes(node.iri);
    const steps = make(
      "select",
      { id: "steps", ariaLabel: texts.steps },
      ...[1, 2, 3].map((number) => make("option", { value: number }, plural(texts, "n_steps", number))),
    );
    steps.value = far;
    steps.addEventListener("change", () => {
      far = steps.value;
    });
    const act = (action, text, properties = {}) => button(text, { data: { action }, ...properties });
    return make(
      "div.actions",
      { role: "group", ariaLabel: texts.actions },
      act("expand", texts.expand, { aria: { expanded: expanded === node.iri } }),
      make("span.joined", act("isolate", texts.isolate), steps),
      act("path-from", texts.path_from),
      act("path-to", texts.path_to),
      act("pin", pinned ? texts.unpin : texts.pin, { aria: { pressed: pinned } }),
      act("hide", texts.hide),
    );
  }

  const around = (node) => relations(model, node.id, app.seen().nodes, app.allowed().edges);
  const left = (found) => new Set(found.flatMap(({ hidden }) => hidden)).size;

  function expansion(node) {
    const found = around(node);
    const limit = doc.limits.added;
    const adding = (words, n) =>
      n > limit ? fill(texts.add_some, { n: limit, m: n }) : plural(texts, words, n);
    const rows = found.map(({ relation, direction, total, hidden }) => {
      const name = doc.relations[relation].name;
      const key = `${direction} ${relation}`;
      const label = direction === "out" ? `${name} →` : fill(texts.incoming, { name });
      const many = plural(texts, "add", Math.min(hidden.length, limit));
      const add = { data: { add: key }, ariaLabel: `${many}: ${label}` };
      const list = { className: "plain", data: { list: key }, ariaLabel: `${texts.list}: ${label}` };
      const cell = hidden.length
        ? [
            button(adding("add", hidden.length), add),
            button(texts.list, { ...list, aria: { expanded: listed === key } }),
          ]
        : make("span.soft", texts.all_shown);
      const look = { className: "go", dir: "auto" };
      const one = (id) => make("li", button(`+ ${model.node(id).name}`, { ...look, data: { addone: id } }));
      const head = { scope: "row", dir: "auto", title: `${label} ${total}` };
      const members = listed === key && make("ul.members", hidden.slice(0, 400).map(one));
      return [
        make("tr", make("th", head, label, make("span.count", ` ${total}`)), make("td", cell)),
        members && make("tr", make("td", { colSpan: 2 }, members)),
      ];
    });
    return make(
      "section",
      { id: "expand", ariaLabel: texts.expand },
      make("h3", texts.expand_heading),
      found.length ? make("table", make("tbody", rows)) : make("p.soft", texts.no_connections),
      left(found) && button(adding("add_all", left(found)), { id: "add-all", data: { add: "all" } }),
    );
  }

  function connected(node) {
    const all = model.links(node.id);
    const { edges } = app.seen();
    const groups = new Map();
    for (const each of connections(model, node, edges)) {
      const key = `${each.out ? 0 : 1} ${doc.relations[each.edge.relation].name}`;
      groups.set(key, [...(groups.get(key) || []), each]);
    }
    const parts = [...groups]
      .sort(([a], [b]) => compareNames(a, b))
      .map(([key, group]) => {
        const name = key.slice(2);
        const rows = group
          .sort((a, b) => compareNames(a.other.name, b.other.name))
          .map(({ edge, other }) =>
            make("li", icon(doc.kinds[other.kind]), flags(doc, other), go(other), evidence(app, edge)),
          );
        const more = rows.splice(60);
        const summary = make("summary", plural(texts, "more", more.length));
        return make(
          "section.relation",
          make(
            "h3",
            { dir: "auto" },
            key[0] === "0" ? `${name} →` : fill(texts.incoming, { name }),
            make("span.count", ` ${group.length}`),
            make("span.soft.asks", texts.why),
          ),
          make("ul.links", rows),
          more.length && make("details", summary, make("ul.links", more)),
        );
      });
    const hidden = all.filter(({ id }) => !edges.has(id)).length;
    return [
      !all.length && make("p.soft", texts.no_connections),
      parts,
      hidden && make("p.soft", `${plural(texts, "connections", hidden)} ${texts.hidden_here}.`),
    ];
  }

  // An answer beside a thing, without columns that hold nothing.
  function aside({ title, columns, rows, reach }) {
    const meter = (value) => value && make("meter", { max: Number(reach), value, ariaHidden: "true" });
    const held = [...columns.keys()].filter((at) => rows.some((row) => row[at]));
    const cell = (row) => (at) =>
      make("td", { dir: "auto" }, row[at], reach && at === 1 && meter(Number(row[at])));
    const heads = held.map((at) => make("th", { scope: "col" }, columns[at]));
    const body = rows.map((row) => make("tr", held.map(cell(row))));
    const caption = make("caption", { dir: "auto" }, title);
    return make("table.answer", caption, make("thead", make("tr", heads)), make("tbody", body));
  }

  function thing(node) {
    const kind = doc.kinds[node.kind];
    const shown = app.seen().nodes.has(node.id);
    const over = make(
      "p.kind",
      icon(kind),
      make("span", { dir: "auto" }, kind.name),
      flags(doc, node),
      node.notation && make("span.notation", node.notation),
    );
    return [
      head(node.name, over),
      !shown && make("p.note", texts.not_shown, " ", button(texts.show_it, { data: { action: "show" } })),
      actions(node),
      Object.hasOwn(pages, node.iri) && make("p", make("a", { href: pages[node.iri] }, texts.its_page)),
      expanded === node.iri && expansion(node),
      node.description && make("p.text", { dir: "auto" }, node.description),
      facts([
        ["years", yearsOf(node, texts)],
        ["country", node.countries.map((of) => doc.countries[of].name).join(", ")],
        ...Object.entries(node.facts).map(([name, text]) => [name, factLines(model, node, name, text)]),
      ]),
      app.level() && node.asides.length ? make("p.soft", texts.asides_out) : node.asides.map(aside),
      connected(node),
      more([
        ["also", node.names.filter((name) => name !== node.name).join("\n")],
        ["identifier", node.iri],
      ]),
    ];
  }

  // Edges

  // A passage has the form "section (position): “words”"; any other text is shown as it is. Of words that are
  // not a name, only the first and last may be quoted: so the section comes first, and a link leads to the
  // passage in its document.
  function passage(text, link) {
    const parts = /^(.*?)\s*\(([^()]*=[^()]*)\)\s*:?\s*(.*)$/s.exec(text);
    if (!parts) return make("blockquote", { dir: "auto" }, linkOrText(text));
    const ends = parts[3]
      .replace(/^“|”$/g, "")
      .split("…")
      .map((part) => encodeURIComponent(part.trim()).replaceAll("-", "%2D"))
      .filter(Boolean);
    const [from, to] = (parts[2].match(/\d+/g) || []).map(Number);
    let where = parts[2];
    if (to !== undefined)
      where = fill(texts.passage_at, { n: formatNumber(to - from), from: formatNumber(from) });
    return make(
      "blockquote",
      make("p", { dir: "auto" }, make("b", parts[1]), parts[1] && parts[3] && ": ", parts[3]),
      make(
        "footer.soft",
        where,
        /^https?:/.test(link) &&
          ends.length && [" · ", outward(`${link}#:~:text=${ends.join()}`, texts.passage_open)],
      ),
    );
  }

  function claim(edge) {
    const basis = doc.bases[edge.basis];
    const strength = edge.strength === null ? "" : doc.strengths[edge.strength].name;
    const [source, target] = [model.node(edge.source), model.node(edge.target)];
    const cited = doc.documents[edge.document];
    const passages = edge.passages.map((text, n) => passage(text, edge.links[n] ?? cited?.link));
    const ends = [edge.source, edge.target];
    const twins = model
      .links(edge.source)
      .filter((each) => each !== edge && ends.every((end) => [each.source, each.target].includes(end)));
    return [
      head(texts.why, make("p.kind", texts.connection)),
      !app.seen().edges.has(edge.id) && make("p.note", texts.edge_not_shown),
      make("p", button(texts.copy_cited, { data: { copy: "" } })),
      make(
        "div.ends",
        make("div", icon(doc.kinds[source.kind]), go(source)),
        make("p.verb", { dir: "auto" }, "↓ ", doc.relations[edge.relation].name),
        make("div", icon(doc.kinds[target.kind]), go(target)),
      ),
      make(
        "p",
        { className: `basis ${basis.key}` },
        basisLine(basis.key),
        make("strong", basis.name),
        strength && make("span", ` · ${texts.strength.toLowerCase()}: ${strength}`),
        edge.facts.status && make("span", ` · ${edge.facts.status}`),
      ),
      basis.meaning && make("p.soft", `${basis.meaning[0].toUpperCase()}${basis.meaning.slice(1)}.`),
      facts([
        ["rationale", edge.rationale],
        ["passages", passages.length ? make("div", passages) : ""],
        ["document", cited?.name],
        ["link", cited?.link],
        ["curator", edge.curator],
      ]),
      !passages.length && !edge.rationale && !cited && make("p.soft", texts.no_evidence),
      twins.length && [
        make("h3", texts.also_claimed),
        make(
          "ul.links",
          twins.map((each) =>
            make("li", make("span.go", { dir: "auto" }, app.sentence(each)), evidence(app, each)),
          ),
        ),
      ],
      more([...Object.entries(edge.facts), ["claim", edge.claim]]),
    ];
  }

  function update() {
    const { node, edge } = app.target();
    if (expanded !== node?.iri) [expanded, listed] = ["", ""];
    const hadFocus = pane.contains(document.activeElement) ? document.activeElement : null;
    const { action, add } = hadFocus ? hadFocus.dataset : {};
    const again = action
      ? `[data-action="${action}"]`
      : add
        ? "#add-all, [data-add], [data-action=expand]"
        : null;
    put(pane, node ? thing(node) : edge && claim(edge));
    pane.hidden = !node && !edge;
    if (hadFocus && document.activeElement === document.body)
      ((again && pane.querySelector(again)) || pane.querySelector("h2") || byId("search")).focus({
        preventScroll: Boolean(again),
      });
  }

  function open(node) {
    // its relations, or close them
    [expanded, listed] = [node?.iri ?? "", ""];
    update();
    const many = node && left(around(node));
    if (node) app.say(many ? plural(texts, "expanded", many) : fill(texts.expanded_all, { name: node.name }));
  }

  press(pane, "button", (at) => {
    const { node, edge } = app.target();
    const { action, add, addone, list, claim: key, goto, copy } = at.dataset;
    if (at.id === "close") app.select("");
    else if (copy !== undefined) {
      app.parts.share.copy([
        `${app.sentence(edge)} (${basisOf(doc, edge)})`,
        edge.rationale && `${texts.rationale}: ${edge.rationale}`,
        ...cited(app, [], [edge]),
      ]);
    } else if (goto || key) app.select(goto || key, { details: true });
    else if (action === "expand") {
      if (expanded !== node.iri) app.alone(node.iri);
      open(expanded === node.iri ? null : node);
    } else if (action) app.act(action, node, Number(byId("steps").value));
    else if (add) app.add(node, add);
    else if (addone) app.addAll([addone]);
    else if (list) {
      listed = listed === list ? "" : list;
      update();
      pane.querySelector(`[data-list="${list}"]`).focus();
    }
  });
  return {
    update,
    expand(node) {
      open(node);
      (pane.querySelector("#expand button") || pane.querySelector("h2")).focus();
    },
    focus: () => pane.querySelector("h2")?.focus(),
  };
}
