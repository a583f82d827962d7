// What pages do without a reload: sort and filter the table of an answer and show a part of it at a time, and
// search among all labels where there is no server. Without this script everything is shown.
// biome-ignore lint/suspicious/noRedundantUseStrict: a classic script, not a module
"use strict";

const ROWS = 25; // of a table, at a time
const FOUND = 50; // labels
const language = document.documentElement.lang;
const collator = new Intl.Collator(language, { numeric: true });
const plurals = new Intl.PluralRules(language);

const number = (value) => value.toLocaleString(language);

// A text for comparison, as the server folds it.
const LETTERS = "æðøþđħıłŋœŧßς";
const ALIKE = "ae d o th d h i l n oe t ss σ".split(" ");
function fold(text) {
  const plain = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  const spelt = plain.replace(/[^\0-\x7f]/g, (letter) => ALIKE[LETTERS.indexOf(letter)] ?? letter);
  return spelt.replace(/\s+/g, " ").trim();
}

// The order of two cells: numbers, then texts, then what is empty, in both directions.
function order(one, other, down) {
  if (!one.text || !other.text) return (one.text ? 0 : 1) - (other.text ? 0 : 1);
  const numbers = Number(Number.isFinite(other.number)) - Number(Number.isFinite(one.number));
  const rank = numbers || one.number - other.number || collator.compare(one.text, other.text);
  return down ? -rank : rank;
}

