// Search without a server: the page holds every label, and this shows those that contain every word.
// biome-ignore lint/suspicious/noRedundantUseStrict: a classic script, not a module
"use strict";

const box = document.getElementById("q");
const heading = document.getElementById("found");
const forms = JSON.parse(heading.dataset.forms); // by plural category
const language = document.documentElement.lang;
const plurals = new Intl.PluralRules(language);
const lists = ["things", "questions"].map((id) => document.getElementById(id));
const entries = lists.map((list) =>
  [...list.children].map((item) => ({
    item,
    labels: [...item.querySelectorAll(".name")].map((name) => fold(name.textContent)),
  })),
);

function fold(text) {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").split(/\s+/).join(" ").trim();
}

// The rank of a label, from 0: the whole label, its beginning, the beginning of each word, any part of it.
function rank(label, wanted, words) {
  if (!words.every((word) => label.includes(word))) return Infinity;
  if (label === wanted) return 0;
  if (label.startsWith(wanted)) return 1;
  return words.every((word) => label.startsWith(word) || label.includes(` ${word}`)) ? 2 : 3;
}

function show() {
  const wanted = fold(box.value);
  const words = wanted.split(" ");
  lists.forEach((list, number) => {
    const ranked = entries[number].map(({ item, labels }, order) => {
      return { item, order, rank: Math.min(...labels.map((label) => rank(label, wanted, words))) };
    });
    ranked.sort((a, b) => (a.rank === b.rank ? a.order - b.order : a.rank - b.rank));
    for (const each of ranked) each.item.hidden = each.rank === Infinity;
    list.append(...ranked.map(({ item }) => item));
    const count = ranked.filter((each) => each.rank < Infinity).length;
    if (number > 0) list.parentElement.hidden = count === 0;
    else if (count === 0) heading.textContent = heading.dataset.none;
    else {
      const form = forms[plurals.select(count)] ?? forms.other;
      heading.textContent = form.replace("{n}", count.toLocaleString(language));
    }
  });
}

for (const input of document.querySelectorAll("input[name=q]")) {
  input.value = new URLSearchParams(location.search).get("q") ?? "";
}
box.addEventListener("input", show);
if (box.value) show();
