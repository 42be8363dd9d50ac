"""
The page's live mode in Chromium against one bare client on the same route.

Both post the same picture to the same server; the browser is closed while the bare client asks. The
bare client has one request under way, the page three. Nobody drives the browser while it is
measured: a driver listens to its network, which takes a quarter of its time. Before that, what the
first view costs: its bytes over the wire, and the time until live mode can be started, the camera
running.
"""

import http.client
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.asking import real_frames
from benchmarks.home import trained_home
from benchmarks.served import serve_dermhouse, served
from warehouse.settings import Settings

SECONDS = 10.0
WARM_UP = 2.0
ROUNDS = 3

ANSWERED_BETWEEN = """([from, to]) => performance.getEntriesByType("resource")
  .filter(({ name }) => name.endsWith("/preview/"))
  .filter(({ responseEnd }) => responseEnd > from && responseEnd < to).length"""

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
    with running_chromium(film) as address, held_page(address) as page:
        show(page, port)
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
    with running_chromium(film) as address:
        with held_page(address) as page:
            show(page, port)
            page.locator("#live:enabled").click()
            begin = page.evaluate("performance.now()") + WARM_UP * 1000
        time.sleep(WARM_UP + SECONDS)
        with held_page(address) as page:
            span = [begin, begin + SECONDS * 1000]
            return float(page.evaluate(ANSWERED_BETWEEN, span) / SECONDS)


@contextmanager
def running_chromium(film: Path) -> Iterator[str]:
    """Run Debian's Chromium before a camera that plays a film; yield where it is driven from."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,800"]
        options += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        options += [f"--use-file-for-fake-video-capture={film}", "--remote-debugging-port=0"]
        command = ["chromium", *options, f"--user-data-dir={profile}", "about:blank"]
        browser = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            yield told_address(browser, Path(profile) / "DevToolsActivePort")
        finally:
            browser.terminate()
            browser.wait()


def told_address(browser: subprocess.Popen[bytes], note: Path) -> str:
    """Return the address that Chromium notes in its profile once it can be driven."""
    while browser.poll() is None:
        if note.exists() and "\n" in note.read_text():
            return f"http://127.0.0.1:{note.read_text().splitlines()[0]}"
        time.sleep(0.05)
    raise RuntimeError("chromium ended before it could be driven")


@contextmanager
def held_page(address: str) -> Iterator[Any]:
    """Take hold of the browser's only page; let go of it afterwards, while it goes on."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.connect_over_cdp(address)
        yield browser.contexts[0].pages[0]
        browser.close()


def show(page: Any, port: int) -> None:
    """Go to the camera page, which then remembers every request that it makes."""
    page.goto(f"http://localhost:{port}/")
    page.evaluate("performance.setResourceTimingBufferSize(1_000_000)")


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
