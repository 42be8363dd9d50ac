"""A model made again from what is recorded of it, after the warehouse has gone on without it."""

import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import update

from etl.ham10000 import METADATA_NAME
from etl.pipeline import load
from etl.synthetic import fetch_synthetic
from ml.dataset import load_examples
from ml.predictor import Predictor
from ml.repeat import plan_like
from ml.settings import read_recipe
from ml.training import Plan, train
from warehouse.build import build
from warehouse.errors import BadInputError, NotReadyError
from warehouse.published import current, find, read_split, versions
from warehouse.registry import CHAMPION, resolve
from warehouse.retention import clean_versions
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import model
from warehouse.vocabulary import Split

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("retraining")]


def go_on(settings: Settings, store: Store, folder: Path, seed: int) -> None:
    """Load new images, publish a version of them, and keep no version but those that must be."""
    before = images(settings)
    load(settings, store, others(fetch_synthetic(folder / str(seed), images=20, seed=seed), seed))
    build(settings)
    clean_versions(settings, store, keep=1)
    assert images(settings) > before


def others(data: Path, seed: int) -> Path:
    """Give drawn images names of their own: each seed counts from one."""
    metadata = data / METADATA_NAME
    metadata.write_text(metadata.read_text().replace("SYN_", f"SYN_{seed}_"))
    for path in data.rglob("SYN_*.jpg"):
        path.rename(path.with_name(path.name.replace("SYN_", f"SYN_{seed}_")))
    return data


def images(settings: Settings) -> int:
    with current(settings).connect() as connection:
        return connection.sql("select count(*) from ml_images").fetchone()[0]


def answers(settings: Settings, model_id: str) -> NDArray[np.float64]:
    predictor = Predictor.open(settings.models_dir, model_id)
    frame = read_split(current(settings), Split.validation)
    examples = load_examples(settings, Split.validation, frame, predictor.input_px)
    return predictor.predict(examples.pixels)[0]


def test_a_champion_of_three_versions_ago_and_one_that_learnt_on_from_it_are_made_again(
    trained: Settings, tmp_path: Path
):
    with closing(open_store(trained)) as store:
        champion = resolve(store, CHAMPION)
        whole = read_recipe(champion.parameters)
        go_on(trained, store, tmp_path, seed=2)
        plan = Plan(whole, parent=champion.model_id, is_onward=True)
        onward = train(trained, store, plan).record
        for seed in (3, 4):
            go_on(trained, store, tmp_path, seed)
        assert [each.version for each in versions(trained)] == [1, 2, 4]
        assert find(trained, champion.warehouse_version).version == 1
        for made in (champion, onward):
            again = train(trained, store, plan_like(store, made.model_id, None)).record
            assert again.model_id != made.model_id
            same = ("warehouse_version", "split_hash", "weights_source", "train_images")
            assert {getattr(again, name) == getattr(made, name) for name in same} == {True}
            told = answers(trained, made.model_id)
            assert answers(trained, again.model_id) == pytest.approx(told, abs=1e-4)
        assert read_recipe(onward.parameters) == whole
        assert answers(trained, onward.model_id) != pytest.approx(
            answers(trained, champion.model_id), abs=1e-4
        )


def test_a_recipe_with_a_knob_that_this_code_no_longer_has_is_not_repeated_without_it(
    trained: Settings,
):
    with closing(open_store(trained)) as store:
        champion = resolve(store, CHAMPION)
        knobs = champion.parameters["tuning"] | {"smoothing": 0.1}
        told = json.dumps(champion.parameters | {"tuning": knobs})
        with store.write() as connection:
            connection.execute(update(model).values(parameters=told))
        word = f"^{champion.model_id}: its recipe is of another version of Dermhouse; run"
        with pytest.raises(NotReadyError, match=word):
            plan_like(store, CHAMPION, None)


def test_first_weights_that_the_model_did_not_start_from_are_told(
    trained: Settings, imagenet_weights: Path
):
    wanted = pytest.raises(BadInputError, match="it started from none; give no --weights")
    with closing(open_store(trained)) as store, wanted:
        plan_like(store, CHAMPION, imagenet_weights)
