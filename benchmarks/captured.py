"""Lesions held back from a data set, then met by the camera: kept, answered, later reviewed."""

import csv
import hashlib
import random
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from ml.kept import strip_frame
from ml.predictor import Predictor
from ml.preprocess import decode
from ml.quality import measure_quality
from warehouse.facts import Capture, Prediction, Review, record_prediction, record_review
from warehouse.kept import keep_frame
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.sightings import Sighting, state_lesion
from warehouse.store import Store, open_store
from warehouse.tables import now

Row = dict[str, str]
SEED = 136
SALT, TRAIN = "dermhouse-1078873", 70  # as dbt splits
WHO = "bench", "clinician"


def hold_back(data: Path, folder: Path, count: int) -> list[tuple[Row, Path]]:
    """
    Lay a HAM10000 out with links, without the files of about `count` images of training lesions.

    Returns the rows held back, whole lesions in an order drawn once, each with its file.
    """
    files = {path.stem: path.resolve() for path in data.rglob("*.jpg")}
    metadata = data / "HAM10000_metadata.csv"
    with metadata.open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["image_id"] in files]
    lessons = [row for row in rows if is_lesson(row["lesion_id"])]
    lesions = sorted({row["lesion_id"] for row in lessons})
    random.Random(SEED).shuffle(lesions)
    place = {lesion_id: number for number, lesion_id in enumerate(lesions)}
    held = sorted(lessons, key=lambda row: place[row["lesion_id"]])[:count]
    images = folder / "HAM10000_images_part_1"
    images.mkdir(parents=True)
    for name in files.keys() - {row["image_id"] for row in held}:
        (images / files[name].name).symlink_to(files[name])
    (folder / metadata.name).symlink_to(metadata.resolve())
    return [(row, files[row["image_id"]]) for row in held]


def is_lesson(lesion_id: str) -> bool:
    """Return whether a lesion's own bucket is in train (dbt's `hash_bucket`)."""
    digest = hashlib.md5(f"{SALT}:{lesion_id}".encode(), usedforsecurity=False)
    return int(digest.hexdigest()[:8], 16) % 100 < TRAIN


def capture_all(settings: Settings, held: list[tuple[Row, Path]]) -> dict[str, Row]:
    """Record each image held back as the server would: kept, answered, its lesion stated."""
    captured = {}
    with closing(open_store(settings)) as store:
        model_id = resolve(store, CHAMPION).model_id
        predictor = Predictor.open(settings.models_dir, model_id)
        for row, path in held:
            capture_id = capture_one(settings, store, (model_id, predictor), row, path.read_bytes())
            state_lesion(store, Sighting(capture_id, row["lesion_id"], *WHO, now()))
            captured[capture_id] = row
    return captured


def capture_one(
    settings: Settings, store: Store, champion: tuple[str, Predictor], row: Row, data: bytes
) -> str:
    """Record one kept frame with the champion's answer; return the capture's id."""
    model_id, predictor = champion
    frame = decode(data, predictor.input_px, settings.max_image_pixels)
    said = predictor.answer(frame)
    capture = Capture(
        capture_id=str(uuid4()),
        captured_at=now(),
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        width=frame.width,
        height=frame.height,
        **asdict(measure_quality(frame)),
        has_consent=True,
        uri=keep_frame(settings, strip_frame(data, settings.max_image_pixels)),
        age_years=float(row["age"]) if row["age"] else None,
        sex=row["sex"],
        localization=row["localization"],
    )
    answer = Prediction(
        prediction_id=str(uuid4()),
        capture_id=capture.capture_id,
        model_id=model_id,
        predicted_at=now(),
        dx=said.diagnosis.value,
        decision=said.decision.value,
        probabilities=said.probabilities,
        latency_ms=1.0,
    )
    record_prediction(store, capture, answer)
    return capture.capture_id


def review_all(store: Store, captured: dict[str, Row], chosen: Iterable[str]) -> None:
    """Say of each chosen capture what the data set has it confirmed as."""
    for capture_id in chosen:
        row = captured[capture_id]
        record_review(
            store, Review(str(uuid4()), capture_id, now(), *WHO, row["dx"], row["dx_type"])
        )
