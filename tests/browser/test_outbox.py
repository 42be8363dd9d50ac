"""A server that is away: captures wait in the page, survive a reload, and are counted once."""

from hashlib import sha256
from pathlib import Path

import pytest
from pages import a_picture, answered_card, capture, cards, delete, hold_next, viewer_of
from playwright.sync_api import Page, Route, expect
from records import Records

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FRAMES = "**/video_frame/"
CAPTURES = "**/captures/**"


def expect_waiting(page: Page, words: str) -> None:
    expect(page.locator("#waiting")).to_have_text(words)


def test_captures_made_offline_wait_visibly_and_are_each_counted_once_when_the_server_is_back(
    open_page, records: Records
):
    page = open_page(faults=True)
    page.context.set_offline(True)
    capture(page)
    expect_waiting(page, "1 capture waits")
    capture(page)
    expect_waiting(page, "2 captures wait")
    expect(page.locator("#fault")).to_contain_text("The server cannot be reached")
    expect(page.locator("#gallery .card", has_text="Not sent yet")).to_have_count(2)
    ids = {card.get_attribute("data-prediction-id") for card in cards(page).all()}
    assert records.new("prediction") == 0
    page.context.set_offline(False)
    expect_waiting(page, "")
    expect(page.locator("#gallery .card[data-capture-id='']")).to_have_count(0)
    expect(page.locator("#fault")).to_be_empty()
    assert {card.get_attribute("data-prediction-id") for card in cards(page).all()} == ids
    assert (records.new("capture"), records.new("prediction")) == (2, 2)
    assert all(records.one("prediction", prediction_id=one) for one in ids)


def test_a_waiting_capture_survives_a_reload(open_page, records: Records):
    page = open_page(faults=True)
    page.route(FRAMES, lambda route: route.abort())
    page.get_by_label("The patient agrees").check()
    capture(page)
    expect_waiting(page, "1 capture waits")
    waiting = cards(page).first.get_attribute("data-prediction-id")
    page.reload()
    expect_waiting(page, "1 capture waits")
    expect(cards(page).first).to_have_attribute("data-prediction-id", waiting)
    expect(cards(page).first.locator("img")).to_have_js_property("complete", True)
    page.unroute(FRAMES)
    answered_card(page)
    expect_waiting(page, "")
    row = records.one("prediction", prediction_id=waiting)
    assert records.one("capture", capture_id=row["capture_id"])["has_consent"]
    assert records.new("prediction") == 1


def test_a_capture_that_comes_before_the_browsers_store_is_open_is_sent(
    open_page, records: Records
):
    page = open_page("none")
    page.evaluate("""async () => {
      const { Outbox } = await import("/static/outbox.js");
      const { newId } = await import("/static/elements.js");
      const blob = await (await fetch("/static/icons/icon-192.png")).blob();
      const capturedAt = new Date().toISOString();
      const entry = { predictionId: newId(), blob, name: "early.png", capturedAt, context: {} };
      await new Outbox().put(entry);
    }""")
    assert (records.new("capture"), records.new("prediction")) == (1, 1)


# A browser may tell at once that it cannot store something, or when it should be on its disk.
UNSTORED = {
    "at once": "function () { throw new DOMException('full', 'QuotaExceededError'); }",
    "late": """function (entry) {
      const request = put.call(this, entry);
      request.addEventListener("success", () => this.transaction.abort());
      return request;
    }""",
}


@pytest.mark.parametrize("when", UNSTORED)
def test_a_capture_that_the_browser_will_not_store_is_sent_all_the_same(
    open_page, records: Records, when: str
):
    page = open_page()
    page.evaluate(f"""() => {{
      const {{ put }} = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = {UNSTORED[when]};
    }}""")
    capture(page)
    answered_card(page)
    expect_waiting(page, "")
    assert records.new("prediction") == 1


def test_an_answer_that_is_lost_on_its_way_is_asked_for_again_and_counted_once(
    open_page, records: Records
):
    page = open_page(faults=True)
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().json()["prediction_id"])
        route.abort()

    page.route(FRAMES, lose_the_first_answer)
    capture(page)
    card = answered_card(page)
    assert lost == [card.get_attribute("data-prediction-id")]
    assert (records.new("capture"), records.new("prediction")) == (1, 1)


