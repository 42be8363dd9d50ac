"""
The server against the bare loop, a handler that calls `model.predict`, and BentoML.

The servers run in processes of their own, over plain HTTP on loopback; the clients in this one.
All of them share the same cores, so the clients' processor time is printed beside the figures. The
bare loop decodes the same bytes and runs the same graph in as many threads as the server has, with
no server, no answer and no fact.
"""

import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from api.queue import WORKERS
from benchmarks.asking import Figures, ask_for, real_frames
from benchmarks.bento import bento_served
from benchmarks.home import trained_home
from benchmarks.served import serve_dermhouse, serve_naive, served
from ml.predictor import Predictor
from ml.preprocess import decode
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tables import prediction
from warehouse.terminal import show_table

CLIENTS = 8
SECONDS = 15.0
WARM_UP = 2.0
BARE_RUNS = 300

Measured = dict[int, Figures]  # by the number of clients


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print latency for one client and throughput at eight, side by side."""
    trained_home(settings, data, weights)
    frames = real_frames(data)
    store = open_store(settings)
    model_id = resolve(store, CHAMPION).model_id
    store.close()
    predictor = Predictor.open(settings.models_dir, model_id)
    folder = settings.models_dir / model_id
    model_ms = time_bare_model(predictor, frames[0])
    # Before and after the server, because a machine that is shared is not always as fast.
    loops = [time_bare_loop(predictor, frames)]
    measured, facts = measure_dermhouse(settings, frames)
    loops.append(time_bare_loop(predictor, frames))
    others = dict(measure_others(folder, frames))
    columns = ["server", "clients", "answers/s", "p50 ms", "p99 ms", "clients' cores"]
    title = f"{SECONDS:g} s each, {len(frames)} frames"
    show_table(title, columns, list(rows_of({"Dermhouse": measured} | others)))
    print(f"bare model run, one thread: {model_ms:.1f} ms")
    told = " and ".join(f"{rate:.0f}" for rate in loops)
    print(f"bare loop, {WORKERS} threads, decode and model: {told} frames/s (before, after)")
    print(f"facts committed: {facts} for {sum(each.answers for each in measured.values())} answers")
    print_ratios(measured, others, model_ms, statistics.mean(loops))


def measure_dermhouse(settings: Settings, frames: list[bytes]) -> tuple[Measured, int]:
    """Return what the server gave, and how many facts it left while it was measured."""
    with served(partial(serve_dermhouse, settings)) as port:
        ask_for(port, frames, 1, WARM_UP)
        before = count_facts(settings)
        measured = ask_each(port, frames)
        return measured, count_facts(settings) - before


def measure_others(folder: Path, frames: list[bytes]) -> Iterator[tuple[str, Measured]]:
    """Yield the name of each other server and what it gave."""
    rivals: dict[str, AbstractContextManager[int]] = {
        "model.predict": served(partial(serve_naive, folder)),
        "BentoML": bento_served(folder / "model.onnx"),
    }
    for name, server in rivals.items():
        try:
            with server as port:
                ask_for(port, frames, 1, WARM_UP)
                yield name, ask_each(port, frames)
        except subprocess.CalledProcessError as error:
            print(f"{name} is left out: {error}")


def ask_each(port: int, frames: list[bytes]) -> Measured:
    """Ask with one client, then with all."""
    return {clients: ask_for(port, frames, clients, SECONDS) for clients in (1, CLIENTS)}


def rows_of(measured: dict[str, Measured]) -> Iterator[tuple[object, ...]]:
    """Yield the table's rows."""
    for name, figures in measured.items():
        for clients, each in figures.items():
            yield name, clients, each.rate, each.p50_ms, each.p99_ms, each.clients_cores


def print_ratios(
    ours: Measured, others: dict[str, Measured], model_ms: float, loop_rate: float
) -> None:
    """Print what the table is for."""
    alone, crowd = ours[1], ours[CLIENTS]
    print(f"one client: Dermhouse p50 / bare model run = {alone.p50_ms / model_ms:.2f}")
    print(f"{CLIENTS} clients: Dermhouse / bare loop = {crowd.rate / loop_rate:.2f}")
    for name, figures in others.items():
        rival = figures[CLIENTS]
        print(
            f"{CLIENTS} clients: Dermhouse / {name} = {crowd.rate / rival.rate:.2f} in throughput, "
            f"{name} / Dermhouse = {rival.p99_ms / crowd.p99_ms:.1f} in p99"
        )


def count_facts(settings: Settings) -> int:
    """Return how many predictions the store has."""
    store = open_store(settings)
    with store.read() as connection:
        count = connection.scalar(select(func.count()).select_from(prediction))
    store.close()
    return int(count or 0)


def time_bare_model(predictor: Predictor, frame: bytes) -> float:
    """Return the median milliseconds of one run of the served graph, one thread."""
    batch = decode(frame, predictor.input_px, 10**9).rgb[None]
    times = []
    for _ in range(BARE_RUNS):
        started = time.perf_counter()
        predictor.predict(batch)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def time_bare_loop(predictor: Predictor, frames: list[bytes]) -> float:
    """Return the frames a second that the server's threads decode and run without a server."""
    done = [0] * WORKERS
    until = time.perf_counter() + SECONDS

    def loop(thread: int) -> None:
        while time.perf_counter() < until:
            frame = frames[done[thread] % len(frames)]
            predictor.predict(decode(frame, predictor.input_px, 10**9).rgb[None])
            done[thread] += 1

    threads = [threading.Thread(target=loop, args=(each,)) for each in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS
