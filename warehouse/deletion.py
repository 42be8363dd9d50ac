"""Deleting a model for good: what is recorded of it, then its folder."""

import shutil
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, func, or_, select, update

from warehouse.audit import COMMAND_LINE, Event, append
from warehouse.errors import BadInputError, NotReadyError
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import (
    alias,
    alias_change,
    confusion,
    evaluation,
    model,
    model_note,
    now,
    prediction,
    reliability_bin,
    retraining,
    subgroup_evaluation,
    training_epoch,
    validation_look,
    verdict_line,
)
from warehouse.vocabulary import AuditAction, Outcome

RECORDS = (training_epoch, evaluation, confusion, reliability_bin, subgroup_evaluation)


class NeededModelError(BadInputError):
    """Something still needs the model."""


@dataclass(frozen=True)
class Deletion:
    """What went."""

    model_id: str
    rows: int
    bytes: int


def delete_model(
    settings: Settings, store: Store, model_id: str, by: str = COMMAND_LINE
) -> Deletion:
    """
    Delete a model: its files, and every row about it, which the next build forgets.

    Safe to repeat: what was broken off between rows and files is finished.

    Looks at validation stay: they were taken, whatever became of the model.

    Raises:
        NotReadyError: There never was such a model.
        NeededModelError: An alias names it, answers that it gave are still kept, or a retraining
            that has not ended goes on with it.
    """
    with store.write() as connection:
        row = connection.execute(
            select(model.c.deleted_at).where(model.c.model_id == model_id)
        ).first()
        if row is None:
            raise NotReadyError(f"no model '{model_id}': name one by its id, not by an alias")
        refuse_needed(connection, model_id)
        rows = 0 if row.deleted_at else bury(connection, model_id)
        if rows:
            append(connection, Event(by, AuditAction.delete_model, model_id))
    folder = settings.models_dir / model_id
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    return Deletion(model_id, rows, size)


def refuse_needed(connection: Connection, model_id: str) -> None:
    """Raise NeededModelError where an alias, a kept answer or a retraining names the model."""
    names = select(alias.c.name).where(alias.c.model_id == model_id, alias.c.deleted_at.is_(None))
    if name := connection.scalar(names):
        raise NeededModelError(
            f"{model_id} is the {name}: promote another model or roll back, then delete it"
        )
    given = prediction.c.model_id == model_id
    kept = connection.scalar(
        select(func.count()).select_from(prediction).where(given, prediction.c.deleted_at.is_(None))
    )
    if kept:
        raise NeededModelError(
            f"{model_id} gave {kept} answers that are kept, and they name it; "
            "it can be deleted once their captures have been withdrawn"
        )
    begun = select(retraining.c.retraining_id).where(
        retraining.c.outcome == Outcome.running.value,
        or_(retraining.c.model_id == model_id, retraining.c.parent_model_id == model_id),
    )
    if connection.scalar(begun):
        raise NeededModelError(
            f"{model_id}: a retraining that has not ended needs it; run `dermhouse retrain`, "
            "which finishes it, then delete the model"
        )


def bury(connection: Connection, model_id: str) -> int:
    """Make a tombstone of every row about a model; return how many there were."""
    gone = {"deleted_at": now(), "updated_at": now()}
    rows = 0
    for table in (*RECORDS, alias_change, model):
        here = (table.c.model_id == model_id, table.c.deleted_at.is_(None))
        rows += connection.execute(update(table).where(*here).values(gone)).rowcount
    look = exists().where(
        validation_look.c.look_id == verdict_line.c.look_id, validation_look.c.model_id == model_id
    )
    rows += connection.execute(update(verdict_line).where(look).values(gone)).rowcount
    rows += connection.execute(delete(model_note).where(model_note.c.model_id == model_id)).rowcount
    return rows
