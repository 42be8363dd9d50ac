"""The page as a whole: its weight, its policy, its languages, its width, its installation."""

import json

import pytest
from pages import captured_card
from playwright.sync_api import Page, expect

from warehouse.settings import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FIRST_VIEW_BYTES = 150_000


def test_the_first_view_weighs_less_than_150_kb_over_the_wire(open_page):
    page = open_page()
    session = page.context.new_cdp_session(page)
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.reload(wait_until="networkidle")
    expect(page.locator("#capture")).to_be_enabled()
    assert len(received) > 20
    assert sum(received) < FIRST_VIEW_BYTES


def test_the_policy_allows_nothing_inline_and_nothing_foreign(open_page):
    page = open_page()
    policy = page.reload().headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    captured_card(page)
    assert page.evaluate("policyBroken") == []


def test_the_page_follows_the_browsers_language_and_remembers_another(open_page):
    page = open_page(locale="es-ES")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("button", name="Capturar", exact=True)).to_be_enabled()
    page.get_by_label("Idioma").select_option("en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="Capture", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Capture", exact=True)).to_be_visible()


def test_an_answer_that_stands_is_said_anew_in_the_other_language(open_page):
    page = open_page()
    captured_card(page)
    page.get_by_label("Language").select_option("es")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    spanish = json.loads(
        (ROOT / "static/texts/es.js").read_text().removeprefix("export default").strip()[:-1]
    )
    names = {spanish[key] for key in spanish if key.startswith("diagnosis.")}
    names.add(spanish["result.no_answer"])
    assert page.locator("#result .name").inner_text() in names
    assert page.locator("#gallery .card-name").inner_text() in names
    expect(page.locator("#notice")).to_contain_text("No es un producto sanitario")
    expect(page.locator("#status")).to_have_text("Registrada; la imagen no se guarda.")


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_nothing_is_wider_than_the_screen(open_page, width: int):
    page = open_page(viewport={"width": width, "height": 800}, locale="es-ES")
    expect(page.locator("#capture")).to_be_enabled()
    assert overflow(page) <= 0
    page.locator("#capture").click()
    page.locator("#result .bar").first.wait_for()
    assert overflow(page) <= 0


def test_the_page_can_be_installed(open_page):
    page = open_page("none")
    manifest = page.evaluate("fetch('/manifest.webmanifest').then((answer) => answer.json())")
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        answer = page.request.get(page.url.rstrip("/") + icon["src"])
        assert answer.ok
        assert answer.headers["content-type"].startswith(icon["type"])
    session = page.context.new_cdp_session(page)
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A test's profile is a private window, where nothing can be installed.
    assert {error["errorId"] for error in errors} <= {"in-incognito"}
