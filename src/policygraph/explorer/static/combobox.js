// A text field with a list of matching nodes (ARIA 1.2: an editable combobox with a listbox).
import { fill, formatNumber, icon, make, plural, put } from "./dom.js";

// `input` and `list` are elements of the page, of which the list shows some of what `app.search` finds;
// `choose(node)` is called with the one chosen. With `keep`, its name stays in the field.
/** @param {App} app */
export function combobox(app, input, list, choose, keep = false) {
  const { doc, model, texts } = app;
  let found = [];
  let active = -1;
  const looks = {
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": false,
    "aria-controls": list.id,
    autocomplete: "off",
    spellcheck: false,
  };
  for (const [name, value] of Object.entries(looks)) input.setAttribute(name, String(value));

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(number) {
    active = number;
    [...list.children].forEach((row, place) => {
      row.setAttribute("aria-selected", String(place === active));
    });
    const row = list.children[active];
    if (!row) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", row.id);
    return row.scrollIntoView({ block: "nearest" });
  }

  function open() {
    const typed = input.value.trim();
    if (!typed) return close();
    const all = app.search(typed);
    found = all.slice(0, 12);
    const rows = found.map(({ node, text }, number) => {
      const { iri, name, kind } = model.node(node);
      const other = text !== name && make("span.also", { dir: "auto" }, text);
      const row = make(
        "li",
        { id: `${list.id}-${number}`, role: "option", data: { node: iri }, aria: { selected: false } },
        icon(doc.kinds[kind]),
        make("span.found", make("span", { dir: "auto" }, name), other),
        make("span.of", { dir: "auto" }, doc.kinds[kind].name),
      );
      row.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
      row.addEventListener("click", () => take(number));
      return row;
    });
    const none = { role: "option", aria: { disabled: true, selected: false } };
    put(list, found.length ? rows : make("li.none", none, texts.no_match));
    app.say(
      found.length < all.length
        ? fill(texts.found_some, { some: found.length, all: formatNumber(all.length) })
        : found.length
          ? plural(texts, "found", found.length)
          : texts.no_match,
    );
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    return mark(found.length ? 0 : -1);
  }

  function take(number) {
    const hit = found[number];
    if (!hit) return;
    const thing = model.node(hit.node);
    input.value = keep ? thing.name : "";
    close();
    choose(thing);
  }

  input.addEventListener("input", open);
  if (keep) input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const last = found.length - 1;
    const to = { ArrowDown: active >= last ? 0 : active + 1, ArrowUp: active <= 0 ? last : active - 1 }[
      event.key
    ];
    if (to !== undefined) {
      if (list.hidden) open();
      else if (found.length) mark(to);
      event.preventDefault();
    } else if (event.key === "Enter") {
      if (list.hidden) open();
      else take(active);
      event.preventDefault();
    } else if (event.key === "Escape") {
      if (list.hidden) input.value = "";
      close();
      event.stopPropagation();
    }
  });
}
