"""One model over the wire: its verdicts, its notes, and where it and its answers come from."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from api.model_shapes import ModelSummary, as_summary
from api.schemas import Pseudonym
from warehouse.lineage import ImageUse, ModelImage, PredictionOrigin, trace_data
from warehouse.looks import Verdict, read_verdicts
from warehouse.notes import Note, read_notes
from warehouse.registry import aliases, resolve
from warehouse.settings import Settings
from warehouse.store import Store


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


class PredictionLineage(BaseModel):
    """What an answer came from."""

    prediction_id: str
    capture_id: str
    image_id: str | None  # of its kept frame, to see which models learnt from it
    model: ModelSummary
    data: DataTold


class ImageUseTold(BaseModel):
    """How one model used one image, and the answers that it has given since."""

    model_id: str
    version: int
    split: str
    is_lesson: bool
    answers: int
    newest_answers: tuple[str, ...]


class ImageTold(BaseModel):
    """One image that a model was trained, tuned or judged by."""

    image_id: str
    diagnosis_code: str
    split: str
    is_lesson: bool


class ImagePage(BaseModel):
    """Images in the order of their ids; ask for those after the last one for more."""

    images: list[ImageTold]


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


def as_prediction_lineage(origin: PredictionOrigin, store: Store) -> PredictionLineage:
    """Shape what an answer came from."""
    return PredictionLineage(
        prediction_id=origin.prediction_id,
        capture_id=origin.capture_id,
        image_id=origin.image_id,
        model=as_summary(store, origin.model, aliases(store)),
        data=DataTold(**asdict(origin.data)),
    )


def as_use(use: ImageUse) -> ImageUseTold:
    """Shape one use of an image."""
    return ImageUseTold(**asdict(use))


def as_images(images: list[ModelImage]) -> ImagePage:
    """Shape some images."""
    return ImagePage(images=[ImageTold(**asdict(each)) for each in images])
