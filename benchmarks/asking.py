"""Clients that post frames over HTTP as fast as they are answered, and what that gave."""

import itertools
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httptools


@dataclass(frozen=True)
class Burst:
    """What clients saw of a server for some seconds; bursts can be added up."""

    times: list[float]  # ms that each answer took
    wall_s: float
    clients_s: float  # processor time of the clients

    def __add__(self, other: "Burst") -> "Burst":
        """Return both as one."""
        return Burst(
            self.times + other.times,
            self.wall_s + other.wall_s,
            self.clients_s + other.clients_s,
        )

    @property
    def rate(self) -> float:
        """Return the answers a second."""
        return len(self.times) / self.wall_s

    @property
    def clients_cores(self) -> float:
        """Return how many cores the clients used."""
        return self.clients_s / self.wall_s

    def percentile_ms(self, percent: float) -> float:
        """Return how long that many per cent of the answers took at most."""
        return sorted(self.times)[int(len(self.times) * percent / 100)]


def real_frames(data: Path) -> list[bytes]:
    """Return camera-sized originals where they stand, else the data set's own files."""
    originals = sorted((data.parent / "ham10000_600x450").glob("*.jpg"))
    files = originals or sorted(data.glob("HAM10000_images_part_1/*.jpg"))[:40]
    return [path.read_bytes() for path in files]


def ask_for(port: int, frames: list[bytes], clients: int, seconds: float) -> Burst:
    """Ask for some seconds, each client on a connection of its own."""
    times: list[float] = []
    posts = [post_of(frame) for frame in frames]
    cpu, started = time.process_time(), time.perf_counter()
    threads = [
        threading.Thread(target=ask, args=(port, posts, started + seconds, times))
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Burst(times, time.perf_counter() - started, time.process_time() - cpu)


def ask(port: int, posts: Sequence[bytes], until: float, times: list[float]) -> None:
    """Send posts over one connection until the time is up."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for post in itertools.cycle(posts):
            started = time.perf_counter()
            if started >= until:
                return
            connection.sendall(post)
            status = Answer(connection).status
            if status != 200:
                raise RuntimeError(f"status {status}")
            times.append((time.perf_counter() - started) * 1000)


class Answer:
    """One answer, read to its end."""

    def __init__(self, connection: socket.socket) -> None:
        self.is_complete = False
        parser = httptools.HttpResponseParser(self)
        while not self.is_complete:
            data = connection.recv(1 << 16)
            if not data:
                raise ConnectionError("the server closed the connection")
            parser.feed_data(data)
        self.status = parser.get_status_code()

    def on_message_complete(self) -> None:
        """Note the end; the parser calls this."""
        self.is_complete = True


def post_of(frame: bytes) -> bytes:
    """Return a whole request with the frame as `file` of a form."""
    boundary = uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="frame.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    body = head.encode() + frame + f"\r\n--{boundary}--\r\n".encode()
    request = (
        "POST /video_frame/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: multipart/form-data; boundary={boundary}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return request.encode() + body
