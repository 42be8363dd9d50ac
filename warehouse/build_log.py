"""The record of builds: when each ran, why, and how it ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import RowMapping, insert, select, update

from warehouse.address import without_secrets
from warehouse.audit import head
from warehouse.store import Store
from warehouse.tables import now, warehouse_build
from warehouse.vocabulary import BuildReason, Outcome

KILLED = "ended without a word: it was killed"
STOPPED = "stopped before its end, by whoever ran it; the last version stands"


@dataclass(frozen=True)
class BuildRecord:
    """One build as the store has it; times are UTC, `message` says why it failed."""

    build_id: str
    reason: BuildReason
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome
    version: int | None
    models: int | None
    tests: int | None
    failed: int | None
    message: str | None
    seconds: float | None

    @property
    def was_stopped(self) -> bool:
        """Return whether a person or a server that closed ended it: nothing was wrong with it."""
        return self.outcome is Outcome.failed and self.message == STOPPED

    @property
    def has_failed(self) -> bool:
        """Return whether something was wrong with it."""
        return self.outcome is Outcome.failed and not self.was_stopped


def start_record(store: Store, reason: BuildReason) -> str:
    """
    Write that a build has begun; return its id.

    The caller holds the build lock, so a build that is still marked as running was killed.
    """
    build_id = str(uuid4())
    with store.write() as connection:
        connection.execute(
            update(warehouse_build)
            .where(warehouse_build.c.outcome == Outcome.running.value)
            .values(outcome=Outcome.failed.value, message=KILLED)
        )
        sequence, last_hash = head(connection)
        connection.execute(
            insert(warehouse_build).values(
                build_id=build_id,
                reason=reason.value,
                started_at=now(),
                outcome=Outcome.running.value,
                audit_sequence=sequence,
                audit_hash=last_hash if sequence else None,
            )
        )
    return build_id


def finish_record(store: Store, build_id: str, outcome: Outcome, **figures: object) -> None:
    """Write how a build ended; `figures` are columns of warehouse_build."""
    with store.write() as connection:
        connection.execute(
            update(warehouse_build)
            .where(warehouse_build.c.build_id == build_id)
            .values(outcome=outcome.value, finished_at=now(), **figures)
        )


@contextmanager
def recorded(store: Store, reason: BuildReason) -> Iterator[dict[str, object]]:
    """Record what happens inside as a build; the figures put into what is yielded go with it."""
    build_id = start_record(store, reason)
    figures: dict[str, object] = {}
    try:
        yield figures
    except KeyboardInterrupt:
        finish_record(store, build_id, Outcome.failed, **figures, message=STOPPED)
        raise
    except BaseException as error:
        message = without_secrets(str(error), store.url) or f"ended by {type(error).__name__}"
        finish_record(store, build_id, Outcome.failed, **figures, message=message)
        raise
    finish_record(store, build_id, Outcome.done, **figures)


def list_builds(store: Store, limit: int = 20) -> list[BuildRecord]:
    """Return the newest builds, newest first."""
    query = select(warehouse_build).order_by(warehouse_build.c.started_at.desc()).limit(limit)
    with store.read() as connection:
        return [as_record(row) for row in connection.execute(query).mappings()]


def last_build(store: Store) -> BuildRecord | None:
    """Return the newest build, or None where there was none."""
    return next(iter(list_builds(store, 1)), None)


def as_record(row: RowMapping) -> BuildRecord:
    """Return a row as what it records."""
    fields = {name: row[name] for name in BuildRecord.__dataclass_fields__}
    words = {"reason": BuildReason(row["reason"]), "outcome": Outcome(row["outcome"])}
    return BuildRecord(**fields | words)
