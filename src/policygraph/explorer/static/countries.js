// Countries side by side: what they have to do with each other, and all else as one number a lane, which
// opens.
import { button, byId, byNumber, fill, flags, formatNumber, icon, make, put } from "./dom.js";
import { laneOf, shows } from "./model.js";
import { evidence } from "./paths.js";

/** @param {App} app */
export function countries(app) {
  const { doc, model, texts } = app;
  const place = byId("countries");
  const opened = new Set();

  function card(node, more = null) {
    const kind = doc.kinds[node.kind];
    const name = make("span", { dir: "auto" }, node.notation ? `${node.notation} ${node.name}` : node.name);
    return button([flags(doc, node), icon(kind), name, more], {
      className: `thing l${kind.lane}`,
      title: kind.name,
      data: { node: node.iri },
      aria: { pressed: app.selected() === node.iri },
    });
  }
  const part = (title, ...inside) => make("section", make("h2", title), inside);

  function update() {
    const { nodes, edges } = app.seen();
    const shown = app.countries();
    const whose = (id) => model.node(id).countries.filter((of) => shown.includes(of));
    const across = ({ source, target }) =>
      [source, target].every((id) => whose(id).length) &&
      !whose(source).some((of) => whose(target).includes(of));
    const sides = (comparison, among) =>
      comparison.nodes
        .filter((id) => among.has(id))
        .flatMap((source, place, all) => all.slice(place + 1).map((target) => ({ source, target })))
        .filter(across);
    const pairs = new Map(); // of things of different countries, how they are tied
    function tie(ends, what) {
      const [one, other] = [...ends].sort(
        (a, b) => whose(a)[0] - whose(b)[0] || model.rank(a) - model.rank(b),
      );
      const key = `${one} ${other}`;
      if (!pairs.has(key)) pairs.set(key, { ends: [one, other], edges: [], verdicts: [] });
      pairs.get(key)[what.verdict ? "verdicts" : "edges"].push(what);
    }
    const near = new Map(); // of a thing, the connections with each country
    for (const id of edges) {
      const edge = model.edge(id);
      const [from, to] = [edge.source, edge.target].map(whose);
      if (across(edge)) tie([edge.source, edge.target], edge);
      for (const [end, others] of [
        [edge.source, to],
        [edge.target, from],
      ]) {
        if (!near.has(end)) near.set(end, new Map());
        for (const of of others) near.get(end).set(of, (near.get(end).get(of) || 0) + 1);
      }
    }
    for (const comparison of shows(doc, app.state().evidence, 2) ? doc.comparisons : []) {
      for (const { source, target } of sides(comparison, nodes)) tie([source, target], comparison);
    }
    const both = [...nodes]
      .filter((id) => whose(id).length > 1 || (!model.node(id).countries.length && near.get(id)?.size > 1))
      .map(model.node)
      .sort((a, b) => a.kind - b.kind || byNumber(a, b));
    const links = [...pairs.values()].sort(
      (a, b) =>
        b.verdicts.length - a.verdicts.length ||
        model.node(a.ends[0]).kind - model.node(b.ends[0]).kind ||
        model.rank(a.ends[0]) - model.rank(b.ends[0]),
    );
    const every = app.at("weak"); // with what is read, whatever is shown
    const chosen = app.chosen() ?? every.nodes; // of what was chosen one by one, if it was
    const kept = new Set([...every.nodes].filter((id) => chosen.has(id)));
    const all = [
      ...[...every.edges]
        .map(model.edge)
        .filter((edge) => across(edge) && kept.has(edge.source) && kept.has(edge.target)),
      ...doc.comparisons.filter((each) => sides(each, kept).length),
    ];
    const count = (some) => formatNumber(some.length);
    // as a line of the map
    const looks = (some) => doc.bases[Math.max(...some.map(({ basis }) => basis))]?.key || "";

    const had = place.contains(document.activeElement) ? document.activeElement.dataset : null;
    // Of more than a few there is a number, which opens.
    const folded = (key, lane, title, counts, inside) =>
      make(
        "details",
        { className: lane ? `l${lane.color}` : "", open: opened.has(key), data: { part: key } },
        make("summary", make("b", title), counts),
        make("div", opened.has(key) && inside()),
      );
    const relation = (edge, one) => {
      const { name } = doc.relations[edge.relation];
      return button(edge.source === one ? `${name} →` : `← ${name}`, {
        className: "plain",
        title: app.sentence(edge),
        data: { claim: app.edgeKey(edge) },
        aria: { pressed: app.selected() === app.edgeKey(edge) },
      });
    };
    const pair = ({ ends: [one, other], edges, verdicts }) => [
      card(model.node(one)),
      make(
        "span",
        { className: `tie ${looks(edges)}` },
        make("i"),
        verdicts.map(({ aspect, verdict, rationale }) =>
          make("span", { title: rationale }, make("b", verdict), `: ${aspect.toLowerCase()}`),
        ),
        edges.map((edge) => (verdicts.length ? evidence(app, edge) : relation(edge, one))),
      ),
      card(model.node(other)),
      (verdicts.length ? verdicts : edges).map(
        ({ rationale }) => rationale && make("p.soft", { dir: "auto" }, rationale),
      ),
    ];
    const pairsOf = (some) =>
      make(
        "ul.pairs",
        some.map((each) => make("li", pair(each))),
      );
    const counted = ({ id, countries: own }) =>
      own.length
        ? ""
        : [...near.get(id)]
            .sort((a, b) => a[0] - b[0])
            .map(([of, many]) => `${doc.countries[of].mark} ${formatNumber(many)}`)
            .join(" · ");
    const bothOf = () =>
      make(
        "ul.both",
        both.map((node) => make("li", card(node, make("span.count", counted(node))))),
      );
    const few = (some) => some.length <= doc.limits.named;
    const compared = links.filter(({ verdicts }) => verdicts.length);
    const tied = links.filter(({ verdicts }) => !verdicts.length);
    const told = new Set([...both.map(({ id }) => id), ...links.flatMap(({ ends }) => ends)]);
    const rest = app.listed.filter(({ id }) => nodes.has(id) && !told.has(id));
    // A part for each lane in which some are, with how many as `counts` has it, and what is in it as `inside`.
    const byLane = (key, some, node, counts, inside) =>
      doc.lanes.map((lane, place) => {
        const here = some.filter((each) => laneOf(doc, node(each)) === place);
        const name = lane.name || texts.other_things;
        return here.length && folded(`${key} ${place}`, lane, name, counts(here), () => inside(here));
      });
    const total = (some) => make("span.count", count(some));
    const columns = (some) =>
      [
        ...shown.map((of) => [doc.countries[of], some.filter((node) => node.countries.includes(of))]),
        [{ mark: texts.of_no_country }, some.filter(({ countries: of }) => !of.length)],
      ].filter(([, members]) => members.length);
    put(
      place,
      make(
        "p",
        make(
          "b",
          all.length || both.length
            ? fill(texts.across, {
                links: count(all),
                sourced: count(all.filter(({ evidence }) => evidence === 0)),
                both: count(both),
              })
            : texts.across_none,
        ),
      ),
      compared.length && part(texts.beside_compared, pairsOf(compared)),
      tied.length &&
        part(
          texts.beside_connected,
          few(tied)
            ? pairsOf(tied)
            : byLane("pairs", tied, ({ ends }) => model.node(ends[0]), total, pairsOf),
        ),
      both.length &&
        (few(both)
          ? part(texts.beside_both, bothOf())
          : folded("both", null, texts.beside_both, total(both), bothOf)),
      part(
        texts.beside_rest,
        byLane(
          "lane",
          rest,
          (node) => node,
          (some) =>
            columns(some).map(([{ mark, name = mark }, members]) =>
              make("span.count", { title: name }, `${mark} ${count(members)}`),
            ),
          (some) =>
            columns(some).map(([, members]) =>
              make(
                "ul",
                members.map((node) => make("li", card(node))),
              ),
            ),
        ),
      ),
    );
    if (had)
      place
        .querySelector(
          ["node", "claim", "part"]
            .filter((name) => had[name])
            .map((name) => `[data-${name}="${CSS.escape(had[name])}"]`)
            .join() || "button",
        )
        ?.focus({ preventScroll: true });
  }
  place.addEventListener(
    "toggle",
    (event) => {
      const target = /** @type {any} */ (event.target);
      const key = target.dataset.part;
      if (target.open === opened.has(key)) return;
      opened[target.open ? "add" : "delete"](key);
      update();
      place.querySelector(`[data-part="${key}"] summary`).focus();
    },
    true,
  );
  place.addEventListener("click", ({ target }) => {
    const at = target.closest("button");
    if (at) app.select(at.dataset.claim || at.dataset.node);
  });
  return { update };
}
