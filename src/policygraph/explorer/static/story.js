// Play a story: one step at a time, by buttons, arrow keys and the address. Without this script it is a list.
function playStory(story) {
  const bar = story.querySelector(".play");
  const steps = [...story.querySelectorAll(".step")];
  const [back, next, all] = bar.querySelectorAll("button");
  const where = bar.querySelector("[role=status]");
  const words = where.textContent;
  const addressed = story.dataset.story === "page"; // elsewhere, the address is another's
  let at = 0;

  function go(to, moved = true) {
    at = Math.min(Math.max(to, 0), steps.length - 1);
    for (const [n, step] of steps.entries()) step.classList.toggle("now", n === at);
    back.disabled = at === 0;
    next.disabled = at === steps.length - 1;
    where.textContent = words.replace("{n}", String(at + 1)).replace("{of}", String(steps.length));
    if (addressed && moved) history.replaceState(null, "", `#${steps[at].id}`);
    for (const each of /** @type {any} */ (document.querySelectorAll(".tongues a")))
      each.hash = location.hash;
    if (!moved) return;
    steps[at].focus({ preventScroll: true });
  }

  function named() {
    const found = addressed ? steps.findIndex((step) => `#${step.id}` === location.hash) : 0;
    go(Math.max(found, 0), false);
  }

  back.addEventListener("click", () => go(at - 1));
  next.addEventListener("click", () => go(at + 1));
  all.addEventListener("click", () => {
    const whole = story.classList.toggle("whole");
    all.setAttribute("aria-pressed", String(whole));
    back.hidden = next.hidden = where.hidden = whole;
  });
  addEventListener("hashchange", named);
  addEventListener(
    "keydown",
    (event) => {
      const way = { ArrowLeft: -1, PageUp: -1, ArrowRight: 1, PageDown: 1 }[event.key];
      const typing = event.target.closest("input, select, textarea, .scroll, pre");
      const other = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
      if (!way || typing || other || story.hidden || story.classList.contains("whole")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      go(at + way);
    },
    true,
  );
  story.querySelector(".leave")?.addEventListener("click", () => {
    story.hidden = true;
    document.body.classList.remove("story");
    document.getElementById("skip").click(); // to the picture, as the button is no longer there
  });
  story.classList.add("playing");
  bar.hidden = false;
  named();
}

for (const story of document.querySelectorAll("[data-story]")) playStory(story);
