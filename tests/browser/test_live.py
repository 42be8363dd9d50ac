"""Live mode and the hints: a running result of which nothing is stored."""

from base64 import b64encode
from pathlib import Path

import cv2
import numpy as np
import pytest
from pages import PATIENT_MS, answered_card, cards
from PIL import Image
from playwright.sync_api import Page, Route, expect
from records import Records

from ml.preprocess import decode
from ml.quality import measure_quality

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# Counts what is on its way: from the call until the whole answer has been read.
COUNT_PREVIEWS = """() => {
  window.onTheirWay = 0; window.mostOnTheirWay = 0; window.answered = 0;
  const ask = window.fetch;
  window.fetch = async (path, options) => {
    if (path !== "/preview/") return ask(path, options);
    mostOnTheirWay = Math.max(mostOnTheirWay, ++onTheirWay);
    try {
      const response = await ask(path, options);
      const body = await response.text();
      if (++answered === 20) document.documentElement.dataset.answered = "20";
      return new Response(body, response);
    } finally { onTheirWay -= 1; }
  };
}"""


def start_live(page: Page) -> None:
    button = page.get_by_role("button", name="Live", exact=True)
    expect(button).to_be_enabled()
    button.click()
    expect(page.locator("#result .answer")).to_be_visible()


def test_live_mode_shows_a_running_result_and_stores_nothing(open_page, records: Records):
    page = open_page()
    page.get_by_text("About the lesion").click()
    page.get_by_label("Age in years").fill("64")
    page.get_by_label("Patient's pseudonym").fill("P-17")
    with page.expect_response("**/preview/") as previewed:
        start_live(page)
    told, sent = previewed.value.json(), previewed.value.request.post_data_buffer
    assert (told["recorded"], told["prediction_id"], told["capture_id"]) == (False, None, None)
    assert b'name="age_years"\r\n\r\n64\r\n' in sent
    assert b"P-17" not in sent
    expect(page.locator("#rate")).to_contain_text("answers/s")
    expect(page.locator("#result .bar")).to_have_count(7)
    expect(page.locator("#result")).to_contain_text("Nothing of it is stored")
    expect(page.locator("#live-overlay")).to_be_visible()
    page.get_by_role("button", name="Live", exact=True).click()
    expect(page.locator("#rate")).to_be_hidden()
    expect(cards(page)).to_have_count(0)
    assert [records.new(name) for name in ("capture", "prediction")] == [0, 0]


def test_no_more_than_three_frames_are_ever_unanswered(open_page):
    page = open_page()
    page.evaluate(COUNT_PREVIEWS)
    start_live(page)
    page.locator("html[data-answered='20']").wait_for(timeout=PATIENT_MS)
    assert page.evaluate("mostOnTheirWay") <= 3


