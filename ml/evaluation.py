"""How good a model is: figures with 95 % intervals, scored through the graph that is served."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.assessable import measure_signals
from ml.bootstrap import bootstrap
from ml.dataset import Examples, load_examples
from ml.decision import CLASSES, DecisionRule
from ml.metrics import (
    Answers,
    compute_figures,
    confusion,
    read_answers,
    reliability_bins,
)
from ml.predictor import Predictor, ServedGraph
from ml.preprocess import Frame
from ml.provenance import AND, find_data_sets
from ml.seen import read_unseen
from ml.subgroups import assess_subgroups
from ml.summary import summarise
from warehouse import published, registry
from warehouse.looks import Look, record_look
from warehouse.progress import Progress, silent
from warehouse.published import PublishedWarehouse
from warehouse.registry import CHAMPION, Evaluation, Metric
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.threads import mapped
from warehouse.vocabulary import LookReason, Split

THREADS = 2
BATCH = 16

SKIN_TYPE = "not recorded, not evaluable"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Served:
    """What the served graph says of N images."""

    probabilities: Floats  # (N, 7)
    signals: Floats  # (N, 16) as `ml.assessable` measures them


@dataclass(frozen=True)
class DataSet:
    """What the images of an evaluation are called, and by what their figures are parted."""

    name: str
    subgroups: pd.DataFrame  # indexed by image id; columns: the words of SubgroupKind


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
    left_out: int = 0  # validation images whose lesions the model has met
    warnings: tuple[str, ...] = ()  # sentences a person should read

    @property
    def split(self) -> str:
        """Return the split's name."""
        return self.whole.split

    @property
    def parts(self) -> tuple[Evaluation, Evaluation]:
        """Return what is recorded: the split, and its balanced rows."""
        return self.whole, self.balanced

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
            | {"dataset": self.whole.dataset, "skin_type": SKIN_TYPE}
            | summarise(self.whole)
            | {"balanced": summarise(self.balanced)}
            | {"left_out": self.left_out, "warnings": list(self.warnings)}
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

    model: an id or an alias. Validation images of lesions that it has met are left out.

    Raises:
        NotReadyError: No such model, its files are damaged, or nothing has been published.
        EmptySplitError: There is no image to judge by, or none that it has not met.
    """
    record = registry.resolve(store, model)
    predictor = Predictor.open(settings.models_dir, record.model_id)
    warehouse = published.current(settings)
    held_out = read_unseen(settings, store, warehouse, [record], split)
    record_look(store, Look(LookReason.evaluation, record.model_id, warehouse.version, split=split))
    examples = load_examples(settings, split, held_out.rows, predictor.input_px, progress)
    served = ask(predictor.graph, examples, progress)
    data = data_set(warehouse, examples)
    report = judge_served(record.model_id, examples, served, predictor.rule, data)
    record_report(store, report)
    return replace(report, left_out=held_out.left_out, warnings=held_out.warnings)


def data_set(warehouse: PublishedWarehouse, examples: Examples) -> DataSet:
    """Return what an evaluation needs to know of examples from a version."""
    name = AND.join(find_data_sets(warehouse, examples.image_ids))
    return DataSet(name, published.read_subgroups(warehouse))


def judge_served(
    model_id: str, examples: Examples, served: Served, rule: DecisionRule, data: DataSet
) -> EvaluationReport:
    """Return a model's figures on examples it has answered; nothing is recorded."""
    answers = read_answers(examples.labels, served.probabilities, rule, served.signals)
    split, chosen = examples.split, examples.is_balanced
    whole = replace(
        assess(answers, examples.groups, data.name, split),
        subgroups=assess_subgroups(
            answers, examples.groups, data.subgroups.reindex(examples.image_ids)
        ),
    )
    name = f"{split}_balanced"
    if chosen.all():
        return EvaluationReport(
            model_id, len(examples), whole, replace(whole, split=name, subgroups=())
        )
    balanced = assess(answers.take(chosen), examples.groups[chosen], data.name, name)
    return EvaluationReport(model_id, len(examples), whole, balanced)


def record_report(store: Store, report: EvaluationReport) -> None:
    """Write both evaluations of a report in place of earlier ones."""
    for part in report.parts:
        registry.record_evaluation(store, report.model_id, part)


def ask(graph: ServedGraph, examples: Examples, progress: Progress = silent) -> Served:
    """Return what the served graph says of a split."""
    step = f"answers on {examples.split}"
    parts: list[Served] = []
    starts = range(0, len(examples), BATCH)
    with mapped(THREADS, partial(ask_batch, graph, examples), starts) as answered:
        for part in answered:
            parts.append(part)
            progress(step, min(len(parts) * BATCH, len(examples)), len(examples))
    return Served(
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.signals for part in parts]),
    )


def ask_batch(graph: ServedGraph, examples: Examples, start: int) -> Served:
    """Return what the served graph says of one batch."""
    rows = slice(start, start + BATCH)
    images = examples.pixels[rows]
    probabilities, activation = graph.predict(images, examples.context[rows])
    looks = zip(map(Frame.of, images), activation, strict=True)
    signals = [measure_signals(*each) for each in looks]
    return Served(probabilities, np.stack(signals))


def assess(answers: Answers, groups: NDArray[np.intp], dataset: str, split: str) -> Evaluation:
    """
    Return every figure with its 95 % interval, the confusion matrix and the reliability bins.

    A resample's calibration error is biased upwards, so the interval of a small `ece` can lie
    above its value.
    """
    everything = np.ones((1, len(answers.labels)))
    plain = compute_figures(answers, everything)
    intervals = bootstrap(partial(compute_figures, answers), groups)
    metrics = [
        Metric(diagnosis, metric, float(value[0]), *intervals[diagnosis, metric], n)
        for (diagnosis, metric), value in plain.items()
        if not np.isnan(value[0])
        for n in [count(answers, diagnosis)]
    ]
    counts = counted(confusion(answers, everything)[0])
    return Evaluation(dataset, split, metrics, counts, reliability_bins(answers))


def count(answers: Answers, diagnosis: str) -> int:
    """Return how many images a figure of one diagnosis, or of all, is about."""
    if diagnosis == "all":
        return len(answers.labels)
    return int(np.sum(answers.labels == CLASSES.index(diagnosis)))


def counted(counts: Floats) -> dict[tuple[str, str], int]:
    """Return a confusion matrix as (true, answered) to count, without the empty cells."""
    return {
        (dx, answer): int(counts[row, column])
        for row, dx in enumerate(CLASSES)
        for column, answer in enumerate(CLASSES)
        if counts[row, column]
    }
