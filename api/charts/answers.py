"""Ask the published warehouse one named question; readers move on with each new version."""

from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

import duckdb
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


class Reader:
    """
    Answers questions from the version that is current at the time of asking.

    One connection to it stays open, because opening takes far longer than a question; each
    question has a cursor of its own. Where `current` names another version, the next question
    goes there, and what is being read from the old one is read to its end.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store
        self._opening = Lock()
        self._opened: tuple[PublishedWarehouse, duckdb.DuckDBPyConnection] | None = None

    def ask(self, sql: str) -> Answer:
        """Return the answer to a question of ours; NotReadyError before the first version."""
        warehouse, cursor = self._cursor()
        with cursor:
            if is_asked(sql):
                lay_tail(cursor, self.store)
            return Answer(cursor.execute(sql).to_arrow_table(), warehouse.version)

    def built_at(self) -> datetime | None:
        """Return when the current version was made, UTC."""
        table = self.ask("select max(started_at) as at from fct_warehouse_builds").table
        at: datetime | None = table.column("at")[0].as_py()
        return at and at.replace(tzinfo=UTC)

    def close(self) -> None:
        """Let go of the file."""
        if self._opened is not None:
            self._opened[1].close()
            self._opened = None

    def _cursor(self) -> tuple[PublishedWarehouse, duckdb.DuckDBPyConnection]:
        warehouse = current(self.settings)
        with self._opening:
            if self._opened is None or self._opened[0] != warehouse:
                self.close()
                self._opened = (warehouse, warehouse.connect())
            return warehouse, self._opened[1].cursor()
