"""The captures afterwards: overlay, large view, review, ask again, compare, earlier, delete."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pages import (
    a_picture,
    answered_card,
    capture,
    captured_card,
    cards,
    delete,
    hold_next,
    kept_card,
    viewer_of,
    wait_for,
)
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect
from records import Records
from second_model import add_second_model

from warehouse.registry import CHAMPION, resolve, set_alias
from warehouse.settings import Settings
from warehouse.store import open_store

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def three_answered(page: Page, folder: Path) -> None:
    files = [a_picture(folder, f"{shift}.png", shift) for shift in (0, 20, 40)]
    page.locator("#file").set_input_files(files)
    expect(page.locator("#gallery .card:not([data-capture-id=''])")).to_have_count(3)


def test_the_overlay_lies_on_the_frame_and_follows_its_slider(open_page):
    page = open_page()
    with page.expect_response("**/video_frame/") as answered:
        captured_card(page)
    overlay = page.locator("#result canvas.overlay")
    expect(overlay).to_be_visible()
    is_drawn = """async (canvas, map) => {
      const { drawActivation } = await import("/static/overlay.js");
      const pixels = (canvas) => canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data.join();
      const other = document.createElement("canvas");
      drawActivation(other, map);
      return pixels(canvas) === pixels(other);
    }"""
    activation = answered.value.json()["activation"]
    assert overlay.evaluate(is_drawn, activation)
    turned = [1 - value for value in activation["values"]]
    assert not overlay.evaluate(is_drawn, {**activation, "values": turned})
    frame, layer = page.locator("#result .picture-box").bounding_box(), overlay.bounding_box()
    assert layer == pytest.approx(frame, abs=1)
    page.get_by_label("Where the model looked").fill("0")
    expect(overlay).to_have_css("opacity", "0")
    page.get_by_label("Where the model looked").fill("0.8")
    expect(overlay).to_have_css("opacity", "0.8")


def test_the_map_is_enlarged_bilinearly_in_colours_ordered_by_lightness(open_page):
    page = open_page("none")
    values, rgba = page.evaluate("""async () => {
      const { sample, drawLegend } = await import("/static/overlay.js");
      const map = { rows: 2, columns: 2, values: [0, 1, 0.5, 0.25] };
      const canvas = document.createElement("canvas");
      drawLegend(canvas);
      const places = [[0.25, 0.25], [0.75, 0.25], [0.5, 0.25], [0.5, 0.5], [0, 1]];
      return [places.map(([u, v]) => sample(map, u, v)),
              [...canvas.getContext("2d").getImageData(0, 0, 256, 1).data]];
    }""")
    assert values == pytest.approx([0, 1, 0.5, 0.4375, 0.5])
    linear = (np.array(rgba).reshape(-1, 4)[:, :3] / 255) ** 2.2
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > -0.004).all()
    assert luminance[-1] - luminance[0] > 0.6


def test_a_review_is_recorded_and_its_reviewer_remembered(open_page, records: Records):
    page = open_page()
    card = kept_card(page)
    viewer = viewer_of(card)
    viewer.get_by_label("Diagnosis").select_option("bcc")
    viewer.get_by_label("Confirmed by").select_option("histo")
    viewer.get_by_label("Your pseudonym").fill("dr-17")
    viewer.get_by_role("button", name="diagnosis").click()
    expect(viewer.locator(".reviews .said")).to_have_text("The review is recorded.")
    expect(viewer.locator(".reviews .history")).to_contain_text("Basal cell carcinoma")
    expect(viewer.locator(".reviews .history")).to_contain_text("Histology · dr-17")
    row = records.one("review", capture_id=card.get_attribute("data-capture-id"))
    assert (row["dx"], row["dx_type"], row["reviewer"]) == ("bcc", "histo", "dr-17")
    page.keyboard.press("Escape")
    expect(card).to_contain_text("Reviewed")
    page.reload()
    expect(viewer_of(captured_card(page)).get_by_label("Your pseudonym")).to_have_value("dr-17")
    assert records.new("review") == 1


@pytest.fixture
def promote_newer(home: Settings) -> Iterator[Callable[[], str]]:
    """Return a function that makes a newer model the champion, until the test has ended."""
    store = open_store(home)
    before = resolve(store, CHAMPION).model_id

    def promote() -> str:
        set_alias(store, CHAMPION, add_second_model(home, "newer-20990101-000000-abcdef"))
        return "newer-20990101-000000-abcdef"

    yield promote
    set_alias(store, CHAMPION, before)
    store.close()


def test_a_kept_frame_is_asked_again_of_a_newer_model_and_both_answers_stand(
    open_page, records: Records, promote_newer
):
    page = open_page()
    card = kept_card(page)
    capture_id = card.get_attribute("data-capture-id")
    older = records.one("prediction", capture_id=capture_id)["model_id"]
    newer = promote_newer()
    wait_for(page, f"(await (await fetch('/healthz')).json()).model === '{newer}'")
    viewer = viewer_of(card)
    viewer.get_by_role("button", name="Ask again").click()
    answers = viewer.locator(".answers li")
    expect(answers).to_have_count(2)
    expect(answers.first).to_contain_text("newer · version 20990101-000000-abcdef")
    expect(answers.last).to_contain_text(older.split("-", 1)[1])
    expect(viewer.locator(".viewer-side > .said")).to_contain_text("Answered again")
    models = {row["model_id"] for row in records.rows("prediction", capture_id=capture_id)}
    assert models == {older, newer}


def test_a_question_asked_again_is_answered_once_and_beside_its_own_capture(
    open_page, records: Records
):
    page = open_page(faults=True)
    first = kept_card(page).get_attribute("data-capture-id")
    card = page.locator(f"#gallery .card[data-capture-id='{first}']")
    capture(page)
    expect(page.locator("#gallery .card:not([data-capture-id=''])")).to_have_count(2)
    before = card.get_attribute("data-prediction-id")
    viewer = viewer_of(card)
    again, said = viewer.get_by_role("button", name="Ask again"), viewer.locator("div > .said")
    answers = f"**/captures/{first}/answers"
    page.route(answers, lambda route: (route.fetch(), route.abort()), times=1)
    again.click()
    expect(said).to_contain_text("cannot be reached")
    assert len(records.rows("prediction", capture_id=first)) == 2
    held = hold_next(page, answers)
    again.click()
    page.get_by_role("button", name="Previous capture").click()
    held[0].continue_()
    expect(card).not_to_have_attribute("data-prediction-id", before)
    expect(said).to_be_empty()
    assert len(records.rows("prediction", capture_id=first)) == 2


def test_a_deleted_capture_is_gone_from_the_page_the_server_and_the_disk(
    open_page, home: Settings, records: Records, tmp_path: Path
):
    page = open_page("none", faults=True)
    page.get_by_label("The patient agrees").check()
    # A picture that no other test keeps: equal frames are one file.
    page.locator("#file").set_input_files(a_picture(tmp_path, shift=77))
    card = answered_card(page)
    capture_id = card.get_attribute("data-capture-id")
    file = home.home / records.one("capture", capture_id=capture_id)["uri"]
    assert file.is_file()
    viewer = viewer_of(card)
    viewer.get_by_role("button", name="Delete").click()
    page.keyboard.press("Escape")
    expect(page.locator("#confirm")).to_be_hidden()
    expect(viewer).to_be_visible()
    assert records.one("capture", capture_id=capture_id)["deleted_at"] is None
    delete(viewer)
    expect(cards(page)).to_have_count(0)
    expect(page.locator("#result .answer")).to_have_count(0)
    expect(page.locator("#captures-title")).to_be_focused()
    assert records.one("capture", capture_id=capture_id)["deleted_at"] is not None
    assert not file.exists()
    assert page.evaluate(f"fetch('/captures/{capture_id}').then((answer) => answer.status)") == 404


def test_two_captures_stand_side_by_side(open_page, tmp_path: Path):
    page = open_page("none")
    three_answered(page, tmp_path)
    compare = page.get_by_role("button", name="Compare (")
    expect(compare).to_be_disabled()
    boxes = page.get_by_role("checkbox", name="Compare:")
    boxes.nth(0).check()
    boxes.nth(2).check()
    compare.click()
    dialog = page.get_by_role("dialog", name="Two captures")
    expect(dialog.locator("figure img")).to_have_count(2)
    expect(dialog.locator("tbody tr")).to_have_count(7)
    newest = page.locator(".versus tbody td:last-child").all_inner_texts()
    result = {bar.inner_text() for bar in page.locator("#result .bar span:nth-child(2)").all()}
    assert set(newest) == result
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    boxes.nth(1).check()
    expect(page.get_by_role("checkbox", checked=True).and_(boxes)).to_have_count(2)


def test_a_frame_that_is_not_assessable_suggests_no_diagnosis(open_page, tmp_path: Path):
    page = open_page("none")

    def answer_nothing(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, json=told.json() | {"decision": "not_assessable"})

    page.route("**/video_frame/", answer_nothing)
    three_answered(page, tmp_path)
    boxes = page.get_by_role("checkbox", name="Compare:")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="Compare (").click()
    expect(page.locator(".versus tbody tr")).to_have_count(7)
    expect(page.locator(".versus .is-answer")).to_have_count(0)
    page.keyboard.press("Escape")
    viewer = viewer_of(cards(page).first)
    expect(viewer.get_by_label("Diagnosis")).to_have_value("")
    viewer.get_by_label("Diagnosis").select_option(index=1)
    expect(viewer.locator("button[name=send]")).to_have_text("Correct the diagnosis")


def downloaded(viewer: Locator) -> bytes:
    with viewer.page.expect_download() as download:
        viewer.get_by_role("link", name="Download").click()
    return Path(download.value.path()).read_bytes()


def with_metadata(picture: Path, target: Path) -> Path:
    exif = Image.Exif()
    exif[0x010F], exif[0x9286] = "the maker", "the patient's name"
    Image.open(picture).convert("RGB").save(target, exif=exif)
    return target


def test_earlier_kept_captures_are_shown_when_asked_for_and_downloaded_without_metadata(
    open_page, picture: Path, home: Settings, records: Records, tmp_path: Path
):
    page = open_page("none", accept_downloads=True)
    page.get_by_label("The patient agrees").check()
    file = with_metadata(picture, tmp_path / "named.jpg")
    page.locator("#file").set_input_files(file)
    here = answered_card(page)
    capture_id = here.get_attribute("data-capture-id")
    assert downloaded(viewer_of(here)) == file.read_bytes()
    page.reload()
    expect(cards(page)).to_have_count(0)
    page.get_by_role("button", name="Show earlier kept captures").click()
    card = page.locator(f"#gallery .card[data-capture-id='{capture_id}']")
    expect(card).to_contain_text("Kept")
    viewer = viewer_of(card)
    expect(viewer.locator("img")).to_have_js_property("naturalWidth", 600)
    kept = downloaded(viewer)
    image = Image.open(io.BytesIO(kept))
    assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (600, 450), {})
    assert b"the patient's name" not in kept
    assert kept == (home.home / records.one("capture", capture_id=capture_id)["uri"]).read_bytes()


def test_the_filter_shows_only_what_fits(open_page, records: Records, tmp_path: Path):
    page = open_page("none")
    three_answered(page, tmp_path)
    ids = [card.get_attribute("data-prediction-id") for card in cards(page).all()]
    rows = [records.one("prediction", prediction_id=one) for one in ids]
    for label, column in (("Diagnosis", "dx"), ("Decision", "decision")):
        choice, code = page.locator("#filter").get_by_label(label), rows[0][column]
        choice.select_option(code)
        expect(cards(page)).to_have_count(sum(row[column] == code for row in rows))
        choice.select_option("")
    expect(cards(page)).to_have_count(3)
    viewer = viewer_of(cards(page).first)
    viewer.get_by_label("Confirmed by").select_option("consensus")
    viewer.get_by_label("Your pseudonym").fill("dr-17")
    viewer.get_by_role("button", name="diagnosis").click()
    expect(viewer.locator(".reviews .said")).to_have_text("The review is recorded.")
    page.keyboard.press("Escape")
    reviewed = page.locator("#filter").get_by_label("Review")
    reviewed.select_option("true")
    expect(cards(page)).to_have_count(1)
    expect(page.locator("#captures-count")).to_have_text("1 capture")
    reviewed.select_option("false")
    expect(cards(page)).to_have_count(2)


def test_arrows_move_through_the_gallery_and_the_large_view_and_escape_gives_focus_back(
    open_page, tmp_path: Path
):
    page = open_page("none")
    three_answered(page, tmp_path)
    openers = page.locator(".card-open")
    openers.first.focus()
    page.keyboard.press("ArrowRight")
    expect(openers.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(openers.nth(2)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator("#viewer-title")).to_be_focused()
    expect(page.locator("#viewer-place")).to_have_text("2 / 3")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer-place")).to_have_text("3 / 3")
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(openers.nth(1)).to_be_focused()
