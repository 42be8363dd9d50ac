"""Ask the published warehouse one named question; readers move on with each new version."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

import duckdb

# DuckDB and Altair look for it at the first questions. Those come several at once, and two who
# import it at the same time by different ways each meet half of it.
import pandas  # noqa: F401
import pyarrow as pa

from warehouse.console.tail import is_asked, lay_tail
from warehouse.published import PublishedWarehouse, current
from warehouse.settings import Settings
from warehouse.store import Store


@dataclass(frozen=True)
class Answer:
    """The rows of one question, and the version that gave them."""

    table: pa.Table
    version: int


@dataclass
class Opened:
    """One version's connection, and how many hold it: the reader itself, and each question."""

    warehouse: PublishedWarehouse
    connection: duckdb.DuckDBPyConnection
    holders: int = 1

    def let_go(self) -> None:
        """Give back one hold; the last one closes, because that ends every cursor there is."""
        self.holders -= 1
        if not self.holders:
            self.connection.close()


class Reader:
    """
    Answers questions from the version that is current at the time of asking.

    One connection to it stays open, because opening takes far longer than a question; each
    question has a cursor of its own. Where `current` names another version, the next question
    goes there, and what is being read from the old one is read to its end.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store
        self._counting = Lock()  # held to open a version and to count, never to read
        self._opened: Opened | None = None

    def ask(self, sql: str) -> Answer:
        """Return the answer to a question of ours; NotReadyError before the first version."""
        with self._held() as opened, opened.connection.cursor() as cursor:
            if is_asked(sql):
                lay_tail(cursor, self.store)
            return Answer(cursor.execute(sql).to_arrow_table(), opened.warehouse.version)

    def built_at(self) -> datetime | None:
        """Return when the current version was made, UTC."""
        table = self.ask("select max(started_at) as at from fct_warehouse_builds").table
        at: datetime | None = table.column("at")[0].as_py()
        return at and at.replace(tzinfo=UTC)

    def close(self) -> None:
        """Let go of the file, once what is being read has been read."""
        with self._counting:
            self._retire()

    @contextmanager
    def _held(self) -> Iterator[Opened]:
        """Yield the current version, which stays open while the block runs."""
        with self._counting:
            opened = self._newest()
            opened.holders += 1
        try:
            yield opened
        finally:
            with self._counting:
                opened.let_go()

    def _newest(self) -> Opened:
        warehouse = current(self.settings)
        if self._opened is not None and self._opened.warehouse == warehouse:
            return self._opened
        opened = Opened(warehouse, warehouse.connect())
        self._retire()
        self._opened = opened
        return opened

    def _retire(self) -> None:
        if self._opened is not None:
            self._opened.let_go()
            self._opened = None
