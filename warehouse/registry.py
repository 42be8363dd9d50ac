"""The only writer of models, their epochs, evaluations and aliases."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, Table, insert, select, update

from warehouse.audit import COMMAND_LINE, Event, append
from warehouse.errors import NotReadyError
from warehouse.store import Store
from warehouse.tables import (
    alias,
    alias_change,
    confusion,
    evaluation,
    model,
    now,
    reliability_bin,
    subgroup_evaluation,
    training_epoch,
)
from warehouse.vocabulary import AliasReason, AuditAction

CHAMPION = "champion"
CHALLENGER = "challenger"


class UnknownModelError(NotReadyError):
    """There is no such model, or it has been deleted."""


@dataclass(frozen=True)
class ModelRecord:
    """A trained model and its lineage: one row of `model`."""

    model_id: str
    backbone: str
    input_px: int
    created_at: datetime
    parent_model_id: str | None
    warehouse_version: int
    split_hash: str
    code_version: str
    weights_source: str
    parameters: dict[str, Any]
    decision_rule: dict[str, Any]
    train_images: int
    onnx_sha256: str
    onnx_bytes: int
    is_synthetic: bool
    seconds: float
    reason: str | None = None  # the rules that asked for it; None where a person did


@dataclass(frozen=True)
class Epoch:
    """One epoch of one training stage."""

    stage: str
    epoch: int
    train_loss: float
    tune_loss: float
    tune_balanced_accuracy: float


@dataclass(frozen=True)
class Metric:
    """One figure; `diagnosis` is a code or `all`, the interval is 95 % where there is one."""

    diagnosis: str
    metric: str
    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class SubgroupMetric:
    """One figure on one part of the images, as in sex female."""

    subgroup_kind: str
    subgroup: str
    metric: str
    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class ReliabilityBin:
    """How often answers of about one confidence (low to high) are right."""

    bin: int
    low: float
    high: float
    n: int
    mean_confidence: float
    accuracy: float


@dataclass(frozen=True)
class Evaluation:
    """A model's figures on one split of one data set; confusion is (true, answered) to count."""

    dataset: str
    split: str
    metrics: Sequence[Metric]
    confusion: dict[tuple[str, str], int]
    reliability: Sequence[ReliabilityBin] = ()
    subgroups: Sequence[SubgroupMetric] = ()


def record_model(
    store: Store,
    record: ModelRecord,
    epochs: Sequence[Epoch],
    evaluations: Sequence[Evaluation] = (),
    by: str = COMMAND_LINE,
) -> None:
    """Write a model, its epochs and its first figures in one transaction."""
    row = asdict(record) | {
        "parameters": json.dumps(record.parameters, sort_keys=True),
        "decision_rule": json.dumps(record.decision_rule, sort_keys=True),
    }
    with store.write() as connection:
        connection.execute(insert(model).values(row))
        if epochs:
            connection.execute(
                insert(training_epoch),
                [asdict(epoch) | {"model_id": record.model_id} for epoch in epochs],
            )
        for each in evaluations:
            replace_evaluation(connection, record.model_id, each)
        told = {"onnx_sha256": record.onnx_sha256}
        append(connection, Event(by, AuditAction.register_model, record.model_id, told))


def record_evaluation(
    store: Store, model_id: str, result: Evaluation, by: str = COMMAND_LINE
) -> None:
    """
    Write a model's figures on one split, in place of earlier ones on the same split.

    A figure that this evaluation no longer has becomes a tombstone, so that dbt sees it go.
    """
    with store.write() as connection:
        replace_evaluation(connection, model_id, result)
        told = {"dataset": result.dataset, "split": result.split}
        append(connection, Event(by, AuditAction.evaluate, model_id, told))


def replace_evaluation(connection: Connection, model_id: str, result: Evaluation) -> None:
    """Make the figures on one split those of an evaluation, inside a transaction."""
    place = {"model_id": model_id, "dataset": result.dataset, "split": result.split}
    cells = [
        {"dx": dx, "predicted_dx": predicted_dx, "n": n}
        for (dx, predicted_dx), n in result.confusion.items()
    ]
    replace_rows(connection, evaluation, place, map(asdict, result.metrics))
    replace_rows(connection, confusion, place, cells)
    replace_rows(connection, reliability_bin, place, map(asdict, result.reliability))
    replace_rows(connection, subgroup_evaluation, place, map(asdict, result.subgroups))


def replace_rows(
    connection: Connection, table: Table, place: dict[str, str], rows: Iterable[dict[str, Any]]
) -> None:
    """Make the rows those of one place, inside a transaction; earlier others become tombstones."""
    here = [table.c[name] == value for name, value in place.items()]
    keys = [column.name for column in table.primary_key]
    known = {
        tuple(row)
        for row in connection.execute(select(*(table.c[name] for name in keys)).where(*here))
    }
    connection.execute(update(table).where(*here).values(deleted_at=now()))
    for row in rows:
        whole = place | row | {"deleted_at": None}
        if tuple(whole[name] for name in keys) in known:
            this = [table.c[name] == whole[name] for name in keys]
            connection.execute(update(table).where(*this).values(whole))
        else:
            connection.execute(insert(table).values(whole))


