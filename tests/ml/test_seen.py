"""A model is judged on lesions that it has not met, though they are held out only since then."""

import csv
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from second_model import SECOND, add_second_model

from etl.pipeline import load
from etl.synthetic import fetch_synthetic
from ml.comparison import compare_models
from ml.evaluation import evaluate
from ml.seen import ONWARD, read_unseen, seen_images, unseen
from ml.settings import read_recipe
from ml.training import Plan, train
from ml.verdict import judge_challenger
from warehouse.build import build
from warehouse.looks import count_looks
from warehouse.published import EmptySplitError, current, read_judged
from warehouse.registry import CHAMPION, ModelRecord, record_model, resolve, set_alias
from warehouse.settings import Settings
from warehouse.store import Store, open_store

TABLE = "HAM10000_metadata.csv"
JOINED = 5


class Clinic(NamedTuple):
    """A home whose older model has met some of today's validation; the newer has not."""

    settings: Settings
    store: Store
    older: ModelRecord
    newer: ModelRecord

    @property
    def met(self) -> set[str]:
        """Today's validation images that the older model was trained or tuned on."""
        met = seen_images(self.settings, self.store, self.older).images
        return set(met["image_id"]) & set(read_judged(current(self.settings))["image_id"])

    @property
    def unmet(self) -> int:
        """How many of today's validation images show no lesion that the older model has met."""
        frame = read_judged(current(self.settings))
        groups = frame.loc[frame["image_id"].isin(self.met), "lesion_group_id"]
        return int((~frame["lesion_group_id"].isin(groups)).sum())


