"""
The line before the console: a few queries in hand, on threads that nothing else waits for.

A query may wait for a worker and then run for long. On the server's common threads a handful of
them would keep everybody's tokens, uploads and pages waiting.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from api.queue import QueueFullError, in_thread
from warehouse.console.pool import WAIT_SECONDS, Console

WAITING = 8  # queries beyond those that run; each finds a worker within WAIT_SECONDS or gives up

Result = TypeVar("Result")


class QueryLine:
    """The console and its line; places are counted on the event loop alone."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.places = console.settings.console_workers + WAITING
        self.in_hand = 0
        self.threads = ThreadPoolExecutor(self.places, thread_name_prefix="query")

    async def run(self, work: Callable[..., Result], *given: object) -> Result:
        """
        Do work that asks the console.

        Raises:
            QueueFullError: Every place is taken.
        """
        if self.in_hand >= self.places:
            wait = math.ceil(WAIT_SECONDS)
            raise QueueFullError(
                f"{self.in_hand} queries are in hand already; send this one again in {wait} s", wait
            )
        self.in_hand += 1
        try:
            return await in_thread(self.threads, work, *given)
        finally:
            self.in_hand -= 1

    def close(self) -> None:
        """Let what is in hand finish, then end the threads."""
        self.threads.shutdown()
