"""Models over the wire, one among the others, shaped from what is recorded."""

from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel

from warehouse.aliases import read_history
from warehouse.figures import read_evaluations
from warehouse.looks import count_looks, read_verdicts
from warehouse.registry import ModelRecord, aliases, list_models
from warehouse.store import Store

TOLD = (("all", "balanced_accuracy"), ("all", "macro_auc"), ("mel", "recall"), ("all", "ece"))


class Figure(BaseModel):
    """One figure on validation, with its 95 % interval."""

    diagnosis: str
    metric: str
    value: float
    low: float | None
    high: float | None


class ModelSummary(BaseModel):
    """One model among the others."""

    model_id: str
    aliases: list[str]
    created_at: datetime
    backbone: str
    reason: str | None
    parent_model_id: str | None
    warehouse_version: int
    train_images: int
    is_synthetic: bool
    figures: list[Figure]
    failing: list[str] | None  # of the newest verdict; null where there is none


class AliasMove(BaseModel):
    """One change of the champion."""

    model_id: str
    previous_model_id: str | None
    changed_at: datetime
    changed_by: str
    reason: str


class ModelPage(BaseModel):
    """Every model, newest first, and how the champion came to be."""

    models: list[ModelSummary]
    champion_history: list[AliasMove]
    validation_looks: int


def as_page(store: Store) -> ModelPage:
    """Shape every model."""
    names = aliases(store)
    return ModelPage(
        models=[as_summary(store, record, names) for record in list_models(store)],
        champion_history=[AliasMove(**asdict(change)) for change in read_history(store)],
        validation_looks=count_looks(store),
    )


def as_summary(store: Store, record: ModelRecord, names: dict[str, str]) -> ModelSummary:
    """Shape one model."""
    found = {
        (metric.diagnosis, metric.metric): metric
        for evaluation in read_evaluations(store, record.model_id)
        if evaluation.split == "validation"
        for metric in evaluation.metrics
    }
    verdicts = read_verdicts(store, record.model_id)
    fields = {name: getattr(record, name) for name in ModelSummary.model_fields if name in FIELDS}
    return ModelSummary(
        **fields,
        aliases=sorted(name for name, model_id in names.items() if model_id == record.model_id),
        figures=[
            Figure.model_validate(found[key], from_attributes=True) for key in TOLD if key in found
        ],
        failing=verdicts[0].failing if verdicts else None,
    )


FIELDS = frozenset(ModelRecord.__dataclass_fields__)
