"""Every look a page can have, and what axe-core finds in each."""

from collections.abc import Iterator
from itertools import product

from playwright.sync_api import Page

THEMES = ("light", "dark")
WIDTHS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}


# A page hears of its new look before the next frame, and is ready once it is drawn anew.
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def looks_of(page: Page) -> Iterator[str]:
    """Turn an open page to each theme and width, one after another."""
    for theme, (name, size) in product(THEMES, WIDTHS.items()):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size(size)
        page.evaluate(TWO_FRAMES)
        page.locator("html[data-ready]").wait_for()
        yield f"{name}, {theme}"


def violations(page: Page, axe: str) -> list[str]:
    """What axe finds in any look, each with the first element it was found on."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)  # from outside the page, so that its policy stands
    found = []
    for look in looks_of(page):
        broken = page.evaluate("axe.run().then((result) => result.violations)")
        found += [f"{look}: {one['help']} at {one['nodes'][0]['html']}" for one in broken]
    return found
