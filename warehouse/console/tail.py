"""The live tail for who may not attach the store: its rows as Arrow."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Row, func, or_, select

from warehouse.live import LOOKBACK_SECONDS, PROBABILITIES, live_view
from warehouse.store import Store
from warehouse.tables import capture, prediction

TABLE = "operational_tail"
LIVE_VIEW_NAME = "fct_predictions_live"
WATERMARK = (
    "select cast(watermark as varchar) from warehouse_watermarks where table_name = 'prediction'"
)
KINDS: dict[str, tuple[str, pa.DataType]] = {
    "prediction_id": ("varchar", pa.string()),
    "capture_id": ("varchar", pa.string()),
    "model_id": ("varchar", pa.string()),
    "predicted_at": ("timestamp", pa.timestamp("us")),
    "dx": ("varchar", pa.string()),
    "decision": ("varchar", pa.string()),
    **dict.fromkeys(PROBABILITIES, ("double", pa.float64())),
    "latency_ms": ("double", pa.float64()),
    "age_years": ("double", pa.float64()),
    "is_shadow": ("boolean", pa.bool_()),
    "sex": ("varchar", pa.string()),
    "localization": ("varchar", pa.string()),
    "has_consent": ("boolean", pa.bool_()),
    "sha256": ("varchar", pa.string()),
    "deleted_at": ("timestamp", pa.timestamp("us")),
}
SCHEMA = pa.schema([(name, kind) for name, (_, kind) in KINDS.items()])
ROWS_AT_ONCE = 1000


def statements() -> list[str]:
    """Return what makes an empty tail and the live view on it."""
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in KINDS.items())
    return [f"create temp table {TABLE} ({columns})", live_view(TABLE)]


def is_asked(sql: str) -> bool:
    """Return whether a query can see the tail; names cannot be put together in SQL."""
    return any(name in sql.lower() for name in (LIVE_VIEW_NAME, TABLE))


def read_tail(store: Store, watermark: str | None) -> memoryview:
    """Return `tail_table` as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as writer:
        for batch in tail_batches(store, watermark):
            writer.write_batch(batch)
    return memoryview(sink.getvalue())


def lay_tail(connection: duckdb.DuckDBPyConnection, store: Store) -> None:
    """
    Create the live view on a connection to a version, as the store is at this moment; again, anew.

    For a process that also writes the store: DuckDB must not attach SQLite's file there. It brings
    a SQLite of its own, and whichever of the two closes the file takes the other's locks away,
    because they belong to the process. The log that acknowledged rows stand in can then be deleted
    under the writer.
    """
    row = connection.execute(WATERMARK).fetchone()
    connection.register(TABLE, tail_table(store, row[0] if row else None))
    connection.execute(live_view(TABLE))


def tail_table(store: Store, watermark: str | None) -> pa.Table:
    """
    Return the operational rows younger than a version, in the columns of KINDS.

    Of a withdrawn answer only its id goes over, so that the version's row of it is left out.
    """
    return pa.Table.from_batches(tail_batches(store, watermark), SCHEMA)


def tail_batches(store: Store, watermark: str | None) -> Iterator[pa.RecordBatch]:
    """Yield the same a few at a time: Python's objects take far more memory than Arrow."""
    newest = datetime.fromisoformat(watermark or "1970-01-01").replace(tzinfo=UTC)
    asked = young(newest - timedelta(seconds=LOOKBACK_SECONDS))
    with store.read() as connection:
        rows = connection.execute(asked.execution_options(yield_per=ROWS_AT_ONCE))
        yield from map(as_batch, rows.partitions())


def as_batch(rows: Sequence[Row[Any]]) -> pa.RecordBatch:
    """Return rows of the store in the columns of KINDS."""
    columns = zip(*map(shown, rows), strict=True)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, SCHEMA.types, strict=True)]
    return pa.record_batch(arrays, schema=SCHEMA)


def young(since: datetime) -> Any:
    """Return the query for what was written since, in the order of KINDS."""
    deleted_at = func.coalesce(prediction.c.deleted_at, capture.c.deleted_at).label("deleted_at")
    asked = [deleted_at if name == "deleted_at" else column(name) for name in KINDS]
    changed = select(capture.c.capture_id).where(capture.c.updated_at > since)
    return (
        select(*asked)
        .join_from(prediction, capture, capture.c.capture_id == prediction.c.capture_id)
        .where(or_(prediction.c.updated_at > since, prediction.c.capture_id.in_(changed)))
    )


def column(name: str) -> Any:
    """Return the operational column of a name: the answer's, or else its capture's."""
    return prediction.c[name] if name in prediction.c else capture.c[name]


def shown(row: Any) -> tuple[Any, ...]:
    """Return a row with naive UTC times; one that was withdrawn has only its id."""
    plain = [value.replace(tzinfo=None) if isinstance(value, datetime) else value for value in row]
    if plain[-1] is None:
        return tuple(plain)
    return (plain[0], *[None] * (len(plain) - 2), plain[-1])
