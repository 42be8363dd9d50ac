"""axe-core over the page and every dialog: both themes, the width of a phone and of a desk."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pages import PATIENT_MS, captured_card, cards, kept_card, viewer_of
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDTHS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """axe-core from npm, outside the repository."""
    folder = tmp_path_factory.mktemp("npm")
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("npm is not on this machine")
    command = [npm, "install", "axe-core", "--no-save", "--no-package-lock", "--prefix", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if done.returncode or not script.exists():
        pytest.skip("npm cannot install axe-core on this machine")
    return script


def violations(page: Page, axe: Path) -> list[str]:
    """What axe finds, each with the first element it was found on."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=axe)
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{one['id']}: {one['help']} at {one['nodes'][0]['html']}" for one in found]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_the_page_or_in_any_dialog(
    open_page, axe: Path, theme: str, width: str
):
    page = open_page(color_scheme=theme, viewport=WIDTHS[width], bypass_csp=True)
    expect(page.locator("#capture")).to_be_enabled(timeout=PATIENT_MS)
    page.get_by_text("About the lesion").click()
    assert violations(page, axe) == []
    captured_card(page)
    kept_card(page)
    expect(cards(page)).to_have_count(2)
    expect(page.locator("#gallery .card[data-capture-id='']")).to_have_count(0, timeout=PATIENT_MS)
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


def test_axe_finds_nothing_where_there_is_no_camera_or_a_fault_is_told(
    open_page, axe: Path, tmp_path: Path
):
    page = open_page("none", bypass_csp=True, faults=True)
    expect(page.locator("#camera-fault")).not_to_be_empty(timeout=PATIENT_MS)
    (tmp_path / "notes.jpg").write_text("not an image at all")
    page.locator("#file").set_input_files(tmp_path / "notes.jpg")
    expect(page.locator("#fault")).not_to_be_empty(timeout=PATIENT_MS)
    assert violations(page, axe) == []
