"""The status page in Chromium: in both languages, narrow and wide, with a build that failed."""

import pytest
from playwright.sync_api import expect

from warehouse.build_log import finish_record, start_record
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import BuildReason, Outcome

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def failed_build(home: Settings):
    store = open_store(home)
    build = start_record(store, BuildReason.age)
    finish_record(store, build, Outcome.failed, message="dbt: 1 node(s) failed: not_null_made_up")
    store.close()


def test_it_says_what_is_well_and_why_the_last_build_failed(open_page, address, failed_build):
    page = open_page("none", at=f"{address}status")
    expect(page.locator("#state")).to_have_text("Ready")
    expect(page.locator("#models")).to_contain_text("Champion")
    expect(page.locator("#checks li")).to_have_count(3)
    first = page.locator("#builds li").first
    expect(first).to_contain_text("Failed")
    expect(first).to_contain_text("not_null_made_up")
    page.get_by_label("Language").select_option("es")
    expect(page.locator("#state")).to_have_text("Listo")
    expect(first).to_contain_text("Fallida")


@pytest.mark.parametrize("width", [320, 1440])
def test_nothing_is_wider_than_the_screen(open_page, address, failed_build, width: int):
    page = open_page("none", at=f"{address}status", viewport={"width": width, "height": 800})
    expect(page.locator("#builds li").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_it_says_that_the_server_is_away_and_comes_back_by_itself(open_page, address):
    page = open_page("none", at=f"{address}status", faults=True)
    page.route("**/app/status", lambda route: route.abort())
    expect(page.locator("#fault")).to_contain_text("cannot be reached")
    page.unroute("**/app/status")
    expect(page.locator("#fault")).to_be_empty()
