"""From the bytes of a frame to a durable answer: decode, run, record."""

import hashlib
import time
from asyncio import get_running_loop
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from api.schemas import NOTICE, SYNTHETIC_NOTICE, Detection, FrameAnswer, FrameForm
from ml.predictor import Predictor
from ml.preprocess import decode, measure_frame
from warehouse.facts import Capture, Prediction, record_prediction
from warehouse.registry import ModelRecord
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import now
from warehouse.vocabulary import DIAGNOSIS_NAMES, MALIGNANT, Decision, Diagnosis, values

# One thread a core: the decoder and the network both leave Python's lock while they work.
WORKERS = 2


class Diagnostician:
    """Answers frames with one model, off the event loop."""

    def __init__(
        self, settings: Settings, store: Store, model: ModelRecord, predictor: Predictor
    ) -> None:
        self.settings = settings
        self.store = store
        self.model = model
        self.predictor = predictor
        self.pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="diagnosis")

    @property
    def notice(self) -> str:
        """Return what every answer of this model must be read with."""
        return (SYNTHETIC_NOTICE if self.model.is_synthetic else "") + NOTICE

    async def answer(self, data: bytes, form: FrameForm) -> FrameAnswer:
        """
        Return the answer to one frame, once its fact row is durable.

        Raises:
            UndecodableImageError: The bytes are no image that can be read.
            ConflictError: The prediction id has been used for another frame.
        """
        prediction = await get_running_loop().run_in_executor(self.pool, self.record, data, form)
        return self.as_answer(prediction)

    def record(self, data: bytes, form: FrameForm) -> Prediction:
        """Decode, run and write one frame; return the answer that stands in the store."""
        started = time.perf_counter()
        frame = decode(data, self.predictor.input_px, self.settings.max_image_pixels)
        answer = self.predictor.answer(frame.rgb)
        latency_ms = (time.perf_counter() - started) * 1000
        moment = now()
        brightness, sharpness = measure_frame(frame.rgb)
        capture = Capture(
            capture_id=str(uuid4()),
            captured_at=moment,
            sha256=hashlib.sha256(data).hexdigest(),
            bytes=len(data),
            width=frame.width,
            height=frame.height,
            brightness=brightness,
            sharpness=sharpness,
            has_consent=False,
            age_years=form.age_years,
            sex=form.sex.value,
            localization=form.localization.value,
        )
        prediction = Prediction(
            prediction_id=str(form.prediction_id),
            capture_id=capture.capture_id,
            model_id=self.model.model_id,
            predicted_at=moment,
            dx=answer.diagnosis.value,
            decision=answer.decision.value,
            probabilities=answer.probabilities,
            latency_ms=latency_ms,
        )
        return record_prediction(self.store, capture, prediction)

    def as_answer(self, prediction: Prediction) -> FrameAnswer:
        """Shape a recorded answer for the wire; a retry gets the same one again."""
        diagnosis = Diagnosis(prediction.dx)
        shares = dict(zip(values(Diagnosis), prediction.probabilities, strict=True))
        label = f"{diagnosis.value}: {DIAGNOSIS_NAMES[diagnosis]}"
        return FrameAnswer(
            detections=[Detection(label=label, confidence=shares[diagnosis])],
            prediction_id=prediction.prediction_id,
            model=prediction.model_id,
            diagnosis=diagnosis,
            decision=Decision(prediction.decision),
            is_malignant=diagnosis in MALIGNANT,
            probabilities={Diagnosis(code): share for code, share in shares.items()},
            latency_ms=round(prediction.latency_ms, 1),
            recorded=True,
            notice=self.notice,
        )

    def close(self) -> None:
        """Let the frames in hand finish, then end the threads."""
        self.pool.shutdown()


def open_diagnostician(settings: Settings, store: Store, model: ModelRecord) -> Diagnostician:
    """Return a diagnostician for a registered model."""
    return Diagnostician(
        settings, store, model, Predictor.open(settings.models_dir, model.model_id)
    )
