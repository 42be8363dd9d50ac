"""
Looks at held-out images, and the verdicts that follow from them.

Whoever chooses among models by the same images fits them in the end: so each look is a row, with
who looked, when, why and at which models, and the count of looks stands beside every verdict.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select

from warehouse.audit import COMMAND_LINE, Event, append
from warehouse.store import Store
from warehouse.tables import now, validation_look, verdict_line
from warehouse.vocabulary import AuditAction, LookReason, Split


@dataclass(frozen=True)
class Look:
    """One look at held-out images."""

    reason: LookReason
    model_id: str
    warehouse_version: int
    other_model_id: str | None = None
    split: Split = Split.validation
    looked_by: str = COMMAND_LINE
    look_id: str = field(default_factory=lambda: str(uuid4()))
    looked_at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class VerdictLine:
    """
    One line of a verdict on a challenger.

    The difference is challenger less champion, its interval is paired; `bound` is what the tested
    figure was held against. A line that is not decisive tells, and refuses nobody.
    """

    name: str
    word: str
    challenger: float | None
    champion: float | None
    difference: float | None
    low: float | None
    high: float | None
    bound: float | None
    n: int
    is_passed: bool
    is_decisive: bool = True


@dataclass(frozen=True)
class Verdict:
    """A look at a challenger beside the champion, and what came of it, line by line."""

    look: Look
    lines: tuple[VerdictLine, ...]

    @property
    def is_passed(self) -> bool:
        """Return whether every decisive line holds."""
        return all(line.is_passed for line in self.lines if line.is_decisive)

    @property
    def failing(self) -> list[str]:
        """Return the names of the decisive lines that do not hold."""
        return [line.name for line in self.lines if line.is_decisive and not line.is_passed]


def record_look(store: Store, look: Look) -> None:
    """Write a look before it is taken; one that is there already changes nothing."""
    there = select(validation_look.c.look_id).where(validation_look.c.look_id == look.look_id)
    with store.write() as connection:
        if connection.scalar(there) is None:
            row = asdict(look) | {"reason": look.reason.value, "split": look.split.value}
            connection.execute(insert(validation_look).values(row))
            told = {name: row[name] for name in ("reason", "split", "model_id", "other_model_id")}
            append(connection, Event(look.looked_by, AuditAction.look, look.look_id, told))


def record_lines(store: Store, look: Look, lines: Sequence[VerdictLine]) -> Verdict:
    """Write the lines of a verdict at once, and return it."""
    verdict = Verdict(look, tuple(lines))
    rows = [
        asdict(line) | {"look_id": look.look_id, "place": place}
        for place, line in enumerate(lines, 1)
    ]
    with store.write() as connection:
        connection.execute(insert(verdict_line), rows)
        told = {"look_id": look.look_id, "is_passed": verdict.is_passed}
        append(connection, Event(look.looked_by, AuditAction.judge, look.model_id, told))
    return verdict


def read_verdicts(store: Store, model_id: str | None = None) -> list[Verdict]:
    """Return the verdicts, on one model or all, newest first."""
    looks = select(validation_look).order_by(validation_look.c.looked_at.desc())
    if model_id is not None:
        looks = looks.where(validation_look.c.model_id == model_id)
    lines = select(verdict_line).order_by(verdict_line.c.place)
    with store.read() as connection:
        found: dict[str, list[VerdictLine]] = {}
        for row in connection.execute(lines.where(verdict_line.c.deleted_at.is_(None))).mappings():
            line = {name: row[name] for name in VerdictLine.__dataclass_fields__}
            found.setdefault(row["look_id"], []).append(VerdictLine(**line))
        rows = connection.execute(looks).mappings().all()
    return [
        Verdict(as_look(dict(row)), tuple(found[row["look_id"]]))
        for row in rows
        if row["look_id"] in found
    ]


def count_looks(store: Store) -> int:
    """Return how often anybody has looked at validation."""
    query = select(func.count()).select_from(validation_look)
    with store.read() as connection:
        return connection.scalar(query.where(validation_look.c.split == Split.validation)) or 0


def as_look(row: dict[str, Any]) -> Look:
    """Return a row as the look it was written from."""
    fields = {name: row[name] for name in Look.__dataclass_fields__}
    fields |= {"reason": LookReason(row["reason"]), "split": Split(row["split"])}
    return Look(**fields)
