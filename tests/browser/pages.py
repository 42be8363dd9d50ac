"""What a person does on the page, in words; and a watch over what the page does meanwhile."""

from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

PATIENT_MS = 20_000

# A name that is not this machine's own, so that plain HTTP is an insecure origin for Chromium.
INSECURE_HOST = "clinic.test"

WATCH_POLICY = """
  window.policyBroken = [];
  addEventListener("securitypolicyviolation", (event) =>
    policyBroken.push(event.violatedDirective + " " + event.blockedURI));
"""


def wait_for(page: Page, condition: str) -> None:
    """Wait until an expression holds; Playwright's own wait asks `eval`, which the page forbids."""
    assert page.evaluate(f"""async () => {{
      const end = performance.now() + {PATIENT_MS};
      while (!({condition})) {{
        if (performance.now() > end) return false;
        await new Promise(requestAnimationFrame);
      }}
      return true;
    }}"""), condition


class Watch:
    """Everything a page asks for and complains about, from before its first request."""

    def __init__(self, page: Page, address: str, faults: bool) -> None:
        self.page = page
        self.address = "/".join(address.split("/")[:3]) + "/"
        self.is_calm = not faults
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.add_init_script(WATCH_POLICY)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self.hear)

    def hear(self, line) -> None:
        is_policy = "Content Security Policy" in line.text
        if line.type == "error" and (self.is_calm or is_policy):
            self.errors.append(f"{line.text} ({line.location['url']})")

    def check(self) -> None:
        foreign = [url for url in self.asked if not url.startswith((self.address, "blob:"))]
        assert self.asked
        assert foreign == [], foreign
        assert self.errors == [], self.errors


def hold_next(page: Page, address: str) -> list[Route]:
    """Return where the next request to an address will wait, until the test lets it go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(address, hold, times=1)
    return held


def a_picture(folder: Path, name: str = "lesion.png", shift: int = 0) -> Path:
    """Draw a sharp dark lesion on skin that has some texture."""
    rng = np.random.default_rng(7 + shift)
    yy, xx = np.mgrid[0:450, 0:600]
    inside = (((xx - 300 - shift) / 150) ** 2 + ((yy - 225) / 110) ** 2 < 1)[..., None]
    pixels = np.where(inside, (96, 60, 44), (216, 170, 150)) + rng.normal(0, 12, (450, 600, 1))
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / name)
    return folder / name


def capture(page: Page) -> None:
    shutter = page.get_by_role("button", name="Capture", exact=True)
    expect(shutter).to_be_enabled()
    shutter.click()


def cards(page: Page) -> Locator:
    return page.locator("#gallery .card")


def answered_card(page: Page) -> Locator:
    """Return the newest card once it is answered."""
    card = page.locator("#gallery .card:not([data-capture-id=''])").first
    expect(card).to_be_visible()
    return card


def captured_card(page: Page) -> Locator:
    capture(page)
    return answered_card(page)


def kept_card(page: Page) -> Locator:
    page.get_by_label("The patient agrees that this frame is kept").check()
    return captured_card(page)


def viewer_of(card: Locator) -> Locator:
    card.locator(".card-open").click()
    viewer = card.page.locator("#viewer")
    expect(viewer).to_be_visible()
    return viewer


def delete(viewer: Locator) -> None:
    viewer.get_by_role("button", name="Delete").click()
    viewer.page.locator("#confirm").get_by_role("button", name="Delete").click()
