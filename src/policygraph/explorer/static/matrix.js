// What a matrix does without a reload: sort by a row or a column, and show the row of the answer that a cell
// leads to. Without this script, it is in its first order, and the whole answer is below.
{
  // Numbers first, the greatest before others, then 0, then "?", then outlines, then blanks.
  const kinds = ["", "none", "untitled", "below"];
  const weight = (cell) => Number(cell.textContent) || kinds.indexOf(cell.classList[0] ?? "") / 4;
  const back = document.querySelector(".back");

  function sortable(tools) {
    const select = tools.querySelector("select");
    const table = document.getElementById(tools.dataset.matrix);
    const lines = [...table.querySelectorAll("tr")].map((row) => ({ row, cells: [...row.children] }));
    const [head, ...body] = lines;

    select.addEventListener("change", () => {
      const [side, at] = select.value.split(" ");
      const rows = [...body];
      const columns = [...head.cells.keys()].slice(1, -1);
      if (side === "column") rows.sort((a, b) => weight(b.cells[at]) - weight(a.cells[at]));
      if (side === "row") columns.sort((a, b) => weight(lines[at].cells[b]) - weight(lines[at].cells[a]));
      table.tBodies[0].append(...rows.map(({ row }) => row));
      for (const { row, cells } of lines) row.append(cells[0], ...columns.map((n) => cells[n]), cells.at(-1));
      for (const sorted of table.querySelectorAll("[aria-sort]")) sorted.removeAttribute("aria-sort");
      (side === "column" ? head.cells[at] : lines[at]?.cells[0])?.setAttribute("aria-sort", "descending");
    });
    tools.hidden = false;
  }

  // A row that is not among those shown is shown with all of them.
  function reveal(hash) {
    const row = hash.startsWith("#row-") && document.getElementById(hash.slice(1));
    if (!row) return;
    const tools = document.querySelector(".tools[data-table=rows]");
    if (row.hidden) {
      tools.querySelector("input").value = "";
      tools.querySelector("input").dispatchEvent(new Event("input"));
    }
    if (row.classList.contains("off")) tools.querySelector("[aria-pressed=false]").click();
    row.lastElementChild.append(back);
    row.scrollIntoView();
    row.querySelector("a")?.focus({ preventScroll: true });
  }

  // Of the level of evidence, where no server reads it in the address.
  const levels = /** @type {any} */ (document.querySelector(".levels[hidden]"));
  if (levels) {
    const asked = new URLSearchParams(location.search).get("evidence");
    const before = levels.querySelector("[aria-current]");
    const now = levels.querySelector(`[data-evidence="${CSS.escape(asked ?? "")}"]`) ?? before;
    before.removeAttribute("aria-current");
    now.setAttribute("aria-current", "true");
    const isOut = now.matches("[data-out]");
    for (const each of document.querySelectorAll("#counted, #answer .count"))
      each.toggleAttribute("hidden", isOut);
    document.getElementById("out").hidden = !isOut;
    levels.hidden = false;
  }

  for (const tools of document.querySelectorAll(".sort")) sortable(tools);
  addEventListener("hashchange", () => reveal(location.hash));
  // Back from its row, a cell is where one was.
  back?.addEventListener("click", (event) => {
    const cell = document.querySelector(`#drawn a[href="#${back.closest("tr")?.id}"]`);
    if (!cell) return;
    event.preventDefault();
    cell.focus();
  });
  addEventListener("click", ({ target }) => {
    const link = target.closest?.("a[href^='#row-']");
    if (link) reveal(link.getAttribute("href"));
  });
  reveal(location.hash);
}
