"""
The figures of an evaluation, each computed for many resamples at once.

Every function takes weights (B, N): how often each of N images counts in each of B samples. A row
of ones gives the plain figure; a bootstrap gives the others. What cannot be computed, because a
sample lacks a class, is nan.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.decision import CLASSES, IS_MALIGNANT, MELANOMA, NEVUS, DecisionRule
from warehouse.registry import ReliabilityBin

SPECIFICITIES = (80, 90, 95)  # percent, at which the sensitivity for melanoma is told
BINS = 15  # of equal width, for the calibration error
SMALLEST = 1e-15  # a probability of zero would make the log loss infinite
ROUNDING = 1e-9  # of a product that should be a whole number

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
    is_assessable: NDArray[np.bool_]  # (N,) False where it sees no lesion
    costs: Floats  # (N, 2) of what is told, and of telling the forced answer always

    def take(self, chosen: NDArray[np.bool_] | Places) -> "Answers":
        """Return some of the images' answers; chosen: a mask (N,), or places."""
        return Answers(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def read_answers(
    labels: Places, probabilities: Floats, rule: DecisionRule, signals: Floats | None = None
) -> Answers:
    """Return what a rule makes of probabilities, and of the signals of `ml.assessable`."""
    forced, is_likely = rule.decide(probabilities)
    is_assessable = rule.assess(signals, len(labels))
    is_likely &= is_assessable
    told_always = rule.costs.table[labels, forced]
    told = np.where(is_likely, told_always, rule.costs.uncertain)
    costs = np.stack([told, told_always], axis=1)
    return Answers(labels, probabilities, forced, is_likely, is_assessable, costs)


def compute_figures(answers: Answers, weights: Floats) -> Figures:
    """Return every metric for every sample."""
    return (
        forced_figures(answers, weights)
        | probability_figures(answers, weights)
        | sensitivity_figures(answers, weights)
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
    if 2 * is_class.sum() > len(is_class):  # the rarer side is the shorter sum
        return 1 - auc(~is_class, scores, weights)
    order = np.argsort(scores)
    ordered, places = scores[order], is_class[order].nonzero()[0]
    negative = weights[:, order] * ~is_class[order]
    below = np.concatenate([np.zeros((len(weights), 1)), negative.cumsum(axis=1)], axis=1)
    first = np.searchsorted(ordered, ordered[places], side="left")
    past = np.searchsorted(ordered, ordered[places], side="right")
    beaten = (below[:, first] + below[:, past]) / 2
    positive = weights[:, order[places]]
    return share((positive * beaten).sum(axis=1), positive.sum(axis=1) * below[:, -1])


def sensitivity_figures(answers: Answers, weights: Floats) -> Figures:
    """
    Return the sensitivity for melanoma at given specificities.

    It is the largest share of melanomas whose probability reaches a threshold that at most 20, 10
    or 5 % of all other images reach; no value is drawn in between.
    """
    scores = answers.probabilities[:, MELANOMA]
    order = np.argsort(-scores)
    ordered, is_melanoma = scores[order], answers.labels[order] == MELANOMA
    is_last = np.append(ordered[1:] != ordered[:-1], True)  # a threshold takes all that are alike
    sorted_weights = weights[:, order]
    found = (sorted_weights * is_melanoma).cumsum(axis=1)
    alarmed = (sorted_weights * ~is_melanoma).cumsum(axis=1)
    others = alarmed[:, -1:]
    figures = {}
    for percent in SPECIFICITIES:
        is_allowed = (alarmed <= others * (100 - percent) / 100 + ROUNDING) & is_last
        most = np.where(is_allowed & (others > 0), found, 0).max(axis=1)
        figures["mel", f"sensitivity_at_{percent}"] = share(most, found[:, -1])
    return figures


def calibration_error(answers: Answers, weights: Floats) -> Floats:
    """Return the expected calibration error of the top probability (Guo and others, ICML 2017)."""
    top, is_right, bins = confidence(answers)
    gaps = np.abs(weights @ (np.eye(BINS)[bins] * (top - is_right)[:, None]))
    return share(gaps.sum(axis=1), weights.sum(axis=1))


def confidence(answers: Answers) -> tuple[Floats, NDArray[np.bool_], Places]:
    """Return the top probability, whether that class is right, and its bin, each (N,)."""
    top = answers.probabilities.max(axis=1)
    is_right = answers.probabilities.argmax(axis=1) == answers.labels
    return top, is_right, np.minimum((top * BINS).astype(np.intp), BINS - 1)


def reliability_bins(answers: Answers) -> list[ReliabilityBin]:
    """Return the bins of the calibration error that have images."""
    top, is_right, bins = confidence(answers)
    return [
        ReliabilityBin(
            bin=each,
            low=each / BINS,
            high=(each + 1) / BINS,
            n=int(chosen.sum()),
            mean_confidence=float(top[chosen].mean()),
            accuracy=float(is_right[chosen].mean()),
        )
        for each in range(BINS)
        for chosen in [bins == each]
        if chosen.any()
    ]


def abstention_figures(answers: Answers, weights: Floats) -> Figures:
    """
    Return what a person would be told, in figures.

    coverage: share of images told as likely. answered_accuracy: share of those that are right.
    false_reassurance: share of malignant images told as a likely nevus. missed_malignancy: share
    of them told as likely benign. reassurance: share of nevi told as one. refused: share told to
    be no lesion. cost: mean cost of an image (`ml.decision.Costs`); forced_cost: without
    abstention.
    """
    told = weights * answers.is_likely
    is_malignant = IS_MALIGNANT[answers.labels]
    is_nevus = answers.labels == NEVUS
    reassured = told * (answers.forced == NEVUS)
    benign = told * ~IS_MALIGNANT[answers.forced]
    costs = share(weights @ answers.costs, weights.sum(axis=1, keepdims=True))
    return {
        ("all", "coverage"): share(told.sum(axis=1), weights.sum(axis=1)),
        ("all", "answered_accuracy"): share(
            told @ (answers.forced == answers.labels), told.sum(axis=1)
        ),
        ("all", "false_reassurance"): share(reassured @ is_malignant, weights @ is_malignant),
        ("all", "missed_malignancy"): share(benign @ is_malignant, weights @ is_malignant),
        ("all", "reassurance"): share(reassured @ is_nevus, weights @ is_nevus),
        ("all", "refused"): share(weights @ ~answers.is_assessable, weights.sum(axis=1)),
        ("all", "cost"): costs[:, 0],
        ("all", "forced_cost"): costs[:, 1],
    }


def share(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, nan where there is no whole."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    shares: Floats = np.divide(part, whole, out=np.full(shape, np.nan), where=whole > 0)
    return shares


def mean_of_present(values: Floats) -> Floats:
    """Return the mean over classes (B, 7) that are not nan, (B,)."""
    return share(np.nansum(values, axis=1), np.sum(~np.isnan(values), axis=1).astype(np.float64))
