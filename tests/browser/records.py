"""What the operational store holds, read beside the running server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select

from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import capture, prediction, review

TABLES = {"capture": capture, "prediction": prediction, "review": review}


class Records:
    """Rows of one home, and how many have come since the test began."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.before = {name: self.count(name) for name in TABLES}

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings) -> Iterator["Records"]:
        store = open_store(settings)
        yield cls(store)
        store.close()

    def count(self, name: str) -> int:
        with self.store.read() as connection:
            query = select(func.count()).select_from(TABLES[name])
            return int(connection.execute(query).scalar_one())

    def new(self, name: str) -> int:
        return self.count(name) - self.before[name]

    def rows(self, name: str, **values: str) -> list[dict[str, Any]]:
        table = TABLES[name]
        query = select(table).where(*(table.c[key] == value for key, value in values.items()))
        with self.store.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def one(self, name: str, **values: str) -> dict[str, Any]:
        (row,) = self.rows(name, **values)
        return row
