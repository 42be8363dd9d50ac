"""How good a model is: figures with 95 % intervals, scored through the graph that is served."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.dataset import Examples, load_examples
from ml.decision import CLASSES, DecisionRule
from ml.lineage import dataset_name
from ml.metrics import Answers, Figures, compute_figures, confusion, read_answers
from ml.predictor import Predictor, ServedGraph
from warehouse import published, registry
from warehouse.progress import Progress, silent
from warehouse.registry import CHAMPION, Evaluation, Metric
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import Split

RESAMPLES = 1000
SEED = 136
INTERVAL = (2.5, 97.5)
TOGETHER = 100  # resamples computed at once: enough to be fast, few enough for little memory
THREADS = 2
BATCH = 16

SUMMARY = ("accuracy", "balanced_accuracy", "macro_f1", "macro_auc", "ece", "log_loss")
ABSTENTION = ("coverage", "answered_accuracy", "false_reassurance", "reassurance")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EvaluationReport:
    """
    A model's figures on one split, and on its balanced rows, which are the paper's setting.

    The forced figures are of all n images; what abstention changes stands apart.
    """

    model_id: str
    n: int
    whole: Evaluation
    balanced: Evaluation

    @property
    def split(self) -> str:
        """Return the split's name."""
        return self.whole.split

    @property
    def metrics(self) -> list[Metric]:
        """Return the figures of the whole split."""
        return list(self.whole.metrics)

    def figure(self, metric: str, diagnosis: str = "all") -> Metric:
        """Return one figure of the whole split; KeyError where it could not be computed."""
        return {(each.diagnosis, each.metric): each for each in self.whole.metrics}[
            diagnosis, metric
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the report for a script."""
        return (
            {"model_id": self.model_id, "split": self.split, "n": self.n}
            | summary(self.whole)
            | {"balanced": summary(self.balanced)}
        )


def evaluate(
    settings: Settings,
    store: Store,
    model: str = CHAMPION,
    split: Split = Split.validation,
    progress: Progress = silent,
) -> EvaluationReport:
    """
    Score a registered model on a split of the current warehouse; the figures become facts.

    model: an id or an alias.

    Raises:
        NotReadyError: No such model, its files are damaged, or nothing has been published.
    """
    record = registry.resolve(store, model)
    predictor = Predictor.open(settings.models_dir, record.model_id)
    warehouse = published.current(settings)
    frame = published.read_split(warehouse, split)
    examples = load_examples(settings, split, frame, predictor.input_px, progress)
    probabilities = predict(predictor.graph, examples, progress)
    data = dataset_name(warehouse)
    report = judge(record.model_id, examples, probabilities, predictor.rule, data)
    record_report(store, report)
    return report


def judge(
    model_id: str, examples: Examples, probabilities: Floats, rule: DecisionRule, dataset: str
) -> EvaluationReport:
    """Return a model's figures on examples it has answered; nothing is recorded."""
    answers = read_answers(examples.labels, probabilities, rule)
    split, chosen = examples.split, examples.is_balanced
    whole = assess(answers, examples.groups, dataset, split)
    fewer = answers.take(chosen)
    balanced = assess(fewer, examples.groups[chosen], dataset, f"{split}_balanced")
    return EvaluationReport(model_id, len(examples), whole, balanced)


def record_report(store: Store, report: EvaluationReport) -> None:
    """Write both evaluations of a report in place of earlier ones."""
    registry.record_evaluation(store, report.model_id, report.whole)
    registry.record_evaluation(store, report.model_id, report.balanced)


def predict(graph: ServedGraph, examples: Examples, progress: Progress) -> Floats:
    """Return the served probabilities (N, 7) of a split."""
    step = f"answers on {examples.split}"
    parts: list[Floats] = []
    with ThreadPoolExecutor(THREADS) as pool:
        starts = range(0, len(examples), BATCH)
        for part in pool.map(partial(predict_batch, graph, examples.pixels), starts):
            parts.append(part)
            progress(step, min(len(parts) * BATCH, len(examples)), len(examples))
    return np.concatenate(parts)


def predict_batch(graph: ServedGraph, pixels: NDArray[np.uint8], start: int) -> Floats:
    """Return the served probabilities of one batch."""
    return graph.predict(pixels[start : start + BATCH])[0]


def assess(answers: Answers, groups: NDArray[np.intp], dataset: str, split: str) -> Evaluation:
    """
    Return every figure with its 95 % interval, and the confusion matrix.

    The interval is the percentile bootstrap over lesion groups, not images: images of one lesion
    resemble each other, and resampling them one by one would make the intervals too narrow
    (Field and Welsh, Journal of the Royal Statistical Society B 69, 2007). A resample's calibration
    error is biased upwards, so the interval of a small `ece` can lie above its value.
    """
    everything = np.ones((1, len(answers.labels)))
    plain = compute_figures(answers, everything)
    intervals = bootstrap(answers, groups)
    metrics = []
    for (diagnosis, metric), value in plain.items():
        if np.isnan(value[0]):
            continue
        low, high = intervals[diagnosis, metric]
        n = len(answers.labels)
        if diagnosis != "all":
            n = int(np.sum(answers.labels == CLASSES.index(diagnosis)))
        metrics.append(Metric(diagnosis, metric, float(value[0]), low, high, n))
    return Evaluation(dataset, split, metrics, counted(confusion(answers, everything)[0]))


def bootstrap(
    answers: Answers, groups: NDArray[np.intp]
) -> dict[tuple[str, str], tuple[float | None, float | None]]:
    """Return the interval of every figure; None where no resample could be computed."""
    random = np.random.default_rng(SEED)
    parts = [
        compute_figures(answers, resampled(groups, TOGETHER, random))
        for _ in range(RESAMPLES // TOGETHER)
    ]
    return {key: interval(parts, key) for key in parts[0]}


def resampled(groups: NDArray[np.intp], samples: int, random: np.random.Generator) -> Floats:
    """Return how often each image stands in each sample of whole groups, (samples, N)."""
    names, places = np.unique(groups, return_inverse=True)
    counts = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=samples)
    return counts[:, places].astype(np.float64)


def interval(parts: Iterable[Figures], key: tuple[str, str]) -> tuple[float | None, float | None]:
    """Return the percentiles of one figure over all resamples that have it."""
    values = np.concatenate([part[key] for part in parts])
    values = values[~np.isnan(values)]
    if not len(values):
        return None, None
    low, high = np.percentile(values, INTERVAL)
    return float(low), float(high)


def counted(counts: Floats) -> dict[tuple[str, str], int]:
    """Return a confusion matrix as (true, answered) to count, without the empty cells."""
    return {
        (dx, answer): int(counts[row, column])
        for row, dx in enumerate(CLASSES)
        for column, answer in enumerate(CLASSES)
        if counts[row, column]
    }


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation's figures by name, with their intervals beside them."""
    figures = {(each.diagnosis, each.metric): each for each in evaluation.metrics}
    told = {name: figures["all", name] for name in SUMMARY if ("all", name) in figures}
    apart = {name: figures["all", name] for name in ABSTENTION if ("all", name) in figures}
    recall = {dx: figures[dx, "recall"] for dx in CLASSES if (dx, "recall") in figures}
    return (
        {name: metric.value for name, metric in told.items()}
        | {"recall": {dx: metric.value for dx, metric in recall.items()}}
        | {"abstention": {name: metric.value for name, metric in apart.items()}}
        | {"interval": {name: [each.low, each.high] for name, each in (told | apart).items()}}
        | {"recall_interval": {dx: [each.low, each.high] for dx, each in recall.items()}}
    )
