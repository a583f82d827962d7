// What a tab shows, as SVG that stands alone: its boxes, words and lines where the browser has laid them out,
// with a caption.
import { byId, fill, formatNumber, theme } from "./dom.js";
import { clean, datasetsOf, escaped, mark, xml } from "./export.js";
import { linesOf } from "./labels.js";

const DRAWN = "rx fill fill-opacity stroke stroke-width stroke-dasharray stroke-opacity visibility";
const INHERITED = `${DRAWN} paint-order stroke-linejoin font-size font-weight font-style text-anchor`.split(
  " ",
);
const FAMILY = "'Liberation Sans', Arial, Helvetica, sans-serif";
const EDGE = 24; // pixels around
const SIGN = 14; // pixels of a line of the legend and the source
let brush; // a canvas to measure and to mix colours on

function paint() {
  brush ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  return brush;
}

// A colour of the style sheet as other programs know it: {fill, opacity}, or null if it cannot be seen.
const colors = new Map();
function colorOf(value) {
  if (!colors.has(value)) {
    const context = paint();
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = value;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    colors.set(
      value,
      alpha ? { fill: `rgb(${red},${green},${blue})`, "fill-opacity": (alpha / 255).toFixed(2) } : null,
    );
  }
  return colors.get(value);
}

// An SVG of the page with the looks that the style sheet gives it.
function standalone(svg, attributes = {}) {
  const copy = svg.cloneNode(true);
  // where one had scrolled to
  for (const at of copy.querySelectorAll(".heads > g")) at.removeAttribute("transform");
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((at, number) => {
    const look = getComputedStyle(originals[number]);
    const above = number ? getComputedStyle(originals[number].parentElement) : null;
    if ((look.display === "none" && at.tagName !== "title") || at.matches(".hit"))
      at.setAttribute("data-gone", "");
    for (const name of INHERITED) {
      const value = look.getPropertyValue(name);
      if (value !== above?.getPropertyValue(name)) at.setAttribute(name, value);
    }
    if (look.opacity !== "1") at.setAttribute("opacity", look.opacity);
    for (const { name } of [...at.attributes])
      if (/^(data-(?!gone)|aria-|role$|tabindex$|class$|id$)/.test(name)) at.removeAttribute(name);
  });
  for (const at of copy.querySelectorAll("[data-gone]")) at.remove();
  for (const [name, value] of Object.entries(attributes)) copy.setAttribute(name, String(value));
  return new XMLSerializer().serializeToString(copy);
}

