"""Two models on the same images: the differences, each with a paired 95 % interval."""

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml.bootstrap import bootstrap
from ml.dataset import load_examples
from ml.evaluation import ask
from ml.metrics import Answers, Figures, compute_figures, read_answers
from ml.predictor import Predictor
from ml.seen import read_unseen
from warehouse import published, registry
from warehouse.errors import BadInputError
from warehouse.looks import Look, record_look
from warehouse.progress import Progress, silent
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import LookReason, Split

COMPARED = (
    ("all", "balanced_accuracy"),
    ("all", "macro_auc"),
    ("mel", "recall"),
    ("mel", "auc"),
    ("all", "ece"),
    ("all", "log_loss"),
    ("all", "cost"),
    ("all", "missed_malignancy"),
    ("all", "refused"),
)


@dataclass(frozen=True)
class Difference:
    """One figure of two models; the difference is first less second, its interval is paired."""

    diagnosis: str
    metric: str
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None

    @property
    def is_clear(self) -> bool:
        """Return whether the interval leaves out zero."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high

    def as_dict(self) -> dict[str, Any]:
        """Return the difference for a script."""
        return asdict(self) | {"is_clear": self.is_clear}


class Comparison(NamedTuple):
    """What two models differ by, and what was left out of it."""

    differences: list[Difference]
    n: int  # images that both were asked about
    left_out: int  # validation images whose lesions one of the two has met
    warnings: tuple[str, ...]  # sentences a person should read


def compare(first: Answers, second: Answers, groups: NDArray[np.intp]) -> list[Difference]:
    """
    Compare the answers of two models to the same images, in the same order.

    Every resample of lesions is given to both, so that what makes the images hard cancels out.
    groups: (N,) lesion groups.

    Raises:
        BadInputError: The answers are not to the same images.
    """
    if not np.array_equal(first.labels, second.labels):
        raise BadInputError("the two models answered different images: compare them on one split")

    def differences(weights: NDArray[np.float64]) -> Figures:
        one, other = compute_figures(first, weights), compute_figures(second, weights)
        return {key: one[key] - other[key] for key in COMPARED}

    everything = np.ones((1, len(first.labels)))
    one, other = compute_figures(first, everything), compute_figures(second, everything)
    intervals = bootstrap(differences, groups)
    return [
        Difference(*key, value, against, value - against, *intervals[key])
        for key in COMPARED
        for value, against in [(float(one[key][0]), float(other[key][0]))]
        if not np.isnan(value - against)
    ]


def compare_models(
    settings: Settings,
    store: Store,
    models: tuple[str, str],
    split: Split = Split.validation,
    progress: Progress = silent,
) -> Comparison:
    """
    Ask two registered models, ids or aliases, on a split of the current warehouse and compare.

    Validation images of lesions that one of them has met are left out.

    Raises:
        NotReadyError: No such model, its files are damaged, or nothing has been published.
        EmptySplitError: There is no image to judge by, or none that both have not met.
    """
    warehouse = published.current(settings)
    records = [registry.resolve(store, name) for name in models]
    first_id, second_id = (record.model_id for record in records)
    held_out = read_unseen(settings, store, warehouse, records, split)
    record_look(
        store, Look(LookReason.comparison, first_id, warehouse.version, second_id, split=split)
    )
    answers = []
    for model_id in (first_id, second_id):
        predictor = Predictor.open(settings.models_dir, model_id)
        examples = load_examples(settings, split, held_out.rows, predictor.input_px, progress)
        served = ask(predictor.graph, examples, progress)
        answers.append(
            read_answers(examples.labels, served.probabilities, predictor.rule, served.signals)
        )
    first, second = answers
    differences = compare(first, second, examples.groups)
    return Comparison(differences, len(held_out.rows), held_out.left_out, held_out.warnings)
