// Search where no server answers: the page holds every name, and this shows those that hold every word.
"use strict";

const box = document.getElementById("q");
const told = document.getElementById("found");
const forms = JSON.parse(told.dataset.forms); // by plural category
const plurals = new Intl.PluralRules(document.documentElement.lang);
const lists = ["things", "questions"].map((id) => document.getElementById(id));
const entries = lists.map((list) =>
  [...list.children].map((item) => ({ item, names: [...item.querySelectorAll(".name")].map((name) => fold(name.textContent)) })),
);

function fold(text) {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").split(/\s+/).join(" ").trim();
}

// How well a name fits, from 0; a whole name before one that begins so, before one with a word that does.
function grade(name, wanted, words) {
  if (!words.every((word) => name.includes(word))) return Infinity;
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  return words.every((word) => name.startsWith(word) || name.includes(` ${word}`)) ? 2 : 3;
}

function show() {
  const wanted = fold(box.value);
  const words = wanted.split(" ");
  lists.forEach((list, number) => {
    const graded = entries[number].map(({ item, names }, order) => ({ item, order, fits: Math.min(...names.map((name) => grade(name, wanted, words))) }));
    graded.sort((a, b) => (a.fits === b.fits ? a.order - b.order : a.fits - b.fits));
    for (const { item, fits } of graded) item.hidden = fits === Infinity;
    list.append(...graded.map(({ item }) => item));
    list.parentElement.hidden = number > 0 && graded.every(({ fits }) => fits === Infinity);
    if (number === 0) {
      const count = graded.filter(({ fits }) => fits < Infinity).length;
      told.textContent = count ? (forms[plurals.select(count)] ?? forms.other).replace("{n}", count.toLocaleString(document.documentElement.lang)) : told.dataset.none;
    }
  });
}

for (const sought of document.querySelectorAll("input[name=q]")) sought.value = new URLSearchParams(location.search).get("q") ?? "";
box.addEventListener("input", show);
if (box.value) show();
