"""Training over a built home: what it records, and what stops it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ml.augment import augment
from ml.evaluation import evaluate
from ml.predictor import Predictor
from ml.settings import SCRATCH, Augmentation, Stage
from warehouse.errors import NotReadyError
from warehouse.published import current, read_split, split_hash
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import Split

SHORT = replace(SCRATCH, tuning=replace(SCRATCH.tuning, stages=(Stage("scratch", 96, 1),)))


@pytest.fixture
def opened(request: pytest.FixtureRequest):
    settings: Settings = request.getfixturevalue(request.param)
    store = open_store(settings)
    yield settings, store
    store.close()


@pytest.mark.parametrize("opened", ["trained"], indirect=True)
def test_a_model_names_the_data_the_code_and_the_knobs_it_came_from(opened):
    settings, store = opened
    record = resolve(store, CHAMPION)
    warehouse = current(settings)
    assert record.warehouse_version == warehouse.version
    assert record.split_hash == split_hash(warehouse)
    assert record.train_images == len(read_split(warehouse, Split.train))
    assert record.parameters["seed"] == SCRATCH.seed
    assert record.weights_source == "none"
    assert record.is_synthetic
    card = json.loads((settings.models_dir / record.model_id / "card.json").read_text())
    assert card["onnx_sha256"] == record.onnx_sha256
    assert "mean nothing on real skin" in card["notice"]
    assert str(settings.home) not in json.dumps(card)


@pytest.mark.parametrize("opened", ["trained"], indirect=True)
def test_evaluating_the_served_graph_gives_the_figures_of_the_training_again(opened):
    settings, store = opened
    query = (
        "select metric, diagnosis, value from evaluation where split = 'validation' order by 1, 2"
    )
    with store.read() as connection:
        before = set(connection.exec_driver_sql(query).all())
    report = evaluate(settings, store)
    with store.read() as connection:
        after = set(connection.exec_driver_sql(query).all())
    assert before == after
    assert report.as_dict()["n"] == len(read_split(current(settings), Split.validation))


@pytest.mark.parametrize("opened", ["trained"], indirect=True)
def test_a_damaged_or_missing_graph_is_never_served(opened):
    settings, store = opened
    model_id = resolve(store, CHAMPION).model_id
    graph = settings.models_dir / model_id / "model.onnx"
    graph.write_bytes(b"damaged")
    with pytest.raises(NotReadyError, match="has changed since it was exported"):
        Predictor.open(settings.models_dir, model_id)
    graph.unlink()
    with pytest.raises(NotReadyError, match="cannot be read"):
        Predictor.open(settings.models_dir, model_id)


def test_augmentation_keeps_the_shape_and_is_decided_by_its_seed_alone():
    image = np.random.default_rng(1).integers(0, 255, (96, 96, 3), np.uint8)
    one, same, other = (
        augment(image, Augmentation(), np.random.default_rng(seed)) for seed in (2, 2, 3)
    )
    assert one.shape == image.shape
    assert one.dtype == np.uint8
    assert (one == same).all()
    assert (one != other).any()
