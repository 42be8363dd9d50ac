"""
The whole loop on real images: used, reviewed, learnt from, judged, served, taken back.

A champion that has seen next to no melanoma; melanomas of lesions held back from it are captured
through the server with consent and reviewed; a retraining is due, its model wins and answers
without a failed request; after a rollback the old answers are back to the last digit. What was
learnt from shuffled labels is refused.
"""

import csv
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import md5
from pathlib import Path
from shutil import copyfile
from uuid import uuid4

import numpy as np
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from etl.pipeline import load
from ml import training
from ml.retraining import Wish, retrain
from ml.settings import QUICK
from warehouse.aliases import roll_back
from warehouse.build import build
from warehouse.live import install_extensions
from warehouse.published import current
from warehouse.registry import CHALLENGER, CHAMPION, aliases, resolve
from warehouse.settings import Settings
from warehouse.store import Store, init_store
from warehouse.vocabulary import Split

pytestmark = [pytest.mark.real, pytest.mark.slow]

SALT = "dermhouse-1078873"
# Lesions of each diagnosis with a file, by side; and the melanomas that come by the camera alone.
LESSONS, FEW_MELANOMAS, CAPTURED = 25, 2, 60
TUNE, VALIDATION = 4, 9


def side(lesion_id: str) -> str:
    bucket = int(md5(f"{SALT}:{lesion_id}".encode()).hexdigest()[:8], 16) % 100
    return "train" if bucket < 70 else "tune" if bucket < 80 else "validation"


def choose(rows: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """One image a lesion: those to load with their files, and those that are only captured."""
    wanted: Counter[tuple[str, str]] = Counter()
    loaded, captured, seen = [], [], set()
    for row in sorted(rows, key=lambda row: row["image_id"]):
        if row["lesion_id"] in seen:
            continue
        seen.add(row["lesion_id"])
        place = side(row["lesion_id"])
        is_melanoma = place == "train" and row["dx"] == "mel"
        most = {"train": LESSONS, "tune": TUNE, "validation": VALIDATION}[place]
        wanted[row["dx"], place] += 1
        count = wanted[row["dx"], place]
        if count <= (FEW_MELANOMAS if is_melanoma else most):
            loaded.append(row)
        elif is_melanoma and len(captured) < CAPTURED:
            captured.append(row)
    return loaded, captured


def lay_out(source: Path, folder: Path) -> tuple[dict[str, Path], list[dict[str, str]]]:
    """Write a HAM10000 of the chosen images; the captured ones are named in it without a file."""
    files = {path.stem: path for path in source.glob("HAM10000_images_part_*/*.jpg")}
    with (source / "HAM10000_metadata.csv").open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["image_id"] in files]
    loaded, captured = choose(rows)
    images = folder / "HAM10000_images_part_1"
    images.mkdir(parents=True)
    for row in loaded:
        copyfile(files[row["image_id"]], images / f"{row['image_id']}.jpg")
    with (folder / "HAM10000_metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([*loaded, *captured])
    return files, captured


def capture_and_review(server: TestClient, frame: bytes, row: dict[str, str]) -> None:
    """What a clinician does: take the picture with consent, say whose lesion it is, and what."""
    answered = server.post(
        "/video_frame/", files={"file": ("frame.jpg", frame)}, data={"consent": "true"}
    )
    assert answered.status_code == 200
    path = f"/captures/{answered.json()['capture_id']}"
    assert server.put(f"{path}/lesion", json={"image_id": row["image_id"]}).status_code == 200
    word = {"review_id": str(uuid4()), "diagnosis": row["dx"], "confirmation": "histo"}
    assert server.post(f"{path}/reviews", json=word | {"reviewer": "derm-7"}).status_code == 201


def ask(server: TestClient, frame: bytes) -> dict:
    answered = server.post("/preview/", files={"file": ("frame.jpg", frame)})
    assert answered.status_code == 200, answered.text
    return answered.json()


def ask_on(server: TestClient, frame: bytes, stop: threading.Event) -> int:
    asked = 0
    while not stop.is_set():
        ask(server, frame)
        asked += 1
        stop.wait(0.05)
    return asked


def wait_for(server: TestClient, frame: bytes, model_id: str) -> None:
    while ask(server, frame)["model"] != model_id:
        threading.Event().wait(0.05)


@pytest.fixture
def quiet(settings: Settings) -> Settings:
    """A home whose server builds nothing by itself: the story says when."""
    return settings.model_copy(update={"refresh_by_server": False})


def test_what_was_reviewed_in_use_makes_a_better_champion(
    quiet: Settings,
    real_ham10000: Path,
    imagenet_weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    files, captured = lay_out(real_ham10000, tmp_path / "data")
    store = init_store(quiet)
    quiet.warehouse_dir.mkdir(exist_ok=True)
    install_extensions(quiet)
    load(quiet, store, tmp_path / "data")
    build(quiet)
    wish = Wish(QUICK, imagenet_weights, is_if_due=True)

    first = retrain(quiet, store, wish)
    assert [rule.name for rule in first.rules if rule.fired] == ["no_champion"]
    assert first.is_promoted
    again = retrain(quiet, store, wish)
    assert (again.is_due, again.word) == (False, "no rule has fired")

    frame = files[captured[0]["image_id"]].read_bytes()
    with TestClient(create_app(quiet), "https://localhost") as server:
        for row in captured:
            capture_and_review(server, files[row["image_id"]].read_bytes(), row)
        before = ask(server, frame)
        build(quiet)
        assert_learnable(quiet, captured)
        second = retrain_while_asked(quiet, store, wish, server, frame)
        assert resolve(store, second).parent_model_id == first.model_id
        assert "new_labels" in (resolve(store, second).reason or "")
        changed = ask(server, frame)
        assert changed["probabilities"] != before["probabilities"]

        assert roll_back(store).to_model_id == first.model_id
        wait_for(server, frame, first.model_id)
        assert ask(server, frame)["probabilities"] == before["probabilities"]
    shuffle_lessons(monkeypatch)
    nonsense = retrain(quiet, store, Wish(QUICK, imagenet_weights))
    assert "balanced_accuracy" in nonsense.verdict.failing
    assert aliases(store) == {CHAMPION: first.model_id, CHALLENGER: nonsense.model_id}
    store.close()


def shuffle_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next training learn nonsense: every lesson has another one's label."""
    load_truly = training.load_splits

    def load_shuffled(*given):
        examples = load_truly(*given)
        lessons = examples[Split.train]
        labels = np.random.default_rng(1).permutation(lessons.labels)
        return examples | {Split.train: replace(lessons, labels=labels)}

    monkeypatch.setattr(training, "load_splits", load_shuffled)


def assert_learnable(settings: Settings, captured: list[dict[str, str]]) -> None:
    """Each captured lesion stands in train, where its name has always belonged."""
    with current(settings).connect() as warehouse:
        rows = warehouse.sql("select split, diagnosis_code, is_learnable from capture_labels")
        assert Counter(rows.fetchall()) == {("train", "mel", True): len(captured)}


def retrain_while_asked(
    settings: Settings, store: Store, wish: Wish, server: TestClient, frame: bytes
) -> str:
    """Train, judge and promote while people ask; return the model that answers in the end."""
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask_on, server, frame, stop)
        try:
            report = retrain(settings, store, wish)
            fired = {rule.name for rule in report.rules if rule.fired}
            assert {"new_labels", "agreement_fall"} <= fired
            assert report.verdict is not None
            assert report.verdict.failing == []
            assert report.is_promoted
            wait_for(server, frame, report.model_id)
        finally:
            stop.set()
        assert asking.result() > 0
    return report.model_id