// An element of the page and all in it: {markup, width, height}.
function laidOut(root) {
  const zero = root.getBoundingClientRect();
  const parts = [];
  const most = { width: 0, height: 0 };
  // Where a box of the screen is, or what is so far inside of it.
  const at = (box, by = 0) => {
    const [x, y] = [box.left - zero.left + root.scrollLeft + by, box.top - zero.top + root.scrollTop + by];
    const [width, height] = [box.width, box.height].map((side) => Math.max(0, side - 2 * by));
    most.width = Math.max(most.width, x + width);
    most.height = Math.max(most.height, y + height);
    return { x: x.toFixed(1), y: y.toFixed(1), width: width.toFixed(1), height: height.toFixed(1) };
  };
  const dashes = { dashed: "5 3.5", dotted: "1.5 3" };

  function box(look, bounds) {
    const place = at(bounds);
    const ground = colorOf(look.backgroundColor);
    if (look.transform !== "none" && ground) {
      // a square on its tip
      const [x, y, half] = [Number(place.x), Number(place.y), bounds.width / 2];
      const points = `${x + half},${y} ${x + 2 * half},${y + half} ${x + half},${y + 2 * half} ${x},${y + half}`;
      parts.push(xml("polygon", { points, ...ground, stroke: "#1a1a1a" }));
      return;
    }
    const rx = Number.parseFloat(look.borderTopLeftRadius) || 0;
    const opacity = look.opacity === "1" ? {} : { opacity: look.opacity };
    if (ground) parts.push(xml("rect", { ...place, rx, ...ground, ...opacity }));
    const frame = (width, style, color, name, shape) => {
      const line = colorOf(color);
      if (!width || style === "none" || !line) return;
      const dash = dashes[style] ? { "stroke-dasharray": dashes[style] } : {};
      parts.push(xml(name, { ...shape, fill: "none", stroke: line.fill, "stroke-width": width, ...dash }));
    };
    const within = (by) => ({ ...at(bounds, by), rx });
    const [across, down] = [`h${bounds.width}`, `v${bounds.height}`];
    const moves = {
      Top: across,
      Right: `m${bounds.width} 0${down}`,
      Bottom: `m0 ${bounds.height}${across}`,
      Left: down,
    };
    const sides = Object.entries(moves).map(([side, move]) => [
      Number.parseFloat(look[`border${side}Width`]),
      look[`border${side}Style`],
      look[`border${side}Color`],
      `M${place.x} ${place.y}${move}`,
    ]);
    const [[width, style, color]] = sides;
    if (sides.every((side) => side.slice(0, 3).join() === [width, style, color].join()))
      frame(width, style, color, "rect", within(width / 2));
    else for (const [thick, how, tint, d] of sides) frame(thick, how, tint, "path", { d });
    const offset = Number.parseFloat(look.outlineOffset) || 0;
    const thick = Number.parseFloat(look.outlineWidth);
    // a frame inside; outside it is the focus
    if (offset < 0) frame(thick, look.outlineStyle, look.outlineColor, "rect", within(thick / 2 - offset));
  }

  function write(text, bounds, look) {
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = measured(text, look);
    const { x, y, width } = at(bounds);
    const base = (Number(y) + (bounds.height * up) / (up + down)).toFixed(1);
    const right = { direction: "rtl", x: (Number(x) + Number(width)).toFixed(1) };
    parts.push(
      words(text, {
        x,
        y: base,
        "font-size": look.fontSize,
        "font-weight": look.fontWeight,
        "font-style": look.fontStyle,
        textLength: width,
        lengthAdjust: "spacingAndGlyphs",
        ...(look.direction === "rtl" ? right : {}),
        ...colorOf(look.color),
      }),
    );
  }

  function paragraph(node, look) {
    // a line for each line of the page
    const range = document.createRange();
    const lines = [];
    const add = (from, to) => {
      range.setStart(node, from);
      range.setEnd(node, to);
      const [one, ...more] = range.getClientRects();
      if (!one) return;
      if (more.length && to - from > 1) {
        for (let place = from; place < to; place += 1) add(place, place + 1);
        return;
      } // a word on two lines
      const last = lines.at(-1);
      if (last && Math.abs(last.top - one.top) < 3) {
        // the next word of a line is on either side of it, as its letters run
        const [left, right] = [Math.min(last.left, one.left), Math.max(last.right, one.right)];
        Object.assign(last, { to, left, right });
      } else lines.push({ from, to, left: one.left, right: one.right, top: one.top, height: one.height });
    };
    for (const { index, 0: word } of node.data.matchAll(/\S+/g)) add(index, index + word.length);
    for (const { from, to, left, right, top, height } of lines)
      write(
        node.data
          .slice(from, to)
          .replace(/\s+/g, " ")
          .replace(/\u00ad$/, "-")
          .replaceAll("\u00ad", ""),
        { left, top, height, width: right - left },
        look,
      );
  }

  function walk(element) {
    const look = getComputedStyle(element);
    const bounds = element.getBoundingClientRect();
    if (
      look.display === "none" ||
      look.visibility === "hidden" ||
      element.matches(".unseen, .asks, .skip-marks, .sort") ||
      (element.control?.matches("input") && !element.control.value) ||
      (element.tagName === "BUTTON" && element.closest(".picks, form, #cell > button"))
    )
      return;
    if (element.tagName === "svg") {
      parts.push(standalone(element, { ...at(bounds), overflow: "visible" }));
      return;
    }
    if (element.matches("select, input")) {
      // what is chosen, without its field
      if (element.parentElement.matches(".field")) return; // that stands before it
      const text = element.selectedOptions ? element.selectedOptions[0]?.text : element.value;
      const size = Number.parseFloat(look.fontSize);
      const height = 1.15 * size;
      const [left, top] = [bounds.left + 10, bounds.top + (bounds.height - height) / 2];
      const width = Math.min(bounds.width - 20, measured(text || "", look).width);
      if (text) write(text, { left, top, height, width }, look);
      return;
    }
    if (element !== root) box(look, bounds);
    const mark = getComputedStyle(element, "::after"); // the dot in a corner
    const [across, over, size] = [mark.right, mark.top, mark.width].map(Number.parseFloat);
    if (mark.borderRadius === "50%" && mark.position === "absolute") {
      const [left, top] = [bounds.right - across - size - 2, bounds.top + over + 2];
      const { x, y } = at({ left, top, width: 0, height: 0 });
      parts.push(xml("circle", { cx: x, cy: y, r: 2, ...colorOf(mark.color) }));
    }
    for (const child of element.childNodes) {
      if (element.matches("details:not([open])") && child.tagName !== "SUMMARY") continue;
      if (child.nodeType === Node.TEXT_NODE) paragraph(child, look);
      else if (child.nodeType === Node.ELEMENT_NODE) walk(child);
    }
  }
  document.documentElement.classList.add("whole"); // nothing cut, nothing scrolled
  walk(root);
  document.documentElement.classList.remove("whole");
  return { markup: parts.join("\n"), ...most };
}

