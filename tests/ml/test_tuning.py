"""The loop of epochs: it can be broken off and gone on with, and is decided by its seed."""

import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from recipes import TINY

from ml import backbone, tuning
from ml.batches import DrawnBatches, draw_by_class, mix
from ml.checkpoint import STATE, Checkpoint
from ml.dataset import Examples, load_examples
from ml.learned import DivergedError, Learned
from ml.settings import FULL, Recipe, Stage
from ml.tuning import has_stalled, judge, tune_all
from warehouse.errors import NotReadyError
from warehouse.published import current, read_split
from warehouse.registry import Epoch
from warehouse.settings import Settings
from warehouse.vocabulary import Split

PX = 32


def recipe(epochs: int, **knobs: object) -> Recipe:
    stages = (Stage("small", PX, epochs - 1), Stage("whole", 48, 1))
    return replace(TINY, tuning=replace(TINY.tuning, stages=stages, **knobs))


@pytest.fixture
def splits(built: Settings) -> tuple[Examples, Examples]:
    train, tune = (
        load_examples(built, split, read_split(current(built), split), 48)
        for split in (Split.train, Split.tune)
    )
    return train, tune


class KilledError(Exception):
    """A run that is killed."""


def learn(
    splits: tuple[Examples, Examples], how: Recipe, folder: Path, stop_after: int | None = None
) -> Learned:
    def progress(_step: str, done: int, _total: int) -> None:
        if stop_after is not None and done > stop_after:
            raise KilledError

    base = backbone.build_base(how)
    base.set_weights([np.random.default_rng(1).normal(0, 0.1, w.shape) ** 2 for w in base.weights])
    return tune_all((base, None), splits, how, Checkpoint(folder), progress)


def test_a_killed_run_goes_on_and_comes_to_the_same_as_an_unbroken_one(splits, tmp_path: Path):
    how = recipe(3, epoch_images=48, batch_size=8, learning_rate=3e-3)
    whole = learn(splits, how, tmp_path / "whole")
    with pytest.raises(KilledError):  # in the midst of the second epoch of six batches each
        learn(splits, how, tmp_path / "broken", stop_after=8)
    state = np.load(tmp_path / "broken" / STATE)
    assert "small" in str(state["epochs"])
    seen: list[int] = []

    def note(_step: str, done: int, _total: int) -> None:
        seen.append(done)

    base = backbone.build_base(how)
    resumed = tune_all((base, None), splits, how, Checkpoint(tmp_path / "broken"), note)
    assert min(seen) == 7  # the first epoch was not taken again
    assert [each.epoch for each in resumed.epochs] == [1, 2, 3]
    assert resumed.tune_logits == pytest.approx(whole.tune_logits, abs=1e-4)
    assert resumed.head.kernel == pytest.approx(whole.head.kernel, abs=1e-4)


