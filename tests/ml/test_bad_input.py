"""What ends a training early: one sentence, and store, registry and files are as they were."""

import resource
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import duckdb
import keras
import numpy as np
import pytest
from recipes import TINY

from ml.backbone import weighted_base
from ml.checkpoint import STATE
from ml.dataset import UnlearnableSplitError
from ml.learned import DivergedError
from ml.settings import Recipe
from ml.training import Plan, train
from warehouse.errors import BadInputError, NotReadyError
from warehouse.progress import Progress, silent
from warehouse.published import current
from warehouse.registry import aliases, list_models
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import evaluation, training_epoch, validation_look

STEP = "train base and head"


@pytest.fixture
def opened(built: Settings) -> Iterator[tuple[Settings, Store]]:
    with closing(open_store(built)) as store:
        yield built, store


def plant(settings: Settings, sql: str) -> None:
    with duckdb.connect(str(current(settings).path)) as connection:
        connection.execute(sql)


def learn(opened: tuple[Settings, Store], recipe: Recipe = TINY, progress: Progress = silent):
    settings, store = opened
    return train(settings, store, Plan(recipe), progress)


def assert_nothing_is_left(settings: Settings, store: Store) -> None:
    assert (list_models(store), aliases(store)) == ([], {})
    with store.read() as connection:
        for table in (training_epoch, evaluation, validation_look):
            assert connection.execute(table.select()).all() == []
    assert not list(settings.models_dir.glob("*"))
    assert not list(settings.home.rglob("*.partial"))


def test_a_split_without_a_diagnosis_is_told(opened):
    plant(opened[0], "delete from ml_images where diagnosis_code = 'df'")
    with pytest.raises(UnlearnableSplitError, match=r"ml_\w+ has too few images \(df 0; each"):
        learn(opened)
    assert_nothing_is_left(*opened)


def test_one_image_of_each_diagnosis_cannot_be_learnt_from(opened):
    firsts = "select min(image_id) from ml_images where split = 'train' group by diagnosis_code"
    plant(
        opened[0],
        f"delete from ml_images where split = 'train' and image_id not in ({firsts})",
    )
    with pytest.raises(UnlearnableSplitError, match=r"akiec 1, .*vasc 1; .* needs at least 2"):
        learn(opened)
    assert_nothing_is_left(*opened)


def test_an_image_whose_file_is_gone_is_named(opened):
    plant(opened[0], "update ml_images set uri = '/nowhere/gone.jpg', sha256 = repeat('0', 64)")
    with pytest.raises(BadInputError, match=r"gone\.jpg: the file of .* cannot be read"):
        learn(opened)
    assert_nothing_is_left(*opened)


def test_the_weights_of_another_network_are_told(opened, tmp_path):
    other = tmp_path / "other.weights.h5"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]).save_weights(other)
    with pytest.raises(BadInputError, match="the weights of another network; mobilenetv2 needs"):
        train(*opened, Plan(TINY, other))
    assert_nothing_is_left(*opened)


@pytest.mark.parametrize("name", ["text.keras", "text.weights.h5"])
def test_a_file_that_holds_no_weights_is_told(tmp_path, name: str):
    (tmp_path / name).write_text("no weights")
    with pytest.raises(BadInputError, match=rf"{name}: not a Keras weights file; mobilenetv2"):
        weighted_base(TINY, tmp_path / name)


def test_a_loss_that_is_no_number_is_told(opened):
    wild = replace(TINY, tuning=replace(TINY.tuning, learning_rate=1e30, warmup_steps=0))
    with pytest.raises(DivergedError, match="train with a smaller learning_rate"):
        learn(opened, wild)
    assert_nothing_is_left(*opened)


def test_a_disk_that_is_full_at_the_checkpoint_is_told(opened):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_the_disk(step: str, _done: int, _total: int) -> None:
        if step == STEP:
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))

    try:
        with pytest.raises(NotReadyError, match="make room there, then run the same command"):
            learn(opened, progress=fill_the_disk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert_nothing_is_left(*opened)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT as at a terminal: a shell lets what it runs in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_training_goes_on_when_it_is_asked_for_again(opened):
    settings, store = opened

    def interrupt(step: str, done: int, _total: int) -> None:
        if step == STEP and done == 3:  # in the midst of the second epoch
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        learn(opened, progress=interrupt)
    assert_nothing_is_left(*opened)
    (state,) = settings.training_dir.rglob(STATE)
    assert "small" in str(np.load(state)["epochs"])
    seen: list[int] = []

    def note(step: str, done: int, _total: int) -> None:
        if step == STEP:
            seen.append(done)

    report = learn(opened, progress=note)
    assert (seen, report.epochs) == ([3, 4], 2)
    assert [each.model_id for each in list_models(store)] == [report.model_id]
    assert not state.exists()
