"""Which lesion a capture shows, stated on the page."""

import pytest
from pages import kept_card, viewer_of
from playwright.sync_api import expect

from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tables import capture_lesion

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_kept_capture_is_said_to_show_a_lesion(open_page, home: Settings):
    page = open_page(faults=True)
    card = kept_card(page)
    capture_id = card.get_attribute("data-capture-id")
    viewer = viewer_of(card)
    viewer.get_by_label("Name or image").fill("left arm 3")
    viewer.get_by_role("button", name="State").click()
    expect(viewer).to_contain_text("Stated: it shows left arm 3.")
    viewer.get_by_label("Known by").select_option("image_id")
    viewer.get_by_label("Name or image").fill("never loaded")
    viewer.get_by_role("button", name="State").click()
    expect(viewer).to_contain_text("image never loaded: there is none")
    store = open_store(home)
    with store.read() as connection:
        rows = connection.execute(capture_lesion.select()).mappings().all()
    store.close()
    assert {row["capture_id"]: row["lesion_id"] for row in rows}[capture_id] == "left arm 3"
