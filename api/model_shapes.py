"""Models over the wire, and how they are shaped from what is recorded."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from api.schemas import Pseudonym
from warehouse.aliases import read_history
from warehouse.figures import read_evaluations
from warehouse.lineage import ImageUse, PredictionOrigin, trace_data
from warehouse.looks import Verdict, count_looks, read_verdicts
from warehouse.notes import Note, read_notes
from warehouse.registry import ModelRecord, aliases, list_models, resolve
from warehouse.review_queue import Waiting
from warehouse.settings import Settings
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


class LineTold(BaseModel):
    """One line of a verdict."""

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
    is_decisive: bool


class VerdictTold(BaseModel):
    """One verdict, with the look that it follows from."""

    look_id: str
    looked_at: datetime
    looked_by: str
    other_model_id: str | None
    is_passed: bool
    lines: list[LineTold]


class NoteForm(BaseModel):
    """A sentence to stand beside a model."""

    note: Pseudonym


class NoteTold(BaseModel):
    """A note as it stands."""

    noted_at: datetime
    noted_by: str
    note: str


class DataTold(BaseModel):
    """The version a model was trained from; no counts where it is not here."""

    version: int
    is_here: bool
    build: dict[str, Any] | None
    images: dict[str, int]
    loads: list[dict[str, Any]]


class ModelHistory(BaseModel):
    """One model with everything about it."""

    summary: ModelSummary
    data: DataTold
    verdicts: list[VerdictTold]
    notes: list[NoteTold]


class QueueItem(BaseModel):
    """One frame worth reviewing."""

    capture_id: str
    image_url: str
    answered: str
    uncertainty: float
    rarity: float
    diversity: float
    score: float


class QueuePage(BaseModel):
    """The frames worth reviewing next, best first."""

    captures: list[QueueItem]


class PredictionLineage(BaseModel):
    """What an answer came from."""

    prediction_id: str
    capture_id: str
    model: ModelSummary
    data: DataTold


class ImageUseTold(BaseModel):
    """How one model used one image, and how many answers it has given since."""

    model_id: str
    version: int
    split: str
    is_lesson: bool
    answers: int


def as_use(use: ImageUse) -> ImageUseTold:
    """Shape one use of an image."""
    return ImageUseTold(**asdict(use))


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


def as_history(settings: Settings, store: Store, model_id: str) -> ModelHistory:
    """Shape one model with everything about it."""
    record = resolve(store, model_id)
    return ModelHistory(
        summary=as_summary(store, record, aliases(store)),
        data=DataTold(**asdict(trace_data(settings, record.warehouse_version))),
        verdicts=[as_verdict(each) for each in read_verdicts(store, record.model_id)],
        notes=[as_note(each) for each in read_notes(store, record.model_id)],
    )


def as_verdict(verdict: Verdict) -> VerdictTold:
    """Shape one verdict."""
    look = verdict.look
    return VerdictTold(
        look_id=look.look_id,
        looked_at=look.looked_at,
        looked_by=look.looked_by,
        other_model_id=look.other_model_id,
        is_passed=verdict.is_passed,
        lines=[LineTold(**asdict(line)) for line in verdict.lines],
    )


def as_note(note: Note) -> NoteTold:
    """Shape one note."""
    return NoteTold.model_validate(note, from_attributes=True)


def as_queue(waiting: list[Waiting]) -> QueuePage:
    """Shape the queue."""
    return QueuePage(
        captures=[
            QueueItem(**asdict(each), image_url=f"/captures/{each.capture_id}/image")
            for each in waiting
        ]
    )


def as_prediction_lineage(origin: PredictionOrigin, store: Store) -> PredictionLineage:
    """Shape what an answer came from."""
    return PredictionLineage(
        prediction_id=origin.prediction_id,
        capture_id=origin.capture_id,
        model=as_summary(store, origin.model, aliases(store)),
        data=DataTold(**asdict(origin.data)),
    )
