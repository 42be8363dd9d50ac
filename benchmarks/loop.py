"""
What a review is worth: held-back lesions captured, reviewed and learnt from.

    python -m benchmarks.loop DATA WEIGHTS [--captures 1000] [--reviews 100 300 1000]

One home is filled without the files of some training lesions, and a champion is trained. Those
lesions' images are then captured, kept and reviewed with their true diagnosis, as the server would
record them. For each number of reviews two challengers learn: one from the frames that the review
queue puts first, one from frames drawn at random. Each is compared with the champion on the same
validation images; printed is the difference in balanced accuracy with its paired 95 % interval.
"""

import argparse
import csv
import hashlib
import random
from dataclasses import asdict
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from uuid import uuid4

import numpy as np

from etl.pipeline import load
from ml.comparison import compare_models
from ml.kept import strip_frame
from ml.predictor import Predictor
from ml.preprocess import decode
from ml.quality import measure_quality
from ml.registration import Order
from ml.settings import QUICK
from ml.training import Plan, train
from warehouse.build import build
from warehouse.facts import Capture, Prediction, Review, record_prediction, record_review
from warehouse.held_out import HELD_OUT
from warehouse.kept import keep_frame
from warehouse.live import install_extensions
from warehouse.published import current
from warehouse.registry import CHAMPION, resolve
from warehouse.review_queue import read_queue
from warehouse.settings import Settings
from warehouse.sightings import Sighting, state_lesion
from warehouse.store import Store, init_store, open_store
from warehouse.tables import now

Row = dict[str, str]
SEED = 136


def main() -> None:
    """Run with what the command line names, in homes that are thrown away."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--captures", type=int, default=1000)
    parser.add_argument("--reviews", type=int, nargs="+", default=[100, 300, 1000])
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="dermhouse-loop-") as folder:
        settings = Settings(home=Path(folder) / "home")
        rows, files = hold_back(arguments.data, Path(folder) / "data", arguments.captures)
        train_champion(settings, Path(folder) / "data", arguments.weights)
        captured = capture_all(settings, rows, files)
        build(settings)
        for count in arguments.reviews:
            for way in ("queue", "random"):
                home = Settings(home=Path(folder) / f"{way}-{count}")
                copytree(settings.home, home.home)
                tell(home, way, captured, min(count, len(captured)), arguments.weights)


def hold_back(data: Path, folder: Path, count: int) -> tuple[list[Row], dict[str, Path]]:
    """Lay the data out with links, without the files of some training lesions; return those."""
    files = {path.stem: path.resolve() for path in data.rglob("*.jpg")}
    with (data / "HAM10000_metadata.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    lessons = [row for row in rows if row["image_id"] in files and is_lesson(row["lesion_id"])]
    lesions = sorted({row["lesion_id"] for row in lessons})
    random.Random(SEED).shuffle(lesions)
    place = {lesion_id: number for number, lesion_id in enumerate(lesions)}
    held = sorted(lessons, key=lambda row: place[row["lesion_id"]])[:count]
    names = {row["image_id"] for row in held}
    images = folder / "HAM10000_images_part_1"
    images.mkdir(parents=True)
    for name, path in files.items():
        if name not in names:
            (images / path.name).symlink_to(path)
    (folder / "HAM10000_metadata.csv").symlink_to((data / "HAM10000_metadata.csv").resolve())
    return held, files


def is_lesson(lesion_id: str) -> bool:
    """Return whether a lesion's own bucket is in train (dbt's `hash_bucket`)."""
    digest = hashlib.md5(f"dermhouse-1078873:{lesion_id}".encode(), usedforsecurity=False)
    return int(digest.hexdigest()[:8], 16) % 100 < 70


def train_champion(settings: Settings, data: Path, weights: Path) -> None:
    """Load, build and train without what is held back."""
    store = init_store(settings)
    settings.warehouse_dir.mkdir(exist_ok=True)
    install_extensions(settings)
    load(settings, store, data)
    build(settings)
    report = train(settings, store, Plan(QUICK, weights))
    figure = report.evaluation.figure("balanced_accuracy")
    print(f"champion: {report.record.train_images} lessons, balanced accuracy {figure.value:.3f}")
    store.close()


def capture_all(settings: Settings, rows: list[Row], files: dict[str, Path]) -> dict[str, Row]:
    """Record each held-back image as the server would: kept, answered, its lesion stated."""
    store = open_store(settings)
    champion = resolve(store, CHAMPION)
    predictor = Predictor.open(settings.models_dir, champion.model_id)
    captured = {}
    for row in rows:
        frame = record_capture(settings, store, predictor, files[row["image_id"]].read_bytes())
        state_lesion(store, Sighting(frame, row["lesion_id"], "bench", "clinician", now()))
        captured[frame] = row
    store.close()
    print(f"captures: {len(captured)} of {len({row['lesion_id'] for row in rows})} lesions")
    return captured


def record_capture(settings: Settings, store: Store, predictor: Predictor, data: bytes) -> str:
    """Record one kept frame with the champion's answer; return the capture's id."""
    frame = decode(data, predictor.input_px, settings.max_image_pixels)
    said = predictor.answer(frame.rgb)
    capture = Capture(
        capture_id=str(uuid4()),
        captured_at=now(),
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        width=frame.width,
        height=frame.height,
        **asdict(measure_quality(frame.rgb)),
        has_consent=True,
        uri=keep_frame(settings, strip_frame(data, settings.max_image_pixels)),
    )
    model_id = resolve(store, CHAMPION).model_id
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


def tell(settings: Settings, way: str, captured: dict[str, Row], count: int, weights: Path) -> None:
    """Review some captures, learn, and print how far the challenger is from the champion."""
    store = open_store(settings)
    for capture_id in choose(settings, store, way, captured, count):
        row = captured[capture_id]
        word = Review(
            str(uuid4()), capture_id, now(), "bench", "clinician", row["dx"], row["dx_type"]
        )
        record_review(store, word)
    build(settings)
    parent = resolve(store, CHAMPION).model_id
    plan = Plan(QUICK, weights, parent=parent, order=Order(by="bench", reason=f"{way} {count}"))
    report = train(settings, store, plan)
    held_out = len(np.unique(held_out_ids(settings)))
    for each in compare_models(settings, store, (report.model_id, parent)):
        if each.metric in ("balanced_accuracy", "recall"):
            print(
                f"{way:6} {count:5} reviews, {report.record.train_images} lessons, {held_out} held "
                f"out: {each.diagnosis} {each.metric} {each.difference:+.4f} "
                f"[{each.low:+.4f}, {each.high:+.4f}]",
                flush=True,
            )
    store.close()


def choose(
    settings: Settings, store: Store, way: str, captured: dict[str, Row], count: int
) -> list[str]:
    """Return which captures are reviewed: the queue's first, or any."""
    if way == "queue":
        return [each.capture_id for each in read_queue(settings, store, count)]
    return random.Random(SEED).sample(sorted(captured), count)


def held_out_ids(settings: Settings) -> list[str]:
    """Return the images that are held out: the same before and after."""
    with current(settings).connect() as connection:
        return [row[0] for row in connection.execute(HELD_OUT).fetchall()]


if __name__ == "__main__":
    main()