def test_a_capture_ends_live_mode_and_is_the_only_thing_recorded(open_page, records: Records):
    page = open_page()
    start_live(page)
    page.get_by_role("button", name="Capture", exact=True).click()
    answered_card(page)
    expect(page.locator("#status")).to_have_text("Recorded; the picture is not kept.")
    expect(page.get_by_role("button", name="Live", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )
    assert (records.new("capture"), records.new("prediction")) == (1, 1)
    page.get_by_role("button", name="Live", exact=True).click()
    expect(page.locator("#status")).to_be_empty()


def test_a_server_that_answers_no_more_leaves_no_answer_beside_the_moving_picture(open_page):
    page = open_page(faults=True)
    start_live(page)
    page.route("**/preview/", lambda _route: None)
    expect(page.locator("#fault")).to_contain_text("The server cannot be reached")
    expect(page.locator("#result .answer")).to_have_count(0)
    expect(page.locator("#live-overlay")).to_be_hidden()
    expect(page.locator("#rate")).to_have_text("Live")
    page.unroute("**/preview/")
    expect(page.locator("#result .answer")).to_be_visible()
    expect(page.locator("#fault")).to_be_empty()


def test_the_running_result_is_the_mean_of_the_last_five_answers(open_page):
    page = open_page()
    shown = page.evaluate("""async () => {
      const { Smoothing } = await import("/static/smoothing.js");
      const smoothing = new Smoothing();
      const answer = (diagnosis, decision, mel) =>
        ({ diagnosis, decision, probabilities: { mel, nv: 1 - mel }, activation: null });
      const steps = [["nv", "likely", 0.9], ["nv", "likely", 0.1], ["mel", "uncertain", 0.6],
                     ["nv", "likely", 0.2], ["nv", "likely", 0.1], ["mel", "likely", 0.7]];
      return steps.map((step) => smoothing.add(answer(...step)));
    }""")
    last = shown[-1]
    assert last["probabilities"]["mel"] == pytest.approx(np.mean([0.1, 0.6, 0.2, 0.1, 0.7]))
    assert (last["diagnosis"], last["decision"]) == ("nv", "likely")
    assert (shown[3]["diagnosis"], shown[3]["decision"]) == ("nv", "likely")
    assert shown[2]["decision"] == "likely"


def test_frames_that_are_not_assessable_have_no_voice_in_the_running_result(open_page):
    page = open_page()
    shown = page.evaluate("""async () => {
      const { Smoothing } = await import("/static/smoothing.js");
      const smoothing = new Smoothing();
      const good = (mel) => ({ diagnosis: "nv", decision: "likely", quality: { hints: [] },
        probabilities: { mel, nv: 1 - mel }, activation: null });
      const blurred = { ...good(1), diagnosis: "mel", decision: "not_assessable",
        quality: { hints: ["blurred"] } };
      const steps = [good(0.1), good(0.2), blurred, good(0.3), blurred, blurred];
      return steps.map((step) => smoothing.add(step));
    }""")
    assert (shown[4]["diagnosis"], shown[4]["decision"]) == ("nv", "likely")
    assert shown[4]["probabilities"]["mel"] == pytest.approx(np.mean([0.1, 0.2, 0.3]))
    assert shown[4]["quality"]["hints"] == ["blurred"]
    assert shown[5]["decision"] == "not_assessable"


def spoilt(pixels: np.ndarray) -> dict[str, np.ndarray]:
    """One frame that is good, and one for each thing that can be wrong with it."""
    small = cv2.resize(pixels, (75, 56), interpolation=cv2.INTER_AREA)
    skin = np.median(pixels[:20].reshape(-1, 3), axis=0)
    rng = np.random.default_rng(3)
    far = np.clip(skin + rng.normal(0, 12, pixels.shape), 0, 255).astype(np.uint8)
    far[197:253, 262:337] = small
    return {
        "": pixels,
        "blurred": cv2.GaussianBlur(pixels, (0, 0), 9),
        "too_dark": (pixels * 0.25).astype(np.uint8),
        "too_bright": (255 - (255 - pixels) * 0.35).astype(np.uint8),
        "too_far": far,
    }


def measured_in_page(page: Page, file: Path) -> dict:
    return page.evaluate(
        """async (text) => {
          const { measure, hintsOf } = await import("/static/quality.js");
          const image = new Image();
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          image.src = URL.createObjectURL(new Blob([bytes]));
          await image.decode();
          return { ...measure(image), hints: hintsOf(image) };
        }""",
        b64encode(file.read_bytes()).decode(),
    )


def test_the_page_measures_a_frame_as_the_server_does_and_says_what_is_wrong(
    open_page, picture: Path, tmp_path: Path
):
    page = open_page("none")
    for hint, pixels in spoilt(np.asarray(Image.open(picture))).items():
        file = tmp_path / "frame.png"
        Image.fromarray(pixels).save(file)
        here = measured_in_page(page, file)
        there = measure_quality(decode(file.read_bytes(), 224, 10**7))
        assert here["brightness"] == pytest.approx(there.brightness, abs=1.5)
        assert here["lesionShare"] == pytest.approx(there.lesion_share, abs=0.02)
        assert here["sharpness"] == pytest.approx(there.sharpness, rel=0.6, abs=3)  # filters differ
        assert hint in ("", *here["hints"])
        assert sorted(here["hints"]) == sorted(there.hints)


def test_a_dark_picture_is_told_before_it_is_captured(page_playing, tmp_path: Path):
    file = tmp_path / "dark.png"
    Image.fromarray(np.full((450, 600, 3), 20, np.uint8)).save(file)
    page = page_playing(file)
    expect(page.locator("#hint")).to_have_text("Too dark: add light.")


def test_what_the_server_finds_wrong_is_told_in_live_mode(open_page):
    page = open_page()

    def answer_blurred(route: Route) -> None:
        told = route.fetch()
        blurred = told.json() | {"quality": told.json()["quality"] | {"hints": ["blurred"]}}
        route.fulfill(response=told, json=blurred)

    page.route("**/preview/", answer_blurred)
    start_live(page)
    expect(page.locator("#hint")).to_have_text("Blurred: hold still, or focus.")
    page.get_by_role("button", name="Live", exact=True).click()
    expect(page.locator("#hint")).to_have_text("Good: hold still and capture.")


def test_a_good_picture_is_told_to_be_good(open_page):
    page = open_page()
    expect(page.locator("#hint")).to_have_text("Good: hold still and capture.")
