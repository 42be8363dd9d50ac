"""What a frozen base makes of every image, kept by image: a challenger then learns in seconds."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.calibration import softmax
from ml.dataset import Examples, load_examples, one_hot
from ml.decision import CLASSES, fit_rule
from ml.features import FrozenBase, augmented_features, plain_features
from ml.head import Lessons, learn_from_features
from ml.metrics import Answers, read_answers
from ml.settings import QUICK
from ml.start import choose_start
from ml.training import calibrate
from warehouse.progress import silent
from warehouse.published import PublishedWarehouse, current, read_judged, read_split
from warehouse.settings import Settings
from warehouse.vocabulary import Split


@dataclass(frozen=True)
class Bank:
    """The features of every lesson there may be, and of what all challengers are judged by."""

    by_image: dict[str, NDArray[np.float32]]  # image id to (views, channels)
    tune: Examples
    tune_features: NDArray[np.float32]  # (N, channels)
    validation: Examples
    validation_features: NDArray[np.float32]  # (N, channels)

    @property
    def groups(self) -> NDArray[np.intp]:
        """Return the lesion group of each validation image."""
        return self.validation.groups

    def answers(self, version: PublishedWarehouse) -> Answers:
        """Learn from a version as the quick recipe does; return what is said of validation."""
        frame = lessons_of(version)
        seen = np.stack([self.by_image[name] for name in frame["image_id"]], axis=1)
        targets = np.eye(len(CLASSES), dtype=np.float32)[
            frame["diagnosis_code"].map(CLASSES.index).to_numpy()
        ]
        learned = learn_from_features(
            Lessons(seen, targets, frame["weight"].to_numpy()),
            Lessons(self.tune_features[None], one_hot(self.tune), self.tune.weights),
            QUICK,
        )
        head, _ = calibrate(learned, self.tune)
        on_tune = softmax(head.logits(self.tune_features).astype(np.float64))
        rule = fit_rule(on_tune, self.tune.labels, self.tune.weights)
        told = softmax(head.logits(self.validation_features).astype(np.float64))
        return read_answers(self.validation.labels, told, rule)


def lessons_of(version: PublishedWarehouse) -> pd.DataFrame:
    """Return what the quick recipe learns from in a version."""
    return read_split(version, Split.train)


def fill_bank(judged: Settings, taught: Settings, weights: Path) -> Bank:
    """Run the base over what one home judges by, and over every lesson of another, in all views."""
    base = FrozenBase(choose_start(QUICK, weights).base, QUICK.input_px)
    tune = load(judged, Split.tune, read_split(current(judged), Split.tune))
    validation = load(judged, Split.validation, read_judged(current(judged)))
    lessons = load(taught, Split.train, lessons_of(current(taught)))
    assert QUICK.head is not None
    views = [plain_features(base, lessons, silent)]
    views += [
        augmented_features(base, lessons, QUICK, view, silent)
        for view in range(1, QUICK.head.views)
    ]
    by_image = dict(zip(lessons.image_ids.tolist(), np.stack(views, axis=1), strict=True))
    return Bank(
        by_image,
        tune,
        plain_features(base, tune, silent),
        validation,
        plain_features(base, validation, silent),
    )


def load(settings: Settings, split: Split, frame: pd.DataFrame) -> Examples:
    """Return the images of a frame at the size of the quick recipe."""
    return load_examples(settings, split, frame, QUICK.input_px)