const words = (text, look) => xml("text", look, escaped(text));

function measured(text, look) {
  paint().font = `${look.fontStyle || ""} ${look.fontWeight || 400} ${look.fontSize} ${look.fontFamily}`;
  return paint().measureText(text);
}

// What vis-network draws, as the lines, shapes and words that it gives the canvas.
function recorded(network) {
  const canvas = network.canvas.frame.canvas;
  const real = canvas.getContext("2d");
  const ratio = canvas.width / canvas.clientWidth;
  const parts = [];
  let d = "";
  const point = (x, y) => {
    const { x: a, y: b } = real.getTransform().transformPoint({ x, y });
    return `${a.toFixed(1)} ${b.toFixed(1)}`;
  };
  const scale = () => {
    const { a, b } = real.getTransform();
    return Math.hypot(a, b);
  };
  const tint = (name, value) => {
    const { fill: color, "fill-opacity": alpha } = colorOf(value) || { fill: "none", "fill-opacity": 1 };
    return { [name]: color, [`${name}-opacity`]: (alpha * real.globalAlpha).toFixed(2) };
  };
  const pen = () => ({
    ...tint("stroke", real.strokeStyle),
    "stroke-width": (real.lineWidth * scale()).toFixed(2),
    "stroke-dasharray":
      real
        .getLineDash()
        .map((each) => (each * scale()).toFixed(1))
        .join(" ") || "none",
  });
  const text = (said, x, y, look) => {
    const size = Number.parseFloat(/([\d.]+)px/.exec(real.font)[1]) * scale();
    const [left, top] = point(x, y).split(" ").map(Number);
    return words(said, {
      x: left,
      y: (top + ({ middle: 0.35, top: 0.8 }[real.textBaseline] ?? 0) * size).toFixed(1),
      "font-size": size.toFixed(1),
      "font-weight": /\b(bold|[6-9]00)\b/.test(real.font) ? 700 : 400,
      "font-style": /italic/.test(real.font) ? "italic" : "normal",
      "text-anchor": { center: "middle", right: "end", end: "end" }[real.textAlign] || "start",
      ...look,
    });
  };
  // What it adds to the line that it draws, and to the picture.
  const steps = {
    closePath: () => "Z",
    moveTo: (x, y) => `M${point(x, y)}`,
    lineTo: (x, y) => `${d ? "L" : "M"}${point(x, y)}`,
    quadraticCurveTo: (a, b, x, y) => `Q${point(a, b)} ${point(x, y)}`,
    bezierCurveTo: (a, b, c, e, x, y) => `C${point(a, b)} ${point(c, e)} ${point(x, y)}`,
    arc(x, y, r) {
      const by = (r * scale()).toFixed(1);
      return `M${point(x - r, y)}A${by} ${by} 0 1 0 ${point(x + r, y)}A${by} ${by} 0 1 0 ${point(x - r, y)}`;
    },
  };
  const shapes = {
    stroke: () => xml("path", { d, fill: "none", ...pen() }),
    fill: () => xml("path", { d, ...tint("fill", real.fillStyle) }),
    fillText: (said, x, y) => text(said, x, y, tint("fill", real.fillStyle)),
    strokeText: (said, x, y) => text(said, x, y, { fill: "none", ...pen() }),
  };
  const recorder = new Proxy(real, {
    get: (_, name) =>
      typeof real[name] !== "function"
        ? real[name]
        : (...given) => {
            if (name === "beginPath") d = "";
            d += steps[name]?.(...given) ?? "";
            if (name in shapes) parts.push(shapes[name](...given));
            return real[name](...given);
          },
    set: (_, name, value) => {
      real[name] = value;
      return true;
    },
  });
  canvas.getContext = () => recorder;
  network.redraw();
  delete canvas.getContext;
  return {
    markup: xml("g", { transform: `scale(${1 / ratio})` }, ...parts),
    width: canvas.clientWidth,
    height: canvas.clientHeight,
  };
}

// Pictures one below the other, with a title above; a legend, the source, its version and the date below.
function captioned(
  { doc, model, texts, mapped, grouped, title },
  pictures,
  { nodes, edges, status, legend, notes, within },
) {
  const width = Math.max(760, ...pictures.map((picture) => picture.width));
  const look = (size, weight = 400) => ({ fontSize: `${size}px`, fontWeight: weight, fontFamily: FAMILY });
  const parts = [];
  let y = 0;
  const lines = (text, size, weight, color) => {
    measured("", look(size, weight)); // so that the lines are measured in this font
    for (const line of linesOf(paint(), clean(text), width, Infinity)) {
      y += size * 1.3;
      const where = { x: 0, y: y.toFixed(1) };
      parts.push(words(line, { ...where, "font-size": size, "font-weight": weight, fill: color }));
    }
  };
  lines(title(), 18, 700, theme("ink"));
  lines(status, 13, 400, theme("soft"));
  for (const { markup, height } of pictures) {
    parts.push(xml("g", { transform: `translate(0 ${(y + SIGN).toFixed(1)})` }, markup));
    y += height + 2 * SIGN;
  }
  let x = 0;
  const entry = (sign, text) => {
    const wide = 70 + measured(text, look(12)).width;
    if (x && x + wide > width) {
      x = 0;
      y += 1.6 * SIGN;
    }
    const name = words(text, { x: 44, y: 4, "font-size": 12, fill: theme("ink") });
    parts.push(xml("g", { transform: `translate(${x.toFixed(1)} ${(y + SIGN).toFixed(1)})` }, sign, name));
    x += wide;
  };
  const counted = (list, ids, of, key) =>
    list
      .map((each, number) => [each, [...ids].filter((id) => of(id)[key] === number).length])
      .filter(([, count]) => count);
  if (legend) {
    const bases = mapped() || !grouped() ? counted(doc.bases, edges, model.edge, "basis") : [];
    for (const [basis, count] of bases) {
      const dashes = basis.dashes.join(" ") || "none";
      const look = { d: "M0 0h38", stroke: theme("edge"), "stroke-width": 1.6, "stroke-dasharray": dashes };
      entry(xml("path", look), `${basis.name} ${formatNumber(count)}`);
    }
    x = 0;
    y += 1.6 * SIGN;
    for (const [kind, count] of counted(doc.kinds, nodes, model.node, "kind"))
      entry(mark(kind, 22, 0), `${kind.name} ${formatNumber(count)}`);
    const tints =
      byId("map-pane").hidden && !byId("stage").hidden
        ? [...byId("canvas-key").querySelectorAll("[data-color]:not([hidden])")]
        : [];
    x = 0;
    if (tints.length) y += 1.6 * SIGN;
    for (const at of tints) {
      const tint = colorOf(getComputedStyle(at.querySelector("rect")).fill);
      entry(xml("rect", { x: 16, y: -6, width: 12, height: 12, ...tint }), at.textContent);
    }
    y += 2 * SIGN;
  }
  for (const note of notes) lines(note, 12, 400, theme("ink"));
  const { nodes: things, edges: links } = within;
  const source = datasetsOf(model, { nodes: [...things, ...[...links].flatMap(model.ends)], edges: links })
    .map(({ title, version }) => [title, version].filter(Boolean).join(" "))
    .join("; ");
  const address = /^http/.test(location.protocol) ? location.href.split("#")[0] : "";
  const made = { source: source || title(), date: new Date().toISOString().slice(0, 10) };
  lines(`${fill(texts.made_from, made)} ${address}`.trim(), 11, 400, theme("soft"));
  const [wide, high] = [Math.ceil(width + 2 * EDGE), Math.ceil(y + 2 * EDGE)];
  const size = { viewBox: `0 0 ${wide} ${high}`, width: wide, height: high };
  return `${xml(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", role: "img", lang: doc.language, ...size, "font-family": FAMILY },
    xml("title", {}, escaped(title())),
    xml("rect", { width: "100%", height: "100%", fill: theme("page") }),
    xml("g", { transform: `translate(${EDGE} ${EDGE - 8})` }, ...parts),
  )}\n`;
}

