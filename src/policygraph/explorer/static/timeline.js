// The timeline view: bars and marks of dated nodes on an axis of years, lines from what succeeds to what it
// succeeds.
import { anew, button, byId, compareNames, fill, flags, icon, make, plural, press, vector } from "./dom.js";
import {
  became,
  CHANGES,
  factLines,
  hasYear,
  inForce,
  lastingKinds,
  lastYear,
  successors,
  yearsOf,
} from "./model.js";

const FADES = 2; // years over which a bar without an end fades

// A day, month or year (EDTF) as a number of years: where it begins, or with 1 where it is over.
const moment = (text, over) => {
  const [year, month, day] = text.match(/^-?\d+|\d+/g).map(Number);
  return year + (!month ? over : (month - 1 + (day ? (day - 1 + over) / 31 : over)) / 12);
};

/** @param {App} app */
export function timeline(app) {
  const { doc, model, texts } = app;
  const place = byId("timeline-rows");
  const [field, against] = [byId("in-force"), byId("in-force-against")];
  const dated = doc.nodes.filter(hasYear);
  const kindsDated = new Set(dated.map(({ kind }) => kind));
  byId("tab-timeline").hidden = !dated.length;
  const yearsIn = ({ start, end, horizon }) => [start, end, horizon].filter(Number.isFinite);
  const years = dated.flatMap(yearsIn);
  const [first, latest] = [Math.min(...years), Math.max(...years)];
  // Where a node is drawn, from and to, and how its bar looks.
  function span(node) {
    const { start, end, horizon } = node;
    const [begins, ends] = node.interval ? node.interval.split("/") : ["", ""];
    const to = end === null ? null : moment(ends || String(end), 1);
    if (start === null)
      return end === null
        ? { from: horizon, to: horizon + 1, looks: "mark horizon" }
        : { from: to - FADES, to, looks: "fade before" };
    const from = moment(begins || String(start), 0);
    if (end !== null) return { from, to, looks: begins && begins === ends ? "mark" : "bar" };
    const over = lastYear(node);
    if (over !== null) {
      const edge = successors(model, node).find(({ source }) => model.node(source).start === node.succeeded);
      const next = edge && model.node(edge.source).interval?.split("/")[0];
      const to = moment(next && next >= begins && over === node.succeeded ? next : String(over), 1);
      return { from, to, looks: edge && doc.bases[edge.basis].key !== "stated" ? "bar horizon" : "bar" };
    }
    return horizon >= start && horizon !== null
      ? { from, to: moment(String(horizon), 1), looks: "bar horizon" }
      : { from, to: from + FADES, looks: "fade" };
  }
  const spans = new Map(dated.map((node) => [node.id, span(node)]));
  const begin = Math.floor(Math.min(first, ...[...spans.values()].map(({ from }) => from)));
  const over = Math.max(latest + 1, ...[...spans.values()].map(({ to }) => to));
  const last = over + Math.max(1, (latest - first) / 15); // so that no arrow ends at the edge
  const across = (year) => `${((year - begin) / (last - begin)) * 100}%`;
  for (const at of [field, against]) {
    Object.assign(at, { min: first, max: latest });
    at.addEventListener("change", () => {
      const [year, then] = [field, against].map(({ value }) => (value ? Math.round(Number(value)) : null));
      app.change({ year: year !== null && then !== null && year !== then ? [year, then] : (year ?? then) });
    });
  }
  // Play the years one by one; who wants no motion goes to the next by each press.
  const play = byId("play");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let timer = 0;
  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = texts[still.matches ? "next_year" : "play"];
  }
  const next = (same) => {
    const now = [app.state().year ?? []].flat()[0] ?? latest;
    app.change({ year: now < latest ? now + 1 : first }, same);
    if (timer && app.state().year === latest) stop();
  };
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (!still.matches) timer = setInterval(next, 1500, true);
    if (timer) play.textContent = texts.stop;
    next(false);
  });
  still.addEventListener("change", stop);
  stop();
  byId("in-force-any").addEventListener("click", () => {
    app.change({ year: null });
    field.focus();
  });

  function ticks() {
    const width = place.clientWidth;
    const fits = (each) => (last - begin) / each <= (width < 500 ? 6 : 14);
    const step = [1, 2, 5, 10, 20, 50, 100].find(fits) || 200;
    const made = make("div.ticks", { aria: { hidden: true } });
    for (let year = Math.ceil(begin / step) * step; year < last; year += step) {
      const room = ((last - year) / (last - begin)) * width * (width < 500 ? 1 : 0.5);
      const tick = make("span", room > 34 ? String(year) : "");
      tick.style.insetInlineStart = across(year);
      made.append(tick);
    }
    for (const year of [app.state().year ?? []].flat()) {
      const now = make("i");
      now.style.insetInlineStart = across(year);
      now.style.width = `${100 / (last - begin)}%`;
      if (year >= begin && year < last) made.append(now);
    }
    return made;
  }

  // A bar, which fades in ten steps where it has no end, with an arrow, or no beginning; a mark for a moment.
  function drawn(node) {
    const { from, to, looks } = spans.get(node.id);
    const made = make("span", { className: `${looks} l${doc.kinds[node.kind].lane}` });
    made.style.insetInlineStart = across(looks.startsWith("mark") ? (from + to) / 2 : from);
    if (!looks.startsWith("mark")) made.style.width = `${((to - from) / (last - begin)) * 100}%`;
    for (let step = 0; step < 10 && looks.startsWith("fade"); step += 1) {
      const part = made.appendChild(make("i"));
      part.style.setProperty("--share", `${looks === "fade" ? 100 - 9 * step : 19 + 9 * step}%`);
    }
    if (looks === "fade") made.append(make("b", "→"));
    return made;
  }

  function row(node) {
    const kind = doc.kinds[node.kind];
    const over = lastYear(node);
    const change = became(model, node, app.state().year);
    const succeeded = node.end === null && over !== null && fill(texts.succeeded, { year: over });
    const when = [yearsOf(node, texts), succeeded].filter(Boolean).join(", ");
    // Which dates these are, such as when a law came into force.
    const dates = Object.entries(node.facts).flatMap(([name, value]) =>
      factLines(model, node, name, value)
        .split("\n")
        .filter((each) => /^\d{4}(-|$)/.test(each) && yearsIn(node).includes(Number(each.slice(0, 4))))
        .map((each) => `${name} ${each}`),
    );
    const title = [`${node.name}, ${kind.name}, ${when}`, change && texts.changes[change], ...dates]
      .filter(Boolean)
      .join("; ");
    const said = make("span.when", change ? `${CHANGES[change]} ${when}` : when);
    const looks = { title, className: change, ariaLabel: title };
    return item(node, [said, make("span.track", drawn(node))], looks);
  }
  function item(node, more = [], looks = {}) {
    const name = make("span", { dir: "auto" }, node.name);
    const who = make("span.who", icon(doc.kinds[node.kind]), flags(doc, node), name);
    const aria = { pressed: app.state().selected === node.iri };
    return make("li", button([who, more], { ...looks, data: { node: node.iri }, aria }));
  }

  // Below: what has no year or, where one is asked about, no beginning, of which the rows therefore say
  // nothing.
  function without(some) {
    some.sort((a, b) => a.kind - b.kind || compareNames(a.name, b.name));
    const rows = some.map((node) => item(node));
    const many = plural(texts, app.state().year === null ? "undated_n" : "unplaced_n", rows.length);
    const open = place.querySelector("details")?.open ?? false;
    return rows.length && make("details", { open }, make("summary", many), make("ul", rows));
  }

  // From the end of what is succeeded to the beginning of its successor, where both have a row.
  function successions() {
    const tracks = [...place.querySelectorAll(".track")];
    const rows = new Map(tracks.map((at) => [model.named(at.closest("button").dataset.node).id, at]));
    const middle = (id) => {
      const { top, height } = rows.get(id).getBoundingClientRect();
      return top + height / 2 - place.getBoundingClientRect().top;
    };
    const isDrawn = ({ relation, source, target }) =>
      doc.relations[relation].succession &&
      [source, target].every((id) => rows.has(id)) &&
      Number.isFinite(model.node(source).start);
    const lines = [...app.seen().edges]
      .map(model.edge)
      .filter(isDrawn)
      .map((edge) => {
        const { key: basis, name } = doc.bases[edge.basis];
        const [x1, x2] = [spans.get(edge.target).to, spans.get(edge.source).from].map(across);
        const [y1, y2] = [edge.target, edge.source].map(middle);
        return vector(
          "g",
          { class: `line ${basis}`, "data-claim": app.edgeKey(edge) },
          vector("title", {}, `${app.sentence(edge)} (${name})`),
          ...["", "hit"].map((look) => vector("line", { class: look, x1, x2, y1, y2 })),
        );
      });
    if (lines.length) place.append(vector("svg", { class: "successions" }, ...lines));
  }

  function note(placed) {
    const { year, bases } = app.state();
    const any = bases.length ? texts.years_any_basis : "";
    if (year === null) return `${plural(texts, "dated", placed.length)} ${any}`;
    const kinds = [...kindsDated].sort((a, b) => a - b);
    const of = (some) =>
      kinds
        .map((kind) => [doc.kinds[kind].name, some.filter((node) => node.kind === kind).length])
        .filter(([, count]) => count)
        .map(([name, count]) => `${name} ${count}`)
        .join(", ") || "0";
    const said = Array.isArray(year)
      ? [
          fill(texts.compared, { one: year[0], other: year[1] }),
          ...Object.keys(CHANGES)
            .map((change) => [change, placed.filter((node) => became(model, node, year) === change)])
            .filter(([, some]) => some.length)
            .map(([change, some]) => `${CHANGES[change]} ${texts.changes[change]}: ${of(some)}.`),
        ]
      : [fill(texts.in_force_kinds, { year, kinds: of(placed) })];
    const lasting = [...lastingKinds(doc.nodes)]
      .sort((a, b) => a - b)
      .map((kind) => doc.kinds[kind].name)
      .join(", ");
    return [...said, lasting && fill(texts.only_lasting, { kinds: lasting }), any].filter(Boolean).join(" ");
  }

  function update() {
    if (timer && (app.state().view !== "timeline" || !Number.isInteger(app.state().year))) stop();
    if (app.state().view !== "timeline" || !dated.length) return;
    const { year } = app.state();
    [field, against].forEach((at, number) => {
      if (document.activeElement !== at) at.value = [year].flat()[number] ?? "";
    });
    byId("in-force-any").hidden = year === null;
    const { nodes } = app.seen();
    const shown = dated
      .filter((node) => nodes.has(node.id) && hasYear(node))
      .sort(
        (a, b) =>
          a.kind - b.kind ||
          yearsIn(a)[0] - yearsIn(b)[0] ||
          yearsIn(a).at(-1) - yearsIn(b).at(-1) ||
          compareNames(a.name, b.name),
      );
    const placed =
      year === null ? shown : shown.filter((node) => [year].flat().some((each) => inForce(node, each)));
    const unknown = app
      .anyYear()
      .filter(
        (node) =>
          kindsDated.has(node.kind) &&
          (year === null
            ? !hasYear(node)
            : node.start === null && !(node.end < Math.min(...[year].flat()) && node.end !== null)),
      );
    for (const node of placed) spans.set(node.id, span(node)); // of its years at this level of evidence
    byId("timeline-note").textContent = note(placed);
    const kinds = [...new Set(placed.map(({ kind }) => kind))].sort((a, b) => a - b);
    anew(
      place,
      ticks(),
      kinds.map((kind) => [
        make("h3", { dir: "auto" }, doc.kinds[kind].name),
        make("ul", placed.filter((node) => node.kind === kind).map(row)),
      ]),
      without(unknown),
    );
    successions();
    if (!place.contains(document.activeElement))
      place.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest" });
  }

  press(place, "button, [data-claim]", ({ dataset: { node, claim } }) => {
    const key = node ?? claim;
    app.select(key === app.state().selected ? "" : key);
  });
  return { update };
}
