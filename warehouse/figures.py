"""Read back what is recorded of a model: its epochs and its figures, deleted ones left out."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Table, select

from warehouse.registry import Epoch, Evaluation, Metric, ReliabilityBin, SubgroupMetric
from warehouse.store import Store
from warehouse.tables import (
    confusion,
    evaluation,
    reliability_bin,
    subgroup_evaluation,
    training_epoch,
)

Place = tuple[str, str]  # data set, split
Rows = defaultdict[Place, list[dict[str, Any]]]


def read_epochs(store: Store, model_id: str) -> list[Epoch]:
    """Return the epochs of a model's training, in the order they were run."""
    query = (
        select(training_epoch)
        .where(training_epoch.c.model_id == model_id, training_epoch.c.deleted_at.is_(None))
        .order_by(training_epoch.c.epoch)
    )
    with store.read() as connection:
        return [make(Epoch, dict(row)) for row in connection.execute(query).mappings()]


def read_evaluations(store: Store, model_id: str) -> list[Evaluation]:
    """Return all evaluations of a model, by data set and split; figures in a stable order."""
    with store.read() as connection:
        metrics = rows_by_place(connection, evaluation, model_id)
        cells = rows_by_place(connection, confusion, model_id)
        bins = rows_by_place(connection, reliability_bin, model_id)
        parts = rows_by_place(connection, subgroup_evaluation, model_id)
    return [
        Evaluation(
            *place,
            metrics=[make(Metric, row) for row in metrics[place]],
            confusion={(row["dx"], row["predicted_dx"]): row["n"] for row in cells[place]},
            reliability=[make(ReliabilityBin, row) for row in bins[place]],
            subgroups=[make(SubgroupMetric, row) for row in parts[place]],
        )
        for place in sorted(metrics)
    ]


def rows_by_place(connection: Connection, table: Table, model_id: str) -> Rows:
    """Return a model's rows of a table, in the order of its key."""
    query = (
        select(table)
        .where(table.c.model_id == model_id, table.c.deleted_at.is_(None))
        .order_by(*table.primary_key.columns)
    )
    places: Rows = defaultdict(list)
    for row in connection.execute(query).mappings():
        places[row["dataset"], row["split"]].append(dict(row))
    return places


def make(record: Any, row: dict[str, Any]) -> Any:
    """Return a row as the record it was written from."""
    return record(**{name: row[name] for name in record.__dataclass_fields__})
