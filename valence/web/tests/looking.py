"""Looking at a page as everybody must be able to use it: what axe finds, light and dark, and what is too wide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import TimeoutError as NotInTime

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # all that a theme changes
NARROWEST = 320
SETTLED = 2_000  # milliseconds
RUN = """async ([rules, where]) => {
  const found = await axe.run(where || document, { runOnly: rules });
  return found.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(" ")).join(" | ")}`);
}"""
DRAWN = """() => [...document.querySelectorAll("[data-chart]")].every(
  (box) => !box.clientWidth || box.querySelector("svg path"))"""
SWITCHED = """() => {
  const root = document.documentElement;
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  document.dispatchEvent(new Event("valence:theme"));
}"""


def violations(page: Page, where: str = "", *, rules: dict[str, object] = TAGS) -> list[str]:
    """Return what axe finds on a page as it is, or in a part of it."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN, [rules, where])
    return found


def opened(page: Page, path: str) -> None:
    """Open a page and wait until its charts are drawn."""
    page.goto(path)
    page.wait_for_function(DRAWN)


def too_wide(page: Page) -> list[str]:
    """Return by how much a page scrolls sideways once its charts had the time to follow a new width."""
    try:
        page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth", timeout=SETTLED)
    except NotInTime:
        over = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        return [f"scrolls sideways by {over} pixels"]
    return []


@contextmanager
def complaints(page: Page) -> Iterator[list[str]]:
    """Gather what the browser complains of while this is open."""
    said: list[str] = []

    def console(message: object) -> None:
        if getattr(message, "type", "") == "error":
            said.append(f"the browser says: {getattr(message, 'text', '')}")

    def problem(error: object) -> None:
        said.append(f"the browser says: {error}")

    page.on("console", console)
    page.on("pageerror", problem)
    yield said
    page.remove_listener("console", console)
    page.remove_listener("pageerror", problem)


def wrong(page: Page, path: str) -> list[str]:
    """Open a page and return what keeps somebody from using it: at its width and theme, at the other, when narrow.

    1. All of axe, in the theme that the page came in. 2. What hangs on colours once more in the other theme, switched
    as the button does. 3. Whether it scrolls sideways, also at 320 pixels where it is a phone's. 4. What the browser
    complained of meanwhile.
    """
    with complaints(page) as said:
        opened(page, path)
        found = violations(page)
        page.evaluate(SWITCHED)
        found += [f"in the other theme: {one}" for one in violations(page, rules=COLOURS)]
        found += too_wide(page)
        size = page.viewport_size
        assert size is not None
        if size["width"] < 500:
            page.set_viewport_size({**size, "width": NARROWEST})
            page.wait_for_function(DRAWN)
            found += [f"at {NARROWEST} pixels: {one}" for one in too_wide(page)]
            page.set_viewport_size(size)
    return found + said
