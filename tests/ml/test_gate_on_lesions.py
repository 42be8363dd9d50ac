"""
The gate over heads that really learnt, on real lesions: each way of being worse at its own line.

All share one frozen base, so that a challenger is a head that learns in seconds; `ml.retraining`
puts the same lines to whole models.
"""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from few_lesions import lay_out
from numpy.typing import NDArray

from etl.pipeline import load
from ml.calibration import softmax
from ml.dataset import Examples
from ml.decision import CLASSES, MELANOMA, NEVUS, fit_rule
from ml.features import FrozenBase, augmented_features, plain_features
from ml.gate import Pair, judge_images
from ml.head import Lessons, learn_from_features
from ml.metrics import Answers, read_answers
from ml.settings import QUICK
from ml.start import choose_start
from ml.training import calibrate, load_splits, read_splits
from warehouse.build import build
from warehouse.looks import Look, Verdict, VerdictLine
from warehouse.progress import silent
from warehouse.published import current, read_subgroups
from warehouse.settings import Settings
from warehouse.store import init_store
from warehouse.vocabulary import LookReason, Split

pytestmark = [pytest.mark.real, pytest.mark.slow]

Places = NDArray[np.intp]


def wanted(dx: str, place: str) -> int:
    """Lesions of each diagnosis, nevi a few more: enough to learn and judge by in a minute."""
    rest = {"train": 120, "tune": 40, "validation": 150}[place]
    return {"train": 150, "tune": 60}.get(place, rest) if dx == "nv" else rest


@dataclass(frozen=True)
class School:
    """Real lesions as features: what heads learn from, and what they are judged by."""

    lessons: NDArray[np.float32]  # (views, N, channels)
    labels: Places  # (N,)
    sources: NDArray[np.str_]  # (N,)
    tune: tuple[NDArray[np.float32], Examples]
    validation: tuple[NDArray[np.float32], Examples]
    parts: pd.DataFrame  # of validation

    def learn(self, rows: Places, labels: Places | None = None) -> Answers:
        """Return what a head says of validation that learnt from some lessons."""
        labels = self.labels[rows] if labels is None else labels
        (tuned, tune), (judged, validation) = self.tune, self.validation
        learned = learn_from_features(
            Lessons(self.lessons[:, rows], one_hot(labels), weights_of(labels)),
            Lessons(tuned[None], one_hot(tune.labels), tune.weights),
            QUICK,
        )
        head, _ = calibrate(learned, tune)
        rule = fit_rule(probabilities(head, tuned), tune.labels, tune.weights)
        return read_answers(validation.labels, probabilities(head, judged), rule)

    def some(self, most: int, of: NDArray[np.bool_] | None = None) -> Places:
        """Return at most so many lessons of each diagnosis, of those that are told."""
        rows = np.arange(len(self.labels)) if of is None else np.flatnonzero(of)
        chosen = [rows[self.labels[rows] == place][:most] for place in range(len(CLASSES))]
        return np.sort(np.concatenate(chosen))

    def judge(self, challenger: Answers, champion: Answers) -> Verdict:
        groups = self.validation[1].groups
        lines = judge_images(Pair(challenger, champion, groups, self.parts))
        return Verdict(Look(LookReason.judgement, "new", 1, "old"), tuple(lines))


def one_hot(labels: Places) -> NDArray[np.float32]:
    return np.eye(len(CLASSES), dtype=np.float32)[labels]


def weights_of(labels: Places) -> NDArray[np.float64]:
    """Inverse class frequency, mean one, as the warehouse gives it."""
    weights = 1 / np.bincount(labels, minlength=len(CLASSES))[labels]
    return weights / weights.mean()


def probabilities(head, features: NDArray[np.float32]) -> NDArray[np.float64]:
    return softmax(head.logits(features).astype(np.float64))


@pytest.fixture(scope="module")
def school(
    real_ham10000: Path, imagenet_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> School:
    folder = tmp_path_factory.mktemp("school")
    settings = Settings(home=folder / "home")
    lay_out(real_ham10000, folder / "data", wanted, lambda _: [])
    with closing(init_store(settings)) as store:
        load(settings, store, folder / "data")
    build(settings)
    frames = read_splits(current(settings), is_balanced=False)
    examples = load_splits(settings, frames, QUICK, silent)
    base = FrozenBase(choose_start(QUICK, imagenet_weights).base, QUICK.input_px)
    train, tune, validation = (examples[split] for split in Split)
    views = [augmented_features(base, train, QUICK, view, silent) for view in (1, 2)]
    parts = read_subgroups(current(settings))
    return School(
        np.stack([plain_features(base, train, silent), *views]),
        train.labels,
        parts["source"].reindex(train.image_ids).to_numpy(dtype=str),
        (plain_features(base, tune, silent), tune),
        (plain_features(base, validation, silent), validation),
        parts.reindex(validation.image_ids),
    )


def line_of(verdict: Verdict, name: str) -> VerdictLine:
    return next(line for line in verdict.lines if line.name == name)


def test_one_that_learnt_from_shuffled_labels_is_refused_by_nearly_every_line(school: School):
    everything = np.arange(len(school.labels))
    shuffled = np.random.default_rng(1).permutation(school.labels)
    verdict = school.judge(school.learn(everything, shuffled), school.learn(everything))
    overall = {"balanced_accuracy", "balanced_accuracy_interval", "melanoma_sensitivity"}
    assert overall | {"sex female", "sex male"} <= set(verdict.failing)


def test_one_that_is_better_overall_but_misses_melanomas_is_refused_by_that_line_alone(
    school: School,
):
    is_melanoma = school.labels == MELANOMA
    champion = np.union1d(np.flatnonzero(is_melanoma), school.some(15))
    challenger = np.union1d(np.flatnonzero(~is_melanoma), school.some(30))
    verdict = school.judge(school.learn(challenger), school.learn(champion))
    assert line_of(verdict, "balanced_accuracy").difference > 0.02
    assert verdict.failing == ["melanoma_sensitivity"]


def test_one_that_is_tuned_to_some_cameras_is_refused_by_the_one_that_pays_for_it(school: School):
    is_paying = school.sources == "vidir_molemax"
    champion = np.union1d(np.flatnonzero(is_paying), school.some(12, of=~is_paying))
    labels = school.labels.copy()
    labels[is_paying & (labels == NEVUS)] = CLASSES.index("akiec")
    challenger = school.learn(np.arange(len(labels)), labels)
    verdict = school.judge(challenger, school.learn(champion))
    assert line_of(verdict, "balanced_accuracy").difference > 0.02
    # Its nevi are those that were confirmed by follow-up.
    assert set(verdict.failing) == {"source vidir_molemax", "confirmation follow_up"}