def test_a_waiting_capture_can_be_deleted_before_anyone_saw_it(open_page, records: Records):
    page = open_page(faults=True)
    page.route(FRAMES, lambda route: route.abort())
    capture(page)
    expect_waiting(page, "1 capture waits")
    delete(viewer_of(cards(page).first))
    expect_waiting(page, "")
    page.unroute(FRAMES)
    page.reload()
    expect(cards(page)).to_have_count(0)
    assert records.new("capture") == 0


def test_a_file_that_changes_while_it_waits_is_sent_as_it_was_chosen(
    open_page, records: Records, tmp_path: Path
):
    page = open_page("none", faults=True)
    page.route(FRAMES, lambda route: route.abort())
    file = a_picture(tmp_path)
    chosen = file.read_bytes()
    page.locator("#file").set_input_files(file)
    expect_waiting(page, "1 capture waits")
    file.write_bytes(b"another file")
    page.unroute(FRAMES)
    card = answered_card(page)
    row = records.one("capture", capture_id=card.get_attribute("data-capture-id"))
    assert row["sha256"] == sha256(chosen).hexdigest()


def test_a_capture_waits_for_somebody_who_may_send_it(open_page, records: Records):
    page = open_page(faults=True)
    page.route(FRAMES, lambda route: route.fulfill(status=403, json={"detail": "not a viewer"}))
    capture(page)
    expect(page.locator("#fault")).to_contain_text("Your role may not do this")
    expect_waiting(page, "1 capture waits")
    page.unroute(FRAMES)
    answered_card(page)
    expect_waiting(page, "")
    assert records.new("prediction") == 1


def test_a_capture_that_is_deleted_on_its_way_is_withdrawn_once_it_is_answered(
    open_page, records: Records
):
    page = open_page()
    page.get_by_label("The patient agrees").check()
    held = hold_next(page, FRAMES)
    capture(page)
    delete(viewer_of(cards(page).first))
    expect(cards(page)).to_have_count(0)
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as withdrawn:
        held[0].continue_()
    capture_id = withdrawn.value.url.rpartition("/")[2]
    assert records.one("capture", capture_id=capture_id)["deleted_at"] is not None
    expect(page.locator("#result .answer")).to_have_count(0)


def test_a_capture_that_is_deleted_after_its_answer_was_lost_is_withdrawn_when_the_server_is_back(
    open_page, records: Records
):
    page = open_page(faults=True)
    page.get_by_label("The patient agrees").check()
    answers = []

    def lose_every_answer(route: Route) -> None:
        answers.append(route.fetch().json())
        route.abort()

    page.route(FRAMES, lose_every_answer)
    page.route(CAPTURES, lambda route: route.abort())
    capture(page)
    expect_waiting(page, "1 capture waits")
    delete(viewer_of(cards(page).first))
    expect(page.locator("#status")).to_contain_text("deleted when the server is back")
    page.reload()
    expect(page.locator("#status")).to_contain_text("deleted when the server is back")
    expect_waiting(page, "")
    assert records.one("capture", capture_id=answers[0]["capture_id"])["deleted_at"] is None
    page.unroute(FRAMES)
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.unroute(CAPTURES)
    expect(page.locator("#status")).to_be_empty()
    expect(page.locator("#fault")).to_be_empty()
    assert records.one("capture", capture_id=answers[0]["capture_id"])["deleted_at"] is not None
    assert records.new("capture") == 1


def test_a_waiting_capture_that_one_tab_deletes_is_not_sent_by_another(open_page, records: Records):
    page = open_page(faults=True)
    page.context.route(FRAMES, lambda route: route.abort())
    capture(page)
    expect_waiting(page, "1 capture waits")
    other = page.context.new_page()
    other.goto(page.url)
    expect_waiting(other, "1 capture waits")
    delete(viewer_of(cards(page).first))
    expect_waiting(page, "")
    page.context.unroute(FRAMES)
    expect_waiting(other, "")
    expect(cards(other)).to_have_count(0)
    assert records.new("capture") == 0


def test_live_mode_says_that_the_server_is_away_and_goes_on_when_it_is_back(open_page):
    page = open_page(faults=True)
    button = page.get_by_role("button", name="Live", exact=True)
    expect(button).to_be_enabled()
    button.click()
    expect(page.locator("#result .answer")).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator("#fault")).to_contain_text("The server cannot be reached")
    page.context.set_offline(False)
    expect(page.locator("#fault")).to_be_empty()
    expect(button).to_have_attribute("aria-pressed", "true")
