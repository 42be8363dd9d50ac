"""
The server against the bare model, and against a handler that calls `model.predict`.

The servers run in processes of their own, over plain HTTP on loopback; the clients in this one.
All of them share the same cores, so the clients' processor time is printed beside the figures.
"""

import http.client
import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import uvicorn

from api.app import create_app
from benchmarks.home import trained_home
from benchmarks.naive import create_naive_app
from ml.predictor import Predictor
from ml.preprocess import decode
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.terminal import show_table

CLIENTS = 8
SECONDS = 15.0
BARE_RUNS = 300


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print latency for one client and throughput at eight, side by side."""
    trained_home(settings, data, weights)
    frames = real_frames(data)
    store = open_store(settings)
    model_id = resolve(store, CHAMPION).model_id
    store.close()
    bare = time_bare_model(settings, model_id, frames[0])
    rows: list[tuple[object, ...]] = [("bare ONNX run, no decode", 0, 1000 / bare, bare, "")]
    folder = settings.models_dir / model_id
    apps: list[tuple[str, Callable[[], None]]] = [
        ("Dermhouse", partial(serve_dermhouse, settings)),
        ("naive model.predict", partial(serve_naive, folder)),
    ]
    for name, target in apps:
        with served(target) as port:
            ask_for(port, frames, 1, 2.0)
            rows += [(name, n, *ask_for(port, frames, n, SECONDS)) for n in (1, CLIENTS)]
    columns = ["server", "clients", "answers/s", "p50 ms", "p99 ms", "clients' cores"]
    show_table(f"{SECONDS:g} s each, {len(frames)} frames", columns, [pad(row) for row in rows])
    ours, naive = rows[1:3], rows[3:5]
    print(f"one client: Dermhouse p50 / bare model run = {ours[0][3] / bare:.2f}")  # type: ignore[operator]
    ratio = ours[1][2] / naive[1][2]  # type: ignore[operator]
    print(f"{CLIENTS} clients: Dermhouse / naive throughput = {ratio:.1f}")


def pad(row: tuple[object, ...]) -> tuple[object, ...]:
    """Fill a short row, so that the table is square."""
    return (*row, *[""] * (6 - len(row)))


def real_frames(data: Path) -> list[bytes]:
    """Return camera-sized originals where they stand, else the data set's own files."""
    originals = sorted((data.parent / "ham10000_600x450").glob("*.jpg"))
    files = originals or sorted(data.glob("HAM10000_images_part_1/*.jpg"))[:40]
    return [path.read_bytes() for path in files]


def time_bare_model(settings: Settings, model_id: str, frame: bytes) -> float:
    """Return the median milliseconds of one run of the served graph, one thread."""
    predictor = Predictor.open(settings.models_dir, model_id)
    batch = decode(frame, predictor.input_px, settings.max_image_pixels).rgb[None]
    times = []
    for _ in range(BARE_RUNS):
        started = time.perf_counter()
        predictor.predict(batch)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def serve_dermhouse(settings: Settings) -> None:
    """Run the real server."""
    uvicorn.run(create_app(settings), port=port_of_child(), log_level="warning")


def serve_naive(folder: Path) -> None:
    """Run the handler most people would write first."""
    uvicorn.run(create_naive_app(folder), port=port_of_child(), log_level="warning")


def port_of_child() -> int:
    """Return the port that the parent chose."""
    return int(os.environ["BENCHMARK_PORT"])


@contextmanager
def served(target: Callable[[], None]) -> Iterator[int]:
    """Run a server in a process of its own; yield its port once it answers."""
    port = 18000 + os.getpid() % 1000
    os.environ["BENCHMARK_PORT"] = str(port)
    # Not forked: this process has threads of TensorFlow's, whose locks a fork would copy.
    process = multiprocessing.get_context("spawn").Process(target=target)
    process.start()
    try:
        wait_until_up(port, process)
        yield port
    finally:
        process.terminate()
        process.join()


def wait_until_up(port: int, process: multiprocessing.process.BaseProcess) -> None:
    """Return when the server takes connections."""
    while process.is_alive():
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server ended before it answered")


def ask_for(
    port: int, frames: list[bytes], clients: int, seconds: float
) -> tuple[float, float, float, float]:
    """Return answers a second, p50 and p99 in ms, and the cores that the clients used."""
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
    cores = (time.process_time() - cpu) / wall
    ordered = sorted(times)
    return (
        len(ordered) / wall,
        ordered[len(ordered) // 2],
        ordered[int(len(ordered) * 0.99)],
        cores,
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
