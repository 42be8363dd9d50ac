"""A folder of images put to one model: each a fact once, however often the folder is scored."""

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.exc import IntegrityError

from ml.answering import Asked, Known, OpenModel, Seen, see
from ml.preprocess import UndecodableImageError
from warehouse.audit import COMMAND_LINE, Event
from warehouse.captures import Prediction, Recorded, UnknownCaptureError
from warehouse.errors import BadInputError
from warehouse.facts import ConflictError, find_prediction, has_capture
from warehouse.image_files import read_image_file
from warehouse.progress import Progress, silent
from warehouse.store import Store
from warehouse.vocabulary import AuditAction
from warehouse.writer import PredictionWriter

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
NAMESPACE = UUID("6f2f7f0c-93cd-4b5a-9b59-1c1a3c2f4a27")  # of the ids made here
THREADS = 4  # two decode and run, the others wait for the disk
CHUNK = 256  # files between two looks at whether to stop


@dataclass(frozen=True)
class Score:
    """One file's answer; `is_new` where it was not in the store before."""

    file: str
    prediction_id: str
    diagnosis: str
    decision: str
    confidence: float
    is_new: bool


@dataclass(frozen=True)
class LeftOut:
    """One file without an answer, and why."""

    file: str
    why: str


@dataclass(frozen=True)
class ScoringReport:
    """What came of a folder."""

    model_id: str
    scores: list[Score]
    left_out: list[LeftOut]
    seconds: float

    @property
    def recorded(self) -> int:
        """Return how many answers are new in the store."""
        return sum(score.is_new for score in self.scores)

    def as_dict(self) -> dict[str, Any]:
        """Return the report for a script."""
        return asdict(self) | {
            "files": len(self.scores) + len(self.left_out),
            "recorded": self.recorded,
            "known": len(self.scores) - self.recorded,
        }


class Scorer:
    """One model that answers files, and the writer that records what it says."""

    def __init__(self, store: Store, model: OpenModel, max_pixels: int) -> None:
        self.store = store
        self.model = model
        self.max_pixels = max_pixels
        self.writer = PredictionWriter(store)

    def score(self, file: Path) -> Score | LeftOut:
        """Answer one file and record it, unless this model has answered its content before."""
        try:
            data = read_image_file(str(file))
            return self.answer(file, data)
        except OSError as error:
            return LeftOut(str(file), f"cannot be read ({error.strerror or error})")
        except UndecodableImageError as error:
            return LeftOut(str(file), str(error))
        except (ConflictError, UnknownCaptureError):
            return LeftOut(str(file), "its answer was withdrawn, and is not given again")

    def answer(self, file: Path, data: bytes) -> Score:
        """Return what stands of this content and model, asking the model where nothing does."""
        sha256 = hashlib.sha256(data).hexdigest()
        prediction_id = str(uuid5(NAMESPACE, f"{sha256} {self.model.model_id}"))
        if stands := find_prediction(self.store, prediction_id):
            return as_score(file, stands.prediction, is_new=False)
        seen = see(Asked(self.model, data, Known(), self.max_pixels, prediction_id))
        capture_id = str(uuid5(NAMESPACE, sha256))  # the same for every model that is asked
        frame = replace(seen.frame, capture_id=capture_id)
        asked = replace(seen.prediction, capture_id=capture_id)
        stands = self.record(replace(seen, frame=frame, prediction=asked))
        # Of two equal files at once one is first, and both get its answer.
        return as_score(file, stands.prediction, is_new=stands.prediction is asked)

    def record(self, seen: Seen) -> Recorded:
        """Write the answer, with its capture where no other model has been asked before."""
        made = {"capture_id": seen.frame.capture_id, "model_id": self.model.model_id}
        name = seen.prediction.prediction_id
        event = Event(COMMAND_LINE, AuditAction.diagnose.value, name, made)
        if not has_capture(self.store, seen.frame.capture_id):
            try:
                return self.writer.record(seen.frame, seen.prediction, event)
            except IntegrityError:
                pass  # another process has just scored this content with another model
        return self.writer.record_again(seen.frame, seen.prediction, event)


def score_files(
    store: Store, model: OpenModel, path: Path, max_pixels: int, progress: Progress = silent
) -> ScoringReport:
    """
    Answer every image below a path, and record each answer once.

    An answer's id follows from the file's content and the model, so scoring again goes on where it
    was interrupted. What cannot be read is told and left out.

    Raises:
        BadInputError: There is no such path, or no image in it.
    """
    files, started = find_images(path), time.perf_counter()
    scorer = Scorer(store, model, max_pixels)
    results: list[Score | LeftOut] = []
    with interruptible(THREADS) as pool:
        for start in range(0, len(files), CHUNK):
            for result in pool.map(scorer.score, files[start : start + CHUNK]):
                results.append(result)
                progress("score", len(results), len(files))
    return ScoringReport(
        model.model_id,
        [each for each in results if isinstance(each, Score)],
        [each for each in results if isinstance(each, LeftOut)],
        round(time.perf_counter() - started, 2),
    )


def find_images(path: Path) -> list[Path]:
    """Return the image files below a path, by their names, in order; or the one file it is."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BadInputError(f"{path}: there is no such folder or file")
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
    if not files:
        raise BadInputError(f"{path}: no image in it ({', '.join(sorted(SUFFIXES))})")
    return files


@contextmanager
def interruptible(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Yield a pool that, when the block is interrupted, ends after what is in hand."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="scoring")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def as_score(file: Path, stands: Prediction, *, is_new: bool) -> Score:
    """Shape the answer that stands for a file."""
    return Score(
        file=str(file),
        prediction_id=stands.prediction_id,
        diagnosis=stands.dx,
        decision=stands.decision,
        confidence=stands.confidence,
        is_new=is_new,
    )
