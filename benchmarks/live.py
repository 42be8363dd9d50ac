"""
The page's live mode in Chromium against one bare client on the same route.

Both post the same picture to the same server; the browser is closed while the bare client asks. The
bare client has one request under way, the page two. Before that, what the first view costs: its
bytes over the wire, and the time until live mode can be started with the camera running.
"""

import http.client
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.home import trained_home
from benchmarks.serving import real_frames, serve_dermhouse, served
from warehouse.settings import Settings

SECONDS = 10.0
WARM_UP = 2.0
ROUNDS = 3

ANSWERED = """() => performance.getEntriesByType("resource")
  .filter((entry) => entry.name.endsWith("/preview/") && entry.responseEnd > 0).length"""

# Over the wire: what the network brought, headers included, the page itself with it.
TRANSFERRED = """() => [...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource")]
  .reduce((sum, entry) => sum + entry.transferSize, 0)"""
USABLE = """() => document.querySelector("#live:enabled") && performance.now()"""


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print both rates, and the ratio, round by round."""
    trained_home(settings, data, weights)
    ratios = []
    with served(partial(serve_dermhouse, settings)) as port, TemporaryDirectory() as folder:
        frame = real_frames(data)[0]
        camera = make_film(frame, Path(folder))
        for _ in range(ROUNDS):
            print_first_view(port, camera)
        for _ in range(ROUNDS):
            live, bare = ask_by_page(port, camera), ask_bare(port, frame)
            ratios.append(live / bare)
            print(f"live {live:.1f} answers/s, bare client {bare:.1f}, ratio {ratios[-1]:.2f}")
    print(f"live mode / bare client = {statistics.median(ratios):.2f} (median of {ROUNDS})")


def print_first_view(port: int, film: Path) -> None:
    """Print what a browser that knows nothing of the page needs until it can be used."""
    with opened(port, film) as page:
        usable_ms = page.wait_for_function(USABLE).json_value()
        print(
            f"first view {page.evaluate(TRANSFERRED) / 1024:.0f} KB, usable in {usable_ms:.0f} ms"
        )


def make_film(frame: bytes, folder: Path) -> Path:
    """Return a film of one frame, which Chromium's fake camera plays."""
    picture, film = folder / "frame.jpg", folder / "camera.y4m"
    picture.write_bytes(frame)
    command = ["ffmpeg", "-loglevel", "error", "-i", str(picture), "-vf", "scale=out_range=tv"]
    subprocess.run([*command, "-pix_fmt", "yuv420p", str(film)], check=True)
    return film


def ask_by_page(port: int, film: Path) -> float:
    """Return the answers a second of live mode."""
    with opened(port, film) as page:
        page.locator("#live:enabled").click()
        page.wait_for_timeout(WARM_UP * 1000)
        started, before = time.perf_counter(), page.evaluate(ANSWERED)
        page.wait_for_timeout(SECONDS * 1000)
        answered = page.evaluate(ANSWERED) - before
        return float(answered / (time.perf_counter() - started))


@contextmanager
def opened(port: int, film: Path) -> Iterator[Any]:
    """Open the page in Debian's Chromium before a camera that plays a film."""
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream"]
    arguments += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=arguments
        )
        page = browser.new_page()
        page.goto(f"http://localhost:{port}/")
        page.evaluate("performance.setResourceTimingBufferSize(1_000_000)")
        yield page
        browser.close()


def ask_bare(port: int, frame: bytes) -> float:
    """Return the answers a second that one client on one connection gets for the same picture."""
    head = b'--frame\r\ncontent-disposition: form-data; name="file"; filename="frame.jpg"\r\n\r\n'
    body, content_type = head + frame + b"\r\n--frame--\r\n", "multipart/form-data; boundary=frame"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    started, answered = time.perf_counter(), 0
    while time.perf_counter() < started + SECONDS:
        connection.request("POST", "/preview/", body, {"content-type": content_type})
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"status {response.status}")
        answered += 1
    return answered / (time.perf_counter() - started)
