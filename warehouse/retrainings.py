"""The record of retrainings: why each ran, what it made, how it ended."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from filelock import FileLock
from sqlalchemy import RowMapping, insert, select, update

from warehouse.aliases import take_away
from warehouse.audit import COMMAND_LINE, Event, append
from warehouse.registry import CHALLENGER, CHAMPION, named_by, point
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import now, retraining
from warehouse.vocabulary import AliasReason, AuditAction, Outcome, TrainingStart


@dataclass(frozen=True)
class Retraining:
    """One retraining; the model is named before it is trained, so that a broken one can go on."""

    retraining_id: str
    started_at: datetime
    rules: tuple[str, ...]
    start: TrainingStart
    warehouse_version: int
    split_hash: str
    parent_model_id: str | None
    model_id: str
    outcome: Outcome = Outcome.running
    finished_at: datetime | None = None
    is_promoted: bool | None = None
    message: str | None = None

    @property
    def reason(self) -> str:
        """Return why it ran, as it stands on the model's record."""
        return ", ".join(self.rules) or "asked"


def retraining_lock(settings: Settings) -> FileLock:
    """Return the lock of whoever trains again; the system frees it at death."""
    settings.training_dir.mkdir(parents=True, exist_ok=True)
    return FileLock(settings.training_dir / "retraining.lock")


def start_retraining(store: Store, one: Retraining, by: str = COMMAND_LINE) -> None:
    """Write a retraining that begins, and who asked for it."""
    row = vars(one) | {
        "rules": json.dumps(one.rules),
        "start": one.start.value,
        "outcome": one.outcome.value,
    }
    with store.write() as connection:
        connection.execute(insert(retraining).values(row))
        told = {"rules": list(one.rules), "model_id": one.model_id}
        append(connection, Event(by, AuditAction.retrain, one.retraining_id, told))


def list_retrainings(store: Store) -> list[Retraining]:
    """Return every retraining, newest first."""
    query = select(retraining).order_by(retraining.c.started_at.desc())
    with store.read() as connection:
        return [as_retraining(row) for row in connection.execute(query).mappings()]


def unfinished(store: Store) -> Retraining | None:
    """Return the newest retraining that never ended; whoever holds the lock knows it is dead."""
    running = [each for each in list_retrainings(store) if each.outcome is Outcome.running]
    return next(iter(running), None)


def was_tried(store: Store, split_hash: str, parent: str | None) -> bool:
    """Return whether a model has been made of the same data from the same parent already."""
    return any(
        (each.outcome, each.split_hash, each.parent_model_id) == (Outcome.done, split_hash, parent)
        for each in list_retrainings(store)
    )


def fail_retraining(store: Store, retraining_id: str, message: str) -> None:
    """Note that a retraining failed, and why."""
    close(store, retraining_id, {"outcome": Outcome.failed.value, "message": message})


def finish_retraining(store: Store, one: Retraining, beaten: str | None, by: str) -> bool:
    """
    End a retraining and let its model be champion or challenger, in one step.

    beaten: the model beside which its verdict passed, or None. Returns whether the model is the
    champion now. Where another than the beaten one is champion, the verdict is about a pair that
    does not stand, and nobody is promoted by it.
    """
    with store.write() as connection:
        champion = named_by(connection, CHAMPION)
        is_champion = champion == one.model_id
        is_promoted = is_champion or (beaten is not None and champion == beaten)
        connection.execute(
            update(retraining)
            .where(retraining.c.retraining_id == one.retraining_id)
            .values(outcome=Outcome.done.value, is_promoted=is_promoted, finished_at=now())
        )
        if is_promoted:
            take_away(connection, CHALLENGER)
            point(connection, CHAMPION, one.model_id, AliasReason.judged, by)
        else:
            point(connection, CHALLENGER, one.model_id, AliasReason.challenged, by)
    return is_promoted


def close(store: Store, retraining_id: str, values: dict[str, Any]) -> None:
    """Write how a retraining ended."""
    with store.write() as connection:
        connection.execute(
            update(retraining)
            .where(retraining.c.retraining_id == retraining_id)
            .values(values | {"finished_at": now()})
        )


def as_retraining(row: RowMapping) -> Retraining:
    """Return a row as the retraining it was written from."""
    fields = {name: row[name] for name in Retraining.__dataclass_fields__}
    fields |= {
        "rules": tuple(json.loads(row["rules"])),
        "start": TrainingStart(row["start"]),
        "outcome": Outcome(row["outcome"]),
    }
    return Retraining(**fields)