def list_models(store: Store) -> list[ModelRecord]:
    """Return every model, newest first."""
    query = select(model).where(model.c.deleted_at.is_(None)).order_by(model.c.created_at.desc())
    with store.read() as connection:
        return [as_record(row) for row in connection.execute(query).mappings()]


def was_deleted(store: Store, model_id: str) -> bool:
    """Return whether there was a model of this id, which has been deleted for good."""
    buried = select(model.c.model_id).where(
        model.c.model_id == model_id, model.c.deleted_at.is_not(None)
    )
    with store.read() as connection:
        return connection.scalar(buried) is not None


def aliases(store: Store) -> dict[str, str]:
    """Return what each alias names."""
    query = select(alias.c.name, alias.c.model_id).where(alias.c.deleted_at.is_(None))
    with store.read() as connection:
        return {row.name: row.model_id for row in connection.execute(query)}


def resolve(store: Store, name: str) -> ModelRecord:
    """
    Return the model that an id or an alias names.

    Raises:
        UnknownModelError: There is none; the sentence says which there are.
    """
    with store.read() as connection:
        row = find(connection, name)
        live = select(model.c.model_id).where(model.c.deleted_at.is_(None))
        known: Sequence[str] = connection.execute(live).scalars().all()
    if row is not None:
        return as_record(row)
    if not known:
        raise UnknownModelError(f"no model '{name}': none has been trained; run `dermhouse train`")
    raise UnknownModelError(f"no model '{name}': there are {', '.join(sorted(known))}")


def set_alias(
    store: Store,
    name: str,
    model_id: str,
    reason: AliasReason = AliasReason.asked,
    by: str = COMMAND_LINE,
) -> None:
    """Make an alias name a model, at once for everyone who asks."""
    with store.write() as connection:
        point(connection, name, model_id, reason, by)


def promote_first(store: Store, model_id: str, by: str = COMMAND_LINE) -> bool:
    """
    Make a model the champion if there is none; return whether it is now.

    A champion that has only seen drawn lesions gives way to the first model that has seen skin.
    """
    with store.write() as connection:
        holder, newcomer = find(connection, CHAMPION), find(connection, model_id)
        assert newcomer is not None
        is_free = holder is None or (holder["is_synthetic"] and not newcomer["is_synthetic"])
        if is_free:
            point(connection, CHAMPION, model_id, AliasReason.first, by)
    return is_free


def point(connection: Connection, name: str, model_id: str, reason: AliasReason, by: str) -> None:
    """
    Insert or move one alias, and note it, inside a transaction that holds the write lock.

    Call it last there, as `audit.append`; an alias that names the model already is left alone.
    """
    previous = named_by(connection, name)
    if previous == model_id:
        return
    there = {"model_id": model_id, "updated_at": now(), "deleted_at": None}
    moved = connection.execute(update(alias).where(alias.c.name == name).values(there))
    if moved.rowcount == 0:
        connection.execute(insert(alias).values(name=name, model_id=model_id))
    change = {"change_id": str(uuid4()), "name": name, "model_id": model_id, "reason": reason.value}
    connection.execute(
        insert(alias_change).values(
            change | {"previous_model_id": previous, "changed_at": now(), "changed_by": by}
        )
    )
    action = AuditAction.promote if name == CHAMPION else AuditAction.challenge
    told = {"alias": name, "reason": reason.value, "previous_model_id": previous}
    append(connection, Event(by, action, model_id, told))


def named_by(connection: Connection, name: str) -> str | None:
    """Return what an alias names; nobody else moves it before this write transaction ends."""
    named = select(alias.c.model_id).where(alias.c.name == name, alias.c.deleted_at.is_(None))
    return connection.scalar(named.with_for_update())


def find(connection: Connection, name: str) -> RowMapping | None:
    """Return the model row of an id, else of an alias."""
    named = select(alias.c.model_id).where(alias.c.name == name, alias.c.deleted_at.is_(None))
    query = select(model).where(
        (model.c.model_id == name) | (model.c.model_id == named.scalar_subquery()),
        model.c.deleted_at.is_(None),
    )
    return connection.execute(query).mappings().first()


def as_record(row: RowMapping) -> ModelRecord:
    """Return a row as the record it was written from."""
    fields = {name: row[name] for name in ModelRecord.__dataclass_fields__}
    for name in ("parameters", "decision_rule"):
        fields[name] = json.loads(fields[name])
    return ModelRecord(**fields)
