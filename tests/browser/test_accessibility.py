"""axe-core over every page and every dialog: both themes, the width of a phone and of a desk."""

from collections.abc import Callable
from pathlib import Path

import pytest
from looks import violations
from pages import PATIENT_MS, captured_card, cards, kept_card, viewer_of
from playwright.sync_api import Page, expect

from api.routes.navigation import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_axe_finds_nothing_on_the_camera_page_or_in_any_dialog(open_page, axe: str):
    page = open_page(reduced_motion="reduce")
    expect(page.locator("#capture")).to_be_enabled()
    page.get_by_text("About the lesion").click()
    assert violations(page, axe) == []
    captured_card(page)
    kept_card(page)
    expect(cards(page)).to_have_count(2)
    expect(page.locator("#gallery .card[data-capture-id='']")).to_have_count(0)
    assert violations(page, axe) == []
    viewer = viewer_of(cards(page).first)
    assert violations(page, axe) == []
    viewer.get_by_role("button", name="Delete").click()
    assert violations(page, axe) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    for box in page.get_by_role("checkbox", name="Compare:").all():
        box.check()
    page.get_by_role("button", name="Compare (").click()
    expect(page.get_by_role("dialog", name="Two captures")).to_be_visible()
    assert violations(page, axe) == []


def test_axe_finds_nothing_in_live_mode(open_page, axe: str):
    page = open_page(reduced_motion="reduce")
    page.locator("#live:enabled").click(timeout=PATIENT_MS)
    expect(page.locator("#result .answer")).to_be_visible()
    assert violations(page, axe) == []


def test_axe_finds_nothing_where_there_is_no_camera_or_a_fault_is_told(
    open_page, axe: str, tmp_path: Path
):
    page = open_page("none", faults=True, reduced_motion="reduce")
    expect(page.locator("#camera-fault")).not_to_be_empty()
    (tmp_path / "notes.jpg").write_text("not an image at all")
    page.locator("#file").set_input_files(tmp_path / "notes.jpg")
    expect(page.locator("#fault")).not_to_be_empty()
    assert violations(page, axe) == []


def show_answer(page: Page) -> None:
    page.get_by_label("Query").fill("select diagnosis_code, is_malignant from dim_diagnoses")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#figures")).to_contain_text("7 rows")


def show_model(page: Page) -> None:
    page.locator("#registry button").first.click()
    expect(page.locator("#about-title")).to_be_focused()
    page.get_by_text("Images of train").click()
    page.locator(".lessons button").first.click()
    expect(page.locator("#traced li").first).to_be_visible()


# What is done on a page before it is looked at; the dashboards have a test beside their own.
FILLED: dict[str, Callable[[Page], None]] = {"/sql": show_answer, "/models": show_model}
OTHER_PAGES = ["/sign-in", *(path for path in PAGES.values() if path not in ("/", "/analytics"))]


@pytest.mark.parametrize("path", OTHER_PAGES)
def test_axe_finds_nothing_on_any_other_page(open_page, address: str, axe: str, path: str):
    page = open_page("none", at=address.rstrip("/") + path, reduced_motion="reduce")
    FILLED.get(path, lambda page: None)(page)
    assert violations(page, axe) == []
