"""From the bytes of a frame to a durable answer: decode, run, measure, keep, record."""

import hashlib
import time
from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import ParamSpec, TypeVar
from uuid import uuid4

from api.schemas import NOTICE, SYNTHETIC_NOTICE, FrameAnswer, FrameContext, FrameForm
from api.shapes import as_activation, as_frame_answer
from ml.context import encode
from ml.kept import strip_frame
from ml.predictor import Answer, Predictor
from ml.preprocess import decode
from ml.quality import measure_quality
from warehouse.captures import Capture, Prediction, read_card
from warehouse.facts import ConflictError, find_prediction
from warehouse.kept import has_frame, keep_frame, read_frame
from warehouse.registry import ModelRecord
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import now
from warehouse.writer import PredictionWriter

# One thread a core: the decoder and the network both leave Python's lock while they work.
WORKERS = 2

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class NotKeptError(ConflictError):
    """A model cannot be asked again about a frame that was not kept."""


@dataclass(frozen=True)
class Seen:
    """One frame as the model saw it, in the rows it would be recorded as."""

    frame: Capture
    prediction: Prediction
    answer: Answer


class Diagnostician:
    """Answers frames with one model, off the event loop."""

    def __init__(
        self, settings: Settings, store: Store, model: ModelRecord, predictor: Predictor
    ) -> None:
        self.settings = settings
        self.store = store
        self.model = model
        self.predictor = predictor
        self.writer = PredictionWriter(store)
        self.pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="diagnosis")

    @property
    def notice(self) -> str:
        """Return what every answer of this model must be read with."""
        return (SYNTHETIC_NOTICE if self.model.is_synthetic else "") + NOTICE

    @property
    def notice_code(self) -> list[str]:
        """Return the notice as words that a page translates."""
        return [*(["synthetic"] if self.model.is_synthetic else []), "not_a_medical_device"]

    async def run(
        self,
        work: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Do work in the pool."""
        return await get_running_loop().run_in_executor(self.pool, lambda: work(*args, **kwargs))

    def preview(self, data: bytes, context: FrameContext) -> FrameAnswer:
        """
        Answer one frame and forget it.

        Raises:
            UndecodableImageError: The bytes are no image that can be read.
        """
        nothing = {"recorded": False, "prediction_id": None, "capture_id": None}
        return self.shape(self.see(data, context)).model_copy(update=nothing)

    def answer(self, data: bytes, form: FrameForm) -> FrameAnswer:
        """
        Answer one frame, once its fact row is durable, and its file where it may be kept.

        Raises:
            UndecodableImageError: The bytes are no image that can be read.
            ConflictError: The prediction id has been used for another frame.
            NotReadyError: The file cannot be written; nothing is recorded then.
        """
        seen = self.see(data, form, str(form.prediction_id), form.subject)
        # A retry writes no file: whose it was may have been withdrawn meanwhile.
        is_new = find_prediction(self.store, seen.prediction.prediction_id) is None
        if not (form.consent and is_new):
            return self.record(seen)
        jpeg = strip_frame(data, self.settings.max_image_pixels)
        uri = keep_frame(self.settings, jpeg)
        kept = replace(seen, frame=replace(seen.frame, has_consent=True, uri=uri))
        answer = self.record(kept)
        if answer.is_kept and not has_frame(self.settings, uri):
            # The same picture was withdrawn as another capture, between the file and the row.
            keep_frame(self.settings, jpeg)
        return answer

    def ask_again(self, capture_id: str, prediction_id: str) -> FrameAnswer:
        """
        Answer a kept frame once more, with this model.

        Raises:
            UnknownCaptureError: There is no such capture, or it has been withdrawn.
            ConflictError: Its frame was not kept, or the prediction id is another frame's.
        """
        card = read_card(self.store, capture_id)
        uri = card.capture.uri
        data = None if uri is None else read_frame(self.settings, uri)
        if data is None:
            raise NotKeptError(
                f"capture {capture_id}: its frame was not kept, so no model can be asked again; "
                "capture it anew with consent"
            )
        context = FrameContext.model_validate(card.capture, from_attributes=True)
        seen = self.see(data, context, prediction_id)
        asked = replace(seen.prediction, capture_id=capture_id)
        stands = self.writer.record_again(card.capture, asked)
        return self.shape(replace(seen, frame=stands.capture, prediction=stands.prediction))

    def see(
        self,
        data: bytes,
        context: FrameContext,
        prediction_id: str | None = None,
        subject: str | None = None,
    ) -> Seen:
        """Decode, run and measure one frame; nothing is written."""
        started = time.perf_counter()
        frame = decode(data, self.predictor.input_px, self.settings.max_image_pixels)
        known = encode(context.age_years, context.sex, context.localization)
        answer = self.predictor.answer(frame.rgb, known)
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
            age_years=context.age_years,
            sex=context.sex.value,
            localization=context.localization.value,
            subject=subject,
        )
        prediction = Prediction(
            prediction_id=prediction_id or str(uuid4()),
            capture_id=capture.capture_id,
            model_id=self.model.model_id,
            predicted_at=moment,
            dx=answer.diagnosis.value,
            decision=answer.decision.value,
            probabilities=answer.probabilities,
            latency_ms=latency_ms,
        )
        return Seen(capture, prediction, answer)

    def record(self, seen: Seen) -> FrameAnswer:
        """Write one frame and its answer; return the answer that stands in the store."""
        stands = self.writer.record(seen.frame, seen.prediction)
        return self.shape(replace(seen, frame=stands.capture, prediction=stands.prediction))

    def shape(self, seen: Seen) -> FrameAnswer:
        """Shape an answer; the map is only shown beside the answer it belongs to."""
        stands, answer = seen.prediction, seen.answer
        is_this = (stands.model_id, stands.dx) == (self.model.model_id, answer.diagnosis.value)
        activation = as_activation(answer.activation) if is_this else None
        return as_frame_answer(seen.frame, stands, activation, self.notice)

    def close(self) -> None:
        """Let the frames in hand finish, then end the threads."""
        self.pool.shutdown()


def open_diagnostician(settings: Settings, store: Store, model: ModelRecord) -> Diagnostician:
    """Return a diagnostician for a registered model."""
    return Diagnostician(
        settings, store, model, Predictor.open(settings.models_dir, model.model_id)
    )
