"""From the bytes of a frame to a durable answer: queue, decode, run, keep, record."""

import time
from asyncio import wrap_future
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

from api.champion import Models
from api.metrics import Metrics
from api.queue import Purpose, WorkQueue
from api.schemas import NOTICE, SYNTHETIC_NOTICE, FrameAnswer, FrameContext, FrameForm
from api.shadow import Shadow
from api.shapes import as_activation, as_frame_answer
from api.together import Together
from ml.answering import Asked, Known, Seen, see_all
from ml.kept import strip_frame
from ml.predictor import Predictor
from warehouse.audit import Event
from warehouse.captures import Recorded, is_kept, read_card
from warehouse.facts import ConflictError, find_prediction
from warehouse.kept import has_frame, keep_frame, read_frame, remove_frame
from warehouse.registry import ModelRecord
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import AuditAction
from warehouse.writer import Entry, PredictionWriter

# Frames in one run of the model: two take 7 % less than one after the other, four gain no more.
TOGETHER = 2


class NotKeptError(ConflictError):
    """A model cannot be asked again about a frame that was not kept."""


class Diagnostician:
    """Answers frames with the champion of the moment, off the event loop."""

    def __init__(self, settings: Settings, store: Store, models: Models, metrics: Metrics) -> None:
        self.settings = settings
        self.store = store
        self.models = models
        self.metrics = metrics
        self.queue = WorkQueue(settings.queue_places)
        self.frames = Together(self.queue, self.see, TOGETHER)
        self.writer = PredictionWriter(store, coming=self.queue.coming)
        self.shadow = Shadow(settings, self.writer, models)

    @property
    def model(self) -> ModelRecord:
        """Return the record of the model that answers now."""
        return self.models.current.record

    @property
    def predictor(self) -> Predictor:
        """Return the model that answers now."""
        return self.models.current.predictor

    @property
    def notice(self) -> str:
        """Return what every answer of now must be read with."""
        return notice_of(self.model)

    @property
    def notice_code(self) -> list[str]:
        """Return the notice as words that a page translates."""
        return [*(["synthetic"] if self.model.is_synthetic else []), "not_a_medical_device"]

    async def preview(self, data: bytes, context: FrameContext) -> FrameAnswer:
        """
        Answer one frame and forget it.

        Raises:
            UndecodableImageError: The bytes are no image that can be read.
            QueueFullError: Too much is in hand already.
        """
        with self.queue.place(Purpose.preview):
            seen = await self.frames.run(self.ask(data, known_of(context)))
        nothing = {"recorded": False, "prediction_id": None, "capture_id": None}
        return shape(seen).model_copy(update=nothing)

    async def answer(
        self, data: bytes, form: FrameForm, who: str, purpose: Purpose = Purpose.capture
    ) -> FrameAnswer:
        """
        Answer one frame, once its fact row is durable, and its file where it may be kept.

        `who` goes into the audit chain.

        Raises:
            UndecodableImageError: The bytes are no image that can be read.
            ConflictError: The prediction id has been used for another frame.
            NotReadyError: The file cannot be written; nothing is recorded then.
            QueueFullError: Too much is in hand already; nothing is recorded then.
        """
        with self.queue.place(purpose):
            asked = self.ask(data, known_of(form, form.subject), str(form.prediction_id))
            if form.consent:
                seen = await self.frames.run(asked)
                jpeg = await self.strip(data)
                answer = await self.queue.on_disk(partial(self.keep, seen, jpeg, who))
            else:
                submit = partial(self.submit, who=who)
                seen, stands = await self.frames.run_and_hand_on(asked, submit)
                answer = stand(seen, stands)
        if answer.prediction_id == seen.prediction.prediction_id and answer.capture_id:
            self.shadow.offer(data, answer.capture_id, seen)
        return answer

    async def ask_again(self, capture_id: str, prediction_id: str, who: str) -> FrameAnswer:
        """
        Answer a kept frame once more, with the champion of now.

        Raises:
            UnknownCaptureError: There is no such capture, or it has been withdrawn.
            ConflictError: Its frame was not kept, or the prediction id is another frame's.
            QueueFullError: Too much is in hand already.
        """
        with self.queue.place(Purpose.capture):
            card = await self.queue.on_disk(partial(read_card, self.store, capture_id))
            data = await self.queue.on_disk(partial(self.read_kept, card.capture.uri))
            if data is None:
                raise NotKeptError(
                    f"capture {capture_id}: its frame was not kept, so no model can be asked "
                    "again; capture it anew with consent"
                )
            context = FrameContext.model_validate(card.capture, from_attributes=True)
            seen = await self.frames.run(self.ask(data, known_of(context), prediction_id))
            asked = replace(
                seen, frame=card.capture, prediction=replace(seen.prediction, capture_id=capture_id)
            )
            return stand(asked, await wrap_future(self.submit(asked, who, is_new_capture=False)))

    def ask(self, data: bytes, known: Known, prediction_id: str | None = None) -> Asked:
        """Put a frame to the champion; the model is the same from here to its answer."""
        limit = self.settings.max_image_pixels
        return Asked(self.models.current, data, known, limit, prediction_id)

    def see(self, asked: Sequence[Asked]) -> Sequence[Seen | Exception]:
        """Decode and run frames, and measure how long that takes."""
        results = see_all(asked)
        for seen in results:
            if isinstance(seen, Seen):
                self.metrics.model_seconds.observe(seen.prediction.latency_ms / 1000)
        return results

    async def strip(self, data: bytes) -> bytes:
        """Make a frame anew as it may be kept; no more at once than there are cores."""
        return await self.queue.run(partial(strip_frame, data, self.settings.max_image_pixels))

    def read_kept(self, uri: str | None) -> bytes | None:
        """Return a kept frame, or None where there is none."""
        return None if uri is None else read_frame(self.settings, uri)

    def keep(self, seen: Seen, jpeg: bytes, who: str) -> FrameAnswer:
        """Keep a frame and record its answer, in one go: whoever leaves cuts it nowhere in two."""
        # A retry writes no file: whose it was may have been withdrawn meanwhile.
        if find_prediction(self.store, seen.prediction.prediction_id):
            return self.record(seen, who)
        uri = keep_frame(self.settings, jpeg)
        kept = replace(seen, frame=replace(seen.frame, has_consent=True, uri=uri))
        try:
            answer = self.record(kept, who)
        except Exception:
            if not is_kept(self.store, uri):
                remove_frame(self.settings, uri)  # a picture that no row names is nobody's
            raise
        if answer.is_kept and not has_frame(self.settings, uri):
            # The same picture was withdrawn as another capture, between the file and the row.
            keep_frame(self.settings, jpeg)
        return answer

    def record(self, seen: Seen, who: str) -> FrameAnswer:
        """Write one frame and its answer; return the answer that stands in the store."""
        return stand(seen, self.submit(seen, who).result())

    def submit(self, seen: Seen, who: str, is_new_capture: bool = True) -> Future[Recorded]:
        """Hand an answer and its audit event to the writer, and measure how long that takes."""
        started = time.perf_counter()
        event = Event(
            who,
            AuditAction.diagnose.value,
            seen.prediction.prediction_id,
            {"capture_id": seen.frame.capture_id, "model_id": seen.model.model_id},
        )
        stands = self.writer.submit(Entry(seen.frame, seen.prediction, event, is_new_capture))
        observe = self.metrics.commit_seconds.observe
        stands.add_done_callback(lambda _: observe(time.perf_counter() - started))
        return stands

    def close(self) -> None:
        """Let the frames in hand finish, then end the threads."""
        self.queue.close()
        self.shadow.close()
        self.writer.close()


def known_of(context: FrameContext, subject: str | None = None) -> Known:
    """Return what came beside a frame."""
    return Known(context.age_years, context.sex, context.localization, subject)


def notice_of(model: ModelRecord) -> str:
    """Return what every answer of a model must be read with."""
    return (SYNTHETIC_NOTICE if model.is_synthetic else "") + NOTICE


def stand(seen: Seen, stands: Recorded) -> FrameAnswer:
    """Shape the answer that stands in the store."""
    return shape(replace(seen, frame=stands.capture, prediction=stands.prediction))


def shape(seen: Seen) -> FrameAnswer:
    """Shape an answer; the map is only shown beside the answer it belongs to."""
    stands, model, answer = seen.prediction, seen.model, seen.answer
    is_this = (stands.model_id, stands.dx) == (model.model_id, answer.diagnosis.value)
    activation = as_activation(answer.activation) if is_this else None
    return as_frame_answer(seen.frame, stands, activation, notice_of(model.record))


def open_diagnostician(settings: Settings, store: Store, metrics: Metrics) -> Diagnostician:
    """
    Return a diagnostician that answers with the champion.

    Raises:
        NotReadyError: There is no champion, or it cannot be opened.
    """
    return Diagnostician(settings, store, Models(settings, store), metrics)
