// The picture, drawn by vis-network at given positions; edges are faint until something is selected.
import { byId, fill, formatNumber, make, theme } from "./dom.js";
import { kindItems, nodeItems } from "./items.js";
import { labelSpace, writeNames } from "./labels.js";
import { fitView, spacing } from "./layout.js";
import { drawShape } from "./shapes.js";

const FACE = '"Liberation Sans", Arial, sans-serif';
// of more things than this, so many are named before all others are drawn round
const [CROWD, NAMED] = [60, 40];
const SPACED = 25; // pixels between two things on the average, at least
const MANY = 900; // with more edges, they are straight, and hidden while dragging

/** @param {App} app */
export function canvas(app) {
  const { doc, model, texts } = app;
  const box = byId("canvas");
  const sets = { nodes: new vis.DataSet(), edges: new vis.DataSet() };
  const last = { nodes: new Map(), edges: new Map() }; // what vis-network has, to update only what changes
  const cache = new Map();
  const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  let picture = null;
  let items = new Map(); // all items drawn, by id: nodes, or kinds
  let drawn = []; // ids of all edges drawn
  let places = new Map();
  let hovered = null;
  let framed = "all"; // what is kept in view: all, some ("part"), or nothing after zooming or dragging ("")
  const colors = {};
  let order = [];
  let grouped = false;
  let star = false; // a thing with all others beside it
  let tall = 0; // pixels of a star, or of kinds, that are higher than their window, which scrolls

  const size = () => ({ width: box.clientWidth || 800, height: box.clientHeight || 600 });

  function sync(name, wanted) {
    const fresh = new Map(wanted.map((item) => [item.id, item]));
    const gone = [...last[name].keys()].filter((id) => !fresh.has(id));
    const sent = new Map();
    const changed = [];
    for (const [id, item] of fresh) {
      const text = JSON.stringify(item);
      sent.set(id, text);
      if (last[name].get(id) !== text)
        changed.push(name === "nodes" ? { ...item, ctxRenderer: renderer } : item);
    }
    if (gone.length) sets[name].remove(gone);
    if (changed.length) sets[name].update(changed);
    last[name] = sent;
  }

  // What is highlighted: the node or edge that is selected or pointed at, and what touches it.
  function findHighlight() {
    const { things, edges } = app.lit();
    const { node, edge } = app.target();
    const holding = [...items.values()].filter(({ holds }) => holds);
    const holder = (id) => holding.find(({ holds }) => holds.has(id))?.id ?? id;
    const [lit, near] = [new Set(edges), new Set([...things].map(holder))];
    const isOwn = ({ from, to }) =>
      edge ? near.has(from) && near.has(to) : node && [from, to].includes(holder(node.id));
    for (const { id, from, to } of grouped && !app.path() ? drawn.filter(isOwn) : []) {
      lit.add(id);
      near.add(from).add(to);
    }
    // that is what it shows
    if (node && app.picture() === "around") for (const id of items.keys()) near.add(id);
    const active = [...near].some((id) => items.has(id)) && near.size < items.size;
    const touching = hovered ? drawn.filter(({ id, from, to }) => [id, from, to].includes(hovered)) : [];
    return { lit, near, active, pointed: new Set(touching.map(({ id }) => id)) };
  }
  let highlight = { lit: new Set(), near: new Set(), active: false, pointed: new Set() };

  function edgeStyle(each) {
    const { lit, active, pointed } = highlight;
    const bright = lit.has(each.id) || pointed.has(each.id);
    const tint = bright ? colors.ink : colors.edge;
    const quiet = grouped ? 0.18 : drawn.length > 400 ? 0.4 : 1;
    // dashes and arrows take most of the time, and cannot be seen among many
    const many = drawn.length > MANY && !bright && !each.plain;
    const dashes = many || each.plain ? [] : doc.bases[each.edge.basis].dashes;
    const own = doc.strengths[each.edge?.strength]?.width || doc.defaults.width;
    const width = each.width || (own * (bright ? 0.85 : 0.6)) / Math.min(1.6, Math.max(0.2, zoomed));
    return {
      id: each.id,
      from: each.from,
      to: each.to,
      dashes: dashes.length ? dashes.map((each) => (each * width) / 2) : false,
      width,
      arrows: doc.directed === false || many ? "" : "to",
      color: {
        color: tint,
        highlight: tint,
        hover: tint,
        opacity: bright ? 1 : active ? 0.09 : lit.size ? 0.35 : quiet,
      },
      smooth: smooth(each),
    };
  }
  let zoomed = 1;
  let drawnAt = 1; // the scale for which the edges' widths were computed
  let rescaleTimer = 0;
  let moving = false;
  let apart = 200;

  function smooth(each) {
    const bent = (type, roundness) => ({ enabled: true, type, roundness });
    const { twin } = each.edge ?? {};
    if (grouped && each.from !== each.to)
      return bent("curvedCW", places.get(each.from)[0] === places.get(each.to)[0] ? 0.35 : 0.1);
    if (drawn.length > MANY || !twin) return { enabled: false };
    return bent(twin % 2 ? "curvedCW" : "curvedCCW", Math.ceil(twin / 2) * 0.18);
  }

  // Nodes, never smaller than their letter can be read

  const least = () => Math.max(3.5, Math.min(13, 0.22 * apart * zoomed));
  const radius = ({ size: own, scale = 1 }) => own || Math.max(12, least() / zoomed) * scale;

  function renderer({ ctx, id, x, y, state: { selected, hover } }) {
    const item = items.get(id);
    if (!item) return { drawNode() {}, nodeDimensions: { width: 10, height: 10 } };
    const r = radius(item);
    const chosen =
      selected ||
      hover ||
      id === app.nodeOf(app.state().selected)?.id ||
      app.state().picked.includes(model.node(id)?.iri);
    const faint = highlight.active && !highlight.near.has(id) && id !== hovered;
    return {
      drawNode: () =>
        drawShape(ctx, item, { x, y, r, scale: zoomed, chosen, faint, pinned: app.isPinned(id), colors }),
      nodeDimensions: { width: 2 * r, height: 2 * r },
    };
  }

  // Labels, over everything and in pixels of the screen
  function names(context) {
    if (moving && items.size > 400) return;
    const scale = picture.getScale();
    const ratio = context.canvas.width / context.canvas.clientWidth;
    const middle = picture.getViewPosition();
    const { clientWidth: width, clientHeight: height } = context.canvas;
    const screen = (x, y) => [(x - middle.x) * scale + width / 2, (y - middle.y) * scale + height / 2];
    context.save();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const taken = labelSpace();
    const all = [];
    for (const item of order) {
      const { x, y } = picture.body.nodes[item.id] || {};
      if (x === undefined) continue;
      const [left, top] = screen(x, y);
      if (left < -90 || top < -60 || left > width + 90 || top > height + 60) continue;
      const r = radius(item) * scale;
      const bright = item.id === hovered || highlight.near.has(item.id);
      all.push({
        id: item.id,
        name: item.name,
        x: left,
        y: top,
        r: r * 1.08,
        bright,
        forced: item.id === hovered || item.id === app.nodeOf(app.state().selected)?.id,
        side: item.side,
        room: item.room,
        faint: highlight.active && !bright,
      });
    }
    all.sort((a, b) => b.forced - a.forced || b.bright - a.bright);
    const write = (some) =>
      writeNames(context, some, taken, { scale, colors, face: FACE, cache, box: { width, height } });
    const bright = all.filter((each) => each.bright || each.forced);
    const rest = all.filter((each) => !bright.includes(each));
    const occupy = (some) => {
      for (const { id, x, y, r } of some) taken.take([x - r, y - r, x + r, y + r], id);
    };
    occupy(bright); // label what is highlighted first
    const largest = rest.splice(0, !highlight.active && rest.length > CROWD ? NAMED : 0);
    occupy(largest);
    write(largest); // over smaller ones
    if (!highlight.active) occupy(rest);
    write(bright);
    if (grouped) write(rest.splice(0));
    edgeNames(context, screen, taken);
    if (highlight.active) occupy(rest);
    write(rest);
    context.restore();
  }

  function edgeNames(context, screen, taken) {
    const named = drawn.filter(
      ({ id }) => highlight.pointed.has(id) || highlight.lit.has(id) || (grouped && drawn.length < 60),
    );
    if (named.length > 24 && !grouped) return;
    context.font = `italic 11.5px ${FACE}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 4;
    for (const each of named) {
      const text = each.text ?? doc.relations[each.edge.relation].name;
      const line = picture.body.edges[each.id]?.edgeType; // none while others take its place
      if (!text || !line) continue;
      const half = context.measureText(text).width / 2 + 2;
      const spot = [0.5, 0.38, 0.62, 0.28, 0.72]
        .map((part) => {
          const { x, y } = line.getPoint(part);
          return screen(x, y);
        })
        .find(([x, y]) => taken.free([x - half, y - 8, x + half, y + 8], each.id));
      if (!spot) continue;
      taken.take([spot[0] - half, spot[1] - 8, spot[0] + half, spot[1] + 8], each.id);
      context.strokeStyle = colors.page;
      context.fillStyle = colors.ink;
      context.strokeText(text, ...spot);
      context.fillText(text, ...spot);
    }
  }

  // The view

  function frame(ids = null) {
    if (!picture) return;
    framed = ids === null ? "all" : "part";
    const { x, y, scale } = fitted(ids);
    picture.moveTo({ position: { x, y }, scale, animation: false });
    if (tall) box.scrollTop = star ? (tall - box.clientHeight) / 2 : 0;
    updateScale();
  }
  // The view of all or some; of too many to read at once, of the middle, and the rest is reached by dragging.
  function fitted(ids = null) {
    if (!ids && star) return { x: 0, y: 0, scale: 1 };
    const { width, height } = size();
    const at = [...(ids || items.keys())].filter((id) => places.has(id)).map((id) => places.get(id));
    const lowest = Math.max(0, ...at.map(([, y]) => y));
    if (!ids && grouped)
      return { x: width / 2 - 24, y: Math.min((tall || height) - 90, lowest) / 2, scale: 1 };
    const fit = fitView(at, { width, height });
    const least = Math.min(1.35, SPACED / apart);
    const [x, y] = places.get(app.nodeOf(app.state().selected)?.id) ?? [fit.x, fit.y];
    return ids || fit.scale >= least ? fit : { x, y, scale: least };
  }
  // Keep the width of edges on the screen, whatever the scale.
  function updateScale() {
    zoomed = picture.getScale();
    clearTimeout(rescaleTimer);
    rescaleTimer = setTimeout(() => {
      if (Math.abs(zoomed / drawnAt - 1) > 0.15) restyleEdges();
    }, 60);
  }

  function tint() {
    const names = "page panel ink soft rule focus edge lane0 lane1 lane2 lane3 lane4 lane5".split(" ");
    for (const name of [...names, ...doc.bases.map(({ key: of }) => of)]) colors[name] = theme(name);
    cache.clear();
  }

  function restyleEdges() {
    highlight = findHighlight();
    drawnAt = zoomed;
    sync("edges", drawn.map(edgeStyle));
  }

  // What sizes and colours say, and over what they are computed.
  function key() {
    const { size: sized, tint } = app.state();
    const tinted = grouped ? "lane" : tint;
    const used = [...items.values()].map(({ tint: name, kind }) => name || (kind && `lane${kind.lane}`));
    const size = grouped || star ? "" : sized || "equal";
    for (const at of byId("canvas-key").children) {
      const { of, color } = at.dataset;
      at.hidden = color ? of !== tinted || !used.includes(color) : ![tinted, size].includes(of);
    }
  }

  function arranged() {
    const { nodes, edges } = app.pictured();
    return (app.grouped() ? kindItems : nodeItems)(app, nodes, edges, size());
  }
  let before = "";
  function update() {
    grouped = app.grouped();
    ({ items, drawn, places } = arranged());
    star = !grouped && [...items.values()].some(({ side }) => side);
    byId("canvas-foot").firstElementChild.hidden = grouped || star; // sizes say nothing
    const { picture: chosen } = app.state();
    const [middle] = [...places].find(([, [x, y]]) => !x && !y) || [];
    key();
    order = [...items.values()].sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1));
    apart = spacing([...places.values()]);
    const far = Math.max(0, ...[...places.values()].map(([, y]) => Math.abs(y)));
    const high = star ? 2 * far + 80 : grouped ? far + 90 : 0;
    tall = high > size().height ? high : 0;
    box.classList.toggle("tall", tall > 0);
    const view = fitted();
    const isOut = ([x, y]) =>
      Math.abs(x - view.x) * view.scale > size().width / 2 ||
      Math.abs(y - view.y) * view.scale > size().height / 2;
    const out = !tall && [...places.values()].some(isOut);
    const told = byId("canvas-note");
    told.textContent = [
      grouped && chosen !== "groups" && fill(texts.crowded, { n: formatNumber(app.pictured().nodes.size) }),
      grouped && texts.grouped_note,
      !grouped &&
        chosen === "around" &&
        middle &&
        fill(texts.middle, { name: items.get(middle).name, n: formatNumber(places.size - 1) }),
      !grouped && !star && items.size > CROWD && texts.nameless,
      tall ? texts.scroll : out && texts.drag,
    ]
      .filter(Boolean)
      .join(" ");
    const now = [...items.keys()].join();
    highlight = findHighlight();
    const wanted = order.map(({ id }) => {
      const [x, y] = places.get(id);
      return { id, x, y, shape: "custom", label: undefined };
    });
    const fit = now !== before && (framed === "all" || !picture);
    if (fit && items.size) zoomed = view.scale;
    // remove edges before their nodes, and add them after
    sync("edges", drawn.filter(({ id }) => last.edges.has(id)).map(edgeStyle));
    sync("nodes", wanted);
    sync("edges", drawn.map(edgeStyle));
    drawnAt = zoomed;
    before = now;
    if (picture) {
      picture.setSize("100%", tall ? `${tall}px` : "100%");
      if (fit) frame();
      show();
      picture.redraw();
    }
    byId("canvas-empty").hidden = items.size > 0;
  }

  // Scroll what is selected into view.
  function show() {
    const target = app.nodeOf(app.state().selected)?.id;
    if (!places.has(target) || tall) return;
    const { width, height } = size();
    const [x, y] = places.get(target);
    const spot = picture.canvasToDOM({ x, y });
    const animation = !reducedMotion.matches && { duration: 250, easingFunction: "easeInOutQuad" };
    if (spot.x < 40 || spot.y < 40 || spot.x > width - 40 || spot.y > height - 60)
      picture.moveTo({ position: { x, y }, animation });
  }

  function start() {
    // when it is first looked at
    if (picture) return;
    tint();
    update();
    picture = new vis.Network(
      box,
      { nodes: sets.nodes, edges: sets.edges },
      {
        physics: { enabled: false },
        layout: { improvedLayout: false, randomSeed: 1 },
        autoResize: true,
        interaction: {
          hover: true,
          keyboard: { enabled: true, bindToWindow: false },
          multiselect: false,
          selectConnectedEdges: false,
          hoverConnectedEdges: false,
          hideEdgesOnDrag: doc.edges.length > MANY,
          hideEdgesOnZoom: doc.edges.length > MANY,
        },
        nodes: { chosen: false },
        edges: {
          arrows: { to: { scaleFactor: 0.5 } },
          selectionWidth: 0,
          hoverWidth: 0,
          arrowStrikethrough: false,
          chosen: false,
        },
      },
    );
    Object.assign(box.firstElementChild, { role: "application", ariaLabel: texts.picture_label });
    picture.on("beforeDrawing", () => {
      zoomed = picture.getScale();
    });
    picture.on("afterDrawing", names);
    frame();
    picture.once("afterDrawing", () => {
      document.body.dataset.drawn = "yes";
    });
    if (!box.clientWidth) document.body.dataset.drawn = "yes"; // on a small screen the outline comes first
    picture.on("resize", () =>
      requestAnimationFrame(() => {
        if (framed === "all" && box.clientWidth) {
          before = "";
          update();
        }
      }),
    );
    picture.on("zoom", () => {
      framed = "";
      updateScale();
    });
    picture.on("dragStart", ({ nodes }) => {
      moving = true;
      if (!nodes.length) framed = "";
    });
    picture.on("dragEnd", ({ nodes }) => {
      moving = false;
      if (nodes.length) keep(nodes);
    });
    const point = (at) => {
      hovered = at;
      box.classList.toggle("pointing", at !== null);
      restyleEdges();
    };
    picture.on("hoverNode", ({ node }) => point(node));
    picture.on("hoverEdge", ({ edge }) => point(edge));
    for (const name of ["blurNode", "blurEdge"]) picture.on(name, () => point(null));
    picture.on("click", ({ nodes, edges }) => {
      const item = items.get(nodes[0]);
      const edge = drawn.find(({ id }) => id === edges[0]);
      if (item?.ofKind !== undefined) app.openKind(item.ofKind);
      else if (item) app.select(model.node(item.id).iri);
      else if (edge?.edge) app.select(app.edgeKey(edge.edge));
      else app.select("");
    });
    picture.on("doubleClick", ({ nodes }) => {
      const item = items.get(nodes[0]);
      if (!item) return;
      if (item.ofKind !== undefined) app.showKind(item.ofKind);
      else app.expand(model.node(item.id).iri);
    });
  }

  // With Shift, a rectangle is drawn, and adds the things in it to those that are picked; a click adds one,
  // or takes it away.
  function select(down) {
    if (!down.shiftKey || down.button) return;
    down.stopPropagation(); // so that the picture is not dragged
    down.preventDefault();
    const { left, top } = box.getBoundingClientRect();
    const [x, y] = [down.clientX - left, down.clientY - top + box.scrollTop];
    const shape = box.appendChild(make("div.rectangle"));
    let [to, far] = [[x, y], false];
    const range = (...ends) => [Math.min(...ends), Math.max(...ends)];
    const sides = () => [...range(x, to[0]), ...range(y, to[1])];
    const ended = new AbortController();
    window.addEventListener(
      "pointermove",
      (event) => {
        to = [event.clientX - left, event.clientY - top + box.scrollTop];
        far ||= Math.hypot(to[0] - x, to[1] - y) > 4;
        const [from, until, above, below] = sides();
        const place = { left: from, top: above, width: until - from, height: below - above };
        for (const [name, pixels] of Object.entries(place)) shape.style[name] = `${pixels}px`;
      },
      ended,
    );
    window.addEventListener(
      "pointerup",
      () => {
        ended.abort();
        shape.remove();
        const [from, until, above, below] = sides();
        const within = (id) => {
          const at = picture.canvasToDOM(picture.getPositions([id])[id]);
          return from <= at.x && at.x <= until && above <= at.y && at.y <= below;
        };
        const found = far ? [...items.keys()].filter(within) : [picture.getNodeAt({ x, y })];
        const things = found
          .flatMap((id) => [...(items.get(id)?.holds ?? [id])])
          .map((id) => model.node(id)?.iri)
          .filter(Boolean);
        if (things.length) app.pick(things, far);
      },
      ended,
    );
  }
  box.addEventListener("pointerdown", select, true);
  box.addEventListener("wheel", (event) => tall && event.stopPropagation(), true); // scrolls, and does not zoom

  function keep(ids) {
    const found = Object.entries(picture.getPositions(ids)).filter(([id]) => model.node(id));
    app.move(Object.fromEntries(found.map(([id, { x, y }]) => [model.node(id).iri, [x, y]])));
  }

  return {
    start,
    update,
    restyleEdges,
    frame,
    turned() {
      if (framed && picture) requestAnimationFrame(() => frame(app.path()?.nodes));
    }, // after a change of views
    positions() {
      if (picture) return picture.getPositions();
      return Object.fromEntries([...arranged().places].map(([id, [x, y]]) => [id, { x, y }]));
    },
    zoom(factor) {
      framed = "";
      picture.moveTo({ scale: picture.getScale() * factor, animation: false });
      updateScale();
    },
    tint() {
      if (!picture) return;
      tint();
      last.edges.clear();
      update();
      picture.redraw();
    },
    picture: () => picture,
  };
}
