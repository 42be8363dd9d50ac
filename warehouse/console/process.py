"""One worker as its parent sees it: started, asked, stopped when it takes too long, then ended."""

import os
import select
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from warehouse.console import wire
from warehouse.console.tail import WATERMARK, statements
from warehouse.errors import DermhouseError
from warehouse.published import PublishedWarehouse
from warehouse.settings import ROOT, Settings

START_SECONDS = 30
GRACE_SECONDS = 2  # for a query that was told to stop; some parts of the engine cannot be
LOOK_SECONDS = 0.05  # between two looks at whether anybody still waits for the answer
CHUNK = 2**20


class WorkerEndedError(DermhouseError):
    """The worker has gone, by itself or because it had to be ended."""


class OutOfTimeError(DermhouseError):
    """The query was stopped at its time limit, or because nobody waits for it any more."""


@dataclass(frozen=True)
class Patience:
    """How long an answer is waited for, and an event that ends the wait before."""

    seconds: float
    gone: threading.Event

    def deadline(self) -> float:
        """Return the moment, on the monotonic clock, at which the time is up."""
        return time.monotonic() + self.seconds


class WorkerProcess:
    """A worker for one version; it is asked by one thread at a time."""

    def __init__(self, warehouse: PublishedWarehouse, settings: Settings) -> None:
        self.version = warehouse.version
        # Nothing of this process goes over but the path of the version: no variable, no handle.
        self.process = subprocess.Popen(
            [sys.executable, "-s", "-m", "warehouse.console.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(ROOT), "ARROW_DEFAULT_MEMORY_POOL": "system"},
            cwd="/",
            start_new_session=True,  # an interrupt at the terminal is the parent's to handle
        )
        self.received = bytearray()
        given = {
            "path": str(warehouse.path.resolve()),
            "version": warehouse.version,
            "memory_mb": settings.console_memory_mb,
            "threads": settings.console_threads,
            "max_bytes": settings.console_max_mb * 2**20,
            "statements": statements(),
            "watermark": WATERMARK,
        }
        self.send(given)
        self.first: dict[str, Any] | None = None

    def hello(self) -> dict[str, Any]:
        """Return what the worker said of itself when it was ready: watermark, is_shut."""
        if self.first is None:
            self.first, _ = self.receive(time.monotonic() + START_SECONDS, threading.Event())
        return self.first

    def ask(self, asked: dict[str, Any], fresh: wire.Body, patience: Patience) -> wire.Message:
        """
        Return the worker's answer.

        Raises:
            OutOfTimeError: The query was stopped; the worker may live on, or have been ended.
            WorkerEndedError: The query has brought the worker down.
        """
        self.send(asked, fresh)
        try:
            answer = self.receive(patience.deadline(), patience.gone)
        except OutOfTimeError:
            self.stop()
            raise
        if answer[0].get("is_stopped"):
            raise OutOfTimeError("stopped")
        return answer

    def stop(self) -> None:
        """Interrupt the query, and end the worker if that does not help."""
        try:
            self.send({"stop": True})
            self.receive(time.monotonic() + GRACE_SECONDS, threading.Event())
        except (OutOfTimeError, WorkerEndedError):
            self.end()

    def send(self, head: dict[str, Any], body: wire.Body = b"") -> None:
        """Write one message; WorkerEndedError if nobody reads it."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.writelines(wire.pack(head, body))
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            self.end()
            raise WorkerEndedError("the worker has gone") from None

    def receive(self, deadline: float, gone: threading.Event) -> wire.Message:
        """Wait for one message until the deadline, or until nobody wants it any more."""
        assert self.process.stdout is not None
        handle = self.process.stdout.fileno()
        while (message := wire.unpack(self.received)) is None:
            if gone.is_set() or time.monotonic() > deadline:
                raise OutOfTimeError("out of time")
            ready, _, _ = select.select([handle], [], [], LOOK_SECONDS)
            if ready:
                chunk = os.read(handle, CHUNK)
                if not chunk:
                    self.end()
                    raise WorkerEndedError("the worker has gone")
                self.received += chunk
        return message

    @property
    def is_alive(self) -> bool:
        """Return whether it can be asked."""
        return self.process.poll() is None

    def end(self) -> None:
        """End the process and wait for it; safe to repeat."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()
