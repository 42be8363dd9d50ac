"""Clients that post frames over HTTPS, with ids of their own, until the server dies."""

import http.client
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


@dataclass
class Posted:
    """What the clients were told, over all lives of the server."""

    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # statuses that no client should get
    resent: int = 0


def post_on(
    port: int, posted: Posted, waiting: list[str], unanswered: list[str], pause_s: float = 0.0
) -> None:
    """Post frames until the server dies, those of the last life first, with a pause between."""
    queue = list(waiting)
    with closing(connect(port)) as connection:
        while True:
            time.sleep(pause_s)
            prediction_id = queue[0] if queue else str(uuid4())
            posted.resent += bool(queue)
            try:
                status = post(connection, prediction_id, a_frame(prediction_id))
            except (OSError, http.client.HTTPException):
                unanswered += queue or [prediction_id]
                return
            if status == 200:
                posted.acknowledged.append(prediction_id)
                del queue[:1]
            elif status in BUSY:
                queue = queue or [prediction_id]
                time.sleep(PAUSE_SECONDS)
            else:
                posted.refused.append(f"status {status} for {prediction_id}")
                del queue[:1]


def connect(port: int) -> http.client.HTTPSConnection:
    """Return a connection to a server whose authority nobody has been told to trust."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("localhost", port, timeout=60, context=context)


def post(connection: http.client.HTTPSConnection, prediction_id: str, frame: bytes) -> int:
    """Post a frame under an id; return the status once the answer is whole."""
    boundary = "a-boundary-of-this-benchmark"
    lines = f"--{boundary}\r\nContent-Disposition: form-data; name="
    head = (
        f'{lines}"prediction_id"\r\n\r\n{prediction_id}\r\n'
        f'{lines}"file"; filename="frame.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    body = head.encode() + frame + f"\r\n--{boundary}--\r\n".encode()
    content = {"content-type": f"multipart/form-data; boundary={boundary}"}
    connection.request("POST", "/video_frame/", body, content)
    response = connection.getresponse()
    response.read()
    return response.status


def a_frame(prediction_id: str) -> bytes:
    """Draw the frame of an id: the same bytes each time, as a retry must send."""
    noise = np.random.default_rng(int(prediction_id[:8], 16))
    pixels = noise.integers(90, 200, (45, 60, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).resize((600, 450)).save(file, "JPEG", quality=85)
    return file.getvalue()