@pytest.fixture(scope="module")
def joined_home(
    trained_home: Path, built_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Lesions of train and of validation are one since the champion learnt: their files say so."""
    folder = tmp_path_factory.mktemp("joined")
    settings, data = Settings(home=folder / "home"), folder / "built.data"
    shutil.copytree(trained_home, settings.home)
    shutil.copytree(built_home.with_suffix(".data"), data)
    with closing(open_store(settings)) as store:
        lessons = seen_images(settings, store, resolve(store, CHAMPION)).lessons["image_id"]
        join(data, list(lessons), list(read_judged(current(settings))["image_id"]))
        load(settings, store, data)
    build(settings)
    return settings.home


def join(data: Path, lessons: list[str], held_out: list[str]) -> None:
    """Give some lesions that were learnt from one more image each: a file of a held-out lesion."""
    table = data / TABLE
    with table.open() as file:
        rows = {row["image_id"]: row for row in csv.DictReader(file)}
    added = []
    for lesson, other in zip(lessons[:: len(lessons) // JOINED], held_out, strict=False):
        added.append(rows[lesson] | {"image_id": f"{lesson}_again"})
        (found,) = data.glob(f"*/{other}.jpg")
        shutil.copy(found, found.with_stem(f"{lesson}_again"))
    with table.open("a", newline="") as file:
        csv.DictWriter(file, list(added[0])).writerows(added)


@pytest.fixture
def clinic(settings: Settings, joined_home: Path) -> Iterator[Clinic]:
    shutil.copytree(joined_home, settings.home)
    add_second_model(settings)
    with closing(open_store(settings)) as store:
        older, newer = resolve(store, CHAMPION), resolve(store, SECOND)
        newer = replace(newer, model_id="newer", warehouse_version=current(settings).version)
        shutil.copytree(settings.models_dir / SECOND, settings.models_dir / newer.model_id)
        record_model(store, newer, [])
        yield Clinic(settings, store, older, newer)


def test_an_evaluation_leaves_out_the_lesions_a_model_has_met_and_says_so(clinic: Clinic):
    settings, store, older, newer = clinic
    everything = len(read_judged(current(settings)))
    assert len(clinic.met) >= JOINED
    report = evaluate(settings, store, older.model_id)
    assert (report.n, report.left_out) == (clinic.unmet, everything - clinic.unmet)
    (told,) = report.as_dict()["warnings"]
    assert told.startswith(f"{report.left_out} images were left out: {older.model_id} was trained")
    report = evaluate(settings, store, newer.model_id)
    assert (report.n, report.left_out, report.warnings) == (everything, 0, ())


def test_what_a_forebear_has_met_is_left_out_too(clinic: Clinic):
    settings, store, older, newer = clinic
    onward = replace(newer, weights_source=f"none{ONWARD}{older.model_id}")
    left = read_unseen(settings, store, current(settings), [onward])
    assert len(left.rows) == clinic.unmet
    assert not clinic.met & set(left.rows["image_id"])


def test_a_model_that_learns_on_is_first_judged_on_what_the_one_before_has_not_met(clinic: Clinic):
    settings, store, older, _ = clinic
    recipe = read_recipe(older.parameters)
    report = train(settings, store, Plan(recipe, parent=older.model_id, is_onward=True))
    assert report.evaluation.n == clinic.unmet
    assert f"{older.model_id} was trained or tuned on their lesions" in report.notes[0]
    anew = train(settings, store, Plan(recipe, parent=older.model_id))
    assert anew.evaluation.n == len(read_judged(current(settings)))


@pytest.mark.parametrize("is_older_first", [True, False])
def test_two_models_are_compared_on_what_neither_has_met(clinic: Clinic, is_older_first: bool):
    settings, store, older, newer = clinic
    pair = (older.model_id, newer.model_id) if is_older_first else (newer.model_id, older.model_id)
    comparison = compare_models(settings, store, pair)
    assert comparison.n == clinic.unmet
    assert comparison.n + comparison.left_out == len(read_judged(current(settings)))
    assert len(comparison.warnings) == 1


def test_an_older_challenger_is_not_judged_on_its_own_lessons(clinic: Clinic):
    settings, store, older, newer = clinic
    set_alias(store, CHAMPION, newer.model_id)
    lines = {line.name: line for line in judge_challenger(settings, store, older.model_id).lines}
    assert lines["balanced_accuracy"].n == clinic.unmet
    told = lines["left_out"]
    assert told.n == len(read_judged(current(settings))) - clinic.unmet
    assert f"{older.model_id} was trained" in told.word
    assert not told.is_decisive


def test_of_a_model_from_another_home_it_is_told_that_nothing_is_known(clinic: Clinic):
    settings, store, _, newer = clinic
    imported = replace(newer, model_id="imported", warehouse_version=0)
    left = read_unseen(settings, store, current(settings), [imported])
    assert left.left_out == 0
    assert "imported was trained on a version that is not here" in left.warnings[0]


def test_where_every_lesion_was_met_it_is_told_what_to_do(clinic: Clinic):
    settings, store, older, _ = clinic
    frame = read_judged(current(settings))
    lessons = frame[frame["image_id"].isin(clinic.met)]
    with pytest.raises(EmptySplitError, match=rf"{older.model_id} learnt.*`dermhouse train`"):
        unseen(settings, store, lessons, [older])


def test_beside_a_champion_of_other_images_nobody_is_judged_and_it_is_told_why(
    trained: Settings, tmp_path: Path
):
    add_second_model(trained)
    with closing(open_store(trained)) as store:
        load(trained, store, photographs(tmp_path / "clinic"))
        build(trained)
        looks = count_looks(store)
        with pytest.raises(EmptySplitError, match=r"champion .* train anew"):
            judge_challenger(trained, store, SECOND)
        assert count_looks(store) == looks  # nobody saw anything


def photographs(folder: Path) -> Path:
    """Return drawn images that are said to be photographs: beside such, drawn ones are left out."""
    data = fetch_synthetic(folder, 60, seed=77)
    table = data / TABLE
    table.write_text(table.read_text().replace("SYN_", "PHO_").replace(",synthetic", ",rosendahl"))
    for found in data.rglob("SYN_*.jpg"):
        found.rename(found.with_name(found.name.replace("SYN_", "PHO_")))
    return data
