"""
The server against the bare loop, a handler that calls `model.predict`, and BentoML.

The servers run in processes of their own, over plain HTTP on loopback; the clients in this one.
All of them share the same cores, so the clients' processor time is printed beside the figures. The
bare loop decodes the same bytes and runs the same graph in as many threads as the server has, with
no server, no answer and no fact. All are up at once and take turns of a few seconds, because a
machine that is shared is not always as fast: a ratio is the median of those of each round.
"""

import statistics
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from api.queue import WORKERS
from benchmarks.asking import Burst, ask_for, real_frames
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
ROUNDS = 7
SECONDS = {1: 3.0, CLIENTS: 6.0}  # of a turn, by the number of clients
LOOP_SECONDS = 4.0
WARM_UP = 0.5  # at the start of a turn, not counted
BARE_RUNS = 300


@dataclass
class Server:
    """One server and its turns so far, by the number of clients."""

    name: str
    port: int
    turns: dict[int, list[Burst]] = field(default_factory=lambda: {each: [] for each in SECONDS})
    answered: int = 0  # in all, warm-ups included

    def take_turns(self, frames: list[bytes]) -> None:
        """Be asked by one client, then by all."""
        for clients, seconds in SECONDS.items():
            warm_up = ask_for(self.port, frames, clients, WARM_UP)
            turn = ask_for(self.port, frames, clients, seconds)
            self.answered += len(warm_up.times) + len(turn.times)
            self.turns[clients].append(turn)

    def whole(self, clients: int) -> Burst:
        """Return all its turns with so many clients as one."""
        first, *others = self.turns[clients]
        return sum(others, first)

    def rates(self) -> list[float]:
        """Return the answers a second at all clients, round by round."""
        return [turn.rate for turn in self.turns[CLIENTS]]


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print latency for one client and throughput at eight, side by side."""
    trained_home(settings, data, weights)
    frames = real_frames(data)
    store = open_store(settings)
    model_id = resolve(store, CHAMPION).model_id
    store.close()
    predictor = Predictor.open(settings.models_dir, model_id)
    model_ms = time_bare_model(predictor, frames[0])
    loops: list[float] = []
    with ExitStack() as stack:
        ours, *others = start_all(stack, settings, settings.models_dir / model_id)
        before = count_facts(settings)
        for _ in range(ROUNDS):
            loops.append(time_bare_loop(predictor, frames))
            for server in (ours, *others):
                server.take_turns(frames)
        facts = count_facts(settings) - before
    columns = ["server", "clients", "answers/s", "p50 ms", "p99 ms", "clients' cores"]
    title = f"{ROUNDS} turns of {SECONDS[1]:g} and {SECONDS[CLIENTS]:g} s, {len(frames)} frames"
    show_table(title, columns, list(rows_of((ours, *others))))
    print(f"bare model run, one thread: {model_ms:.1f} ms")
    told = spread(loops, "{:.0f}")
    print(f"bare loop, {WORKERS} threads, decode and model: {told} frames/s")
    print(f"facts committed: {facts} for {ours.answered} answers, warm-ups included")
    print_ratios(ours, others, model_ms, loops)


def start_all(stack: ExitStack, settings: Settings, folder: Path) -> Iterator[Server]:
    """Start every server, ours first, until the stack ends; one that cannot run is left out."""
    contexts: dict[str, AbstractContextManager[int]] = {
        "Dermhouse": served(partial(serve_dermhouse, settings)),
        "model.predict": served(partial(serve_naive, folder)),
        "BentoML": bento_served(folder / "model.onnx"),
    }
    for name, context in contexts.items():
        try:
            yield Server(name, stack.enter_context(context))
        except subprocess.CalledProcessError as error:
            print(f"{name} is left out: {error}")


def rows_of(servers: Iterable[Server]) -> Iterator[tuple[object, ...]]:
    """Yield the table's rows."""
    for server in servers:
        for clients in SECONDS:
            whole = server.whole(clients)
            times = (whole.percentile_ms(50), whole.percentile_ms(99))
            yield server.name, clients, whole.rate, *times, whole.clients_cores


def print_ratios(ours: Server, others: list[Server], model_ms: float, loops: list[float]) -> None:
    """Print what the table is for."""
    alone, crowd = ours.whole(1), ours.whole(CLIENTS)
    print(f"one client: Dermhouse p50 / bare model run = {alone.percentile_ms(50) / model_ms:.2f}")
    told = spread(each_round(ours.rates(), loops), "{:.2f}")
    print(f"{CLIENTS} clients: Dermhouse / bare loop = {told}")
    for server in others:
        told = spread(each_round(ours.rates(), server.rates()), "{:.2f}")
        slowest = server.whole(CLIENTS).percentile_ms(99) / crowd.percentile_ms(99)
        print(
            f"{CLIENTS} clients: Dermhouse / {server.name} = {told} in throughput, "
            f"{server.name} / Dermhouse = {slowest:.1f} in p99"
        )


def each_round(ours: list[float], others: list[float]) -> list[float]:
    """Return the ratios of two rates, round by round."""
    return [one / other for one, other in zip(ours, others, strict=True)]


def spread(figures: list[float], form: str) -> str:
    """Return the median of some rounds, and what lies about it."""
    least, middle, most = (
        form.format(each) for each in (min(figures), statistics.median(figures), max(figures))
    )
    return f"{middle} ({least} to {most})"


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
    until = time.perf_counter() + LOOP_SECONDS

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
    return sum(done) / LOOP_SECONDS