// The SVG of what the tab shows; its source are the datasets of the things and connections `within`.
/** @param {App} app */
export function snapshot(app, within) {
  const { view } = document.body.dataset;
  const shown = [];
  if (view !== "picture") shown.push(laidOut(byId(view)));
  if (view === "picture" || view === "paths") {
    const chart = /** @type {any} */ (byId("map"));
    const [width, height] = ["width", "height"].map((name) => chart.viewBox.baseVal[name]);
    shown.push(
      app.picture() === "countries"
        ? laidOut(byId("countries"))
        : app.mapped()
          ? { markup: standalone(chart, { width, height, overflow: "visible" }), width, height }
          : recorded(app.parts.canvas.picture()),
    );
  }
  const legend = !["crosswalk", "matrices", "timeline"].includes(view);
  const seen = app.inView();
  const status = [app.level(), app.counts(seen)].filter(Boolean).join(": ");
  return captioned(app, shown, { ...seen, status, legend, notes: notes(app.mapped()), within });
}

// What stands around the picture: findings, on a map with the sign of what they mark, or how it is drawn.
function notes(mapped) {
  if (byId("stage").hidden) return [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (byId("map-pane").hidden) {
    const key = all("#canvas-key > :not([data-color], [hidden])").map((at) => at.textContent);
    return [byId("canvas-note").textContent, key.join(" ")].filter(Boolean);
  }
  const told = `#finding [data-finding]:not([hidden]), #finding-note${mapped ? ", #map-note" : ""}`;
  return all(told).map((at) => {
    const sign = at.matches(".marked.pairs") ? "─ " : at.matches(".marked.things") ? "□ " : "";
    return `${mapped ? sign : ""}${at.textContent}`;
  });
}

// An SVG (of the media type `from`) as a PNG of twice its size; null if a browser can make none so large, or
// only one that is too small to read.
export async function pixels(text, from, type) {
  const picture = new Image();
  const paper = document.createElement("canvas");
  picture.src = URL.createObjectURL(new Blob([text], { type: from }));
  try {
    await picture.decode();
    const scale = Math.min(2, 16000 / Math.max(picture.naturalWidth, picture.naturalHeight));
    if (scale < 1) return null;
    [paper.width, paper.height] = [picture.naturalWidth * scale, picture.naturalHeight * scale];
    paper.getContext("2d").drawImage(picture, 0, 0, paper.width, paper.height);
  } finally {
    URL.revokeObjectURL(picture.src);
  }
  return new Promise((done) => {
    paper.toBlob(done, type);
  });
}
