"""The record of one load: one at a time, begun before it writes and ended whatever happens."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

from filelock import FileLock, Timeout
from sqlalchemy import insert, update

from etl.quality import Measurement
from etl.records import Rejection
from etl.source import Source
from warehouse.audit import COMMAND_LINE, Event, append
from warehouse.errors import BusyError
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import load_run, now, quality_measurement, rejected_row
from warehouse.vocabulary import AuditAction, Outcome


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
    """
    Record that a load begins; the lock is held, so any other `running` one was killed.

    This is the load's one event in the audit chain: what it writes later, batch by batch, bears its
    id, and stands there though the load be killed.
    """
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
                layout=source.layout.value,
                started_at=moment,
                outcome=Outcome.running.value,
            )
        )
        told = {"layout": source.layout.value}
        append(connection, Event(COMMAND_LINE, AuditAction.load, load_id, told))


def end_run(store: Store, load_id: str, **values: object) -> None:
    """Record how a load ended."""
    with store.write() as connection:
        connection.execute(
            update(load_run)
            .where(load_run.c.load_id == load_id)
            .values(finished_at=now(), **values)
        )


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


def write_measurements(store: Store, load_id: str, measured: Sequence[Measurement]) -> None:
    """Record what the load was measured by."""
    rows = [{"load_id": load_id, **measurement.columns()} for measurement in measured]
    with store.write() as connection:
        connection.execute(insert(quality_measurement), rows)
