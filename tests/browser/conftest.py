"""Debian's Chromium with a camera that plays a picture, before a real server over HTTPS."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commands import serving
from playwright.sync_api import Page, sync_playwright

from warehouse.settings import Settings

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium")
    if not found or not shutil.which("ffmpeg"):
        pytest.skip("Chromium or ffmpeg is not on this machine")
    return found


@pytest.fixture
def address(trained: Settings) -> Iterator[str]:
    with serving(trained.home) as address:
        yield address


def film(picture: Path, target: Path) -> Path:
    """Make a one-picture film; limited range keeps the colours through Chromium's fake camera."""
    command = ["ffmpeg", "-y", "-loglevel", "error", "-i", picture]
    command += ["-vf", "scale=out_range=tv", "-pix_fmt", "yuv420p", target]
    subprocess.run(command, check=True)
    return target


@contextmanager
def browsing(chromium: str, *camera: str) -> Iterator[Page]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    arguments += ["--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*arguments, *camera])
        page = browser.new_page(ignore_https_errors=True, viewport={"width": 1200, "height": 900})
        yield page
        browser.close()


@pytest.fixture
def page_with_camera(chromium: str, tmp_path: Path) -> Iterator[OpenPage]:
    """Return a function that opens a page whose camera plays a picture, or that has none."""
    opened = []

    def open_page(address: str, picture: Path | None) -> Page:
        camera = ["--use-fake-ui-for-media-stream"]
        if picture is not None:
            played = film(picture, tmp_path / "camera.y4m")
            camera += ["--use-fake-device-for-media-stream"]
            camera += [f"--use-file-for-fake-video-capture={played}"]
        context = browsing(chromium, *camera)
        page = context.__enter__()
        opened.append(context)
        page.goto(address)
        return page

    yield open_page
    for context in opened:
        context.__exit__(None, None, None)
