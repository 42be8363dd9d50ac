"""A model's folder: the graph that is served, the network it came from, and a card about both."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ml.decision import CLASSES, DecisionRule
from warehouse.errors import BusyError, NotReadyError
from warehouse.registry import ModelRecord

GRAPH, NETWORK, CARD = "model.onnx", "model.keras", "card.json"

NOTICE = "Not a medical device: for research and teaching, never for a diagnosis."
SYNTHETIC_NOTICE = "Trained on drawn images: its answers mean nothing on real skin."


@dataclass(frozen=True)
class Card:
    """What the server needs of a model's card; a person finds the whole lineage in the file."""

    input_px: int
    decision_rule: DecisionRule
    onnx_sha256: str


@contextmanager
def writing(training_dir: Path) -> Iterator[None]:
    """
    Say that a model is being written, folder and row, while the block runs.

    The lock is shared, and the system frees it when the process ends, however it ends.
    """
    with held(training_dir, fcntl.LOCK_SH):
        yield


@contextmanager
def held(training_dir: Path, kind: int) -> Iterator[None]:
    """Hold the lock of those who write models; BlockingIOError where `kind` does not wait."""
    training_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(training_dir / "models.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


def sweep(training_dir: Path, models_dir: Path, read_known: Callable[[], set[str]]) -> list[str]:
    """
    Remove what killed trainings left: drafts, and folders of models that were never recorded.

    read_known: returns the models there are rows of; asked once nobody can write a model any
    more, or one recorded a moment ago would be taken for a leftover. Nothing is removed while
    anybody writes a model.
    """
    with suppress(BlockingIOError), held(training_dir, fcntl.LOCK_EX | fcntl.LOCK_NB):
        known = read_known()
        left = [each for each in models_dir.glob("*") if each.is_dir() and each.name not in known]
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)
        return sorted(folder.name for folder in left)
    return []


def clear(
    training_dir: Path, models_dir: Path, model_id: str, is_recorded: Callable[[], bool]
) -> None:
    """
    Remove what a broken attempt left of a model that was never recorded: its draft and its folder.

    is_recorded: asked once nobody else writes a model.

    Raises:
        BusyError: Somebody writes a model, and what is there may be theirs.
    """
    left = [
        each for each in (models_dir / model_id, draft_of(models_dir, model_id)) if each.exists()
    ]
    if not left:
        return
    try:
        with held(training_dir, fcntl.LOCK_EX | fcntl.LOCK_NB):
            for folder in [] if is_recorded() else left:
                shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        raise BusyError(
            f"{left[0]}: is in the way, and a model is being written that it may belong to; "
            "run the same command once that has ended"
        ) from None


def draft_of(models_dir: Path, model_id: str) -> Path:
    """Return the folder that a model is written in until it is whole."""
    return models_dir / f".{model_id}.draft"


@contextmanager
def staged(models_dir: Path, model_id: str) -> Iterator[Path]:
    """
    Yield a folder to fill, which becomes the model's when the block ends well.

    Whatever stops the block, an interruption too, leaves nothing behind.

    Raises:
        NotReadyError: The folder cannot be written, or the disk is full.
    """
    draft = draft_of(models_dir, model_id)
    try:
        with written(models_dir):
            draft.mkdir(parents=True)
            yield draft
            draft.rename(models_dir / model_id)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """
    Write below a folder while the block runs.

    Raises:
        NotReadyError: It cannot be written, or the disk is full.
    """
    try:
        yield
    except OSError as error:
        raise NotReadyError(
            f"{folder}: the model cannot be written ({error.strerror or error}); "
            "make room there, then run the same command"
        ) from None


def write_card(folder: Path, record: ModelRecord, more: dict[str, Any] | None = None) -> None:
    """
    Write a model's lineage into its folder, as the store has it and for whoever copies it.

    more: what `ml.card` adds once there are figures. The old card stands until the new one is
    whole.
    """
    card = describe_lineage(record) | (more or {})
    draft = folder / f".{CARD}.draft"
    try:
        draft.write_text(json.dumps(card, indent=2) + "\n")
        draft.replace(folder / CARD)
    finally:
        draft.unlink(missing_ok=True)


def describe_lineage(record: ModelRecord) -> dict[str, Any]:
    """Return what the server needs of a card, and where the model comes from."""
    notice = f"{SYNTHETIC_NOTICE} {NOTICE}" if record.is_synthetic else NOTICE
    lineage = asdict(record) | {"created_at": record.created_at.isoformat()}
    return {"notice": notice, "classes": CLASSES} | lineage


def read_card(folder: Path) -> Card:
    """
    Read a model's card.

    Raises:
        NotReadyError: It is missing or damaged, or has other classes than this code.
    """
    path = folder / CARD
    try:
        value = json.loads(path.read_text())
        classes = value["classes"]
        rule = DecisionRule.from_dict(value["decision_rule"])
        card = Card(int(value["input_px"]), rule, str(value["onnx_sha256"]))
    except OSError as error:
        raise NotReadyError(
            f"{path}: cannot be read ({error.strerror or error}); run `dermhouse train`"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise NotReadyError(f"{path}: the card is damaged; run `dermhouse train`") from None
    if classes != CLASSES:
        raise NotReadyError(
            f"{path}: its classes are {classes}, this code's are {CLASSES}; run `dermhouse train`"
        )
    return card


def read_graph(folder: Path, card: Card) -> bytes:
    """
    Read a model's graph and check it against its card.

    Raises:
        NotReadyError: It is missing, or is not the one that was exported.
    """
    path = folder / GRAPH
    try:
        graph = path.read_bytes()
    except OSError as error:
        raise NotReadyError(
            f"{path}: cannot be read ({error.strerror or error}); run `dermhouse train`"
        ) from None
    if hashlib.sha256(graph).hexdigest() != card.onnx_sha256:
        raise NotReadyError(
            f"{path}: has changed since it was exported; run `dermhouse train`, "
            "or put the original file back"
        )
    return graph
