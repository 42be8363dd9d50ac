"""
One bounded line before the threads that work: who finds it full is told at once when to come again.

A request takes a place when its upload is there and gives it back when its answer is durable. It is
decoded and run by as many threads as there are cores to use; what it keeps in files is written by
others, which only wait, and its row by the store's writer.
"""

import math
import time
from asyncio import get_running_loop
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from enum import StrEnum
from typing import TypeVar

from warehouse.errors import BusyError

# One thread a core: the decoder and the network both leave Python's lock while they work.
WORKERS = 2
DISK_THREADS = 16

Result = TypeVar("Result")


class Purpose(StrEnum):
    """What a request stands in line for."""

    capture = "capture"
    batch = "batch"
    preview = "preview"


# The part of the line that each may fill: what is forgotten at once is refused first.
SHARES = {Purpose.capture: 1.0, Purpose.batch: 0.5, Purpose.preview: 0.25}


class QueueFullError(BusyError):
    """There is no place left; `retry_after_s` says when there should be one."""

    def __init__(self, sentence: str, retry_after_s: int) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class WorkQueue:
    """The line and its threads; its places are counted on the event loop alone."""

    def __init__(self, places: int, workers: int = WORKERS) -> None:
        self.places = places
        self.workers = workers
        self.in_hand = 0
        self.to_record = 0  # of those in hand
        self.refused: Counter[Purpose] = Counter()
        self.mean_s = 0.0  # of one turn at decoding and running, lately
        self.tell_wait: Callable[[float], None] = ignore  # the seconds until a turn came
        self.runners = ThreadPoolExecutor(workers, thread_name_prefix="diagnosis")
        self.disk = ThreadPoolExecutor(DISK_THREADS, thread_name_prefix="disk")

    @contextmanager
    def place(self, purpose: Purpose) -> Iterator[None]:
        """
        Hold a place while the block runs.

        Raises:
            QueueFullError: The part of the line that this purpose may fill is full.
        """
        if self.in_hand >= self.limit(purpose):
            self.refused[purpose] += 1
            wait = self.seconds_left()
            raise QueueFullError(
                f"{self.in_hand} frames are in hand already; send this one again in {wait} s", wait
            )
        records = purpose is not Purpose.preview
        self.in_hand += 1
        self.to_record += records
        try:
            yield
        finally:
            self.in_hand -= 1
            self.to_record -= records

    def coming(self) -> int:
        """Return how many answers a commit may wait for while the rest keep every thread busy."""
        return (self.to_record - self.workers) // 2

    def limit(self, purpose: Purpose) -> int:
        """Return how many may be in hand before this purpose is refused."""
        return max(1, int(self.places * SHARES[purpose]))

    def seconds_left(self) -> int:
        """Return in how many whole seconds what is in hand should be done; one at least."""
        return max(1, math.ceil(self.in_hand * self.mean_s / self.workers))

    async def run(self, work: Callable[[], Result]) -> Result:
        """Decode and run: work that uses a core."""
        asked = time.perf_counter()

        def take_turn() -> Result:
            with self.timed([asked]):
                return work()

        return await in_thread(self.runners, take_turn)

    async def on_disk(self, work: Callable[[], Result]) -> Result:
        """Read or write files, or look into the store: work that waits for a disk."""
        return await in_thread(self.disk, work)

    @contextmanager
    def timed(self, asked: Sequence[float]) -> Iterator[None]:
        """Tell how long the turns that begin have waited; remember how long one takes."""
        started = time.perf_counter()
        for moment in asked:
            self.tell_wait(started - moment)
        try:
            yield
        finally:
            took = (time.perf_counter() - started) / len(asked)
            self.mean_s += 0.1 * (took - self.mean_s)  # the recent ones count most

    def close(self) -> None:
        """Let what is in hand finish, then end the threads."""
        self.runners.shutdown()
        self.disk.shutdown()


def ignore(_seconds: float) -> None:
    """Tell nobody."""


async def in_thread(pool: Executor, work: Callable[..., Result], *given: object) -> Result:
    """Do work in a pool."""
    context = copy_context()  # a line that the thread logs carries the request's id
    return await get_running_loop().run_in_executor(pool, context.run, work, *given)
