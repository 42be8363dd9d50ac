"""A data set that was never loaded: what is left out, and that nothing is written."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from etl.synthetic import fetch_synthetic
from etl.unloaded import read_unloaded
from ml.evaluation import evaluate
from ml.external import Outside, evaluate_external, warn
from ml.seen import ONWARD, seen_images
from warehouse.errors import BadInputError
from warehouse.published import current, read_split
from warehouse.registry import CHAMPION, record_model, resolve
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import evaluation, image, load_run
from warehouse.vocabulary import Split

MAX_PIXELS = 10**7


@pytest.fixture
def opened(trained: Settings):
    store = open_store(trained)
    yield trained, store
    store.close()


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn images that no home has loaded, under names of their own."""
    path = fetch_synthetic(tmp_path_factory.mktemp("stranger") / "clinic", 60, seed=77)
    rename(path, "OUT_")
    return path


def rename(folder: Path, prefix: str) -> None:
    table = folder / "HAM10000_metadata.csv"
    with table.open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        (found,) = folder.glob(f"*/{row['image_id']}.jpg")
        row["image_id"], row["lesion_id"] = prefix + row["image_id"], prefix + row["lesion_id"]
        found.rename(found.with_stem(row["image_id"]))
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read(path: Path) -> Outside:
    unloaded = read_unloaded(path, MAX_PIXELS)
    return Outside(unloaded.name, unloaded.rows)


def counts(store: Store) -> list[int]:
    with store.read() as connection:
        return [
            len(connection.execute(table.select()).all()) for table in (evaluation, image, load_run)
        ]


def test_an_outside_data_set_has_the_keys_of_the_internal_evaluation(opened, stranger: Path):
    settings, store = opened
    before = counts(store)
    report = evaluate_external(settings, store, CHAMPION, read(stranger)).as_dict()
    assert counts(store) == before
    assert (report["left_out"], report["warnings"]) == (0, [])
    assert (report["dataset"], report["split"]) == ("clinic", "external")
    inside = evaluate(settings, store).as_dict()
    assert set(report) == set(inside) | {"left_out", "warnings"}


def test_the_images_a_model_was_trained_on_are_left_out_by_id(opened, built_home: Path):
    settings, store = opened
    whole = read(built_home.with_suffix(".data"))
    lessons = read_split(current(settings), Split.train)
    report = evaluate_external(settings, store, CHAMPION, whole)
    assert report.left_out == len(lessons)
    assert report.evaluation.n == len(whole.rows) - len(lessons)
    told = " ".join(report.warnings)
    assert f"{len(lessons)} images were left out" in told
    assert "tune split" in told


def test_a_training_image_under_another_name_is_known_by_its_content(
    opened, built_home: Path, tmp_path: Path
):
    settings, store = opened
    copy = tmp_path / "renamed"
    shutil.copytree(built_home.with_suffix(".data"), copy)
    rename(copy, "NEW_")
    report = evaluate_external(settings, store, CHAMPION, read(copy))
    assert report.left_out == len(read_split(current(settings), Split.train))


def test_what_the_model_before_it_was_trained_on_is_left_out_too(opened, built_home: Path):
    settings, store = opened
    champion = resolve(store, CHAMPION)
    onward = replace(
        champion,
        model_id="onward",
        weights_source=f"none{ONWARD}{champion.model_id}",
        parameters=champion.parameters | {"without_source": "synthetic"},  # no lesson of its own
    )
    record_model(store, onward, [])
    lessons = set(seen_images(settings, store, champion).lessons["image_id"])
    assert lessons == set(read_split(current(settings), Split.train)["image_id"])
    assert set(seen_images(settings, store, onward).lessons["image_id"]) == lessons
    orphan = replace(onward, model_id="orphan", weights_source=f"none{ONWARD}nobody")
    seen = seen_images(settings, store, orphan)
    told = " ".join(warn(orphan, 0, read(built_home.with_suffix(".data")).rows, seen))
    assert "learnt on from nobody" in told


def test_a_data_set_of_training_images_alone_is_refused(opened, built_home: Path):
    settings, store = opened
    whole = read(built_home.with_suffix(".data"))
    lessons = set(read_split(current(settings), Split.train)["image_id"])
    seen = Outside(whole.name, whole.rows[whole.rows["image_id"].isin(lessons)])
    with pytest.raises(BadInputError, match="was trained on every image"):
        evaluate_external(settings, store, CHAMPION, seen)


def test_the_same_images_score_the_same_inside_and_outside(opened, built_home: Path):
    settings, store = opened
    whole = read(built_home.with_suffix(".data"))
    held_out = set(read_split(current(settings), Split.validation)["image_id"])
    rows = whole.rows[whole.rows["image_id"].isin(held_out)]
    outside = evaluate_external(settings, store, CHAMPION, Outside("held-out", rows)).as_dict()
    inside = evaluate(settings, store).as_dict()
    for key in ("n", "accuracy", "balanced_accuracy", "macro_auc", "ece", "recall"):
        assert outside[key] == pytest.approx(inside[key]), key


def test_rows_without_a_readable_file_are_counted_and_left_out(stranger: Path, tmp_path: Path):
    copy = tmp_path / "damaged"
    shutil.copytree(stranger, copy)
    first, second = sorted(copy.glob("*/*.jpg"))[:2]
    first.unlink()
    second.write_bytes(b"no image")
    found, whole = read_unloaded(copy, MAX_PIXELS), read_unloaded(stranger, MAX_PIXELS)
    assert (found.missing_files, found.undecodable_files) == (whole.missing_files + 1, 1)
    assert len(found.rows) == len(whole.rows) - 2
