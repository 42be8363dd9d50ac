"""Clients that post frames over HTTPS, with ids of their own, until the server dies."""

import http.client
import json
import ssl
import time
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from uuid import uuid4

import numpy as np
from PIL import Image

BUSY = (429, 503)  # the client comes again with the same id
PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Habit:
    """How a client sends: so many frames in one post, to be kept or not."""

    at_once: int = 1  # more than one go to /batch/
    has_consent: bool = False


@dataclass
class Posted:
    """What the clients were told, over all lives of the server."""

    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # statuses that no client should get
    resent: int = 0


def post_on(
    port: int,
    posted: Posted,
    waiting: list[str],
    unanswered: list[str],
    pause_s: float = 0.0,
    habit: Habit = Habit(),
) -> None:
    """Post frames until the server dies, those of the last life first, with a pause between."""
    queue = list(waiting)
    with closing(connect(port)) as connection:
        while True:
            time.sleep(pause_s)
            resent, queue = queue[: habit.at_once], queue[habit.at_once :]
            ids = resent or [str(uuid4()) for _ in range(habit.at_once)]
            posted.resent += len(resent)
            try:
                statuses = post(connection, {name: a_frame(name) for name in ids}, habit)
            except (OSError, http.client.HTTPException):
                unanswered += ids + queue
                return
            busy = [name for name, status in statuses.items() if status in BUSY]
            posted.acknowledged += [name for name, status in statuses.items() if status == 200]
            posted.refused += [
                f"status {status} for {name}"
                for name, status in statuses.items()
                if status not in (200, *BUSY)
            ]
            queue = busy + queue
            if busy:
                time.sleep(PAUSE_SECONDS)


def connect(port: int) -> http.client.HTTPSConnection:
    """Return a connection to a server whose authority nobody has been told to trust."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("localhost", port, timeout=60, context=context)


def post(
    connection: http.client.HTTPSConnection, frames: dict[str, bytes], habit: Habit
) -> dict[str, int]:
    """Post frames by their ids; return the status of each once the answer is whole."""
    is_batch = habit.at_once > 1
    boundary = "a-boundary-of-this-benchmark"
    lines = f"--{boundary}\r\nContent-Disposition: form-data; name="
    body = f'{lines}"consent"\r\n\r\n{str(habit.has_consent).lower()}\r\n'.encode()
    for name, frame in frames.items():
        head = (
            f'{lines}"prediction_id"\r\n\r\n{name}\r\n'
            f'{lines}"{"files" if is_batch else "file"}"; filename="frame.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        body += head.encode() + frame + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    content = {"content-type": f"multipart/form-data; boundary={boundary}"}
    connection.request("POST", "/batch/" if is_batch else "/video_frame/", body, content)
    response = connection.getresponse()
    told = response.read()
    if not is_batch or response.status != 200:
        return dict.fromkeys(frames, response.status)
    return {item["prediction_id"]: item["status"] for item in json.loads(told)["items"]}


def a_frame(prediction_id: str) -> bytes:
    """Draw the frame of an id: the same bytes each time, as a retry must send."""
    noise = np.random.default_rng(int(prediction_id[:8], 16))
    pixels = noise.integers(90, 200, (45, 60, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).resize((600, 450)).save(file, "JPEG", quality=85)
    return file.getvalue()
