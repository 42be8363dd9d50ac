"""Write a load to the operational store: what is new, what changed, and the record of both."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from etl.images import FileProbe
from etl.records import ImageRecord, Known, Rejection
from etl.sources import Source
from warehouse.errors import BusyError
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import image, image_change, image_file, load_run, now, rejected_row
from warehouse.vocabulary import FileStatus, Outcome

IMAGE_COLUMNS = tuple(ImageRecord.model_fields)
FILE_COLUMNS = tuple(field.name for field in fields(FileProbe))

Row = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """One image as the store holds it: its metadata by column, and its file."""

    metadata: Row
    file: FileProbe


@contextmanager
def one_load(settings: Settings) -> Iterator[None]:
    """
    Hold the lock that only one load has.

    Raises:
        BusyError: Another load holds it.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / "load.lock"
    lock = FileLock(path, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(
            f"{path}: another load is running; wait for it to end, then try again"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def recorded_run(store: Store, source: Source) -> Iterator[str]:
    """Yield the id of a new load, written first as running; a fault leaves it failed."""
    load_id = f"load-{now():%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
    start_run(store, load_id, source)
    try:
        yield load_id
    except BaseException as error:
        message = str(error) or type(error).__name__
        end_run(store, load_id, outcome=Outcome.failed.value, message=message)
        raise


def start_run(store: Store, load_id: str, source: Source) -> None:
    """Record that a load begins; the lock is held, so any other `running` one was killed."""
    moment = now()
    killed = {
        "outcome": Outcome.failed.value,
        "finished_at": moment,
        "message": f"stopped before its end; {load_id} went on",
    }
    with store.write() as connection:
        running = load_run.c.outcome == Outcome.running.value
        connection.execute(update(load_run).where(running).values(killed))
        connection.execute(
            insert(load_run).values(
                load_id=load_id,
                source=source.address,
                layout=source.layout,
                started_at=moment,
                outcome=Outcome.running.value,
            )
        )


def end_run(store: Store, load_id: str, **values: object) -> None:
    """Record how a load ended."""
    with store.write() as connection:
        connection.execute(
            update(load_run)
            .where(load_run.c.load_id == load_id)
            .values(finished_at=now(), **values)
        )


def read_known(store: Store) -> list[Known]:
    """Return lesion and diagnosis of every image in the store."""
    columns = select(image.c.image_id, image.c.lesion_id, image.c.dx)
    with store.read() as connection:
        return [Known(row.image_id, row.lesion_id, row.dx) for row in connection.execute(columns)]


def read_stored(store: Store, image_ids: Iterable[str]) -> dict[str, Stored]:
    """Return what the store holds of these images, by image id."""
    query = (
        select(
            *(image.c[name] for name in IMAGE_COLUMNS),
            *(image_file.c[name] for name in FILE_COLUMNS),
        )
        .join(image_file, image_file.c.image_id == image.c.image_id)
        .where(image.c.image_id.in_(list(image_ids)))
    )
    with store.read() as connection:
        rows = connection.execute(query).mappings().all()
    return {
        row["image_id"]: Stored(
            {name: row[name] for name in IMAGE_COLUMNS},
            FileProbe(FileStatus(row["status"]), *(row[name] for name in FILE_COLUMNS[1:])),
        )
        for row in rows
    }


def write_rejections(store: Store, load_id: str, rejections: Sequence[Rejection]) -> None:
    """Record the rows refused."""
    rows = [
        {
            "load_id": load_id,
            "line": rejection.line,
            "row": json.dumps(rejection.row, ensure_ascii=False),
            "reasons": "; ".join(rejection.reasons),
        }
        for rejection in rejections
    ]
    if rows:
        with store.write() as connection:
            connection.execute(insert(rejected_row), rows)


def write_images(
    store: Store,
    load_id: str,
    images: Iterable[tuple[ImageRecord, FileProbe]],
    stored: Mapping[str, Stored],
) -> Counter[str]:
    """
    Bring the store up to these images, in one transaction; return how many were what.

    Only rows that differ are written, each difference as an `image_change`. The counts are
    `inserted`, `updated` and `unchanged`, and sum to the number of images.
    """
    counts: Counter[str] = Counter()
    metadata_rows: list[Row] = []
    file_rows: list[Row] = []
    changes: list[Row] = []
    for record, file in images:
        new_metadata, new_file = record.model_dump(mode="json"), vars(file)
        key = {"image_id": record.image_id, "load_id": load_id}
        before = stored.get(record.image_id)
        metadata_changes = differences(before.metadata if before else None, new_metadata)
        file_changes = differences(vars(before.file) if before else None, new_file)
        if metadata_changes:
            metadata_rows.append({**new_metadata, **key})
        if file_changes:
            file_rows.append({**new_file, "status": file.status.value, **key})
        if before is None:
            counts["inserted"] += 1
            continue
        found = metadata_changes + file_changes
        counts["updated" if found else "unchanged"] += 1
        changes += [{**change, **key} for change in found]
    with store.write() as connection:
        upsert(connection, image, metadata_rows)
        upsert(connection, image_file, file_rows)
        if changes:
            connection.execute(insert(image_change), changes)
    return counts


def differences(before: Row | None, after: Row) -> list[Row]:
    """Return the columns whose value is another now, as `image_change` keeps them."""
    old = before or {}
    return [
        {"column_name": name, "old_value": as_text(old.get(name)), "new_value": as_text(value)}
        for name, value in after.items()
        if before is None or old[name] != value
    ]


def as_text(value: object) -> str | None:
    """Return a value as an audit row keeps it."""
    return None if value is None else str(value)


def upsert(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert rows, or overwrite those whose primary key is there; both databases say it alike."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    fresh = {
        name: statement.excluded[name] for name in (*rows[0], "updated_at") if name not in keys
    }
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh), rows)
