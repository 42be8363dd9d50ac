"""Clients that post frames over HTTP as fast as they are answered, and what that gave."""

import http.client
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4


@dataclass(frozen=True)
class Figures:
    """One run: answers a second, waiting times in ms, and the cores that the clients used."""

    answers: int
    rate: float
    p50_ms: float
    p99_ms: float
    clients_cores: float


def real_frames(data: Path) -> list[bytes]:
    """Return camera-sized originals where they stand, else the data set's own files."""
    originals = sorted((data.parent / "ham10000_600x450").glob("*.jpg"))
    files = originals or sorted(data.glob("HAM10000_images_part_1/*.jpg"))[:40]
    return [path.read_bytes() for path in files]


def ask_for(port: int, frames: list[bytes], clients: int, seconds: float) -> Figures:
    """Ask for some seconds, each client on a connection of its own."""
    times: list[float] = []
    cpu, started = time.process_time(), time.perf_counter()
    threads = [
        threading.Thread(target=ask, args=(port, frames, started + seconds, times))
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - started
    ordered = sorted(times)
    return Figures(
        answers=len(ordered),
        rate=len(ordered) / wall,
        p50_ms=ordered[len(ordered) // 2],
        p99_ms=ordered[int(len(ordered) * 0.99)],
        clients_cores=(time.process_time() - cpu) / wall,
    )


def ask(port: int, frames: list[bytes], until: float, times: list[float]) -> None:
    """Post frames over one connection until the time is up."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    turn = 0
    while time.perf_counter() < until:
        body, content_type = multipart(frames[turn % len(frames)])
        turn += 1
        started = time.perf_counter()
        connection.request("POST", "/video_frame/", body, {"content-type": content_type})
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"status {response.status}")
        times.append((time.perf_counter() - started) * 1000)


def multipart(frame: bytes) -> tuple[bytes, str]:
    """Return a form body with the frame as `file`."""
    boundary = uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="frame.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    body = head.encode() + frame + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