def test_what_is_kept_answers_as_its_best_epoch_did(splits, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(tuning, "best_place", lambda _epochs: 0)
    how = recipe(2, learns_scaling=True)
    learned = learn(splits, how, tmp_path)
    best = learned.epochs[0]
    recorded = (best.tune_loss, best.tune_balanced_accuracy)
    assert judge(learned.tune_logits, splits[1]) == pytest.approx(recorded, abs=1e-5)
    resumed = learn(splits, how, tmp_path, stop_after=0)  # there is nothing left to learn
    assert resumed.tune_logits == pytest.approx(learned.tune_logits, abs=1e-5)


def test_a_state_that_an_older_code_wrote_is_not_gone_on_from(splits):
    how = recipe(2)
    fresh = tuning.Tuning(backbone.build_base(how), None, splits[0], how)
    state = fresh.state()
    assert fresh.fits(state)
    assert not fresh.fits(state | {"best": fresh.average.values})


def test_the_same_seed_learns_the_same(splits, tmp_path: Path):
    one, two = (learn(splits, recipe(2), tmp_path / name) for name in ("one", "two"))
    assert one.tune_logits == pytest.approx(two.tune_logits, abs=1e-4)


def test_a_damaged_state_counts_as_none(tmp_path: Path):
    kept = Checkpoint(tmp_path)
    kept.save({"network": [np.ones(3)]}, [Epoch("small", 1, 1.0, 1.0, 0.5)])
    assert kept.load() is not None
    content = (tmp_path / STATE).read_bytes()
    (tmp_path / STATE).write_bytes(content[: len(content) // 2])
    assert kept.load() is None


def test_a_state_that_cannot_be_written_is_told_and_the_last_one_stays(tmp_path: Path):
    kept = Checkpoint(tmp_path / "run")
    kept.save({"network": [np.ones(3)]}, [Epoch("small", 1, 1.0, 1.0, 0.5)])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # as on a full disk
    try:
        with pytest.raises(NotReadyError, match="goes on from the last epoch"):
            kept.save({"network": [np.zeros(3000)]}, [])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    state, epochs = kept.load()
    assert state["network"][0].tolist() == [1, 1, 1]
    assert len(epochs) == 1
    assert [path.name for path in kept.folder.iterdir()] == [STATE]


def test_a_loss_that_is_no_number_ends_the_run_with_its_epoch(splits, tmp_path: Path):
    how = recipe(2, learning_rate=1e30, warmup_steps=0)
    with pytest.raises(DivergedError, match="train with a smaller learning_rate than 1e"):
        learn(splits, how, tmp_path)


@pytest.mark.parametrize(("total", "warmup"), [(3000, 200), (800, 200), (60, 15), (3, 0)])
def test_the_warm_up_is_a_quarter_of_a_short_training_at_most(total: int, warmup: int):
    how = FULL.tuning
    rates = [float(tuning.schedule(how, total)(step)) for step in (0, warmup, total)]
    first = 0.0 if warmup else how.learning_rate
    assert rates == pytest.approx([first, how.learning_rate, how.learning_rate / 100], rel=1e-4)


def test_learning_stops_when_tune_has_not_improved_for_long():
    losses = [1.0, 0.8, 0.9, 0.85]
    epochs = [Epoch("small", place, 1.0, loss, 0.5) for place, loss in enumerate(losses, 1)]
    assert has_stalled(epochs, 2)
    assert not has_stalled(epochs, 3)


@pytest.mark.parametrize(("power", "share"), [(0.0, 1 / 7), (1.0, 10 / 640), (0.5, None)])
def test_classes_are_drawn_in_proportion_to_a_power_of_their_size(power: float, share):
    counts = np.array([10, 20, 40, 80, 160, 300, 30])
    draw = draw_by_class(np.repeat(np.arange(7), counts), power)
    assert draw.image_shares.sum() == pytest.approx(1)
    assert draw.class_shares[0] == pytest.approx(
        share or np.sqrt(10) / np.sqrt(counts).sum(), rel=1e-9
    )
    assert draw.image_shares[:10] == pytest.approx(draw.class_shares[0] / 10)


def test_an_epoch_draws_anew_but_always_the_same(splits):
    how = recipe(2)
    stage = how.tuning.stages[0]
    one, same, other = (DrawnBatches(splits[0], how, stage, epoch) for epoch in (0, 0, 1))
    assert one[0][0].shape == (16, PX, PX, 3)
    assert (one[1][0] == same[1][0]).all()
    assert (one.rows != other.rows).any()


def test_every_other_batch_is_blended_image_and_target_by_the_same_share():
    images = np.stack([np.full((4, 4, 3), tone, np.uint8) for tone in (0, 200)])
    targets = np.eye(7, dtype=np.float32)[[0, 1]]
    random = np.random.default_rng(5)
    batches = [mix(images, targets, 0.4, random) for _ in range(200)]
    is_blended = [bool((mixed[1] != targets).any()) for mixed in batches]
    assert 70 < sum(is_blended) < 130
    for pixels, shares in batches:
        assert shares.sum(axis=1) == pytest.approx([1, 1])
        assert pixels[:, 0, 0, 0] == pytest.approx(200 * shares[:, 1], abs=1)


def test_nothing_is_blended_where_the_recipe_does_not_ask_for_it():
    images, targets = np.zeros((2, 4, 4, 3), np.uint8), np.eye(7, dtype=np.float32)[[0, 1]]
    same, kept = mix(images, targets, 0.0, np.random.default_rng(5))
    assert same is images
    assert kept is targets
