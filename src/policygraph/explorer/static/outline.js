// The outline: a list of everything shown, by kind, for keyboards and screen readers (WAI-ARIA treegrid).
import { basisLine, byId, compareNames, fill, flags, formatNumber, icon, make, plural, put } from "./dom.js";
import { connections, fold } from "./model.js";
import { basisOf } from "./paths.js";

const PAGE = 200; // nodes of one kind listed at once

// Rows are made anew at every change, and only those that are open.
/** @param {App} app */
export function outline(app) {
  const { doc, model, texts } = app;
  const grid = byId("outline");
  const body = /** @type {any} */ (grid.querySelector("tbody"));
  const open = new Set(); // "k3" for a kind, "n12" for a node
  const pages = new Map(); // kind -> how many of its nodes are listed
  let current = ""; // the row that has the focus, or will
  let typed = "";
  let typedAt = 0;

  function row(key, { level, place, size, expanded = null }, data, title, number = null) {
    const aria = { level, posinset: place + 1, setsize: size, expanded };
    return make(
      "tr",
      { role: "row", tabIndex: -1, data: { key, ...data }, aria },
      make("td.title", { role: "gridcell" }, title),
      make("td.number", { role: "gridcell" }, number),
    );
  }

  function groups() {
    const { nodes } = app.seen();
    const lists = doc.kinds.map(() => []);
    for (const node of app.listed) if (nodes.has(node.id)) lists[node.kind].push(node);
    return lists;
  }

  function kindRows(kind, members, place, size) {
    const key = `k${kind}`;
    const { count, name } = doc.kinds[kind];
    // with a number in a list, and parts of such
    const own = members.filter(({ notation }) => notation).length;
    const both = [own, count - own].filter(Boolean).map((n) => formatNumber(n));
    const some = { n: formatNumber(members.length), m: formatNumber(count) };
    const total = members.length === count ? both.join(" + ") : fill(texts.n_of_m, some);
    const checked = !app.state().kinds.includes(name);
    const box = make("input", { type: "checkbox", checked, data: { kind: name }, ariaLabel: name });
    const title = [box, icon(doc.kinds[kind]), make("span", { dir: "auto" }, name)];
    const expanded = members.length ? open.has(key) : null;
    const head = row(key, { level: 1, place, size, expanded }, { kind: name }, title, total);
    if (!open.has(key)) return [head];
    const many = pages.get(kind) || PAGE;
    const left = members.length - many;
    const more = plural(texts, "more", Math.min(PAGE, left));
    const end = row(`m${kind}`, { level: 2, place: many, size: members.length }, { more: kind }, more);
    return [
      head,
      ...members.slice(0, many).flatMap((node, number) => thingRows(node, number, members.length)),
      ...(left > 0 ? [end] : []),
    ];
  }

  function thingRows(node, place, size) {
    const links = connections(model, node, app.seen().edges);
    const title = [
      node.notation && make("b.notation", node.notation),
      flags(doc, node),
      make("span", { dir: "auto" }, node.name),
      app.state().pinned.includes(node.iri) && make("span.pin", { title: texts.pinned }, "◆"),
    ];
    const expanded = links.length ? open.has(node.id) : null;
    const many = links.length ? String(links.length) : "–";
    const made = row(node.id, { level: 2, place, size, expanded }, { node: node.iri }, title, many);
    const isSelected = [app.selected(), ...app.state().picked].includes(node.iri);
    made.setAttribute("aria-selected", String(isSelected));
    if (!open.has(node.id)) return [made];
    links.sort(
      (a, b) =>
        Number(b.out) - Number(a.out) ||
        a.edge.relation - b.edge.relation ||
        compareNames(a.other.name, b.other.name),
    );
    return [
      made,
      ...links.map(({ edge, out, other }, number) => {
        const name = doc.relations[edge.relation].name;
        const incoming = () => fill(texts.incoming, { name }).replace("…", () => other.name);
        const text = make("span", { dir: "auto" }, out ? `${name} → ${other.name}` : incoming());
        const key = app.edgeKey(edge);
        const says = [basisLine(doc.bases[edge.basis].key), make("span.unseen", basisOf(doc, edge))];
        const at = { level: 3, place: number, size: links.length };
        const made = row(`${node.id} ${edge.id}`, at, { edge: key }, text, says);
        made.setAttribute("aria-selected", String(app.selected() === key));
        return made;
      }),
    ];
  }

  const rows = () => [...body.children];
  const keyed = (key) => rows().find(({ dataset }) => dataset.key === key);

  function update() {
    const had = body.contains(document.activeElement);
    const lists = groups();
    const listed = lists.map(
      (members, kind) => members.length > 0 || app.state().kinds.includes(doc.kinds[kind].name),
    );
    const size = listed.filter(Boolean).length;
    const boxed = had && document.activeElement.matches("input") ? document.activeElement.dataset.kind : null;
    let place = 0;
    put(
      body,
      lists.map((members, kind) => listed[kind] && kindRows(kind, members, place++, size)),
    );
    const chosen = keyed(current) || rows()[0];
    if (chosen) {
      current = chosen.dataset.key;
      chosen.tabIndex = 0;
    }
    const again = boxed === null ? chosen : body.querySelector(`input[data-kind="${CSS.escape(boxed)}"]`);
    if (had) again?.focus({ preventScroll: true });
    grid.setAttribute("aria-rowcount", String(body.children.length));
    byId("outline-empty").hidden = Boolean(chosen);
  }

  function focus(target) {
    if (!target) return;
    const before = keyed(current);
    if (before) before.tabIndex = -1;
    current = target.dataset.key;
    target.tabIndex = 0;
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  }

  function toggle(target, wanted) {
    const { key } = target.dataset;
    if (target.getAttribute("aria-expanded") === null) return;
    current = key;
    open[wanted ? "add" : "delete"](key);
    update();
  }

  function act(target) {
    const { kind, node, edge, more } = target.dataset;
    if (node || edge) app.select(node || edge);
    else if (more) {
      pages.set(Number(more), (pages.get(Number(more)) || PAGE) + PAGE);
      const place = rows().indexOf(target);
      update();
      if (document.activeElement !== document.body || body.contains(document.activeElement))
        focus(rows()[place]);
    } else if (kind !== undefined) toggle(target, target.getAttribute("aria-expanded") !== "true");
  }

  // Show a node that was selected elsewhere: open its kind, list enough of it, and scroll to the node.
  function reveal(iri) {
    const node = app.nodeOf(iri);
    if (!node || !app.seen().nodes.has(node.id)) return;
    const place = groups()[node.kind].indexOf(node);
    if (place >= (pages.get(node.kind) || PAGE)) pages.set(node.kind, Math.ceil((place + 1) / PAGE) * PAGE);
    open.add(`k${node.kind}`);
    current = node.id;
    update();
    keyed(node.id)?.scrollIntoView({ block: "nearest" });
  }

  function parent(target) {
    const level = Number(target.getAttribute("aria-level"));
    let before = target;
    while (before && Number(before.getAttribute("aria-level")) >= level)
      before = before.previousElementSibling;
    return before;
  }

  function type(letter, at) {
    typed = at - typedAt < 700 ? typed + letter : letter;
    typedAt = at;
    const all = rows();
    const from = all.findIndex(({ dataset }) => dataset.key === current);
    const ahead = [...all.slice(from + (typed.length === 1 ? 1 : 0)), ...all.slice(0, from + 1)];
    focus(ahead.find((each) => fold(name(each)).startsWith(fold(typed))));
  }
  const name = (target) => target.querySelector(".title span[dir]")?.textContent || target.textContent;

  grid.addEventListener("keydown", (event) => {
    const target = event.target.closest("tr");
    if (!target || event.altKey || event.metaKey || event.target.closest("input")) return;
    const { key, ctrlKey, shiftKey } = event;
    const all = rows();
    const place = all.indexOf(target);
    const expanded = target.getAttribute("aria-expanded");
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    if (key in steps && shiftKey && target.dataset.node) {
      // from row to row, each is added
      const to = all[place + Math.sign(steps[key])];
      app.pick([target, to].map((each) => each?.dataset.node).filter(Boolean), true);
      focus(keyed(to?.dataset.key));
    } else if (key in steps && !ctrlKey)
      focus(all[Math.max(0, Math.min(all.length - 1, place + steps[key]))]);
    else if (key === "Home") focus(all[0]);
    else if (key === "End") focus(all.at(-1));
    else if (key === "ArrowRight") {
      if (expanded === "false") toggle(target, true);
      else if (expanded === "true") focus(target.nextElementSibling);
    } else if (key === "ArrowLeft") {
      if (expanded === "true") toggle(target, false);
      else focus(parent(target));
    } else if (key === " " && shiftKey && target.dataset.node) app.pick([target.dataset.node]);
    else if (key === "Enter" && shiftKey && target.dataset.node) app.expand(target.dataset.node);
    else if (key === "Enter" && ctrlKey && target.dataset.node)
      app.act("isolate", app.nodeOf(target.dataset.node), 1);
    else if (key === "Enter" && target.getAttribute("aria-selected") === "true") app.toDetails();
    else if (key === "Enter" || key === " ") act(target);
    else if (key === "Delete" && target.dataset.node) {
      focus(target.nextElementSibling || target.previousElementSibling);
      app.act("hide", app.nodeOf(target.dataset.node));
    } else if (key.length === 1 && !ctrlKey && key !== "/" && key !== "?") type(key, event.timeStamp);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  body.addEventListener("click", (event) => {
    const target = event.target.closest("tr");
    if (!target || event.target.matches("input")) return;
    focus(target);
    if (event.shiftKey && target.dataset.node) return app.pick([target.dataset.node]);
    const { left, right } = target.getBoundingClientRect();
    const across = document.documentElement.dir === "rtl" ? right - event.clientX : event.clientX - left;
    const onTwist = across < 14 + 16 * Number(target.getAttribute("aria-level"));
    if (target.dataset.node && onTwist) toggle(target, target.getAttribute("aria-expanded") !== "true");
    else act(keyed(target.dataset.key) || target);
  });
  body.addEventListener("change", ({ target }) => {
    const { kinds } = app.state();
    const { kind } = target.dataset;
    app.change({ kinds: target.checked ? kinds.filter((name) => name !== kind) : [...kinds, kind] });
  });
  byId("things").addEventListener("click", ({ target }) => {
    const { kinds } = /** @type {any} */ (target).dataset;
    if (kinds) app.change({ kinds: kinds === "all" ? [] : doc.kinds.map(({ name }) => name) });
  });
  body.addEventListener("dblclick", (event) => {
    const target = event.target.closest("tr");
    if (target?.dataset.node) app.expand(target.dataset.node);
  });
  return {
    update,
    reveal,
    focus: () => focus(keyed(current) || rows()[0]),
    openKind(kind) {
      open.add(`k${kind}`);
      current = `k${kind}`;
      update();
      focus(keyed(current));
    },
  };
}
