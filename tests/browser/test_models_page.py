"""The models page in Chromium: who was judged and how, what is due, and lineage both ways."""

from contextlib import closing
from dataclasses import replace

import pytest
from pages import kept_card
from playwright.sync_api import expect

from warehouse.looks import Look, VerdictLine, record_lines, record_look
from warehouse.registry import CHAMPION, find, record_model, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import LookReason

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

REFUSED = "refused-model"


@pytest.fixture
def refused(home: Settings) -> str:
    """A challenger that finds fewer melanomas; judged once for all tests."""
    with closing(open_store(home)) as store:
        with store.read() as connection:
            is_there = find(connection, REFUSED) is not None
        if not is_there:
            champion = resolve(store, CHAMPION)
            record_model(store, replace(champion, model_id=REFUSED, reason="new_labels"), [])
            look = Look(LookReason.judgement, REFUSED, 1, champion.model_id)
            record_look(store, look)
            well = VerdictLine("latency_ms", "9.0 against 9.0", 9, 9, 0, None, None, 15, 1, True)
            ill = replace(well, name="melanoma_sensitivity", is_passed=False)
            record_lines(store, look, [well, ill, replace(ill, name="shadow", is_decisive=False)])
    return REFUSED


def test_a_verdict_is_read_line_by_line_beside_the_rules(open_page, address, refused: str):
    page = open_page("none", at=f"{address}models")
    row = page.locator("#registry li", has_text=refused)
    expect(row).to_contain_text("refused by 1 lines")
    row.get_by_role("button", name=refused).click()
    expect(page.locator("#about-title")).to_have_text(refused)
    lines = page.locator("#verdicts tbody tr")
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_contain_text("holds")
    expect(lines.nth(1)).to_contain_text("does not hold")
    expect(lines.nth(2)).to_contain_text("told only")
    expect(page.locator("#rules tbody tr")).to_have_count(7)
    expect(page.locator("#rules")).to_contain_text("New labels from the camera")
    expect(page.locator("#due")).not_to_be_empty()  # what, depends on who has built this home
    page.get_by_label("Language").select_option("es")
    expect(page.locator("#rules")).to_contain_text("Etiquetas nuevas de la cámara")


def test_an_answer_is_traced_to_an_image_that_taught_its_model_and_back(open_page, address):
    page = open_page()
    answer_id = kept_card(page).get_attribute("data-prediction-id")
    page.goto(f"{address}models?trace={answer_id}")
    traced = page.locator("#traced")
    model = traced.get_by_role("button").first
    expect(model).to_contain_text("mobilenetv2-")
    expect(traced.get_by_role("button", name="frame-")).to_be_visible()
    model.click()
    page.get_by_text("Images of train").click()
    page.locator(".lessons li:not(:has(small + small)) button").first.click()
    use = traced.locator("li", has=page.get_by_role("button", name=answer_id))
    expect(use).to_contain_text("learnt from it")
    use.get_by_role("button", name=answer_id).click()
    expect(traced.get_by_role("button", name="frame-")).to_be_visible()


def test_what_cannot_be_traced_is_told(open_page, address):
    page = open_page("none", at=f"{address}models", faults=True)
    field = page.get_by_label("An answer's id, or an image's")
    field.fill("never loaded")
    field.press("Enter")
    expect(page.locator("#traced")).to_have_text("No model has seen this image.")
    field.fill("00000000-0000-4000-8000-000000000000")
    field.press("Enter")
    expect(page.locator("#traced")).to_contain_text("there is none, or it was withdrawn")


@pytest.mark.parametrize("width", [320, 1440])
def test_nothing_is_wider_than_the_screen(open_page, address, refused: str, width: int):
    page = open_page("none", at=f"{address}models", viewport={"width": width, "height": 800})
    page.get_by_role("button", name=refused).click()
    expect(page.locator("#verdicts tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