function answer(tools) {
  const table = document.getElementById(tools.dataset.table);
  const [words, status, pager] = ["input", "[role=status]", ".pager"].map((selector) =>
    tools.querySelector(selector),
  );
  const [before, after, whole] = pager.children;
  const heads = [...table.querySelectorAll("thead th:not(.years)")];
  const entries = [...table.tBodies[0].rows].map((row, place) => ({
    row,
    place,
    words: fold(row.textContent),
    cells: [...row.querySelectorAll("td:not(.years)")].map((cell) => ({
      text: cell.textContent.trim(),
      number: cell.className === "number" ? Number(cell.textContent) : Number.NaN,
    })),
  }));
  let first = 0;
  let column = -1;
  let down = false;

  function show() {
    const wanted = fold(words.value).split(" ");
    const matches = entries.filter((entry) => wanted.every((word) => entry.words.includes(word)));
    const size = whole.getAttribute("aria-pressed") === "true" ? matches.length : ROWS;
    if (first >= matches.length) first = 0;
    const end = Math.min(first + size, matches.length);
    const kept = new Set(matches);
    const seen = new Set(matches.slice(first, end));
    for (const entry of entries) {
      entry.row.hidden = !kept.has(entry);
      entry.row.classList.toggle("off", !seen.has(entry)); // paper shows it
    }
    const { range, none } = status.dataset;
    const counts = { from: first + 1, to: end, n: matches.length };
    status.textContent = matches.length ? range.replace(/{(\w+)}/g, (_, name) => number(counts[name])) : none;
    before.setAttribute("aria-disabled", String(!first));
    after.setAttribute("aria-disabled", String(end === matches.length));
    pager.hidden = matches.length <= ROWS;
  }

  function begin() {
    first = 0;
    show();
  }

  function turn(by) {
    return ({ currentTarget }) => {
      if (currentTarget.getAttribute("aria-disabled") === "true") return;
      first += by;
      show();
      tools.scrollIntoView({ block: "nearest" });
    };
  }

  // Up, down, and as the question orders them.
  function sort(place) {
    [column, down] = column !== place ? [place, false] : down ? [-1, false] : [place, true];
    entries.sort(
      (a, b) => (column < 0 ? 0 : order(a.cells[column], b.cells[column], down)) || a.place - b.place,
    );
    table.tBodies[0].append(...entries.map(({ row }) => row));
    heads.forEach((head, at) => {
      if (at === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    begin();
  }

  heads.forEach((head, place) => {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(place));
    head.append(button);
  });
  words.addEventListener("input", begin);
  before.addEventListener("click", turn(-ROWS));
  after.addEventListener("click", turn(ROWS));
  whole.addEventListener("click", () => {
    whole.setAttribute("aria-pressed", String(whole.getAttribute("aria-pressed") !== "true"));
    begin();
  });
  tools.hidden = false;
  show();
}

// The rank of a label, from 0: the whole label, its beginning, the beginning of each word, any part of it.
function rank(label, wanted, words) {
  if (!words.every((word) => label.includes(word))) return Infinity;
  if (label === wanted) return 0;
  if (label.startsWith(wanted)) return 1;
  const apart = (text) => ` ${text.replace(/[^\p{L}\p{N}]/gu, " ")}`;
  return words.every((word) => apart(label).includes(apart(word))) ? 2 : 3;
}

function search(box) {
  const heading = document.getElementById("found");
  const first = document.getElementById("first");
  const forms = JSON.parse(heading.dataset.forms); // by plural category
  const lists = ["things", "questions"].map((id) => document.getElementById(id));
  const read = (list) =>
    [...list.children].map((item) => ({
      item,
      labels: [...item.querySelectorAll(".name")].map((name) => fold(name.textContent)),
    }));
  const entries = lists.map(read);
  // Of many names, the address of those with a word of some start, and all starts: the index is in parts.
  const { part, narrow } = heading.dataset;
  const [starts, common] = ["starts", "common"].map((name) => heading.dataset[name]?.split(" ") ?? []);
  const all = heading.textContent;
  let { start } = heading.dataset;

  async function load(event) {
    for (const each of /** @type {any} */ (document.querySelectorAll(".tongues a")))
      each.search = box.value && new URLSearchParams({ q: box.value });
    const disk = location.protocol === "file:"; // which lets no script read another page
    if (!part) return show();
    const words = fold(box.value).match(/[\p{L}\p{N}]+/gu) ?? [];
    const many = (word) =>
      [common, starts].some((each, n) =>
        each.some((other) => other.startsWith(word) && (!n || other !== word)),
      );
    const found = words
      .filter((word) => !common.some((each) => each.startsWith(word)))
      .map((word) => starts.filter((each) => word.startsWith(each)).pop());
    const wanted = words.length ? found.find((each) => each) : heading.dataset.start;
    if (wanted && wanted === start) return show();
    if (disk && event) {
      show();
      if (wanted)
        heading.textContent = all; // that part is read when this is sent
      else if (words.some(many)) heading.textContent = narrow;
      return undefined;
    }
    start = wanted;
    const address = part.replace("~", encodeURIComponent(wanted));
    if (wanted && disk) return location.replace(`${address}?q=${encodeURIComponent(box.value)}`);
    const ask = () => fetch(address).catch(() => null);
    let answer = wanted && (await ask());
    if (wanted && !answer?.ok && start === wanted) answer = await ask();
    const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
    if (start !== wanted) return undefined; // another was typed meanwhile
    if (wanted && !answer?.ok) {
      start = undefined; // so that the next letter asks again
      return undefined;
    }
    lists[0].replaceChildren(...page.querySelectorAll("#things > li"));
    entries[0] = read(lists[0]);
    show();
    if (!wanted && words.some(many)) heading.textContent = narrow;
    return undefined;
  }

  function show() {
    const wanted = fold(box.value);
    const words = wanted.split(" ");
    lists.forEach((list, place) => {
      const ranked = entries[place].map(({ item, labels }, at) => {
        const best = Math.min(...labels.map((label) => rank(label, wanted, words)));
        // a part has no more than the names with a word that begins so
        return { item, at, rank: part && place === 0 && best > 2 ? Infinity : best };
      });
      ranked.sort((a, b) => (a.rank === b.rank ? a.at - b.at : a.rank - b.rank));
      const count = ranked.filter((each) => each.rank < Infinity).length;
      ranked.forEach(({ item }, at) => {
        item.hidden = at >= Math.min(count, FOUND);
      });
      list.append(...ranked.map(({ item }) => item));
      if (place > 0) {
        list.parentElement.hidden = count === 0;
        return;
      }
      first.hidden = count <= FOUND;
      const form = forms[plurals.select(count)] ?? forms.other;
      heading.textContent = count ? form.replace("{n}", number(count)) : heading.dataset.none;
      if (part && !wanted) heading.textContent = all;
    });
  }

  for (const input of document.querySelectorAll("input[name=q]")) {
    input.value = new URLSearchParams(location.search).get("q") ?? "";
  }
  box.addEventListener("input", load);
  load();
}

for (const tools of document.querySelectorAll(".tools")) answer(tools);
// Where no server answers a question, a module does; a browser loads none from a disk.
const disk = document.getElementById("disk");
const module = "./engine/question.js";
if (disk && location.protocol !== "file:") import(module);
else if (disk) disk.hidden = false;
if (document.getElementById("things")) search(document.getElementById("q"));
// A page that the browser kept has in its form what was sent from it, not what its answer is to.
else if (!disk)
  addEventListener("pageshow", ({ persisted }) => {
    for (const form of persisted ? document.forms : []) form.reset();
  });
