"""
The whole loop on real images: used, reviewed, learnt from, judged, served, taken back.

A champion that has seen next to no melanoma answers over HTTPS; melanomas of lesions held back from
it are captured with consent and reviewed; a retraining is due, its model wins and answers without a
failed request; after a rollback the old answers are back to the last digit. What was learnt from
shuffled labels is refused. The server and every verb are processes of their own, as at a clinic.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path
from ssl import create_default_context
from typing import Any
from uuid import uuid4

import httpx2
import numpy as np
import pytest
from commands import dermhouse, serving
from few_lesions import Row, lay_out, side
from sqlalchemy import select

from ml import training
from ml.challenger import Wish
from ml.retraining import retrain
from ml.settings import QUICK
from warehouse.published import current
from warehouse.registry import CHALLENGER, CHAMPION, aliases, resolve
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import prediction
from warehouse.vocabulary import Split

pytestmark = [pytest.mark.real, pytest.mark.slow]

# Lesions of each diagnosis with a file, by side; and the melanomas that come by the camera alone.
LESIONS = {"train": 25, "tune": 4, "validation": 9}
FEW_MELANOMAS, CAPTURED = 2, 60


def wanted(dx: str, place: str) -> int:
    return FEW_MELANOMAS if (dx, place) == ("mel", "train") else LESIONS[place]


def melanomas_to_learn_from(rest: list[Row]) -> list[Row]:
    fitting = [row for row in rest if row["dx"] == "mel" and side(row["lesion_id"]) == "train"]
    return fitting[:CAPTURED]


@dataclass
class Clinic:
    """Somebody at a server over HTTPS, with the installation's own authority trusted."""

    client: httpx2.Client

    def post(self, path: str, frame: bytes, **fields: str) -> dict[str, Any]:
        answered = self.client.post(path, files={"file": ("frame.jpg", frame)}, data=fields)
        assert answered.status_code == 200, answered.text
        return answered.json()

    def review(self, frame: bytes, row: Row) -> None:
        """Take the picture with consent, say whose lesion it is, and what it was found to be."""
        told = self.post("/video_frame/", frame, consent="true")
        path = f"/captures/{told['capture_id']}"
        lesion = self.client.put(f"{path}/lesion", json={"image_id": row["image_id"]})
        assert lesion.status_code == 200
        word = {"review_id": str(uuid4()), "diagnosis": row["dx"], "confirmation": "histo"}
        said = self.client.post(f"{path}/reviews", json=word | {"reviewer": "derm-7"})
        assert said.status_code == 201

    def wait_for(self, model_id: str, frame: bytes) -> dict[str, Any]:
        """Return the first answer of a model, which is to answer in a moment."""
        while (answer := self.post("/preview/", frame))["model"] != model_id:
            threading.Event().wait(0.05)
        return answer


@contextmanager
def clinic(settings: Settings, address: str) -> Iterator[Clinic]:
    trusting = create_default_context(cafile=str(settings.tls_dir / "authority.pem"))
    with httpx2.Client(base_url=address, verify=trusting, timeout=60) as client:
        yield Clinic(client)


@contextmanager
def somebody_posting(settings: Settings, address: str, frame: bytes) -> Iterator[None]:
    """Let a client post all the while; afterwards every one of its answers is in the store."""
    stop, answered = threading.Event(), []

    def post_on() -> None:
        with clinic(settings, address) as somebody:
            while not stop.wait(0.1):
                answered.append(somebody.post("/video_frame/", frame)["prediction_id"])

    with ThreadPoolExecutor(1) as pool:
        posting = pool.submit(post_on)
        try:
            yield
        finally:
            stop.set()
        posting.result()
    with closing(open_store(settings)) as store, store.read() as connection:
        stored = set(connection.execute(select(prediction.c.prediction_id)).scalars())
    assert answered
    assert set(answered) <= stored


def run(settings: Settings, *arguments: object) -> Any:
    ended = dermhouse(settings.home, *arguments, "--json")
    assert ended.code == 0, ended.stderr
    return ended.result


def test_what_was_reviewed_in_use_makes_a_better_champion(
    settings: Settings,
    real_ham10000: Path,
    imagenet_weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("DERMHOUSE_REFRESH_BY_SERVER", "false")  # the story says when
    data = tmp_path / "data"
    files, captured = lay_out(real_ham10000, data, wanted, melanomas_to_learn_from)
    frame = files[captured[0]["image_id"]].read_bytes()
    for verb in (["init"], ["load", data], ["build"]):
        run(settings, *verb)
    if_due = ["retrain", "--if-due", "--quick", "--weights", imagenet_weights]
    first = run(settings, *if_due)
    assert (fired(first), first["is_promoted"]) == ({"no_champion"}, True)

    with serving(settings.home) as address, clinic(settings, address) as server:
        before = server.wait_for(first["model_id"], frame)["probabilities"]
        with somebody_posting(settings, address, frame):
            for row in captured:
                server.review(files[row["image_id"]].read_bytes(), row)
            run(settings, "refresh", "--force")
            assert_learnable(settings, len(captured))
            second = run(settings, *if_due)
            assert {"new_labels", "agreement_fall"} <= fired(second)
            assert (second["failing"], second["is_promoted"]) == ([], True)
            assert server.wait_for(second["model_id"], frame)["probabilities"] != before
            assert run(settings, "rollback")["to_model_id"] == first["model_id"]
            assert server.wait_for(first["model_id"], frame)["probabilities"] == before
    again = run(settings, *if_due)
    assert (again["due"], again["word"][:19]) == (False, "a model has been tr")
    with closing(open_store(settings)) as store:
        record = resolve(store, second["model_id"])
        assert (record.parent_model_id, record.reason) == (first["model_id"], reason(second))
        assert_nonsense_is_refused(settings, store, imagenet_weights, monkeypatch)


def fired(report: dict[str, Any]) -> set[str]:
    return {rule["name"] for rule in report["rules"] if rule["fired"]}


def reason(report: dict[str, Any]) -> str:
    return ", ".join(rule["name"] for rule in report["rules"] if rule["fired"])


def assert_learnable(settings: Settings, count: int) -> None:
    """Each captured lesion stands in train, where its name has always belonged."""
    with current(settings).connect() as warehouse:
        rows = warehouse.sql("select split, diagnosis_code, is_learnable from capture_labels")
        assert Counter(rows.fetchall()) == {("train", "mel", True): count}


def assert_nonsense_is_refused(
    settings: Settings, store: Store, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Train once more, but let every lesson have another one's label."""
    load_truly = training.load_splits

    def load_shuffled(*given):
        examples = load_truly(*given)
        lessons = examples[Split.train]
        labels = np.random.default_rng(1).permutation(lessons.labels)
        return examples | {Split.train: changed(lessons, labels=labels)}

    monkeypatch.setattr(training, "load_splits", load_shuffled)
    champion = aliases(store)[CHAMPION]
    report = retrain(settings, store, Wish(QUICK, weights))
    assert report.verdict is not None
    assert "balanced_accuracy" in report.verdict.failing
    assert aliases(store) == {CHAMPION: champion, CHALLENGER: report.model_id}
