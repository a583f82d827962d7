// The outline: a list of everything shown, by kind, for keyboards and screen readers (WAI-ARIA treegrid).
import { basisLine, byId, compareNames, fill, flags, formatNumber, icon, make, plural } from "./dom.js";
import { fold } from "./model.js";
import { basisOf } from "./paths.js";

const PAGE = 200; // nodes of one kind listed at once

// Rows are made anew at every change, and only those that are open.
/** @param {App} app */
export function outline(app) {
  const { doc, model, texts } = app;
  const grid = byId("outline");
  const body = grid.querySelector("tbody") || grid.appendChild(make("tbody"));
  const open = new Set(); // "k3" for a kind, "n12" for a node
  const pages = new Map(); // kind -> how many of its nodes are listed
  let current = ""; // the row that has the focus, or will
  let typed = "";
  let typedAt = 0;

  const cells = (first, ...rest) =>
    [first, ...rest].map((content, place) =>
      make("td", { role: "gridcell", className: place ? "number" : "title" }, ...[content].flat()),
    );
  function row(key, level, place, size, expanded, data, ...columns) {
    return make(
      "tr",
      {
        role: "row",
        tabIndex: -1,
        data: { key, ...data },
        aria: { level, posinset: place + 1, setsize: size, expanded },
      },
      ...cells(...columns),
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
    const total =
      members.length === count
        ? [own, count - own]
            .filter(Boolean)
            .map((n) => formatNumber(n))
            .join(" + ")
        : fill(texts.n_of_m, { n: formatNumber(members.length), m: formatNumber(count) });
    const box = make("input", {
      type: "checkbox",
      checked: !app.state().kinds.includes(name),
      data: { kind: name },
      ariaLabel: name,
    });
    const rows = [
      row(
        key,
        1,
        place,
        size,
        members.length ? open.has(key) : null,
        { kind: name },
        [box, icon(doc.kinds[kind]), make("span", { dir: "auto" }, name)],
        total,
      ),
    ];
    if (!open.has(key)) return rows;
    const many = pages.get(kind) || PAGE;
    members.slice(0, many).forEach((node, number) => {
      rows.push(...thingRows(node, number, members.length));
    });
    if (members.length > many)
      rows.push(
        row(
          `m${kind}`,
          2,
          many,
          members.length,
          null,
          { more: kind },
          plural(texts, "more", Math.min(PAGE, members.length - many)),
          "",
        ),
      );
    return rows;
  }

  function thingRows(node, place, size) {
    const links = model.links(node.id).filter((edge) => app.seen().edges.has(edge.id));
    const marks = app.isPinned(node) ? make("span", { className: "pin", title: texts.pinned }, "◆") : null;
    const made = row(
      node.id,
      2,
      place,
      size,
      links.length ? open.has(node.id) : null,
      { node: node.iri },
      [
        node.notation ? make("b", { className: "notation" }, node.notation) : null,
        ...flags(doc, node),
        make("span", { dir: "auto" }, node.name),
        marks,
      ],
      links.length ? String(links.length) : "–",
    );
    made.setAttribute(
      "aria-selected",
      String(app.selected() === node.iri || app.state().picked.includes(node.iri)),
    );
    if (!open.has(node.id)) return [made];
    const connections = links
      .map((edge) => ({
        edge,
        out: edge.source === node.id,
        other: model.node(edge.source === node.id ? edge.target : edge.source),
      }))
      .sort(
        (a, b) =>
          b.out - a.out || a.edge.relation - b.edge.relation || compareNames(a.other.name, b.other.name),
      );
    return [
      made,
      ...connections.map(({ edge, out, other }, number) => {
        const basis = doc.bases[edge.basis];
        const name = doc.relations[edge.relation].name;
        const text = make(
          "span",
          { dir: "auto" },
          out ? `${name} → ${other.name}` : fill(texts.incoming, { name }).replace("…", () => other.name),
        );
        const made = row(
          `${node.id} ${edge.id}`,
          3,
          number,
          connections.length,
          null,
          { edge: app.edgeKey(edge) },
          text,
          [basisLine(basis.key), make("span", { className: "unseen" }, basisOf(doc, edge))],
        );
        made.setAttribute("aria-selected", String(app.selected() === app.edgeKey(edge)));
        return made;
      }),
    ];
  }

  const rows = () => [...body.children];
  const keyed = (key) => rows().find(({ dataset }) => dataset.key === key);

  function update() {
    let had = body.contains(document.activeElement);
    const lists = groups();
    const listed = lists.map(
      (members, kind) => members.length > 0 || app.state().kinds.includes(doc.kinds[kind].name),
    );
    const size = listed.filter(Boolean).length;
    const boxed = had && document.activeElement.matches("input") ? document.activeElement.dataset.kind : null;
    let place = 0;
    body.replaceChildren(
      ...lists.flatMap((members, kind) => (listed[kind] ? kindRows(kind, members, place++, size) : [])),
    );
    if (boxed !== null) {
      body.querySelector(`input[data-kind="${CSS.escape(boxed)}"]`)?.focus({ preventScroll: true });
      had = false;
    }
    const chosen = keyed(current) || rows()[0];
    if (chosen) {
      current = chosen.dataset.key;
      chosen.tabIndex = 0;
      if (had) chosen.focus({ preventScroll: true });
    }
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
    const { key, kind, node } = target.dataset;
    if (target.getAttribute("aria-expanded") === null || (kind === undefined && node === undefined)) return;
    current = key;
    open[wanted ? "add" : "delete"](key);
    update();
  }

  function act(target) {
    const { kind, node, edge, more } = target.dataset;
    if (node) app.select(node);
    else if (edge) app.select(edge);
    else if (more) {
      pages.set(Number(more), (pages.get(Number(more)) || PAGE) + PAGE);
      const place = rows().indexOf(target);
      update();
      if (document.activeElement !== document.body || body.contains(document.activeElement))
        focus(rows()[place]);
    } else if (kind !== undefined) toggle(target, target.getAttribute("aria-expanded") !== "true");
  }

  // Show a node that was selected elsewhere: open its kind, list enough of it, and scroll to the node.
  function reveal(iri, take = false) {
    const node = doc.nodes.find((each) => each.iri === iri);
    if (!node || !app.seen().nodes.has(node.id)) return;
    const place = groups()[node.kind].indexOf(node);
    if (place >= (pages.get(node.kind) || PAGE)) pages.set(node.kind, Math.ceil((place + 1) / PAGE) * PAGE);
    open.add(`k${node.kind}`);
    current = node.id;
    update();
    const target = keyed(node.id);
    if (take) focus(target);
    else if (target) target.scrollIntoView({ block: "nearest" });
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
    else if (key === "Enter" && ctrlKey && target.dataset.node) app.isolate(target.dataset.node);
    else if (
      key === "Enter" &&
      (target.dataset.node || target.dataset.edge) &&
      target.getAttribute("aria-selected") === "true"
    )
      app.toDetails();
    else if (key === "Enter" || key === " ") act(target);
    else if (key === "Delete" && target.dataset.node) {
      focus(target.nextElementSibling || target.previousElementSibling);
      app.hide(target.dataset.node);
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
    const onTwist =
      event.clientX - target.getBoundingClientRect().left <
      14 + 16 * Number(target.getAttribute("aria-level"));
    if (target.dataset.node && onTwist) toggle(target, target.getAttribute("aria-expanded") !== "true");
    else act(keyed(target.dataset.key) || target);
  });
  body.addEventListener(
    "change",
    ({
      target: {
        checked,
        dataset: { kind },
      },
    }) => {
      const { kinds } = app.state();
      app.change({ kinds: checked ? kinds.filter((name) => name !== kind) : [...kinds, kind] });
    },
  );
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
