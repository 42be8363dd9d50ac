"""The history of an alias, and the way back along it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from warehouse.audit import COMMAND_LINE
from warehouse.errors import NotReadyError
from warehouse.registry import CHAMPION, find, point
from warehouse.store import Store
from warehouse.tables import alias, alias_change, now
from warehouse.vocabulary import AliasReason


@dataclass(frozen=True)
class AliasChange:
    """One change of what an alias names."""

    name: str
    model_id: str
    previous_model_id: str | None
    changed_at: datetime
    changed_by: str
    reason: AliasReason


@dataclass(frozen=True)
class Rollback:
    """Which model gave way, and which is the champion again."""

    from_model_id: str
    to_model_id: str


def read_history(store: Store, name: str = CHAMPION) -> list[AliasChange]:
    """Return every change of an alias, oldest first."""
    with store.read() as connection:
        return changes_of(connection, name)


def roll_back(store: Store, by: str = COMMAND_LINE) -> Rollback:
    """
    Make the model before the champion the champion again; a second time, the one before that.

    A model that has been deleted meanwhile is passed over.

    Raises:
        NotReadyError: There is none to go back to.
    """
    with store.write() as connection:
        models = standing(changes_of(connection, CHAMPION))
        known = (each for each in reversed(models[:-1]) if find(connection, each))
        target = next(known, None)
        if target is None:
            raise NotReadyError(
                "there is no champion before this one: `dermhouse promote MODEL` names another"
            )
        point(connection, CHAMPION, target, AliasReason.rolled_back, by)
    return Rollback(models[-1], target)


def standing(changes: list[AliasChange]) -> list[str]:
    """Return the models an alias has named, without what was rolled back, the present one last."""
    stack: list[str] = []
    for change in changes:
        if change.reason is AliasReason.rolled_back and change.model_id in stack:
            del stack[stack.index(change.model_id) + 1 :]
        else:
            stack = [each for each in stack if each != change.model_id] + [change.model_id]
    return stack


def changes_of(connection: Connection, name: str) -> list[AliasChange]:
    """Return every change of an alias inside a transaction, oldest first."""
    query = (
        select(alias_change)
        .where(alias_change.c.name == name, alias_change.c.deleted_at.is_(None))
        .order_by(alias_change.c.changed_at, alias_change.c.change_id)
    )
    return [
        AliasChange(
            **{
                key: row[key]
                for key in ("name", "model_id", "previous_model_id", "changed_at", "changed_by")
            },
            reason=AliasReason(row["reason"]),
        )
        for row in connection.execute(query).mappings()
    ]


def take_away(connection: Connection, name: str) -> None:
    """Let an alias name nothing, inside a transaction that holds the write lock."""
    gone = {"deleted_at": now(), "updated_at": now()}
    connection.execute(update(alias).where(alias.c.name == name).values(gone))
