"""
The console: a few workers kept warm, each on the newest version, replaced when one falls.

A query runs in a process of its own because only a process can be ended: some parts of the engine
(`select repeat('x', 2000000000)`, over a minute and 4 GB) hear no interrupt and no memory limit.
"""

import queue
import threading
from dataclasses import dataclass
from typing import Any

from warehouse.console import tail
from warehouse.console.process import (
    OutOfTimeError,
    Patience,
    WorkerEndedError,
    WorkerProcess,
)
from warehouse.errors import BadInputError, BusyError
from warehouse.published import current
from warehouse.settings import Settings
from warehouse.store import Store

WAIT_SECONDS = 10.0  # for a worker that is free


class QueryError(BadInputError):
    """A query that was refused, is wrong, or took too much; the place counts from 1."""

    def __init__(self, sentence: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(sentence)
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Question:
    """One query, the form of its answer (a key of formats.WRITERS), and the most rows wanted."""

    sql: str
    form: str = "json"
    max_rows: int = 1000


@dataclass(frozen=True)
class Answer:
    """
    A result in its form.

    `told` says of it: columns, types, row_count, is_truncated, elapsed_ms, version.
    """

    told: dict[str, Any]
    body: bytes


class Console:
    """Answers untrusted SQL; its threads may ask at once, as many as there are workers."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        # A slot with or without its worker; the one used last is warm and is taken first.
        self.slots: queue.LifoQueue[WorkerProcess | None] = queue.LifoQueue()
        for _ in range(settings.console_workers):
            self.slots.put(None)

    def ask(self, question: Question, gone: threading.Event | None = None) -> Answer:
        """
        Answer one query on the newest version; `gone` is set when nobody waits any more.

        Raises:
            QueryError: The query is refused, wrong, or was stopped at a limit.
            BusyError: All workers were busy for WAIT_SECONDS.
            NotReadyError: Nothing has been published.
        """
        try:
            worker = self.slots.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            raise BusyError(
                f"{self.settings.console_workers} queries are running: try again in a moment"
            ) from None
        try:
            worker = self.made_ready(worker)
            return self.ask_worker(worker, question, gone or threading.Event())
        finally:
            self.slots.put(worker if worker and worker.is_alive else None)

    def made_ready(self, worker: WorkerProcess | None) -> WorkerProcess:
        """Return a worker that lives and serves the newest version."""
        newest = current(self.settings)
        if worker is not None:
            if worker.is_alive and worker.version == newest.version:
                return worker
            worker.end()
        return WorkerProcess(newest, self.settings)

    def ask_worker(
        self, worker: WorkerProcess, question: Question, gone: threading.Event
    ) -> Answer:
        """Ask, and turn what can go wrong into a sentence."""
        patience = Patience(self.settings.console_timeout_s, gone)
        try:
            hello = worker.hello()
            live = tail.is_asked(question.sql)
            fresh = tail.read_tail(self.store, hello["watermark"]) if live else b""
            head, body = worker.ask(self.as_asked(question), fresh, patience)
        except OutOfTimeError:
            raise QueryError(
                f"the query was stopped after {patience.seconds:g} s: "
                "narrow it with WHERE, or group it first"
            ) from None
        except WorkerEndedError:
            raise QueryError(
                "the query has ended the console's process, most likely by the memory it took "
                f"(over {self.settings.console_memory_mb:,} MB); the next query gets a fresh one"
            ) from None
        if "fault" in head:
            raise QueryError(**head["fault"])
        return Answer(head["told"], body)

    def as_asked(self, question: Question) -> dict[str, Any]:
        """Return a question as the worker is told it, within this console's limits."""
        most = min(question.max_rows, self.settings.console_max_rows)
        return {
            "sql": question.sql,
            "form": question.form,
            "max_rows": most,
            "table": tail.TABLE,
        }

    def close(self) -> None:
        """End every worker that is not in use."""
        while True:
            try:
                worker = self.slots.get_nowait()
            except queue.Empty:
                return
            if worker:
                worker.end()
