"""Debian's Chromium with a camera that plays a picture, before one real server over HTTPS."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copytree

import pytest
from commands import serving
from pages import INSECURE_HOST, PATIENT_MS, Watch, a_picture
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from records import Records

from warehouse.settings import Settings

OpenPage = Callable[..., Page]

# Two browsers and two servers share two cores: what is expected may take its time.
expect.set_options(timeout=PATIENT_MS)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    # As where the authority is trusted. Past the warning each new connection is begun again, and
    # after 32 times, on a busy machine, what a page waits for fails for good.
    "--ignore-certificate-errors",
]

ALLOWED = "--use-fake-ui-for-media-stream"
FAKE = "--use-fake-device-for-media-stream"


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium")
    if not found or not shutil.which("ffmpeg"):
        pytest.skip("Chromium or ffmpeg is not on this machine")
    return found


@pytest.fixture(scope="module")
def playwright(chromium: str) -> Iterator[Playwright]:
    """
    Playwright for one file of tests.

    While it runs, its event loop does too, and whatever comes later in this process and runs one
    of its own (the SQL prompt, the server's queue) would be refused.
    """
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def home(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One home for all browser tests: each looks only at the rows it made itself."""
    home = tmp_path_factory.mktemp("browser") / "home"
    copytree(trained_home, home)
    return Settings(home=home)


@pytest.fixture(scope="session")
def address(chromium: str, home: Settings) -> Iterator[str]:
    with serving(home.home) as address:
        yield address


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core's source, from npm, outside the repository."""
    folder = tmp_path_factory.mktemp("npm")
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("npm is not on this machine")
    command = [npm, "install", "axe-core", "--no-save", "--no-package-lock", "--prefix", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if done.returncode or not script.exists():
        pytest.skip("npm cannot install axe-core on this machine")
    return script.read_text()


@pytest.fixture
def records(home: Settings) -> Iterator[Records]:
    """What the store holds, counted from the moment the test began."""
    with Records.opened(home) as records:
        yield records


def film(picture: Path, target: Path) -> Path:
    """Make a one-picture film; limited range keeps the colours through Chromium's fake camera."""
    command = ["ffmpeg", "-y", "-loglevel", "error", "-i", picture]
    command += ["-vf", "scale=out_range=tv", "-pix_fmt", "yuv420p", target]
    subprocess.run(command, check=True)
    return target


@contextmanager
def launched(playwright: Playwright, chromium: str, *arguments: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=chromium, args=[*ARGUMENTS, *arguments], timeout=60_000
    )
    yield browser
    browser.close()


def camera_that_plays(picture: Path, folder: Path) -> list[str]:
    played = film(picture, folder / f"{picture.stem}.y4m")
    return [ALLOWED, FAKE, f"--use-file-for-fake-video-capture={played}"]


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_picture(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def browsers(
    playwright: Playwright, chromium: str, picture: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Browser]]:
    """Return a function that gives the browser with a camera, with none or two, or refusing one."""
    kinds = {
        "camera": camera_that_plays(picture, tmp_path_factory.mktemp("films")),
        "none": [ALLOWED],
        # Chromium's own moving picture, from two cameras that have a zoom.
        "two": [ALLOWED, f"{FAKE}=device-count=2"],
        # Without the flag that answers for the person, a headless Chromium refuses.
        "refused": [FAKE],
        "insecure": [ALLOWED, FAKE, f"--host-resolver-rules=MAP {INSECURE_HOST} 127.0.0.1"],
    }
    running: dict[str, Browser] = {}
    with ExitStack() as stack:

        def of_kind(kind: str) -> Browser:
            if kind not in running:
                launching = launched(playwright, chromium, *kinds[kind])
                running[kind] = stack.enter_context(launching)
            return running[kind]

        yield of_kind


@pytest.fixture
def open_page(browsers: Callable[[str], Browser], address: str) -> Iterator[OpenPage]:
    """
    Return a function that opens the page in a profile of its own, ready to be used.

    Whatever the test does, afterwards no other origin was asked, the policy was not broken, and
    the console shows no error that the test has not announced with `faults=True`.
    """
    watches: list[Watch] = []

    def open_page(kind: str = "camera", *, at: str = "", faults: bool = False, **profile) -> Page:
        settings = {"locale": "en-GB", "viewport": {"width": 1200, "height": 900}} | profile
        context = browsers(kind).new_context(ignore_https_errors=True, **settings)
        page = context.new_page()
        watches.append(Watch(page, at or address, faults))
        page.goto(at or address)
        page.locator("html[data-ready]").wait_for(timeout=30_000)
        return page

    yield open_page
    for watch in watches:
        watch.page.context.close()
    for watch in watches:
        watch.check()


@pytest.fixture
def page_playing(
    playwright: Playwright, chromium: str, address: str, tmp_path: Path
) -> Iterator[OpenPage]:
    """Return a function that opens the page before a camera that plays a picture of one's own."""
    with ExitStack() as stack:

        def play(picture: Path) -> Page:
            camera = camera_that_plays(picture, tmp_path)
            browser = stack.enter_context(launched(playwright, chromium, *camera))
            page = browser.new_page(ignore_https_errors=True, locale="en-GB")
            page.goto(address)
            page.locator("html[data-ready]").wait_for(timeout=30_000)
            return page

        yield play
