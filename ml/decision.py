"""From probabilities to what a person is told: a likely diagnosis, or an honest "uncertain"."""

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.assessable import Gate
from warehouse.vocabulary import MALIGNANT, Diagnosis, values

CLASSES = values(Diagnosis)
NEVUS = CLASSES.index(Diagnosis.nv)
MELANOMA = CLASSES.index(Diagnosis.mel)
MALIGNANT_PLACES = [CLASSES.index(diagnosis) for diagnosis in sorted(MALIGNANT)]
IS_MALIGNANT = np.isin(np.arange(len(CLASSES)), MALIGNANT_PLACES)

VERSION = 2  # of the rule as it is written; raise it when an older one must not be read

FALSE_REASSURANCE = 0.05  # largest share of malignant tune images called a likely nevus

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Costs:
    """
    What an answer costs, counted in needless referrals; a right answer costs nothing.

    Dermatologists excise 9 to 29 lesions for each melanoma they find (Argenziano and others,
    Journal of the American Academy of Dermatology 67, 2012): they take a missed melanoma for worth
    about that many needless excisions. Carcinomas grow slowly and are seldom lethal. "Uncertain"
    sends everyone to a second look, which is half a referral.
    """

    missed_melanoma: float = 20.0  # told as benign
    missed_carcinoma: float = 5.0  # told as benign; actinic keratosis is one here
    wrong_name: float = 1.0  # any other mistake: a needless referral, or a wrong word
    uncertain: float = 0.5

    @cached_property  # every served frame reads it
    def table(self) -> Floats:
        """The cost of telling a diagnosis, (true, told), in the order of CLASSES."""
        table = np.full((len(CLASSES), len(CLASSES)), self.wrong_name)
        table[np.ix_(IS_MALIGNANT, ~IS_MALIGNANT)] = self.missed_carcinoma
        table[MELANOMA, ~IS_MALIGNANT] = self.missed_melanoma
        np.fill_diagonal(table, 0.0)
        return table


@dataclass(frozen=True)
class DecisionRule:
    """
    How one model's probabilities are read.

    The answer is the class with the largest probability times offset. It is told as likely if that
    is expected to cost no more than "uncertain" does, and, for a nevus, if the probability of a
    nevus reaches `nevus_threshold`. A frame that the gate refuses is not assessable.
    """

    offsets: tuple[float, ...]
    nevus_threshold: float
    costs: Costs = field(default_factory=Costs)
    gate: Gate | None = None  # None: every frame is taken for a lesion

    def decide(self, probabilities: Floats) -> tuple[Places, Flags]:
        """Return the answered class (N,), as places in CLASSES, and whether it is likely (N,)."""
        answers = force(probabilities, self.offsets)
        expected = (probabilities @ self.costs.table)[np.arange(len(answers)), answers]
        is_likely = expected <= self.costs.uncertain
        is_likely &= (answers != NEVUS) | (probabilities[:, NEVUS] >= self.nevus_threshold)
        return answers, is_likely

    def assess(self, signals: Floats | None, count: int) -> Flags:
        """Return which of `count` frames look like lesions, (count,); signals as the gate's."""
        if self.gate is None or signals is None:
            return np.ones(count, dtype=np.bool_)
        return self.gate.accepts(signals)

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as it is written beside a model."""
        return {
            "version": VERSION,
            "offsets": dict(zip(CLASSES, self.offsets, strict=True)),
            "nevus_threshold": self.nevus_threshold,
            "costs": asdict(self.costs),
            "gate": self.gate.as_dict() if self.gate else None,
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "DecisionRule":
        """Read what `as_dict` wrote; KeyError, TypeError or ValueError where it did not."""
        if value["version"] != VERSION:
            raise ValueError(f"a decision rule of version {value['version']}, not {VERSION}")
        return cls(
            offsets=tuple(float(value["offsets"][dx]) for dx in CLASSES),
            nevus_threshold=float(value["nevus_threshold"]),
            costs=Costs(**value["costs"]),
            gate=Gate.from_dict(value["gate"]) if value["gate"] else None,
        )


def force(probabilities: Floats, offsets: tuple[float, ...]) -> Places:
    """Return the forced seven-way answer (N,)."""
    return np.asarray((probabilities * np.asarray(offsets)).argmax(axis=1))


def fit_rule(
    probabilities: Floats, labels: Places, weights: Floats, gate: Gate | None = None
) -> DecisionRule:
    """
    Fit a rule to the tune split: served probabilities (N, 7), labels (N,), class weights (N,).

    The offsets are each class's inverse frequency. For calibrated probabilities that is the rule
    with the best balanced accuracy (Menon and others, "On the statistical consistency of
    algorithms for binary classification under class imbalance", ICML 2013); searching for better
    offsets only fitted the few rare lesions: 0.636 against 0.618 on tune lesions left out.

    What is told follows from the probabilities and the costs alone (Chow, "On optimum recognition
    error and reject tradeoff", IEEE Transactions on Information Theory 16, 1970). On tune lesions
    left out that cost 0.399 an image; a limit fitted for all classes 0.415, one for each class
    0.416, thresholds of each class's own probability 0.470. Only the paper's threshold for nevi is
    fitted: it holds even where the probabilities are too sure of themselves.
    """
    per_class = [weights[labels == place].mean() for place in range(len(CLASSES))]
    offsets = tuple(float(offset) for offset in per_class / np.min(per_class))
    answers = force(probabilities, offsets)
    is_malignant = IS_MALIGNANT[labels]
    called_nevi = probabilities[is_malignant & (answers == NEVUS), NEVUS]
    allowed = int(FALSE_REASSURANCE * is_malignant.sum())
    return DecisionRule(offsets, fit_nevus_threshold(called_nevi, allowed), gate=gate)


def fit_nevus_threshold(malignant: Floats, allowed: int) -> float:
    """
    Return the smallest probability of a nevus at which no more than `allowed` pass.

    malignant: (M,) probability of a nevus of the malignant images answered as one.
    """
    if len(malignant) <= allowed:
        return 0.0
    return float(np.nextafter(np.sort(malignant)[-allowed - 1], 1.0))
