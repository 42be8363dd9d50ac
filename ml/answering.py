"""Frames put to a model: decoded, run and measured, in the rows they would be recorded as."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from uuid import uuid4

import numpy as np

from ml.context import encode
from ml.predictor import Answer, Predictor
from ml.preprocess import Frame, UndecodableImageError, decode
from ml.quality import measure_quality
from warehouse.captures import Capture, Prediction
from warehouse.errors import NotReadyError
from warehouse.registry import ModelRecord
from warehouse.settings import Settings
from warehouse.tables import now
from warehouse.vocabulary import Localization, Sex


@dataclass(frozen=True)
class OpenModel:
    """A registered model, open. Whoever holds it may ask it, wherever the aliases move."""

    record: ModelRecord
    predictor: Predictor

    @property
    def model_id(self) -> str:
        """Return the model's id."""
        return self.record.model_id


@dataclass(frozen=True)
class Known:
    """What may be known of the person beside the frame; everything is optional."""

    age_years: float | None = None
    sex: Sex = Sex.unknown
    localization: Localization = Localization.unknown
    subject: str | None = None  # a pseudonym


@dataclass(frozen=True)
class Asked:
    """One frame, the model that it is put to, and what came beside it."""

    model: OpenModel
    data: bytes
    known: Known
    max_pixels: int
    prediction_id: str | None = None  # the answer's; None: a new one


@dataclass(frozen=True)
class Seen:
    """One frame as one model saw it; nothing of it is written yet."""

    model: OpenModel
    frame: Capture
    prediction: Prediction
    answer: Answer


def open_model(settings: Settings, record: ModelRecord) -> OpenModel:
    """
    Open a registered model and ask it once, so that its first caller does not wait longer.

    Raises:
        NotReadyError: A file is missing or damaged, or the graph cannot be run.
    """
    predictor = Predictor.open(settings.models_dir, record.model_id)
    blank = Frame.of(np.zeros((predictor.input_px, predictor.input_px, 3), np.uint8))
    try:
        predictor.answer(blank)
    except Exception as error:  # ONNX Runtime's own classes share no other parent
        raise NotReadyError(
            f"{settings.models_dir / record.model_id}: the graph cannot be run ({error}); "
            "promote another model, or run `dermhouse train`"
        ) from None
    return OpenModel(record, predictor)


def see(asked: Asked) -> Seen:
    """
    Decode, run and measure one frame; nothing is written.

    Raises:
        UndecodableImageError: The bytes are no image that can be read.
    """
    (seen,) = see_all([asked])
    if isinstance(seen, UndecodableImageError):
        raise seen
    return seen


def see_all(asked: Sequence[Asked]) -> list[Seen | UndecodableImageError]:
    """
    Do the same with several frames; those in a row for one model share a run of it.

    The latency of each is that of all that shared a run: none of them was known before.
    """
    return [
        seen
        for model, row in groupby(asked, attrgetter("model"))
        for seen in see_together(model, list(row))
    ]


def see_together(model: OpenModel, asked: Sequence[Asked]) -> list[Seen | UndecodableImageError]:
    """Return what one model sees in each frame, or why the frame cannot be read."""
    started = time.perf_counter()
    frames = [try_to_decode(each) for each in asked]
    readable = [
        (frame, encode(each.known.age_years, each.known.sex, each.known.localization))
        for each, frame in zip(asked, frames, strict=True)
        if isinstance(frame, Frame)
    ]
    answers = iter(model.predictor.answer_all(*zip(*readable, strict=True)) if readable else [])
    latency_ms = (time.perf_counter() - started) * 1000
    return [
        as_seen(each, frame, next(answers), latency_ms) if isinstance(frame, Frame) else frame
        for each, frame in zip(asked, frames, strict=True)
    ]


def try_to_decode(asked: Asked) -> Frame | UndecodableImageError:
    """Return the frame, or why it cannot be read."""
    try:
        return decode(asked.data, asked.model.predictor.input_px, asked.max_pixels)
    except UndecodableImageError as error:
        return error


def as_seen(asked: Asked, frame: Frame, answer: Answer, latency_ms: float) -> Seen:
    """Measure a frame; put it and its answer in the rows that they would be recorded as."""
    known, moment = asked.known, now()
    capture = Capture(
        capture_id=str(uuid4()),
        captured_at=moment,
        sha256=hashlib.sha256(asked.data).hexdigest(),
        bytes=len(asked.data),
        width=frame.width,
        height=frame.height,
        **vars(measure_quality(frame)),
        has_consent=False,
        age_years=known.age_years,
        sex=known.sex.value,
        localization=known.localization.value,
        subject=known.subject,
    )
    prediction = Prediction(
        prediction_id=asked.prediction_id or str(uuid4()),
        capture_id=capture.capture_id,
        model_id=asked.model.model_id,
        predicted_at=moment,
        dx=answer.diagnosis.value,
        decision=answer.decision.value,
        probabilities=answer.probabilities,
        latency_ms=latency_ms,
    )
    return Seen(asked.model, capture, prediction, answer)
