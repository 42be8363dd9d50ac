"""A folder of images, scored by the command line and by its parts: each a fact once."""

import os
from pathlib import Path

import numpy as np
import pytest
from acts import acts
from commands import dermhouse
from PIL import Image
from sqlalchemy import select

from ml.answering import OpenModel, open_model
from ml.scoring import score_files
from warehouse.captures import list_cards
from warehouse.errors import BadInputError
from warehouse.facts import withdraw
from warehouse.image_files import MAX_BYTES
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import capture, prediction

LIMIT = 10**8


def paint(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (60, 80, 3), np.uint8)
    Image.fromarray(noise).resize((320, 240)).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures of which two are equal, one that is damaged, and one that is no picture."""
    folder = tmp_path / "pictures"
    for n in range(3):
        paint(folder / f"{n}.jpg", n)
    paint(folder / "below" / "2 again.jpg", 2)
    (folder / "damaged.png").write_bytes((folder / "0.jpg").read_bytes()[:500])
    (folder / "notes.txt").write_text("not to be looked at")
    return folder


@pytest.fixture
def store(trained: Settings):
    store = open_store(trained)
    yield store
    store.close()


@pytest.fixture
def model(trained: Settings, store: Store) -> OpenModel:
    return open_model(trained, resolve(store, CHAMPION))


def ids(store: Store, column) -> list[str]:
    with store.read() as connection:
        return sorted(connection.execute(select(column)).scalars())


def test_the_verb_records_each_content_once_and_names_what_it_left_out(
    trained: Settings, store: Store, folder: Path
):
    first = dermhouse(trained.home, "score", folder, "--json")
    assert first.code == 0
    told = first.result
    assert (told["files"], told["recorded"], told["known"]) == (5, 3, 1)
    (left_out,) = told["left_out"]
    assert left_out["file"].endswith("damaged.png")
    assert "damaged" in first.stderr
    assert ids(store, prediction.c.prediction_id) == sorted(
        {score["prediction_id"] for score in told["scores"]}
    )
    assert len([act for act in acts(store) if act.action == "diagnose"]) == 3
    again = dermhouse(trained.home, "score", folder, "--json").result
    assert (again["recorded"], again["known"]) == (0, 4)
    same = ("file", "prediction_id", "diagnosis", "decision", "confidence")
    assert [[s[name] for name in same] for s in again["scores"]] == [
        [s[name] for name in same] for s in told["scores"]
    ]
    assert len(ids(store, prediction.c.prediction_id)) == 3


def test_what_was_interrupted_goes_on_where_it_stopped(
    store: Store, model: OpenModel, folder: Path
):
    def stop_at_two(_step: str, done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_files(store, model, folder, LIMIT, stop_at_two)
    before = ids(store, prediction.c.prediction_id)
    assert before
    report = score_files(store, model, folder, LIMIT)
    assert report.recorded == 3 - len(before)
    assert set(before) <= set(ids(store, prediction.c.prediction_id))
    assert len(ids(store, prediction.c.prediction_id)) == len(ids(store, capture.c.capture_id)) == 3


def test_a_second_model_adds_its_answers_to_the_same_captures(
    trained: Settings, store: Store, model: OpenModel, folder: Path
):
    from dataclasses import replace

    from warehouse.registry import record_model

    other = OpenModel(replace(model.record, model_id="second"), model.predictor)
    record_model(store, other.record, [])
    for each in (model, other):
        assert score_files(store, each, folder, LIMIT).recorded == 3
    assert len(ids(store, capture.c.capture_id)) == 3
    assert len(ids(store, prediction.c.prediction_id)) == 6


def test_a_withdrawn_answer_is_left_out_and_not_given_again(
    store: Store, model: OpenModel, folder: Path
):
    from warehouse.captures import Wanted

    score_files(store, model, folder / "0.jpg", LIMIT)
    (card,) = list_cards(store, Wanted(limit=5, is_kept=False))
    withdraw(store, card.capture.capture_id, lambda _uri: None)
    report = score_files(store, model, folder / "0.jpg", LIMIT)
    assert report.scores == []
    assert "withdrawn" in report.left_out[0].why


def test_a_file_too_large_to_be_an_image_is_left_out_and_not_read(
    store: Store, model: OpenModel, folder: Path
):
    os.truncate(folder / "0.jpg", MAX_BYTES + 1)  # a hole, which takes no disk
    report = score_files(store, model, folder, LIMIT)
    assert len(report.scores) == 3
    told = {Path(each.file).name: each.why for each in report.left_out}
    assert told["0.jpg"] == "cannot be read (0.jpg has 268,435,457 bytes, too many)"


def test_a_folder_without_images_is_told(store: Store, model: OpenModel, tmp_path: Path):
    with pytest.raises(BadInputError, match="no image in it"):
        score_files(store, model, tmp_path, LIMIT)
    with pytest.raises(BadInputError, match="no such folder"):
        score_files(store, model, tmp_path / "nowhere", LIMIT)
