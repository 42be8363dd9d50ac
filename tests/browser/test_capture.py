"""A frame from the camera or a file: what the page shows of its answer, and what is recorded."""

from pathlib import Path

import numpy as np
import pytest
from pages import (
    a_picture,
    answered_card,
    captured_card,
    cards,
    hold_next,
    kept_card,
    viewer_of,
)
from playwright.sync_api import Page, expect
from records import Records

from warehouse.build import build
from warehouse.published import connect_live
from warehouse.settings import Settings
from warehouse.vocabulary import Diagnosis, values

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SHARES = [f"p_{code}" for code in values(Diagnosis)]


def shown_shares(page: Page) -> dict[str, str]:
    bars = page.locator("#result .bar")
    return {
        bar.get_attribute("data-code"): bar.locator("span").nth(1).inner_text()
        for bar in bars.all()
    }


def test_a_captured_frame_shows_its_answer_and_is_a_fact_with_the_same_numbers(
    open_page, home: Settings, records: Records
):
    page = open_page()
    prediction_id = captured_card(page).get_attribute("data-prediction-id")
    row = records.one("prediction", prediction_id=prediction_id)
    told = {code: f"{row[f'p_{code}'] * 100:.1f}%" for code in values(Diagnosis)}
    assert shown_shares(page) == told
    result = page.locator("#result")
    expect(result.locator(".model-name")).to_contain_text(row["model_id"].split("-")[-1])
    expect(result.locator(".facts")).to_contain_text("ms")
    expect(result.locator(".answer")).to_have_class(f"answer {row['decision']}")
    expect(page.locator("#notice")).to_contain_text("SYNTHETIC")
    expect(page.locator("#notice")).to_contain_text("Not a medical device")
    with connect_live(home) as connection:
        query = f"select {', '.join(SHARES)} from fct_predictions_live where prediction_id = ?"
        fact = connection.execute(query, [prediction_id]).fetchone()
    assert fact == tuple(row[name] for name in SHARES)


def test_without_consent_the_picture_is_not_kept_and_with_it_the_picture_is(
    open_page, home: Settings, records: Records
):
    page = open_page()
    expect(page.locator("#consent")).not_to_be_checked()
    expect(page.locator("#consent-note")).to_contain_text("the picture is not")
    card = captured_card(page)
    expect(page.locator("#status")).to_have_text("Recorded; the picture is not kept.")
    row = records.one("capture", capture_id=card.get_attribute("data-capture-id"))
    assert (row["has_consent"], row["uri"]) == (False, None)
    first = card.get_attribute("data-key")
    kept_card(page)
    expect(page.locator("#status")).to_have_text("Recorded; the picture is kept.")
    newest = page.locator(f"#gallery .card:not([data-key='{first}'])")
    row = records.one("capture", capture_id=newest.get_attribute("data-capture-id"))
    assert row["has_consent"]
    assert (home.home / row["uri"]).is_file()


def test_what_is_entered_about_the_lesion_is_recorded_with_the_frame(open_page, records: Records):
    page = open_page()
    page.get_by_text("About the lesion").click()
    page.get_by_label("Age in years").fill("64")
    page.get_by_label("Sex").select_option("female")
    page.get_by_label("Body site").select_option("lower extremity")
    page.get_by_label("Patient's pseudonym").fill("P-17")
    card = captured_card(page)
    row = records.one("capture", capture_id=card.get_attribute("data-capture-id"))
    assert (row["age_years"], row["sex"]) == (64.0, "female")
    assert (row["localization"], row["subject"]) == ("lower extremity", "P-17")
    viewer = viewer_of(card)
    for words in ("P-17", "64 years", "Female", "Lower extremity", "Answer only"):
        expect(viewer.locator(".details")).to_contain_text(words)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="New patient").click()
    expect(page.get_by_label("Age in years")).to_have_value("")
    expect(page.locator("#context-summary")).to_have_text("optional")


def test_an_age_that_nobody_has_is_not_sent(open_page, records: Records):
    page = open_page()
    page.get_by_text("About the lesion").click()
    page.get_by_label("Age in years").fill("640")
    page.get_by_text("About the lesion").click()
    expect(page.get_by_label("Age in years")).to_be_hidden()
    page.get_by_role("button", name="Capture", exact=True).click()
    expect(page.locator("input[name=age_years]:invalid")).to_be_visible()
    expect(cards(page)).to_have_count(0)
    assert records.new("capture") == 0


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_a_key_captures(open_page, records: Records, key: str):
    page = open_page()
    expect(page.locator("#capture")).to_be_enabled()
    page.keyboard.press(key)
    answered_card(page)
    assert records.new("prediction") == 1


def test_several_files_are_each_answered_once_where_there_is_no_camera(
    open_page, records: Records, tmp_path: Path
):
    page = open_page("none")
    expect(page.locator("#camera-fault")).to_have_text(
        "No camera was found: choose a file, or drop one here."
    )
    expect(page.locator("#capture")).to_be_disabled()
    files = [a_picture(tmp_path, f"{shift}.png", shift) for shift in (0, 20, 40)]
    page.locator("#file").set_input_files(files)
    expect(cards(page)).to_have_count(3)
    expect(page.locator("#gallery .card[data-capture-id='']")).to_have_count(0)
    assert (records.new("capture"), records.new("prediction")) == (3, 3)


def test_files_chosen_together_all_belong_to_the_patient_they_were_chosen_for(
    open_page, records: Records, tmp_path: Path
):
    page = open_page("none")
    page.get_by_text("About the lesion").click()
    page.get_by_label("Patient's pseudonym").fill("P-together")
    page.get_by_label("The patient agrees").check()
    held = hold_next(page, "**/video_frame/")
    files = [a_picture(tmp_path, f"{shift}.png", shift) for shift in (0, 20)]
    page.locator("#file").set_input_files(files)
    expect(cards(page)).to_have_count(2)
    page.get_by_role("button", name="New patient").click()
    held[0].continue_()
    expect(page.locator("#gallery .card[data-capture-id='']")).to_have_count(0)
    rows = records.rows("capture", subject="P-together")
    assert [row["has_consent"] for row in rows] == [True, True]


def test_a_dropped_file_is_answered(open_page, records: Records, picture: Path):
    page = open_page("none")
    transfer = page.evaluate_handle(
        """(bytes) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "dropped.png", {type: "image/png"}));
          return transfer;
        }""",
        list(picture.read_bytes()),
    )
    page.locator("#stage").dispatch_event("dragover", {"dataTransfer": transfer})
    expect(page.locator(".dropping")).to_be_visible()
    page.locator("#stage").dispatch_event("drop", {"dataTransfer": transfer})
    answered_card(page)
    assert records.new("capture") == 1


@pytest.mark.real
def test_a_real_frame_is_captured_as_its_file_would_be_answered(
    page_playing, home: Settings, records: Records, real_frames: Path
):
    picture = sorted(real_frames.glob("*.jpg"))[0]
    page = page_playing(picture)
    captured_card(page)
    page.locator("#file").set_input_files(picture)
    expect(page.locator("#gallery .card:not([data-capture-id=''])")).to_have_count(2)
    ids = [card.get_attribute("data-prediction-id") for card in cards(page).all()]
    rows = [records.one("prediction", prediction_id=one) for one in ids]
    by_file, by_camera = (np.array([row[name] for name in SHARES]) for row in rows)
    assert np.abs(by_camera - by_file).max() < 0.1
    build(home)
    with connect_live(home) as connection:
        query = "select count(*) from fct_predictions where prediction_id in (?, ?)"
        assert connection.execute(query, ids).fetchone() == (2,)
