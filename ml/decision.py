"""From probabilities to what a person is told: a likely diagnosis, or an honest "uncertain"."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.vocabulary import MALIGNANT, Diagnosis, values

CLASSES = values(Diagnosis)
NEVUS = CLASSES.index(Diagnosis.nv)
MALIGNANT_PLACES = [CLASSES.index(diagnosis) for diagnosis in sorted(MALIGNANT)]

FALSE_REASSURANCE = 0.05  # largest share of malignant tune images called a likely nevus

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class DecisionRule:
    """
    How one model's probabilities are read.

    The answer is the class with the largest probability times offset. It is told as likely if its
    share of those products reaches `uncertain_below`, and, for a nevus, if the probability of a
    nevus reaches `nevus_threshold`: a missed cancer costs more than a second look.
    """

    offsets: tuple[float, ...]
    nevus_threshold: float
    uncertain_below: float

    def decide(self, probabilities: Floats) -> tuple[Places, NDArray[np.bool_]]:
        """Return the answered class (N,), as places in CLASSES, and whether it is likely (N,)."""
        answers, shares = force(probabilities, self.offsets)
        is_likely = shares >= self.uncertain_below
        is_likely &= (answers != NEVUS) | (probabilities[:, NEVUS] >= self.nevus_threshold)
        return answers, is_likely

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as it is written beside a model."""
        return asdict(self) | {"offsets": dict(zip(CLASSES, self.offsets, strict=True))}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "DecisionRule":
        """Read what `as_dict` wrote; KeyError or TypeError where it did not."""
        return cls(
            offsets=tuple(float(value["offsets"][dx]) for dx in CLASSES),
            nevus_threshold=float(value["nevus_threshold"]),
            uncertain_below=float(value["uncertain_below"]),
        )


def force(probabilities: Floats, offsets: tuple[float, ...]) -> tuple[Places, Floats]:
    """Return the forced seven-way answer (N,) and its share of probability times offset (N,)."""
    products = probabilities * np.asarray(offsets)
    return products.argmax(axis=1), products.max(axis=1) / products.sum(axis=1)


def fit_rule(probabilities: Floats, labels: Places, weights: Floats) -> DecisionRule:
    """
    Fit a rule to the tune split: served probabilities (N, 7), labels (N,), class weights (N,).

    The offsets are each class's inverse frequency. For calibrated probabilities that is the rule
    with the best balanced accuracy (Menon and others, "On the statistical consistency of
    algorithms for binary classification under class imbalance", ICML 2013); searching for better
    offsets only fitted the few rare lesions: 0.636 against 0.618 on tune lesions left out.
    """
    per_class = [weights[labels == place].mean() for place in range(len(CLASSES))]
    offsets = tuple(float(offset) for offset in per_class / np.min(per_class))
    answers, shares = force(probabilities, offsets)
    # Each threshold is fitted by itself: the one for nevi holds even if the other is loosened.
    is_malignant = np.isin(labels, MALIGNANT_PLACES)
    called_nevi = probabilities[is_malignant & (answers == NEVUS), NEVUS]
    allowed = int(FALSE_REASSURANCE * is_malignant.sum())
    return DecisionRule(
        offsets,
        nevus_threshold=fit_nevus_threshold(called_nevi, allowed),
        uncertain_below=fit_uncertain_below(shares, answers == labels),
    )


def fit_uncertain_below(shares: Floats, is_right: NDArray[np.bool_]) -> float:
    """Return the largest share below which fewer than half of the answers are right, or 0."""
    order = np.argsort(shares)
    right = np.cumsum(is_right[order])
    is_poor = right < np.arange(1, len(order) + 1) / 2
    if not is_poor.any():
        return 0.0
    return float(np.nextafter(shares[order][is_poor.nonzero()[0][-1]], 1.0))


def fit_nevus_threshold(malignant: Floats, allowed: int) -> float:
    """
    Return the smallest probability of a nevus at which no more than `allowed` pass.

    malignant: (M,) probability of a nevus of the malignant images answered as one.
    """
    if len(malignant) <= allowed:
        return 0.0
    return float(np.nextafter(np.sort(malignant)[-allowed - 1], 1.0))
