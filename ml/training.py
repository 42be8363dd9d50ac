"""
Train a model from the warehouse, judge it, export it, register it.

    dermhouse train                                   # ImageNet weights, downloaded by Keras
    dermhouse train --weights mobilenet.weights.h5    # or from a file
    dermhouse build                                   # then its figures are in the warehouse:
    dermhouse sql "select * from model_performance"

Every knob stands in `ml/settings.py`.
"""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ml import artifact, network
from ml.calibration import fit_temperature, log_prior
from ml.dataset import Examples, load_examples, require_classes
from ml.decision import CLASSES, DecisionRule, fit_rule
from ml.evaluation import EvaluationReport, judge, predict, record_report
from ml.learning import Learned, learn_all, learn_head
from ml.lineage import dataset_name, describe_model, name_model
from ml.network import Head
from ml.predictor import ServedGraph
from ml.settings import Recipe
from ml.start import choose_start
from warehouse import published, registry
from warehouse.progress import Progress, silent
from warehouse.published import PublishedWarehouse
from warehouse.registry import Epoch, ModelRecord
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import now
from warehouse.vocabulary import Split

LEAST_IMAGES = {Split.train: 2, Split.tune: 1, Split.validation: 0}  # of each diagnosis
CHANCE = 1 / len(CLASSES)  # the balanced accuracy of whoever always says the same


@dataclass(frozen=True)
class TrainingReport:
    """What a training came to."""

    record: ModelRecord
    notes: list[str]  # sentences a person should read
    epochs: int
    tune: EvaluationReport  # what was fitted on tune looks better there than it is
    evaluation: EvaluationReport  # on validation
    is_champion: bool

    @property
    def model_id(self) -> str:
        """Return the new model's id."""
        return self.record.model_id

    @property
    def seconds(self) -> float:
        """Return how long it took."""
        return self.record.seconds

    def as_dict(self) -> dict[str, Any]:
        """Return the report for a script."""
        return self.evaluation.as_dict() | {
            "recipe": self.record.parameters["name"],
            "weights_source": self.record.weights_source,
            "warehouse_version": self.record.warehouse_version,
            "is_synthetic": self.record.is_synthetic,
            "epochs": self.epochs,
            "is_champion": self.is_champion,
            "seconds": self.seconds,
            "notes": self.notes,
        }


@dataclass(frozen=True)
class Judgement:
    """The decision rule fitted on tune, and the figures under it."""

    rule: DecisionRule
    tune: EvaluationReport  # what was fitted on tune looks better there than it is
    validation: EvaluationReport


def train(
    settings: Settings,
    store: Store,
    recipe: Recipe | None = None,
    weights: Path | None = None,
    progress: Progress = silent,
) -> TrainingReport:
    """
    Train on the current warehouse and register the model with its figures.

    recipe: QUICK, or SCRATCH where there are no first weights, unless one is given.
    weights: a Keras weights file; without it Keras's own ImageNet weights are tried.

    Raises:
        NotReadyError: Nothing has been published, or a split cannot teach every diagnosis.
        BadInputError: The weights or an image file cannot be used.
        DivergedError: The loss became infinite or no number.
    """
    started, moment = time.perf_counter(), now()
    warehouse = published.current(settings)
    frames = read_splits(warehouse)
    start = choose_start(recipe, weights)
    examples = {
        split: load_examples(settings, split, frame, start.recipe.input_px, progress)
        for split, frame in frames.items()
    }
    lessons, tune = examples[Split.train], examples[Split.tune]
    learn = learn_all if start.recipe.train_base else learn_head
    learned = learn(start.base, lessons, tune, start.recipe, progress)
    head, temperature = calibrate(learned, tune)

    model_id = name_model(start.recipe.backbone, moment)
    with artifact.staged(settings.models_dir, model_id) as folder:
        graph = export(start.base, head, folder)
        judged = judge_graph(graph, examples, model_id, dataset_name(warehouse), progress)
        record = describe_model(
            folder,
            start,
            warehouse,
            model_id=model_id,
            created_at=moment,
            parameters=start.recipe.as_dict() | {"temperature": temperature},
            decision_rule=judged.rule.as_dict(),
            train_images=len(lessons),
            seconds=round(time.perf_counter() - started, 1),
        )
        artifact.write_card(folder, record)
    is_champion = register(settings, store, record, learned.epochs, judged)
    return TrainingReport(
        record, start.notes, len(learned.epochs), judged.tune, judged.validation, is_champion
    )


def read_splits(warehouse: PublishedWarehouse) -> dict[Split, pd.DataFrame]:
    """Return the rows of every split, once each can serve its purpose."""
    frames = {split: published.read_split(warehouse, split) for split in Split}
    for split, frame in frames.items():
        require_classes(split, frame, LEAST_IMAGES[split])
    return frames


def calibrate(learned: Learned, tune: Examples) -> tuple[Head, float]:
    """Return the head whose probabilities mean what they say on tune, and its temperature."""
    prior = log_prior(tune.labels, len(CLASSES))
    temperature = fit_temperature(learned.tune_logits.astype(np.float64), prior, tune.labels)
    return learned.head.calibrated(temperature, prior), temperature


def export(base: Any, head: Head, folder: Path) -> ServedGraph:
    """Write the network for Keras and for the server, and open it as the server will."""
    served = network.served_network(base, head)
    served.save(folder / artifact.NETWORK)
    network.export_onnx(served, folder / artifact.GRAPH)
    return ServedGraph((folder / artifact.GRAPH).read_bytes())


def judge_graph(
    graph: ServedGraph,
    examples: dict[Split, Examples],
    model_id: str,
    dataset: str,
    progress: Progress,
) -> Judgement:
    """Fit the decision rule on tune, then look at validation, for the first and only time."""
    tune, validation = examples[Split.tune], examples[Split.validation]
    probabilities = predict(graph, tune, progress)
    rule = fit_rule(probabilities, tune.labels, tune.weights)
    on_tune = judge(model_id, tune, probabilities, rule, dataset)
    probabilities = predict(graph, validation, progress)
    return Judgement(rule, on_tune, judge(model_id, validation, probabilities, rule, dataset))


def register(
    settings: Settings,
    store: Store,
    record: ModelRecord,
    epochs: list[Epoch],
    judged: Judgement,
) -> bool:
    """Record the model and its figures; return whether it became the champion."""
    try:
        registry.record_model(store, record, epochs)
    except BaseException:
        shutil.rmtree(settings.models_dir / record.model_id)  # no folder without its row
        raise
    record_report(store, judged.tune)
    record_report(store, judged.validation)
    # A model no better than guessing must not answer anyone, even where it is the only one.
    is_good = judged.tune.figure("balanced_accuracy").value > CHANCE
    return is_good and registry.promote_first(store, record.model_id)
