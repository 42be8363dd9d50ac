"""Items that wait in line at the same moment are worked on together."""

import threading
import time
from asyncio import wrap_future
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from api.queue import WorkQueue

Item = TypeVar("Item")
Made = TypeVar("Made")
Outcome = TypeVar("Outcome")


class Together(Generic[Item, Made]):
    """
    Puts items to the queue's threads, up to `most` at once.

    `work` returns what it made of each item, in their order, or the error that its caller shall
    raise.
    """

    def __init__(
        self,
        queue: WorkQueue,
        work: Callable[[Sequence[Item]], Sequence[Made | BaseException]],
        most: int,
    ) -> None:
        self.queue = queue
        self.work = work
        self.most = most
        self.waiting: deque[Turn[Item, Made]] = deque()
        self.lock = threading.Lock()

    async def run(self, item: Item) -> Made:
        """Return what is made of an item."""
        made, _ = await self.wait(Turn(item, None))
        return made

    async def run_and_hand_on(
        self, item: Item, hand_on: "Callable[[Made], Future[Outcome]]"
    ) -> tuple[Made, Outcome]:
        """
        Return what is made of an item and what becomes of that.

        The thread that makes it hands it on, so that nobody waits for the event loop in between.
        """
        return await self.wait(Turn(item, hand_on))

    async def wait(self, turn: "Turn[Item, Made]") -> tuple[Made, Any]:
        """Stand in line until all is done."""
        with self.lock:  # whoever takes a turn finds it there
            self.queue.runners.submit(self.take)
            self.waiting.append(turn)
        return await wrap_future(turn.done)

    def take(self) -> None:
        """Take the next that wait; a thread that finds none was called for one taken along."""
        with self.lock:
            turns = [self.waiting.popleft() for _ in range(min(len(self.waiting), self.most))]
        if turns:
            with self.queue.timed([turn.asked for turn in turns]):
                self.settle(turns)

    def settle(self, turns: "Sequence[Turn[Item, Made]]") -> None:
        """Do the work; nobody waits for good, whatever happens."""
        try:
            results = self.work([turn.item for turn in turns])
        except BaseException as error:
            results = [error] * len(turns)
        for turn, made in zip(turns, results, strict=True):
            turn.settle(made)


class Turn(Generic[Item, Made]):
    """One item that waits, since when, and what its caller is told."""

    def __init__(self, item: Item, hand_on: "Callable[[Made], Future[Any]] | None") -> None:
        self.item = item
        self.hand_on = hand_on
        self.asked = time.perf_counter()
        self.done: Future[tuple[Made, Any]] = Future()
        self.done.set_running_or_notify_cancel()  # a caller who leaves stops nothing

    def settle(self, made: Made | BaseException) -> None:
        """Tell what was made, or hand it on and tell what becomes of it."""
        if isinstance(made, BaseException):
            self.done.set_exception(made)
        elif self.hand_on is None:
            self.done.set_result((made, None))
        else:
            self.follow(made, self.hand_on)

    def follow(self, made: Made, hand_on: "Callable[[Made], Future[Any]]") -> None:
        """Tell what becomes of something handed on, once it is known."""

        def tell(later: Future[Any]) -> None:
            error = later.exception()
            if error is None:
                self.done.set_result((made, later.result()))
            else:
                self.done.set_exception(error)

        try:
            hand_on(made).add_done_callback(tell)
        except Exception as error:  # it was not taken
            self.done.set_exception(error)
