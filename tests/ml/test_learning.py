"""What can go wrong between the images and a registered model, and what is left behind."""

from dataclasses import replace
from errno import ENOSPC
from pathlib import Path

import keras
import numpy as np
import pytest
from recipes import TINY

from ml import artifact, backbone, start
from ml.backbone import NoDownloadError
from ml.calibration import fit_temperature, log_prior, softmax
from ml.dataset import load_examples
from ml.head import compile_head, fit_head, head_layers
from ml.learned import DivergedError
from ml.settings import FULL, QUICK, SCRATCH, HeadRecipe
from warehouse.errors import BadInputError, NotReadyError
from warehouse.progress import silent
from warehouse.published import current, read_split
from warehouse.settings import Settings
from warehouse.vocabulary import Split


def test_an_interrupted_export_leaves_no_model_folder(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), artifact.staged(tmp_path, "model-1") as folder:
        (folder / "model.onnx").write_bytes(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_at_the_export_is_told_and_leaves_no_model_folder(tmp_path: Path):
    full = OSError(ENOSPC, "No space left on device")
    with pytest.raises(NotReadyError, match=r"cannot be written \(No space.*make room"):  # noqa: SIM117
        with artifact.staged(tmp_path, "model-1") as folder:
            (folder / "model.onnx").write_bytes(b"half")
            raise full
    assert list(tmp_path.iterdir()) == []


def test_a_loss_that_is_no_number_is_told_with_its_epoch():
    how = HeadRecipe(epochs=3)
    model = keras.Sequential([keras.Input((4,)), *head_layers(how)])
    compile_head(model, how, steps=1)
    images, targets = np.full((14, 4), np.nan), np.tile(np.eye(7), (2, 1))
    rows = (images, targets, np.ones(14))
    with pytest.raises(DivergedError, match="in epoch 1 of head"):
        fit_head(model, rows, rows, how, silent)


def test_without_weights_and_without_a_network_it_says_so_and_starts_from_scratch(
    monkeypatch: pytest.MonkeyPatch,
):
    def fail(*_: object) -> None:
        raise NoDownloadError("Keras could not download the ImageNet weights (no route)")

    monkeypatch.setattr(backbone, "imagenet_base", fail)
    started = start.choose_start(QUICK, None)
    assert started.recipe == SCRATCH
    assert started.weights_source == "none"
    assert "no route). Training from scratch" in started.notes[0]
    with pytest.raises(NoDownloadError):
        start.choose_start(FULL, None)


def test_the_temperature_of_overconfident_answers_is_found():
    random = np.random.default_rng(1)
    logits = random.normal(size=(20_000, 7))
    labels = np.array([random.choice(7, p=row) for row in softmax(logits)])
    flat = np.log(np.full(7, 1 / 7))
    assert fit_temperature(3 * logits, flat, labels) == pytest.approx(3, rel=0.1)
    assert np.exp(log_prior(labels, 7)).sum() == pytest.approx(1)


def test_the_cache_of_pixels_is_made_once_and_made_again_when_deleted(built: Settings):
    frame = read_split(current(built), Split.tune)
    steps: list[str] = []

    def note(step: str, _done: int, _total: int, /) -> None:
        steps.append(step)

    first = np.array(load_examples(built, Split.tune, frame, 64, note).pixels)
    seen = len(steps)
    again = load_examples(built, Split.tune, frame, 64, note).pixels
    assert (seen, len(steps)) == (1, 1)
    (file,) = built.cache_dir.iterdir()
    file.unlink()
    anew = load_examples(built, Split.tune, frame, 64, note).pixels
    assert len(steps) == 2
    assert (first == again).all()
    assert (first == anew).all()


@pytest.mark.parametrize("left", [0, 40, 9_000])
def test_a_damaged_cache_counts_as_none(built: Settings, left: int):
    frame = read_split(current(built), Split.tune)
    first = np.array(load_examples(built, Split.tune, frame, 64).pixels)
    (file,) = built.cache_dir.iterdir()
    file.write_bytes(file.read_bytes()[:left])
    assert (load_examples(built, Split.tune, frame, 64).pixels == first).all()
    assert [each.name for each in built.cache_dir.iterdir()] == [file.name]


def test_a_file_that_changed_since_the_load_is_named_and_leaves_no_cache(
    built: Settings, tmp_path: Path
):
    frame = read_split(current(built), Split.tune)
    changed = tmp_path / "changed.jpg"
    changed.write_bytes(b"not what was loaded")
    frame.loc[0, "uri"] = str(changed)
    with pytest.raises(BadInputError, match=r"changed\.jpg.*has changed since it was loaded"):
        load_examples(built, Split.tune, frame, 64)
    assert list(built.cache_dir.iterdir()) == []


def test_first_weights_are_drawn_by_the_seed_alone():
    one, again, other = (
        backbone.build_base(replace(TINY, seed=seed)).get_weights() for seed in (1, 1, 2)
    )
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert any((a != b).any() for a, b in zip(one, other, strict=True))
