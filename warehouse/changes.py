"""What has changed in the operational store since a version was built from it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from warehouse.errors import NotReadyError
from warehouse.live import LOOKBACK_SECONDS
from warehouse.published import PublishedWarehouse, current
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import NOT_COPIED, metadata

COPIED = [name for name in metadata.tables if name not in NOT_COPIED]


def read_watermarks(version: PublishedWarehouse) -> dict[str, datetime | None]:
    """Return the newest stamp that a version has of each table, naive UTC."""
    with version.connect() as connection:
        rows = connection.execute("select table_name, watermark from warehouse_watermarks")
        return dict(rows.fetchall())


def count_new(store: Store, name: str, watermark: datetime | None, limit: int) -> int:
    """Return how many rows changed after a version's copy, counted up to a limit."""
    table = metadata.tables[name]
    rows = select(table.c.updated_at).limit(limit)
    if watermark is not None:
        rows = rows.where(table.c.updated_at > watermark.replace(tzinfo=UTC))
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(rows.subquery())) or 0


def changed_tables(settings: Settings, store: Store) -> list[str] | None:
    """
    Return the tables with anything newer than the current version; None where there is no version.

    A table whose newest row was written shortly before that version was built is among them: a row
    with an older stamp could have been committed after the copy.
    """
    try:
        version = current(settings)
    except NotReadyError:
        return None
    watermarks = read_watermarks(version)
    with version.connect() as connection:
        rows = connection.execute("select max(started_at) from fct_warehouse_builds")
        ((built_at,),) = rows.fetchall()
    if built_at is None or watermarks.keys() != set(COPIED):
        return None
    sure = built_at - timedelta(seconds=LOOKBACK_SECONDS)
    return [
        name
        for name, mark in watermarks.items()
        if (mark is not None and mark >= sure) or count_new(store, name, mark, 1)
    ]
