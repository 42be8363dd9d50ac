"""
The challenger in the champion's shadow: it answers the same frames, and nobody sees what it says.

What it says is recorded with `is_shadow`, to compare the two on what people really send. It has a
line of its own with few places, and one thread of low priority: a frame that finds the line full is
left out and counted, and no answer ever waits for it.
"""

import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from uuid import UUID, uuid5

from api.champion import Models
from ml.answering import Asked, Known, OpenModel, Seen, see
from warehouse.captures import UnknownCaptureError
from warehouse.settings import Settings
from warehouse.vocabulary import Localization, Sex
from warehouse.writer import PredictionWriter

PLACES = 16
NICENESS = 10

logger = logging.getLogger(__name__)


class Shadow:
    """Puts answered frames to the challenger, when there is one and when there is time."""

    def __init__(self, settings: Settings, writer: PredictionWriter, models: Models) -> None:
        self.settings = settings
        self.writer = writer
        self.models = models
        self.waiting = 0
        self.recorded = self.dropped = self.failed = 0
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="shadow", initializer=be_patient)

    def offer(self, data: bytes, capture_id: str, seen: Seen) -> None:
        """Take an answered frame, or leave it out; return at once either way."""
        challenger = self.models.challenger.model
        if challenger is None or challenger.model_id == seen.model.model_id:
            return
        with self.lock:
            if self.waiting >= PLACES:
                self.dropped += 1
                return
            self.waiting += 1
        self.pool.submit(self.work, challenger, data, capture_id, seen)

    def work(self, challenger: OpenModel, data: bytes, capture_id: str, seen: Seen) -> None:
        """Answer and record one frame; whatever goes wrong is counted and told, and ends here."""
        try:
            self.answer(challenger, data, capture_id, seen)
        except UnknownCaptureError:
            self.count(failed=False, recorded=False)  # withdrawn meanwhile: nothing to compare
        except Exception as error:
            self.count(failed=True)
            logger.warning("the challenger's answer is lost (%s)", type(error).__name__)
        else:
            self.count(recorded=True)

    def answer(self, challenger: OpenModel, data: bytes, capture_id: str, seen: Seen) -> None:
        """Write the challenger's answer, once a frame and model."""
        frame = seen.frame
        known = Known(frame.age_years, Sex(frame.sex), Localization(frame.localization))
        shadow_id = str(uuid5(UUID(seen.prediction.prediction_id), challenger.model_id))
        limit = self.settings.max_image_pixels
        shadow = see(Asked(challenger, data, known, limit, shadow_id))
        said = replace(shadow.prediction, capture_id=capture_id, is_shadow=True)
        # No act of anyone's, so no event in the audit chain.
        self.writer.record_again(replace(frame, capture_id=capture_id), said)

    def count(self, *, recorded: bool = False, failed: bool = False) -> None:
        """Give the place back."""
        with self.lock:
            self.waiting -= 1
            self.recorded += recorded
            self.failed += failed

    def close(self) -> None:
        """End after the frame in hand; those that wait are left out."""
        self.pool.shutdown(cancel_futures=True)


def be_patient() -> None:
    """Give this thread what the others leave, where the system knows a thread's priority."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
