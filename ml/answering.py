"""One frame put to one model: decoded, run and measured, in the rows it would be recorded as."""

import hashlib
import time
from dataclasses import asdict, dataclass
from uuid import uuid4

import numpy as np

from ml.context import encode
from ml.predictor import Answer, Predictor
from ml.preprocess import decode
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
    blank = np.zeros((predictor.input_px, predictor.input_px, 3), np.uint8)
    try:
        predictor.answer(blank)
    except Exception as error:  # ONNX Runtime's own classes share no other parent
        raise NotReadyError(
            f"{settings.models_dir / record.model_id}: the graph cannot be run ({error}); "
            "promote another model, or run `dermhouse train`"
        ) from None
    return OpenModel(record, predictor)


def see(
    model: OpenModel,
    data: bytes,
    known: Known,
    max_pixels: int,
    prediction_id: str | None = None,
) -> Seen:
    """
    Decode, run and measure one frame; nothing is written.

    Raises:
        UndecodableImageError: The bytes are no image that can be read.
    """
    started = time.perf_counter()
    frame = decode(data, model.predictor.input_px, max_pixels)
    context = encode(known.age_years, known.sex, known.localization)
    answer = model.predictor.answer(frame.rgb, context)
    latency_ms = (time.perf_counter() - started) * 1000
    moment = now()
    capture = Capture(
        capture_id=str(uuid4()),
        captured_at=moment,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        width=frame.width,
        height=frame.height,
        **asdict(measure_quality(frame.rgb)),
        has_consent=False,
        age_years=known.age_years,
        sex=known.sex.value,
        localization=known.localization.value,
        subject=known.subject,
    )
    prediction = Prediction(
        prediction_id=prediction_id or str(uuid4()),
        capture_id=capture.capture_id,
        model_id=model.model_id,
        predicted_at=moment,
        dx=answer.diagnosis.value,
        decision=answer.decision.value,
        probabilities=answer.probabilities,
        latency_ms=latency_ms,
    )
    return Seen(model, capture, prediction, answer)
