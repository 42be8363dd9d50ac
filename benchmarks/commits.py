"""
Durable facts a second through the store's writer, alone and while dbt builds.

    python -m benchmarks.commits [--threads 8] [--seconds 20] [--database-url URL]

One row is one answered frame: a capture, its prediction and its audit event, on the disk when the
call returns. Each thread sends its next row when its last one stands.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from benchmarks.drawn import MODEL_ID, drawn_home
from warehouse.audit import Event
from warehouse.build_log import list_builds
from warehouse.captures import Capture, Prediction
from warehouse.settings import ROOT, Settings
from warehouse.store import Store, open_store
from warehouse.tables import now
from warehouse.terminal import show_table
from warehouse.writer import PredictionWriter


@dataclass(frozen=True)
class Figures:
    """What one run gave; times in milliseconds."""

    rows_per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float


def main() -> None:
    """Print both runs, and the bare cost of a commit on this disk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--database-url", default=None)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="dermhouse-commits-") as folder:
        settings = Settings(home=Path(folder), database_url=arguments.database_url)
        drawn_home(settings)
        store = open_store(settings)
        print(f"one fsync of 4 KB on this disk: {time_fsync(settings.home):.2f} ms (median)")
        rows = [("alone", measure(store, arguments.threads, arguments.seconds))]
        with building(settings):
            rows.append(("while dbt builds", measure(store, arguments.threads, arguments.seconds)))
        builds = list_builds(store, limit=1000)
        store.close()
    show_table(
        f"{arguments.threads} threads, {arguments.seconds:g} s each",
        ["run", "durable rows/s", "p50 ms", "p99 ms", "max ms"],
        [(name, f.rows_per_second, f.p50_ms, f.p99_ms, f.max_ms) for name, f in rows],
    )
    print(", ".join(f"build {build.outcome.value}" for build in builds))


def measure(store: Store, threads: int, seconds: float) -> Figures:
    """Return the rate and the waiting times of threads that record as fast as they can."""
    writer = PredictionWriter(store)
    times: list[float] = []
    started = time.perf_counter()
    workers = [
        threading.Thread(target=record_until, args=(writer, started + seconds, times))
        for _ in range(threads)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wall = time.perf_counter() - started
    ordered = sorted(times)
    return Figures(
        rows_per_second=round(len(ordered) / wall),
        p50_ms=ordered[len(ordered) // 2],
        p99_ms=ordered[int(len(ordered) * 0.99)],
        max_ms=ordered[-1],
    )


def record_until(writer: PredictionWriter, until: float, times: list[float]) -> None:
    """Record rows one after another until the time is up."""
    while time.perf_counter() < until:
        frame, answer = a_fact()
        event = Event("benchmark", "diagnose", answer.prediction_id)
        started = time.perf_counter()
        writer.record(frame, answer, event)
        times.append((time.perf_counter() - started) * 1000)


def a_fact() -> tuple[Capture, Prediction]:
    """Return a capture and an answer of this moment."""
    moment, capture_id = now(), str(uuid4())
    frame = Capture(
        capture_id=capture_id,
        captured_at=moment,
        sha256=uuid4().hex * 2,
        bytes=100_000,
        width=600,
        height=450,
        brightness=120.0,
        sharpness=80.0,
        has_consent=False,
    )
    answer = Prediction(
        prediction_id=str(uuid4()),
        capture_id=capture_id,
        model_id=MODEL_ID,
        predicted_at=moment,
        dx="nv",
        decision="likely",
        probabilities=(0.01, 0.02, 0.03, 0.04, 0.2, 0.6, 0.1),
        latency_ms=9.5,
    )
    return frame, answer


def time_fsync(folder: Path) -> float:
    """Return the median milliseconds of writing a page and waiting for the disk."""
    times = []
    with (folder / "probe").open("wb") as file:
        for _ in range(200):
            started = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - started) * 1000)
    (folder / "probe").unlink()
    return statistics.median(times)


@contextmanager
def building(settings: Settings) -> Iterator[None]:
    """Build again and again, in processes of their own, while the block runs."""
    code = (
        "import sys; from pathlib import Path\n"
        "from warehouse.build import build; from warehouse.settings import Settings\n"
        "url = sys.argv[2] or None\n"
        "while True: build(Settings(home=Path(sys.argv[1]), database_url=url))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.home), settings.database_url or ""],
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # dbt is a process of the build's own
        process.wait()


if __name__ == "__main__":
    main()
