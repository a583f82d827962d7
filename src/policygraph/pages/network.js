// The page of one network: picture, list, filters and details stay in step. Text from the data becomes text
// nodes only; nothing is ever parsed as HTML.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { texts, kinds, bases } = data;
  const $ = (selector) => document.querySelector(selector);
  const $$ = (selector) => [...document.querySelectorAll(selector)];
  const nodes = new Map(data.nodes.map((node) => [node.id, node]));
  const edges = new Map(data.edges.map((edge) => [edge.id, edge]));
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const SOURCED = ["stated", "external"]; // what some document says in its own words
  const links = new Map(data.nodes.map((node) => [node.id, []]));
  for (const edge of data.edges) {
    links.get(edge.from).push(edge);
    if (edge.to !== edge.from) links.get(edge.to).push(edge);
  }
  document.documentElement.className = "js";
  $("#tables").open = false;

  // Words

  const count = (number, forms) => forms[number === 1 ? 0 : 1].replace("{n}", String(number));
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/æ/g, "ae").replace(/ø/g, "o");
  const sentence = (edge) => `${nodes.get(edge.from).name} — ${edge.relation} → ${nodes.get(edge.to).name}`;

  function element(name, properties = {}, ...children) {
    const made = document.createElement(name);
    const { data: dataset, ...others } = properties;
    Object.assign(made, others);
    Object.assign(made.dataset, dataset);
    made.append(...children);
    return made;
  }

  // State: what is hidden, and what is selected

  const off = { kinds: new Set(), bases: new Set() };
  let onlySources = false;
  let selected = null; // the id of a node or an edge
  let opener = null; // the button that takes the focus back when the details close
  const nodeShown = (node) => !off.kinds.has(node.kind);
  const sourced = (edge) => SOURCED.includes(bases[edge.basis].style);
  const kept = (edge) => !off.bases.has(edge.basis) && nodeShown(nodes.get(edge.from)) && nodeShown(nodes.get(edge.to));
  const edgeShown = (edge) => kept(edge) && (!onlySources || sourced(edge));

  // The picture

  const layered = data.nodes.length > 0 && new Set(data.nodes.map((node) => node.x)).size < data.nodes.length / 2;
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  let picture = null;
  let drawnNodes = null;
  let drawnEdges = null;
  let framed = []; // the nodes kept in view: all when empty; null once someone has zoomed or dragged

  function smooth(edge) {
    const bend = Math.ceil(edge.twin / 2) * 0.18;
    if (edge.twin) return { enabled: true, type: edge.twin % 2 ? "curvedCW" : "curvedCCW", roundness: bend };
    if (!layered) return { enabled: false };
    const column = nodes.get(edge.from).x === nodes.get(edge.to).x;
    return column ? { enabled: true, type: "curvedCW", roundness: 0.25 } : { enabled: true, type: "cubicBezier", forceDirection: "horizontal", roundness: 0.45 };
  }

  function neighbourhood() {
    const near = new Set();
    const lit = new Set();
    if (nodes.has(selected)) near.add(selected);
    for (const edge of edges.has(selected) ? [edges.get(selected)] : links.get(selected) || []) {
      if (edgeShown(edge)) lit.add(edge.id);
      if (edgeShown(edge) || edge.id === selected) near.add(edge.from).add(edge.to);
    }
    return { near, lit };
  }

  function look() {
    const page = color("page");
    const { near, lit } = neighbourhood();
    drawnNodes.update(data.nodes.map((node) => ({
      id: node.id,
      hidden: !nodeShown(node),
      opacity: !selected || near.has(node.id) ? 1 : 0.18,
      color: { background: kinds[node.kind].color, border: color("ink"), highlight: { background: kinds[node.kind].color, border: color("focus") } },
      font: { color: !selected || near.has(node.id) ? color("ink") : color("rule"), strokeColor: page, strokeWidth: 4 },
    })));
    drawnEdges.update(data.edges.map((edge) => {
      const tint = color(bases[edge.basis].style);
      return {
        id: edge.id,
        hidden: !edgeShown(edge),
        label: lit.has(edge.id) && lit.size <= 12 ? edge.relation : " ",
        color: { color: tint, highlight: tint, hover: tint, opacity: selected ? (lit.has(edge.id) ? 1 : 0.1) : data.edges.length > 120 ? 0.6 : 0.75 },
        font: { color: color("soft"), strokeColor: page, strokeWidth: 4, size: 13, align: "horizontal" },
      };
    }));
  }

  function draw() {
    drawnNodes = new vis.DataSet(data.nodes.map((node) => ({ ...node, title: `${node.name}\n${kinds[node.kind].name}` })));
    drawnEdges = new vis.DataSet(data.edges.map((edge) => ({ ...edge, smooth: smooth(edge), title: `${sentence(edge)}\n${bases[edge.basis].name}` })));
    picture = new vis.Network($("#canvas"), { nodes: drawnNodes, edges: drawnEdges }, {
      physics: { enabled: false, solver: "forceAtlas2Based", forceAtlas2Based: { gravitationalConstant: -120, springLength: 140, avoidOverlap: 0.5 } },
      layout: { improvedLayout: false, randomSeed: 1 },
      interaction: { hover: true, keyboard: { enabled: true, bindToWindow: false }, tooltipDelay: 250, multiselect: false },
      nodes: { size: 17, borderWidth: 1, borderWidthSelected: 4, widthConstraint: { maximum: 150 }, font: { size: 15, face: "Liberation Sans, Arial, sans-serif" } },
      edges: { arrows: { to: { scaleFactor: 0.55 } }, selectionWidth: 1.5, hoverWidth: 1, arrowStrikethrough: false },
    });
    look();
    picture.on("afterDrawing", letters);
    picture.once("afterDrawing", () => {
      frame(framed, false); // not before: the first drawing finds out how wide the labels are
      document.body.dataset.drawn = "yes";
    });
    picture.on("resize", () => requestAnimationFrame(() => frame(framed, false)));
    picture.on("zoom", () => { framed = null; });
    picture.on("dragStart", (event) => { if (!event.nodes.length) framed = null; });
    picture.on("click", (event) => {
      select(event.nodes[0] || event.edges[0] || null);
    });
  }

  // Colour and shape are not enough to tell twenty kinds apart: each node also carries its kind's letter.
  function letters(context) {
    const places = picture.getPositions();
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const node of data.nodes) {
      const { x, y } = places[node.id] || {};
      if (x === undefined || !nodeShown(node) || drawnNodes.get(node.id).opacity < 1) continue;
      const { shape, ink, letter } = kinds[node.kind];
      context.fillStyle = ink;
      context.font = `bold ${letter.length > 1 ? 12 : 15}px "Liberation Sans", Arial, sans-serif`;
      context.fillText(letter, x, y + (shape === "triangle" ? 5 : shape === "triangleDown" ? -4 : 1));
    }
  }

  const move = calm.matches ? false : { duration: 300, easingFunction: "easeInOutQuad" };
  function frame(ids, animation = move) {
    framed = ids;
    if (ids) picture.fit({ nodes: ids, animation, maxZoomLevel: 1.25 });
  }
  function zoom(factor) {
    framed = null;
    picture.moveTo({ scale: picture.getScale() * factor, animation: move });
  }

  // List, search and filters

  function refresh() {
    const shownNodes = data.nodes.filter(nodeShown).length;
    const shownEdges = data.edges.filter(edgeShown).length;
    const hiddenNodes = data.nodes.length - shownNodes;
    const hiddenEdges = data.edges.length - shownEdges;
    const hidden = [hiddenNodes && count(hiddenNodes, texts.things), hiddenEdges && count(hiddenEdges, texts.connections)].filter(Boolean);
    const rest = hidden.length ? ` · ${hidden.join(` ${texts.and} `)} ${texts.hidden}` : "";
    $("#status").textContent = `${count(shownNodes, texts.things)} ${texts.and} ${count(shownEdges, texts.connections)} ${texts.shown}${rest}`;
    $("#only-count").textContent = `(${texts.hides} ${count(data.edges.filter((edge) => kept(edge) && !sourced(edge)).length, texts.connections)})`;
    $("#only-sources").checked = onlySources;
    Object.assign(document.body.dataset, { nodes: shownNodes, edges: shownEdges, hiddenNodes, hiddenEdges });
    if (picture) look();
    details();
    remember();
  }

  function search() {
    const words = fold($("#search").value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of $$("#kinds li[data-kind]")) {
      let inGroup = 0;
      for (const item of group.querySelectorAll("ul > li")) {
        const node = nodes.get(item.firstElementChild.dataset.node);
        const name = fold(node.name);
        item.hidden = !words.every((word) => name.includes(word));
        if (!item.hidden) inGroup += 1;
      }
      group.hidden = words.length > 0 && inGroup === 0;
      unfold(group, words.length > 0);
      found += inGroup;
    }
    $("#bases").hidden = words.length > 0; // what is found stands right below the search
    $("#no-match").textContent = found ? (words.length ? count(found, texts.things) : "") : texts.no_match;
    document.body.dataset.found = found;
  }

  function unfold(group, open) {
    group.querySelector(".opener").setAttribute("aria-expanded", String(open));
    group.querySelector("ul").hidden = !open;
  }

  // Details

  function icon(kind) {
    const copy = document.querySelector(`#kinds li[data-kind="${kind}"] .icon`);
    return copy ? copy.cloneNode(true) : "";
  }
  const line = (basis) => document.querySelector(`#bases li[data-basis="${basis}"] .line`).cloneNode(true);
  const goto = (id, className = "go") => element("button", { type: "button", className, dir: "auto", data: { node: id } }, nodes.get(id).name);

  function value(text) {
    if (!/^https?:\/\/[^\s<>"]+$/.test(text)) return element("span", { dir: "auto" }, text);
    return element("a", { href: text, target: "_blank", rel: "noopener noreferrer" }, text);
  }

  function facts(pairs) {
    const list = element("dl");
    for (const [name, text] of pairs) {
      if (!text) continue;
      const lines = text.split("\n").filter((part) => part.trim());
      const content = lines.length > 1 || name === "passages" ? element("ul", {}, ...lines.map((part) => element("li", {}, value(part)))) : value(text);
      list.append(element("dt", { dir: "auto" }, texts[name] && typeof texts[name] === "string" ? texts[name] : name), element("dd", {}, content));
    }
    return list.childElementCount ? [list] : [];
  }

  function head(title) {
    return element("div", { className: "head" },
      element("h2", { tabIndex: -1, dir: "auto" }, title),
      element("button", { type: "button", id: "close" }, texts.close));
  }

  function nodeDetails(node) {
    const groups = new Map();
    const all = links.get(node.id);
    const shown = all.filter(edgeShown);
    for (const edge of shown) {
      const title = edge.from === node.id ? `${edge.relation} →` : `← ${edge.relation}`;
      groups.set(title, [...(groups.get(title) || []), edge]);
    }
    const parts = [...groups].sort(([a], [b]) => a.startsWith("←") - b.startsWith("←") || a.localeCompare(b)).flatMap(([title, group]) => [
      element("h3", { dir: "auto" }, `${title} (${group.length})`),
      element("ul", { className: "links" }, ...group.map((edge) => element("li", {},
        goto(edge.from === node.id ? edge.to : edge.from),
        element("button", { type: "button", className: "why", title: texts.why, ariaLabel: `${texts.why} ${bases[edge.basis].name}: ${sentence(edge)}`, data: { edge: edge.id } }, line(edge.basis), bases[edge.basis].name)))),
    ]);
    const hidden = all.length - shown.length;
    return [
      head(node.name),
      element("p", { className: "kind" }, icon(node.kind), kinds[node.kind].name),
      ...(node.description ? [element("p", { dir: "auto" }, node.description)] : []),
      ...(all.length ? [] : [element("p", { className: "hint" }, texts.no_connections)]),
      ...parts,
      ...(hidden ? [element("p", { className: "hint" }, `${count(hidden, texts.connections)} ${texts.hidden_here}.`)] : []),
      ...facts(Object.entries(node.facts)),
      element("p", {}, element("code", {}, node.iri)),
    ];
  }

  function edgeDetails(edge) {
    const { strength, rationale, passages, document: source, curator, claim, ...others } = edge.facts;
    const basis = bases[edge.basis];
    return [
      head(texts.why),
      element("div", { className: "ends" }, goto(edge.from), element("p", { dir: "auto" }, `${edge.relation} →`), goto(edge.to)),
      element("p", { className: "kind" }, line(edge.basis), element("strong", {}, basis.name), strength ? ` · ${texts.strength.toLowerCase()}: ${strength}` : ""),
      ...(basis.meaning ? [element("p", { className: "hint" }, basis.meaning)] : []),
      ...(edgeShown(edge) ? [] : [element("p", { className: "hint" }, `${count(1, texts.connections)} ${texts.hidden_here}.`)]),
      ...facts([...Object.entries({ rationale, passages, document: source, curator }), ...Object.entries(others), ["claim", claim]]),
    ];
  }

  function details() {
    const pane = $("#details");
    pane.hidden = !selected;
    pane.replaceChildren(...(!selected ? [] : nodes.has(selected) ? nodeDetails(nodes.get(selected)) : edgeDetails(edges.get(selected))));
    $("#hint").hidden = Boolean(selected);
    for (const button of $$("nav .thing")) button.setAttribute("aria-current", String(button.dataset.node === selected));
  }

  function select(id, { focus = false, center = false } = {}) {
    selected = id;
    refresh();
    if (picture) {
      picture.setSelection({ nodes: nodes.has(id) ? [id] : [], edges: edges.has(id) ? [id] : [] }, { highlightEdges: false });
      picture.redraw(); // takes in the width that the details leave
      if (center && id) frame([...neighbourhood().near]);
      else if (!id && framed) frame([]);
    }
    if (focus && id) $("#details h2").focus();
  }

  // The address: a link to this page can name the thing or claim selected and whether only sources are shown.

  function remember() {
    const state = new URLSearchParams();
    if (nodes.has(selected)) state.set("thing", nodes.get(selected).iri);
    if (edges.has(selected) && edges.get(selected).facts.claim) state.set("claim", edges.get(selected).facts.claim);
    if (onlySources) state.set("only", "sources");
    if (`#${state}` !== (location.hash || "#")) history.replaceState(null, "", `#${state}`);
  }

  function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    onlySources = state.get("only") === "sources";
    $("#search").value = state.get("search") || "";
    const found = data.nodes.find(({ iri }) => iri === state.get("thing"))
      || data.edges.find(({ facts: { claim } }) => claim && claim === state.get("claim"));
    search();
    select(found ? found.id : null, { center: true });
  }

  // Events

  $("#search").addEventListener("input", search);
  $("#search").addEventListener("keydown", (event) => {
    const first = $$("nav .thing").find((button) => button.offsetParent);
    if (event.key === "Enter" && first) first.click();
    if (event.key === "ArrowDown" && first) first.focus(), event.preventDefault();
  });
  $("#kinds").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches(".thing")) return;
    const open = $$("nav .thing").filter((button) => button.offsetParent);
    (open[open.indexOf(event.target) + step] || $("#search")).focus();
    event.preventDefault();
  });
  $("nav").addEventListener("change", ({ target }) => {
    const item = target.closest("li");
    if (!item) return;
    const [set, key] = "kind" in item.dataset ? [off.kinds, item.dataset.kind] : [off.bases, item.dataset.basis];
    set[target.checked ? "delete" : "add"](Number(key));
    refresh();
  });
  $("#only-sources").addEventListener("change", ({ target }) => { onlySources = target.checked; refresh(); });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if (button.matches(".opener")) unfold(button.closest("li"), button.getAttribute("aria-expanded") !== "true");
    if (button.id === "close") close();
    const id = button.dataset.node || button.dataset.edge;
    if (!id) return;
    if (button.closest("nav")) opener = button;
    select(id, { focus: true, center: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && selected && event.target.id !== "search") close();
  });
  function close() {
    select(null);
    if (opener && opener.offsetParent) opener.focus();
    else $("#search").focus({ preventScroll: true });
  }
  window.addEventListener("hashchange", recall);
  dark.addEventListener("change", () => picture && look());
  if (data.nodes.length) {
    draw();
    $("#fit").addEventListener("click", () => frame([]));
    $("#zoom-in").addEventListener("click", () => zoom(1.3));
    $("#zoom-out").addEventListener("click", () => zoom(1 / 1.3));
    $("#move").addEventListener("click", ({ currentTarget: button }) => {
      const moving = button.getAttribute("aria-pressed") !== "true";
      if (calm.matches) return picture.stabilize(200); // the result without the motion
      picture.setOptions({ physics: { enabled: moving } });
      button.setAttribute("aria-pressed", String(moving));
      button.textContent = moving ? texts.hold : texts.move;
    });
  }
  recall();
})();
