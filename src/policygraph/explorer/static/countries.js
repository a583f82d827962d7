// Countries side by side: what they have to do with each other, and all else as one number a lane, which
// opens.
import { anew, button, byId, byNumber, fill, flags, formatNumber, icon, make, press } from "./dom.js";
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
    const inOrder = (a, b) => whose(a)[0] - whose(b)[0] || model.rank(a) - model.rank(b);
    function tie({ source, target }, what) {
      const [one, other] = [source, target].sort(inOrder);
      const key = `${one} ${other}`;
      if (!pairs.has(key)) pairs.set(key, { ends: [one, other], edges: [], verdicts: [] });
      pairs.get(key)[what.verdict ? "verdicts" : "edges"].push(what);
    }
    const near = new Map(); // of a thing, the connections with each country
    const count = (end, other) => {
      if (!near.has(end)) near.set(end, new Map());
      for (const of of whose(other)) near.get(end).set(of, (near.get(end).get(of) || 0) + 1);
    };
    for (const edge of [...edges].map(model.edge)) {
      if (across(edge)) tie(edge, edge);
      count(edge.source, edge.target);
      count(edge.target, edge.source);
    }
    for (const comparison of shows(doc, app.state().evidence, 2) ? doc.comparisons : [])
      for (const pair of sides(comparison, nodes)) tie(pair, comparison);
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
    const inside = ({ source, target }) => kept.has(source) && kept.has(target);
    const all = [
      ...[...every.edges].map(model.edge).filter((edge) => across(edge) && inside(edge)),
      ...doc.comparisons.filter((each) => sides(each, kept).length),
    ];
    const many = (some) => formatNumber(some.length);
    // as a line of the map
    const looks = (some) => doc.bases[Math.max(...some.map(({ basis }) => basis))]?.key || "";

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
      const claim = app.edgeKey(edge);
      const look = { className: "plain", title: app.sentence(edge), data: { claim } };
      const aria = { pressed: app.selected() === claim };
      return button(edge.source === one ? `${name} →` : `← ${name}`, { ...look, aria });
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
    const row = (item) => make("li", item);
    const list = (name, items) => make(name, items.map(row));
    const pairsOf = (some) => list("ul.pairs", some.map(pair));
    const counted = ({ id, countries: own }) => {
      const others = own.length ? [] : [...near.get(id)].sort((a, b) => a[0] - b[0]);
      return others.map(([of, n]) => `${doc.countries[of].mark} ${formatNumber(n)}`).join(" · ");
    };
    const withCount = (node) => card(node, make("span.count", counted(node)));
    const bothOf = () => list("ul.both", both.map(withCount));
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
    const total = (some) => make("span.count", many(some));
    const columns = (some) =>
      [
        ...shown.map((of) => [doc.countries[of], some.filter((node) => node.countries.includes(of))]),
        [{ mark: texts.of_no_country }, some.filter(({ countries: of }) => !of.length)],
      ].filter(([, members]) => members.length);
    const numbers = (some) =>
      columns(some).map(([{ mark, name = mark }, members]) =>
        make("span.count", { title: name }, `${mark} ${many(members)}`),
      );
    const cards = (some) => some.map((node) => card(node));
    const lists = (some) => columns(some).map(([, members]) => list("ul", cards(members)));
    const sentence =
      all.length || both.length
        ? fill(texts.across, {
            links: many(all),
            sourced: many(all.filter(({ evidence }) => evidence === 0)),
            both: many(both),
          })
        : texts.across_none;
    anew(
      place,
      make("p", make("b", sentence)),
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
        byLane("lane", rest, (node) => node, numbers, lists),
      ),
    );
  }
  place.addEventListener(
    "toggle",
    (event) => {
      const target = /** @type {any} */ (event.target);
      const key = target.dataset.part;
      if (target.open === opened.has(key)) return;
      opened[target.open ? "add" : "delete"](key);
      update();
    },
    true,
  );
  press(place, "button", ({ dataset }) => app.select(dataset.claim || dataset.node));
  return { update };
}
