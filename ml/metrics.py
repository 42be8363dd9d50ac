"""
The figures of an evaluation, each computed for many resamples at once.

Every function takes weights (B, N): how often each of N images counts in each of B samples. A row
of ones gives the plain figure; a bootstrap gives the others. What cannot be computed, because a
sample lacks a class, is nan.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.decision import CLASSES, MALIGNANT_PLACES, NEVUS, DecisionRule

BINS = 15  # of equal width, for the calibration error
SMALLEST = 1e-15  # a probability of zero would make the log loss infinite

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Figures = dict[tuple[str, str], Floats]  # (diagnosis or 'all', metric) to (B,)


@dataclass(frozen=True)
class Answers:
    """N images' truth and what a model says of them."""

    labels: Places  # (N,)
    probabilities: Floats  # (N, 7), as served
    forced: Places  # (N,) the seven-way answer, without abstention
    is_likely: NDArray[np.bool_]  # (N,) False where the model abstains

    def take(self, chosen: NDArray[np.bool_]) -> "Answers":
        """Return some of the images' answers; chosen: (N,)."""
        return Answers(
            self.labels[chosen],
            self.probabilities[chosen],
            self.forced[chosen],
            self.is_likely[chosen],
        )


def read_answers(labels: Places, probabilities: Floats, rule: DecisionRule) -> Answers:
    """Return what a rule makes of probabilities."""
    return Answers(labels, probabilities, *rule.decide(probabilities))


def compute_figures(answers: Answers, weights: Floats) -> Figures:
    """Return every metric for every sample."""
    return (
        forced_figures(answers, weights)
        | probability_figures(answers, weights)
        | abstention_figures(answers, weights)
    )


def forced_figures(answers: Answers, weights: Floats) -> Figures:
    """Return accuracy, balanced accuracy, macro F1, recall and precision of the forced answers."""
    counts = confusion(answers, weights)
    right = np.diagonal(counts, axis1=1, axis2=2)
    true, answered = counts.sum(axis=2), counts.sum(axis=1)
    recall = share(right, true)
    precision = share(right, answered)
    f1 = np.where(true > 0, share(2 * right, true + answered), np.nan)
    figures = {
        ("all", "accuracy"): share(right.sum(axis=1), true.sum(axis=1)),
        ("all", "balanced_accuracy"): mean_of_present(recall),
        ("all", "macro_f1"): mean_of_present(f1),
    }
    for place, dx in enumerate(CLASSES):
        figures[dx, "recall"] = recall[:, place]
        figures[dx, "precision"] = precision[:, place]
    return figures


def confusion(answers: Answers, weights: Floats) -> Floats:
    """Return counts (B, true, answered) of the forced answers."""
    classes = len(CLASSES)
    cells = np.eye(classes * classes)[answers.labels * classes + answers.forced]
    return np.asarray(weights @ cells).reshape(-1, classes, classes)


def probability_figures(answers: Answers, weights: Floats) -> Figures:
    """Return one-versus-rest AUC, log loss and calibration error of the served probabilities."""
    chances = np.clip(answers.probabilities, SMALLEST, 1.0)
    losses = -np.log(chances[np.arange(len(chances)), answers.labels])
    aucs = [
        auc(answers.labels == place, answers.probabilities[:, place], weights)
        for place in range(len(CLASSES))
    ]
    figures = {
        ("all", "macro_auc"): mean_of_present(np.stack(aucs, axis=1)),
        ("all", "log_loss"): share(weights @ losses, weights.sum(axis=1)),
        ("all", "ece"): calibration_error(answers, weights),
    }
    return figures | {(dx, "auc"): each for dx, each in zip(CLASSES, aucs, strict=True)}


def auc(is_class: NDArray[np.bool_], scores: Floats, weights: Floats) -> Floats:
    """
    Return the area under the ROC curve, (B,).

    It is the chance that a random image of the class scores higher than a random other one, ties
    counting half (Hanley and McNeil, Radiology 143, 1982).
    """
    order = np.argsort(scores)
    ordered, is_positive = scores[order], is_class[order]
    positive = weights[:, order] * is_positive
    negative = weights[:, order] * ~is_positive
    below = np.concatenate([np.zeros((len(weights), 1)), negative.cumsum(axis=1)], axis=1)
    first = np.searchsorted(ordered, ordered, side="left")
    past = np.searchsorted(ordered, ordered, side="right")
    beaten = (below[:, first] + below[:, past]) / 2
    return share((positive * beaten).sum(axis=1), positive.sum(axis=1) * negative.sum(axis=1))


def calibration_error(answers: Answers, weights: Floats) -> Floats:
    """Return the expected calibration error of the top probability (Guo and others, ICML 2017)."""
    top = answers.probabilities.max(axis=1)
    is_right = answers.probabilities.argmax(axis=1) == answers.labels
    bins = np.eye(BINS)[np.minimum((top * BINS).astype(int), BINS - 1)]
    gaps = np.abs(weights @ (bins * (top - is_right)[:, None]))
    return share(gaps.sum(axis=1), weights.sum(axis=1))


def abstention_figures(answers: Answers, weights: Floats) -> Figures:
    """
    Return what a person would be told, in figures.

    coverage: share of images told as likely. answered_accuracy: share of those that are right.
    false_reassurance: share of malignant images told as a likely nevus. reassurance: share of
    nevi told as one.
    """
    told = weights * answers.is_likely
    is_malignant = np.isin(answers.labels, MALIGNANT_PLACES)
    is_nevus = answers.labels == NEVUS
    reassured = told * (answers.forced == NEVUS)
    return {
        ("all", "coverage"): share(told.sum(axis=1), weights.sum(axis=1)),
        ("all", "answered_accuracy"): share(
            told @ (answers.forced == answers.labels), told.sum(axis=1)
        ),
        ("all", "false_reassurance"): share(reassured @ is_malignant, weights @ is_malignant),
        ("all", "reassurance"): share(reassured @ is_nevus, weights @ is_nevus),
    }


def share(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, nan where there is no whole."""
    shares: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return shares


def mean_of_present(values: Floats) -> Floats:
    """Return the mean over classes (B, 7) that are not nan, (B,)."""
    return share(np.nansum(values, axis=1), np.sum(~np.isnan(values), axis=1).astype(np.float64))
