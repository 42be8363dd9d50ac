"""The camera itself: which one, its zoom and its lamp, and what happens when it is unplugged."""

import json

import pytest
from pages import PATIENT_MS, captured_card, wait_for
from playwright.sync_api import Page, expect
from records import Records

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# Chromium's fake camera has no lamp: this one remembers whether it is lit.
WITH_A_LAMP = """
  const abilities = MediaStreamTrack.prototype.getCapabilities;
  MediaStreamTrack.prototype.getCapabilities = function () {
    return { ...abilities.call(this), torch: true };
  };
  MediaStreamTrack.prototype.applyConstraints = async ({ advanced: [wanted] }) => {
    window.isLit = wanted.torch;
  };
"""

FACING_THE_PERSON = """
  const settings = MediaStreamTrack.prototype.getSettings;
  MediaStreamTrack.prototype.getSettings = function () {
    return { ...settings.call(this), facingMode: "user" };
  };
"""
MIRRORED = "matrix(-1, 0, 0, 1, 0, 0)"


def of_track(page: Page, what: str) -> dict:
    return page.evaluate(f"video.srcObject.getVideoTracks()[0].{what}()")


def grant_zoom(page: Page) -> None:
    """Allow what Chromium calls moving the camera, which no prompt asks for in a test."""
    told = page.context.new_cdp_session(page).send("Target.getTargetInfo")
    permissions = {"permissions": ["videoCapture", "cameraPanTiltZoom"]}
    whose = {"browserContextId": told["targetInfo"]["browserContextId"]}
    page.context.browser.new_browser_cdp_session().send(
        "Browser.grantPermissions", permissions | whose
    )


def test_the_rear_camera_is_preferred_and_another_one_is_picked_and_remembered(
    open_page, records: Records
):
    page = open_page("two")
    expect(page.locator("#capture")).to_be_enabled()
    choice = page.get_by_role("combobox", name="Camera")
    expect(choice.locator("option")).to_have_count(2)
    assert of_track(page, "getConstraints")["facingMode"] == "environment"  # ideal, not exact
    other = choice.locator("option:not(:checked)").get_attribute("value")
    choice.select_option(other)
    device = "video.srcObject?.getVideoTracks()[0].getSettings().deviceId"
    wait_for(page, f"{device} === {json.dumps(other)}")
    captured_card(page)
    assert records.new("prediction") == 1
    page.reload()
    expect(page.locator("#capture")).to_be_enabled()
    expect(choice).to_have_value(other)
    assert of_track(page, "getSettings")["deviceId"] == other


def test_a_zoom_is_asked_for_shown_and_moved(open_page, address: str):
    page = open_page("two")
    expect(page.locator("#capture")).to_be_enabled()
    assert of_track(page, "getConstraints")["zoom"] is True
    expect(page.get_by_label("Zoom")).to_be_hidden()
    page.goto("about:blank")  # a running camera may end when what it may do changes
    grant_zoom(page)
    page.goto(address)
    zoom = page.get_by_label("Zoom")
    expect(zoom).to_be_visible()
    zoom.fill("250")
    wait_for(page, "video.srcObject.getVideoTracks()[0].getSettings().zoom === 250")


def test_a_lamp_is_switched_on_and_off(open_page):
    page = open_page("two")
    expect(page.locator("#capture")).to_be_enabled()
    torch = page.get_by_role("button", name="Torch")
    expect(torch).to_be_hidden()
    page.add_init_script(WITH_A_LAMP)
    page.reload()
    torch.click(timeout=PATIENT_MS)
    expect(torch).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("isLit")
    torch.click()
    expect(torch).to_have_attribute("aria-pressed", "false")
    assert not page.evaluate("isLit")


def test_a_camera_that_faces_the_person_is_a_mirror_and_so_is_the_map_over_it(open_page):
    page = open_page()
    page.add_init_script(FACING_THE_PERSON)
    page.reload()
    page.locator("#live:enabled").click(timeout=PATIENT_MS)
    overlay = page.locator("#live-overlay")
    expect(overlay).to_be_visible()
    expect(page.locator("#video")).to_have_css("transform", MIRRORED)
    expect(overlay).to_have_css("transform", MIRRORED)


def test_a_camera_that_is_unplugged_is_told_and_starts_again_when_asked(open_page):
    page = open_page()
    page.locator("#live:enabled").click(timeout=PATIENT_MS)
    expect(page.locator("#result .answer")).to_be_visible()
    page.evaluate("video.srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator("#camera-fault")).to_contain_text("The camera was unplugged")
    expect(page.locator("#capture")).to_be_disabled()
    expect(page.locator("#rate")).to_be_hidden()
    page.get_by_role("button", name="Try the camera again").click()
    expect(page.locator("#capture")).to_be_enabled()
