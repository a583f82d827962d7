// A text field with a list of matching nodes (ARIA 1.2: an editable combobox with a listbox).
import { fill, formatNumber, icon, make, plural } from "./dom.js";

// `input` and `list` are elements of the page; `search(typed)` returns the matches, best first, of which some
// are listed; `choose(node)` is called with the one chosen. With `keep`, its name stays in the field.
export function combobox(input, list, { model, texts, search, choose, keep = false, say = (_text) => {} }) {
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
    const all = search(typed);
    found = all.slice(0, 12);
    list.replaceChildren(
      ...found.map(({ node, text }, number) => {
        const thing = model.node(node);
        const kind = model.doc.kinds[thing.kind];
        const other =
          text && text !== thing.name ? make("span", { className: "also", dir: "auto" }, text) : null;
        const row = make(
          "li",
          {
            id: `${list.id}-${number}`,
            role: "option",
            data: { node: thing.iri },
            aria: { selected: false },
          },
          icon(kind),
          make("span", { className: "found" }, make("span", { dir: "auto" }, thing.name), other),
          make("span", { className: "of", dir: "auto" }, kind.name),
        );
        row.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
        row.addEventListener("click", () => take(number));
        return row;
      }),
    );
    if (!found.length)
      list.replaceChildren(
        make(
          "li",
          { className: "none", role: "option", aria: { disabled: true, selected: false } },
          texts.no_match,
        ),
      );
    say(
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
  input.addEventListener("focus", () => {
    if (keep) input.select();
  });
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
  return { close };
}
