// The map: Python drew it; here its cards and lines are shown or faded as the state says, and worked by mouse
// and keys.
import {
  anew,
  button,
  byId,
  byNumber,
  fill,
  flags,
  formatNumber,
  make,
  plural,
  press,
  put,
  vector,
} from "./dom.js";
import { labelSpace } from "./labels.js";
import { fitView } from "./layout.js";
import { became, CHANGES, laneOf } from "./model.js";

/** @param {App} app */
export function map(app) {
  const { doc, model, texts } = app;
  const svg = /** @type {any} */ (byId("map"));
  svg.classList.add("map"); // so that the order of the attributes does not depend on what is lit first
  const box = byId("map-box");
  const [width, height] = ["width", "height"].map((name) => Number(svg.getAttribute(name)));
  const cards = [...svg.querySelectorAll("[data-card]")].map((at) => {
    const things = at.dataset.things.split(" ").filter(Boolean);
    const count = at.querySelector(".count");
    const form = ["group", "frame"].find((name) => at.classList.contains(name)) || "card";
    // What its number counts: those of its kind, the members of its list in this lane, those beside the
    // first.
    const counted = {
      group: () => things.filter((id) => model.node(id).kind === model.node(things[0]).kind),
      frame: () => at.dataset.members.split(" "),
      card: () => things.slice(1),
    }[form]();
    const plus = count?.textContent.startsWith("+") ? "+" : "";
    return { at, key: at.dataset.card, things, count, form, counted, plus, name: "", change: "" };
  });
  const lines = [...svg.querySelectorAll(".line")].map((at) => ({
    at,
    looks: at.getAttribute("class").replace(" marked", ""),
    ends: at.dataset.ends.split(" "),
    edges: at.dataset.edges.split(" ").map((number) => doc.edges[number]),
  }));
  const rectOf = (at) => {
    const rect = at.querySelector("rect");
    return ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
  };
  const byKey = new Map(cards.map((card) => [card.key, card]));
  const home = new Map(cards.flatMap((card) => card.things.map((id) => [id, card])));
  const heads = [...svg.querySelectorAll(".heads > g")].map((at) => ({
    at,
    top: Number(at.firstElementChild.getAttribute("y")),
    x: at.firstElementChild.getAttribute("x"),
  }));
  const tabs = svg.appendChild(vector("g", { class: "tabs" }));
  // 0: the path that is lit or its beginning, or all as large as fits, but never too small to read
  let scale = 0;
  let [litBefore, pathBefore] = ["", ""];
  let hovered = null;

  const sizeOf = () => ({
    w: width / Math.max(1, box.clientWidth),
    h: height / Math.max(1, box.clientHeight - 1),
  }); // which is rounded
  function resize() {
    const { w, h } = sizeOf();
    const { clientWidth, clientHeight } = box;
    const ways = (app.path()?.nodes || []).filter((id) => home.has(id)).map((id) => rectOf(home.get(id).at));
    const corners = ways.flatMap(([x, y, w, h]) => [
      [x, y],
      [x + w, y + h],
    ]);
    const fit = corners.length
      ? fitView(corners, { width: clientWidth + 60, height: clientHeight + 50 }, 1)
      : null;
    const now = scale || Math.max(1, fit?.scale ?? 1 / Math.max(w, h));
    svg.setAttribute("width", Math.floor(width * now));
    svg.setAttribute("height", Math.floor(height * now));
    const [x, y] = (fit && (fit.scale < 1 ? corners[0] : [fit.x, fit.y])) || [];
    if (!svg.isConnected) return; // another of several maps is there
    if (fit) box.scrollTo(x * now - clientWidth / 2, y * now - clientHeight / 2);
    fixHeads();
  }
  function fixHeads() {
    // stay in sight, each until the next of its column comes
    const top = (box.scrollTop * height) / Math.max(1, svg.clientHeight);
    for (const { at, top: own, x } of heads) {
      const next = Math.min(...heads.filter((head) => head.x === x && head.top > own).map(({ top }) => top));
      at.setAttribute("transform", `translate(0 ${Math.max(0, Math.min(top - own, next - own - 27))})`);
    }
    // The first list of each column that begins below what is in sight, to go there.
    const [now, next] = [svg.clientHeight / height, new Map()];
    for (const { at, count } of cards.filter(({ form }) => form === "frame")) {
      const [x, y] = rectOf(at);
      const isBelow = count.textContent && (y + 30) * now > box.scrollTop + box.clientHeight;
      if (isBelow && !(next.get(x)?.y < y)) next.set(x, { at, y });
    }
    const below = byId("map-below");
    const made = [...next.values()].map(({ at }) => {
      const list = doc.lists.find(({ members }) => members.includes(at.dataset.members.split(" ")[0]));
      return button(`↓ ${list.name} (${at.querySelector(".count").textContent})`, {
        className: at.getAttribute("class").match(/l\d/)[0],
        dir: "auto",
        data: { list: at.dataset.card },
      });
    });
    // those that are there stay, for the focus to stay too
    const same = (each, number) => below.children[number]?.isEqualNode(each);
    if (made.length !== below.childElementCount || !made.every(same)) below.replaceChildren(...made);
  }
  // To a list below, and to the first of it: the button is no longer there.
  function toList({ at, counted }) {
    const now = svg.clientHeight / height;
    const [x, y] = rectOf(at);
    box.scrollTo({ top: (y - 32) * now, left: x * now - 30 });
    const of = (card) => card.form === "card" && counted.includes(card.things[0]);
    const first = cards.find((card) => of(card) && !card.at.classList.contains("off"));
    first?.at.focus({ preventScroll: true });
  }

  function update() {
    const { nodes, edges } = app.seen();
    const light = app.lit(hovered);
    const active = light.things.size > 0;
    const chosen = home.get(app.nodeOf(app.selected())?.id);
    const near = new Set([...light.things].map((id) => home.get(id)));
    for (const card of cards) {
      const { at, things, count, form, counted, plus } = card;
      const shown = counted.filter((id) => nodes.has(id)).length;
      const here = counted.filter((id) => light.things.has(id)).length;
      at.classList.toggle("off", !shown && !nodes.has(things[0]));
      at.classList.toggle("part", form === "card" && !nodes.has(things[0]));
      const change = form === "card" ? became(model, model.node(things[0]), app.state().year) : "";
      card.change = change;
      for (const name of Object.keys(CHANGES)) at.classList.toggle(name, name === change);
      at.querySelector(".change").textContent = CHANGES[change] || "";
      at.classList.toggle("marked", form === "card" && app.marked().has(things[0]));
      at.classList.toggle("lit", near.has(card));
      at.classList.toggle(
        "chosen",
        card === chosen || (form === "card" && app.state().picked.includes(model.node(things[0]).iri)),
      );
      if (form !== "group") at.setAttribute("aria-current", String(at.classList.contains("chosen")));
      const of = form === "group" && active && here && here < shown ? `${formatNumber(here)}/` : "";
      if (count) count.textContent = shown ? `${plus}${of}${formatNumber(shown)}` : "";
    }
    // Keys reach one of those that are there.
    const stops = cards.filter(({ at }) => at.hasAttribute("tabindex"));
    const open = stops.filter(({ at }) => !at.classList.contains("off"));
    const stop = open.find(({ at }) => at.getAttribute("tabindex") === "0") ?? open[0];
    for (const each of stops) each.at.setAttribute("tabindex", each === stop ? "0" : "-1");
    for (const card of cards) label(card);
    const weakest = (some, name) => Math.max(-1, ...some.map((edge) => edge[name] ?? -1));
    for (const { at, looks, ends, edges: mine } of lines) {
      // as what is lit of it says, or else what is shown
      const shown = ends.some((key) => byKey.get(key).at.classList.contains("off"))
        ? []
        : mine.filter(({ id }) => edges.has(id));
      const some = shown.filter(({ id }) => light.edges.has(id));
      const told = some.length ? some : shown;
      at.querySelector("title").textContent = shown
        .map((edge) => `${app.sentence(edge)} (${doc.bases[edge.basis].name})`)
        .join("\n");
      const classes = [
        looks,
        doc.bases[weakest(told, "basis")]?.key,
        doc.strengths[weakest(told, "strength")]?.key,
        mine.some(({ id }) => app.marked().has(id)) && "marked",
        !shown.length && "off",
        some.length && "lit",
      ];
      at.setAttribute("class", classes.filter(Boolean).join(" "));
    }
    for (const { at, form, key } of cards)
      if (form === "frame" && lines.some((line) => line.ends.includes(key) && line.at.matches(".lit")))
        at.classList.add("lit");
    svg.classList.toggle("active", active);
    const path = app.path()?.nodes.join() || "";
    if (path !== pathBefore) {
      pathBefore = path;
      scale = 0;
      resize();
    }
    names(chosen, light);
    note();
    fixHeads();
  }

  // What a card is called and what is shown of it, for those who point at it and for screen readers.
  function label({ at, name, things, form, change }) {
    const { nodes, edges } = app.seen();
    const shown = things.filter((id) => nodes.has(id));
    const links = shown.flatMap((id) => model.links(id)).filter(({ id }) => edges.has(id));
    const bases = doc.bases
      .map((basis, place) => [basis.name, links.filter((edge) => edge.basis === place).length])
      .filter(([, many]) => many)
      .map(([basis, many]) => `${basis} ${formatNumber(many)}`);
    const beside = form === "card" ? shown.filter((id) => id !== things[0]) : [];
    at.querySelector("title").textContent = [name, ...beside.map((id) => model.node(id).name)].join("\n+ ");
    if (at.getAttribute("role")) {
      const many =
        form === "group" ? plural(texts, "things", shown.length) : plural(texts, "connections", links.length);
      const label = [name, change && texts.changes[change], many].filter(Boolean).join(", ");
      at.setAttribute("aria-label", [label, bases.join(", ")].filter(Boolean).join(": "));
    }
  }

  // The relations of what is selected, each on the card where its line ends.
  function names(chosen, light) {
    tabs.replaceChildren();
    const many = new Map();
    // What is written there: what is lit, and all.
    const [taken, all] = [labelSpace(), labelSpace()];
    const boxOf = ({ x, y, width: w, height: h }) => [x, y, x + w, y + h];
    const written = (space, some) => {
      for (const at of svg.querySelectorAll(some)) {
        const [x, y, right, bottom] = boxOf(at.getBBox());
        space.take([x, y + (at.matches("text") ? 2.4 : 0), right, bottom], at); // over the letters of a line
      }
    };
    const lit = ".card.lit > :is(text, .badge, .pill), .card:not(.off) > .count, .heads text";
    written(taken, lit);
    written(all, `${lit}, .card:not(.lit, .off) > :is(text, .badge, .pill)`);
    for (const { at, ends, edges } of lines) {
      if (!at.classList.contains("lit") || (chosen && !ends.includes(chosen.key))) continue;
      const end = ends[0] === chosen?.key ? 1 : chosen ? 0 : 1;
      const said = edges
        .filter(({ id }) => light.edges.has(id))
        .map(({ source, target, relation }) => {
          const back = chosen && (home.get(target) === chosen || home.get(source) === byKey.get(ends[end]));
          return `${back ? "← " : ""}${doc.relations[relation].name}`;
        });
      many.set(at, { end, card: byKey.get(ends[end]), words: [...new Set(said)] });
    }
    if (many.size > 60) return;
    const ended = [...many]
      .map(([at, each]) => {
        const path = at.querySelector("path");
        const [first, ...more] = each.words;
        const text = vector("text", { class: "tab" }, more.length ? `${first} +${more.length}` : first);
        const spot = path.getPointAtLength(each.end ? path.getTotalLength() : 0);
        return { ...each, text, made: vector("g", {}, text), spot };
      })
      .sort((a, b) => a.spot.y - b.spot.y); // from above, as the places at a card are tried
    tabs.append(...ended.map(({ made }) => made));
    // before any is placed, which would have the page laid out for each
    const widths = ended.map(({ text }) => text.getComputedTextLength() + 8);
    for (const [number, { spot, card, text, made }] of ended.entries()) {
      const wide = widths[number];
      const [x, y, w, h] = rectOf(card.at);
      const [right, far] = [spot.x > x + w / 2, x + w - wide + 4];
      // Between the words of its card and those of the next, or else beside it, over no word, at least not of
      // a card that is lit.
      const edges = (a) => [
        [a, y - 9],
        [a, y + h - 4.3],
        [a, y - 11],
        [a, y + h - 2],
      ];
      const places = [
        ...edges(right ? far : x - 4),
        [right ? spot.x + 6 : spot.x - wide - 6, spot.y - 6.5],
        ...edges(right ? x - 4 : far),
      ].map(([a, b]) => ({ x: Math.max(1, Math.min(a, width - wide - 1)), y: b, width: wide, height: 13 }));
      const free = (space) => places.find((each) => space.free(boxOf(each), made));
      const place = free(all) || free(taken);
      if (!place) {
        made.remove();
        continue;
      }
      for (const space of [taken, all]) space.take(boxOf(place), made);
      text.setAttribute("x", String(place.x + 4));
      text.setAttribute("y", String(place.y + 10));
      made.prepend(vector("rect", { ...place, rx: 3 }));
    }
  }

  function note() {
    // of all connections, how many are drawn
    const { edges } = app.seen();
    const counts = { rest: 0, long: 0 };
    for (const { at, edges: mine } of lines) {
      const how = at.classList.contains("rest") ? "rest" : "long";
      if (!at.classList.contains("off")) counts[how] += mine.filter(({ id }) => edges.has(id)).length;
    }
    put(
      byId("map-changes"),
      Array.isArray(app.state().year) &&
        Object.entries(CHANGES).map(([change, sign]) =>
          make(`span.${change}`, `${sign} ${texts.changes[change]} `),
        ),
    );
    byId("map-counts").textContent = fill(texts.map_counts, {
      rest: formatNumber(counts.rest),
      long: formatNumber(counts.long),
      inside: formatNumber(edges.size - counts.rest - counts.long),
    });
  }

  function choose(card) {
    if (card.form === "group" && card.things.length > doc.limits.whole)
      return app.openKind(model.node(card.things[0]).kind);
    const shown = card.things.filter((id) => app.seen().nodes.has(id));
    if (shown.length > 1 && (card.form === "group" || shown[0] !== card.things[0]))
      return open(card.at, shown);
    if (shown.length) app.select(model.node(shown[0]).iri);
  }
  function open(at, shown) {
    // a list at the card
    const list = byId("inside");
    const shut = () => list.hidePopover();
    put(list, make("ul", rows(shown, app.lit(hovered).things, shut)));
    list.ariaLabel = at.ariaLabel;
    list.showPopover();
    const { left, bottom } = at.querySelector("rect").getBoundingClientRect();
    Object.assign(list.style, {
      left: `${Math.min(left, innerWidth - list.offsetWidth - 8)}px`,
      top: `${Math.min(bottom + 3, innerHeight - list.offsetHeight - 8)}px`,
    });
    list.querySelector("button")?.focus();
  }
  const rows = (ids, light, then) =>
    ids
      .map(model.node)
      .sort((a, b) => Number(light.has(b.id)) - Number(light.has(a.id)) || byNumber(a, b))
      .map((node) => {
        // what is lit first
        const name = make("span", { dir: "auto" }, node.name);
        const look = { className: "thing", data: { node: node.iri } };
        const made = button([flags(doc, node), make("b", node.notation), name], look);
        made.classList.toggle("lit", light.has(node.id));
        made.classList.toggle("chosen", node.iri === app.selected());
        made.addEventListener("click", () => {
          app.select(node.iri);
          then();
        });
        return make("li", { className: `l${doc.kinds[node.kind].lane}` }, made);
      });
  const of = ({ target }) => {
    const card = cards.find(({ at }) => at === target.closest?.("[data-card]"));
    return card || lines.find(({ at }) => at === target.closest?.(".line")) || null;
  };

  function start() {
    // in any font
    for (const row of svg.querySelectorAll("tspan")) row.setAttribute("lengthAdjust", "spacingAndGlyphs");
    cards.forEach((card, number) => {
      const { at, things, form } = card;
      const node = things.length && form !== "group" ? model.node(things[0]) : null;
      card.name = node
        ? `${doc.kinds[node.kind].name}: ${[node.notation, node.name].filter(Boolean).join(" ")}`
        : [...at.querySelectorAll("tspan")].map(({ textContent }) => textContent).join(" ");
      at.prepend(vector("title", {}));
      at.classList.add("card"); // so that the order of classes does not depend on what is lit first
      const [x, y] = rectOf(at);
      at.append(vector("text", { class: "change", x: x + 10, y: y + 15.5 }));
      if (form === "frame" && !things.length) return;
      at.setAttribute("role", "button");
      if (form === "group" && things.length <= doc.limits.whole) at.setAttribute("aria-haspopup", "dialog");
      at.setAttribute("tabindex", number ? "-1" : "0");
    });
    for (const { at } of lines) {
      // thin lines are hard to point at
      at.append(vector("path", { class: "hit", d: at.querySelector("path").getAttribute("d") }));
      at.prepend(vector("title", {}));
    }
    svg.addEventListener("click", (event) => {
      const found = /** @type {any} */ (of(event));
      if (found?.edges)
        app.select(app.edgeKey(found.edges.find(({ id }) => app.seen().edges.has(id)) || found.edges[0]));
      else if (found && event.shiftKey && found.form === "card") app.pick([model.node(found.things[0]).iri]);
      else if (found) choose(found);
      else app.select("");
    });
    svg.addEventListener("dblclick", (event) => {
      const found = /** @type {any} */ (of(event));
      if (found?.form === "card") app.expand(model.node(found.things[0]).iri);
    });
    const point = (found) => {
      if (found === hovered) return;
      hovered = found;
      if (!app.selected() && !app.path()) update();
    };
    svg.addEventListener("pointerover", (event) => point(of(event)));
    svg.addEventListener("pointerleave", () => point(null));
    svg.addEventListener("keydown", walk);
    const scrolled = () => svg.isConnected && fixHeads();
    box.addEventListener("scroll", scrolled, { passive: true });
    new ResizeObserver(() => {
      resize();
      if (svg.isConnected && stacked() && app.mapped()) phone();
    }).observe(box);
    press(byId("map-below"), "button", ({ dataset }) => {
      if (svg.isConnected) toList(byKey.get(dataset.list));
    });
    resize();
  }

  // The arrow keys go to the nearest card in their direction.
  function walk(event) {
    const at = cards.find((card) => card.at === document.activeElement);
    if (!at) return;
    if (event.key === "Enter" || event.key === " ") {
      if (event.shiftKey && at.form === "card") app.pick([model.node(at.things[0]).iri]);
      else choose(at);
      event.preventDefault();
      return;
    }
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const middle = ({ at: card }) => {
      const { left, top, width: w, height: h } = card.querySelector("rect").getBoundingClientRect();
      return [left + w / 2, top + Math.min(h, 30) / 2];
    };
    const [x, y] = middle(at);
    let [best, least] = [null, Infinity];
    for (const card of cards) {
      if (card === at || !card.at.hasAttribute("tabindex") || card.at.classList.contains("off")) continue;
      const [a, b] = middle(card);
      const along = (a - x) * way[0] + (b - y) * way[1];
      const across = Math.abs((a - x) * way[1]) + Math.abs((b - y) * way[0]);
      if (along > 6 && along + 2 * across < least) [best, least] = [card, along + 2 * across];
    }
    if (!best) return;
    at.at.setAttribute("tabindex", "-1");
    best.at.setAttribute("tabindex", "0");
    best.at.focus();
  }

  const stacked = () => getComputedStyle(byId("lanes")).display !== "none";
  function phone() {
    // on a small screen, the lanes one below the other
    const list = byId("lanes");
    const { nodes } = app.seen();
    const light = app.lit(hovered);
    const open = new Set([...list.querySelectorAll("details[open]")].map((at) => at.dataset.lane));
    const now = [...light.things].join();
    const first = !list.childElementCount;
    anew(
      list,
      doc.lanes.map((lane, number) => {
        const inside = app.listed.filter((node) => nodes.has(node.id) && laneOf(doc, node) === number);
        const ids = inside.map(({ id }) => id);
        const kept = first ? number < 1 : open.has(String(number));
        const lights = now && now !== litBefore;
        return make(
          `details.l${lane.color}`,
          { data: { lane: number }, open: lights ? ids.some((id) => light.things.has(id)) : kept },
          make(
            "summary",
            lane.name || texts.other_things,
            make("span.count", formatNumber(inside.length)),
            make(
              "span.some",
              inside.slice(0, 9).map(({ name }) => make("span", { dir: "auto" }, name)),
            ),
          ),
          make("ul", rows(ids, light.things, app.toDetails)),
        );
      }),
    );
    litBefore = now;
    turned();
  }
  const turned = () =>
    (byId("lanes").querySelector(".chosen") || byId("lanes").querySelector(".lit"))?.scrollIntoView({
      block: "center",
    });

  return {
    svg,
    start,
    turned,
    frame(ids) {
      scale = ids ? 0 : 1 / Math.max(sizeOf().w, sizeOf().h);
      resize();
    },
    update() {
      update();
      if (stacked()) phone();
    },
    zoom(factor) {
      scale = (scale || svg.clientWidth / width) * factor;
      resize();
    },
    show(id) {
      home.get(id)?.at.scrollIntoView({ block: "nearest", inline: "nearest" });
    },
  };
}
