"""The camera page in a real browser: what it shows, and what the warehouse holds afterwards."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from warehouse.build import build
from warehouse.published import connect_live
from warehouse.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

COLUMNS = "prediction_id, confidence, p_akiec, p_bcc, p_bkl, p_df, p_mel, p_nv, p_vasc"


def rows_of(settings: Settings, relation: str) -> list[tuple]:
    with connect_live(settings) as connection:
        return connection.sql(f"select {COLUMNS} from {relation} order by 1").fetchall()


def captured_card(page: Page):
    expect(page.get_by_role("button", name="Capture")).to_be_enabled(timeout=20_000)
    page.get_by_role("button", name="Capture").click()
    card = page.locator("#gallery .card").first
    expect(card).to_be_visible(timeout=20_000)
    return card


def a_picture(folder: Path) -> Path:
    yy, xx = np.mgrid[0:450, 0:600]
    inside = (((xx - 300) / 150) ** 2 + ((yy - 225) / 110) ** 2 < 1)[..., None]
    pixels = np.where(inside, (96, 60, 44), (226, 180, 160)).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "lesion.png")
    return folder / "lesion.png"


def test_a_captured_frame_shows_its_answer_and_is_a_fact_with_the_same_numbers(
    page_with_camera, address: str, trained: Settings, tmp_path: Path
):
    page = page_with_camera(address, a_picture(tmp_path))
    card = captured_card(page)
    ((prediction_id, confidence, *shares),) = rows_of(trained, "fct_predictions_live")
    assert card.get_attribute("data-prediction-id") == prediction_id
    expect(card.locator(".decision")).to_contain_text(f"{confidence * 100:.1f} %")
    assert card.locator(".bars li").count() == 7
    expect(card.locator(".bars li").first).to_contain_text(f"{max(shares) * 100:.1f} %")
    expect(card.locator(".picture")).to_be_visible()
    expect(page.locator("#notice")).to_contain_text("SYNTHETIC")
    build(trained)
    assert rows_of(trained, "fct_predictions") == [(prediction_id, confidence, *shares)]


@pytest.mark.real
def test_a_real_frame_is_captured_as_its_file_would_be_answered(
    page_with_camera, address: str, trained: Settings, real_frames: Path
):
    picture = sorted(real_frames.glob("*.jpg"))[0]
    page = page_with_camera(address, picture)
    captured_card(page)
    page.locator("#file").set_input_files(picture)
    expect(page.locator("#gallery .card")).to_have_count(2, timeout=20_000)
    live = rows_of(trained, "fct_predictions_live")
    by_camera, by_file = (np.array(row[2:]) for row in live)
    assert np.abs(by_camera - by_file).max() < 0.1
    build(trained)
    assert rows_of(trained, "fct_predictions") == live


def test_a_chosen_file_is_answered_where_there_is_no_camera(
    page_with_camera, address: str, trained: Settings, tmp_path: Path
):
    page = page_with_camera(address, None)
    expect(page.get_by_role("status")).to_contain_text("choose a file", timeout=20_000)
    page.locator("#file").set_input_files(a_picture(tmp_path))
    expect(page.locator("#gallery .card")).to_have_count(1, timeout=20_000)
    assert len(rows_of(trained, "fct_predictions_live")) == 1


def test_a_file_that_is_no_image_is_told_and_leaves_no_row(
    page_with_camera, address: str, trained: Settings, tmp_path: Path
):
    page = page_with_camera(address, None)
    (tmp_path / "notes.jpg").write_text("not an image at all")
    expect(page.get_by_role("status")).to_contain_text("choose a file", timeout=20_000)
    page.locator("#file").set_input_files(tmp_path / "notes.jpg")
    expect(page.get_by_role("status")).to_contain_text("not an image", timeout=20_000)
    assert rows_of(trained, "fct_predictions_live") == []


def test_the_page_asks_no_other_origin_for_anything(page_with_camera, address: str, tmp_path: Path):
    page = page_with_camera(address, a_picture(tmp_path))
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.reload()
    captured_card(page)
    assert asked
    assert all(url.startswith((address, "blob:")) for url in asked)
    assert faults == []
