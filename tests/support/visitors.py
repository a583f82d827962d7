"""People at the page, in a real browser: with a mouse or with only a keyboard, and what both can see."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

READY = "body[data-ready=yes][data-drawn=yes]"
ACTIVE = "selector => { const at = document.activeElement; return Boolean(at) && at.matches(selector); }"
# Whether the focus is there, whether that can be seen, whether the way there is back, and to another pane.
FOCUS = """selector => {
  const [at, target] = [document.activeElement, document.querySelector(selector)];
  if (!at) return [false, false, false, false];
  const look = getComputedStyle(at);
  const [here, pane] = [at, target].map(each => each?.closest("body > header, #side, #middle, #aside"));
  return [
    at.matches(selector),
    (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 1) || look.boxShadow !== "none",
    Boolean(at.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING),
    Boolean(document.querySelector("#middle") && pane && here !== pane),
  ];
}"""

# As Playwright tells what is visible, which asks one element after the other.
LISTED = """found => found
  .filter(at => at.checkVisibility({ visibilityProperty: true }) && at.getBoundingClientRect().height)
  .map(at => at.innerText)"""

# The large parts that cannot be seen, which axe does not look at: it goes through them before it knows. What
# another part names stays. Of the cards and lines that look alike, one, unless `whole`.
WITHOUT_HIDDEN = """async ([options, whole]) => {
  const ids = [...document.querySelectorAll("[id]")].map(at => at.id);
  if (new Set(ids).size < ids.length) throw new Error("Two elements have one id.");
  const large = "tbody, tr, #plain, #map > *, #lanes, #timeline-rows, details:not([open]) > :not(summary)";
  const named = ["aria-describedby", "aria-labelledby", "aria-controls", "for"].flatMap(name =>
    [...document.querySelectorAll(`[${name}]`)].flatMap(at => at.getAttribute(name).split(" ")));
  const kept = named.map(id => document.getElementById(id)).filter(Boolean);
  const looks = new Set();
  const known = at => {
    const look = [at.getAttribute("class"), ...at.getAttributeNames()].join();
    return looks.has(look) || !looks.add(look);
  };
  const hidden = [...document.querySelectorAll(large)].filter(at => !at.checkVisibility())
    .concat(whole ? [] : [...document.querySelectorAll("#map :is(.card, .line)")].filter(known))
    .filter(at => !kept.some(each => at.contains(each)));
  const places = hidden.map(at => [new Comment(), at]);
  for (const [place, at] of places) at.replaceWith(place);
  try {
    return (await axe.run(options)).violations;
  } finally {
    for (const [place, at] of places) place.replaceWith(at);
  }
}"""


def faults(visitor: Visitor, *, colours=True, only="", whole=False) -> list[tuple[str, str, str]]:
    """The rules of axe-core, or `only` some, that are broken in what is seen now, and where.

    Without `colours`, contrast is left out, which takes half of the time, as does the map, if `whole`.
    """
    from axe_playwright_python.sync_playwright import Axe

    visitor.page.mouse.move(0, 0)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    options |= {"runOnly": only.split()} if only else {"rules": {"color-contrast": {"enabled": colours}}}
    visitor.page.evaluate(Axe().axe_script)
    found = visitor.page.evaluate(WITHOUT_HIDDEN, [options, whole])
    return [(each["id"], str(node["target"]), node["html"][:200]) for each in found for node in each["nodes"]]


def quoted(text: str) -> str:
    """Text as a string of CSS."""
    return '"' + "".join(f"\\{ord(letter):x} " if letter in '"\\\n\r\f' else letter for letter in text) + '"'


def data(name: str, value: str) -> str:
    """The selector of an element with this data attribute."""
    return f"[data-{name}={quoted(value)}]"


class Visitor:
    """Someone at a page. What they do is told by Mouse and Keyboard; what they see is the same."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.doc: Mapping[str, Any] = {}

    def at(self, selector: str) -> Any:
        return self.page.locator(selector)

    def seen(self, selector: str) -> str:
        """The text that can be seen there, with single spaces; it has to be visible."""
        self.at(selector).first.wait_for(state="visible")
        return re.sub(r"\s+", " ", self.at(selector).first.inner_text()).strip()

    def listed(self, selector: str) -> list[str]:
        """The texts of all visible elements, in their order."""
        found = self.at(selector).evaluate_all(LISTED)
        return [re.sub(r"\s+", " ", text).strip() for text in found]

    def nodes(self, selector: str) -> list[str]:
        """What is named there, in its order."""
        return self.at(selector).evaluate_all("all => all.map(at => at.dataset.node)")

    def wait(self, condition: str, value: Any = None) -> None:
        """Until a condition in JavaScript holds."""
        self.page.wait_for_function(condition, arg=value, timeout=30_000)

    @property
    def status(self) -> str:
        """What is said above: how many things and connections, and how many are hidden."""
        self.wait("() => /^\\d/.test(document.getElementById('status').textContent)")
        return self.seen("#status")

    def counts(self) -> tuple[int, int]:
        """How many things and connections are in the picture itself: the map, or that of vis-network."""
        return tuple(
            self.page.evaluate(
                """() => {
                  const seen = explorer.counts();
                  if (["map", "countries"].includes(explorer.picture())) return [seen.nodes, seen.edges];
                  const { nodes, edges } = explorer.frames().body.data;
                  return [nodes.length, edges.length];
                }"""
            )
        )

    def at_level(self, *levels: int) -> tuple[int, int]:
        """How many things, of which at these levels of evidence, and connections the page's document has."""
        both = (self.document[of] for of in ("nodes", "edges"))
        return tuple(sum(each["evidence"] in levels for each in some) for some in both)

    @property
    def document(self) -> Mapping[str, Any]:
        """What the page is made of, as it is stored in it."""
        self.doc = self.doc or json.loads(self.at("#document").text_content())
        return self.doc

    def state(self) -> dict[str, Any]:
        return self.page.evaluate("() => explorer.state()")

    def positions(self) -> dict[str, Any]:
        return self.page.evaluate("() => explorer.positions()")

    def iri(self, name: str) -> str:
        """What is called so is named so."""
        (found,) = [node["iri"] for node in self.document["nodes"] if node["name"] == name]
        return found

    def spot(self, iri: str) -> tuple[float, float]:
        """Where on the screen a thing is drawn."""
        x, y = self.page.evaluate(
            """iri => {
              const { id } = explorer.model.doc.nodes.find(each => each.iri === iri);
              if (["map", "countries"].includes(explorer.picture())) {
                const card = document.querySelector(`#map .card[data-things~="${id}"] > rect`);
                const { x, y, width, height } = card.getBoundingClientRect();
                return [x + width / 2, y + height / 2];
              }
              const picture = explorer.frames();
              const at = picture.canvasToDOM(picture.getPositions([id])[id]);
              const box = document.querySelector("#canvas canvas").getBoundingClientRect();
              return [box.x + at.x, box.y + at.y];
            }""",
            iri,
        )
        return x, y

    # What people do; each of the two in their own way

    def press(self, selector: str) -> None:
        """Use a button, a tab, a box to tick or a row of the outline."""
        raise NotImplementedError

    def choose(self, selector: str, label: str) -> None:
        """One of the options of a list that drops down."""
        raise NotImplementedError

    def open(self, kind: str) -> None:
        """Open a kind in the outline."""
        raise NotImplementedError

    def undo(self) -> None:
        raise NotImplementedError

    def focus(self, selector: str) -> None:
        """Get into a field."""
        raise NotImplementedError

    def type(self, selector: str, text: str) -> None:
        """Fill a field, and be done with it."""
        self.focus(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def search(self, typed: str, name: str, field: str = "#search") -> None:
        """Type into a field, and choose from what it finds."""
        self.focus(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(typed)
        found = f"{field.replace('search', 'found') if field == '#search' else field + '-found'}"
        option = f"{found} [role=option]{data('node', self.iri(name))}"
        self.at(option).wait_for(state="visible")
        self.take(option, found)
        self.at(found).wait_for(state="hidden")

    def take(self, option: str, found: str) -> None:
        raise NotImplementedError


class Mouse(Visitor):
    """Someone who points and clicks; only words are typed."""

    def press(self, selector: str) -> None:
        self.at(selector).filter(visible=True).first.click()

    focus = press

    def choose(self, selector: str, label: str) -> None:
        self.at(selector).select_option(
            label=label
        )  # the list itself is drawn by the system, not by the page

    def open(self, kind: str) -> None:
        row = self.at(f"#outline tr{data('kind', kind)}")
        if row.get_attribute("aria-expanded") == "false":
            row.click()

    def undo(self) -> None:
        self.press("#undo")

    def take(self, option: str, found: str) -> None:
        self.press(option)


class Keyboard(Visitor):
    """Someone who presses keys, and sees at every step where they are."""

    def key(self, name: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(name)

    def reach(self, selector: str, within: str = "") -> None:
        """Go there by F6 and Tab, or Shift+Tab; within a widget that is one stop, by its arrows."""
        if within and not self.page.evaluate(ACTIVE, f"{within}, {within} *"):
            self.reach(f"{within}[tabindex='0'], {within} [tabindex='0']")
        for number in range(400):
            there, marked, back, away = self.page.evaluate(FOCUS, selector)
            if there:
                assert marked, f"One cannot see that the focus is on {selector}."
                return
            if away and number < 4:
                self.key("F6")
            elif not within:
                self.key("Shift+Tab" if back else "Tab")
            elif "#views" in within or "#panes" in within:
                self.key("ArrowLeft" if back else "ArrowRight")
            else:
                self.key("ArrowUp" if back else "ArrowDown")
        raise AssertionError(f"The keyboard does not reach {selector}.")

    focus = reach

    def press(self, selector: str) -> None:
        self.at(selector).filter(visible=True).first.wait_for()
        element = self.at(selector).first.evaluate(
            """each => ({
              role: each.getAttribute("role"), type: each.type,
              widget: each.type !== "checkbox"
                && each.closest("#outline, #views, #panes")?.id,
            })"""
        )
        self.reach(selector, f"#{element['widget']}" if element["widget"] else "")
        if element["role"] != "tab":  # tabs open as one comes to them
            self.key("Space" if element["type"] == "checkbox" else "Enter")

    def choose(self, selector: str, label: str) -> None:
        self.reach(selector)
        labels = [text.strip() for text in self.at(f"{selector} option").all_inner_texts()]
        self.key("Home")
        self.key("ArrowDown", labels.index(label))

    def open(self, kind: str) -> None:
        row = f"#outline tr{data('kind', kind)}"
        self.reach(row, "#outline")
        if self.at(row).get_attribute("aria-expanded") == "false":
            self.key("ArrowRight")

    def undo(self) -> None:
        self.key("Control+z")

    def take(self, option: str, found: str) -> None:
        for _ in range(15):
            if self.at(option).get_attribute("aria-selected") == "true":
                return self.key("Enter")
            self.key("ArrowDown")
        raise AssertionError(f"The arrow keys do not reach {option}.")
