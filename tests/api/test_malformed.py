"""Uploads that are no frame, or an odd one: each is answered by the book, in bounded memory."""

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from camera_frames import encoded, pixels, post
from commands import environment, server_of
from malformed import SIDE, Upload, corpus
from PIL import Image
from starlette.testclient import TestClient

from api.queue import WORKERS
from warehouse.settings import Settings

MIB = 2**20
# Decoded, laid on white and made RGB: three copies of four bytes, and as much for the new JPEG.
BYTES_PER_PIXEL = 20
AROUND = 100 * MIB  # the bodies, and the threads' own
FIELDS = {"consent": "true"}  # so that each is made anew to be kept, too

TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,  # stored a quarter left, so that a quarter right is upright
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def memory(pid: int, name: str) -> int:
    """Bytes of a process: VmRSS now, VmHWM at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024


def send(client: httpx2.Client, upload: Upload) -> str | None:
    """What is wrong with the answer to one upload, if anything is."""
    files = {"file": (f"{upload.name}.jpg", upload.data)}
    answer = client.post("/video_frame/", files=files, data=FIELDS)
    if answer.status_code not in upload.statuses:
        return f"{upload.name}: {answer.status_code} {answer.text[:200]}"
    if answer.status_code != 200 and not answer.json()["detail"]:
        return f"{upload.name}: refused without a word"
    return None


@pytest.mark.slow
def test_every_malformed_upload_gets_a_documented_status_and_memory_stays_bounded(
    trained: Settings,
):
    uploads = corpus()
    assert len(uploads) >= 200
    told = environment(trained.home) | {"DERMHOUSE_MAX_IMAGE_PIXELS": str(SIDE**2)}
    unchecked = ssl._create_unverified_context()
    with server_of(told) as server, ThreadPoolExecutor(4) as pool:
        client = httpx2.Client(base_url=server.address, verify=unchecked, timeout=120)
        with client:
            assert send(client, Upload("a frame", encoded(pixels()), {200})) is None
            before = memory(server.process.pid, "VmRSS")
            wrong = list(filter(None, pool.map(lambda each: send(client, each), uploads)))
            most = memory(server.process.pid, "VmHWM") - before
            assert client.get("/readyz").status_code == 200
    assert not wrong, "\n".join(wrong)
    assert most < AROUND + WORKERS * BYTES_PER_PIXEL * SIDE**2


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_frame_is_seen_as_its_camera_was_held(server: TestClient, form: str):
    image = pixels(size=(320, 240))
    options = {"lossless": True} if form == "WEBP" else {}
    upright = post(server, encoded(image, form, **options), "/preview/").json()
    for turn, back in TURNS.items():
        lying = image if back is None else image.transpose(back)
        exif = Image.Exif()
        exif[0x0112] = turn
        said = post(server, encoded(lying, form, exif=exif, **options), "/preview/").json()
        assert (said["quality"]["width"], said["quality"]["height"]) == (320, 240)
        # A JPEG that lies on its side is packed in other squares.
        exact = 0.02 if form == "JPEG" else 1e-6
        assert said["probabilities"] == pytest.approx(upright["probabilities"], abs=exact), turn
