"""From a network that has learnt to a registered model: export, judge, describe, record."""

import shutil
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ml import artifact, network
from ml.card import write_model_card
from ml.dataset import Examples
from ml.decision import CLASSES
from ml.evaluation import EvaluationReport
from ml.judgement import Judgement, judge_graph
from ml.lineage import describe_model, name_model
from ml.network import Head
from ml.predictor import ServedGraph
from ml.start import Start
from warehouse import registry
from warehouse.audit import COMMAND_LINE
from warehouse.figures import read_evaluations
from warehouse.looks import Look, record_look
from warehouse.progress import Progress
from warehouse.published import PublishedWarehouse
from warehouse.registry import Epoch, ModelRecord
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import now
from warehouse.vocabulary import LookReason, Split

CHANCE = 1 / len(CLASSES)  # the balanced accuracy of whoever always says the same


@dataclass(frozen=True)
class Order:
    """Who wants a model, why, and under which name; by default a person, under a new one."""

    by: str = COMMAND_LINE
    model_id: str | None = None
    reason: str | None = None


ASKED = Order()


@dataclass(frozen=True)
class Candidate:
    """A network that has learnt, and where it comes from."""

    start: Start
    head: Head  # calibrated
    warehouse: PublishedWarehouse
    parameters: dict[str, Any]  # the recipe, and what was fitted on tune
    parent: str | None = None
    epochs: list[Epoch] = field(default_factory=list)
    began: datetime = field(default_factory=now)
    clock: float = field(default_factory=time.perf_counter)
    order: Order = ASKED


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


def register_model(
    settings: Settings,
    store: Store,
    candidate: Candidate,
    examples: dict[Split, Examples],
    progress: Progress,
) -> TrainingReport:
    """
    Export a candidate, judge the exported graph, and record model and figures.

    The first model becomes the champion. A failure leaves neither a folder nor a row.
    """
    start, warehouse = candidate.start, candidate.warehouse
    order = candidate.order
    model_id = order.model_id or name_model(start.recipe.backbone, candidate.began)
    with artifact.writing(settings.training_dir):
        with artifact.staged(settings.models_dir, model_id) as folder:
            graph = export(start, candidate.head, folder)
            judged = judge_graph(graph, examples, model_id, warehouse, progress)
            record = describe_model(
                folder,
                start,
                warehouse,
                model_id=model_id,
                created_at=candidate.began,
                parent_model_id=candidate.parent,
                parameters=candidate.parameters,
                decision_rule=judged.rule.as_dict(),
                train_images=len(examples[Split.train]),
                seconds=round(time.perf_counter() - candidate.clock, 1),
                reason=order.reason,
            )
            artifact.write_card(folder, record)
        is_champion = record_all(settings, store, record, candidate.epochs, judged, order.by)
    write_model_card(settings, store, model_id)
    notes = [*start.notes, *([] if is_champion else [why_not_champion(judged)])]
    return TrainingReport(
        record, notes, len(candidate.epochs), judged.tune, judged.validation, is_champion
    )


def export(start: Start, head: Head, folder: Path) -> ServedGraph:
    """Write the network for Keras and for the server, and open it as the server will."""
    served = network.served_network(start.base, head, start.recipe.input_px)
    served.save(folder / artifact.NETWORK)
    network.export_onnx(served, folder / artifact.GRAPH)
    return ServedGraph((folder / artifact.GRAPH).read_bytes())


def record_all(
    settings: Settings,
    store: Store,
    record: ModelRecord,
    epochs: list[Epoch],
    judged: Judgement,
    by: str,
) -> bool:
    """Record the model and its figures; return whether it became the champion."""
    figures = [part for each in (judged.tune, judged.validation) for part in each.parts]
    try:
        registry.record_model(store, record, epochs, figures, by)
    except BaseException:
        shutil.rmtree(settings.models_dir / record.model_id)  # no folder without its row
        raise
    look = Look(LookReason.training, record.model_id, record.warehouse_version, looked_by=by)
    record_look(store, look)
    return promote_if_good(store, record.model_id, by)


def promote_if_good(store: Store, model_id: str, by: str) -> bool:
    """
    Make a recorded model the champion where there is none; return whether it is now.

    A model no better than guessing must not answer anyone, even where it is the only one.
    """
    figures = [
        metric.value
        for each in read_evaluations(store, model_id)
        if each.split == Split.tune.value
        for metric in each.metrics
        if (metric.diagnosis, metric.metric) == ("all", "balanced_accuracy")
    ]
    return max(figures, default=0.0) > CHANCE and registry.promote_first(store, model_id, by)


def why_not_champion(judged: Judgement) -> str:
    """Return what to do with a model that nobody is answered by."""
    value = judged.tune.figure("balanced_accuracy").value
    if value <= CHANCE:
        return (
            f"It did not become the champion: its balanced accuracy on tune is {value:.3f}, "
            f"no better than chance ({CHANCE:.3f})."
        )
    return "There is a champion already: `dermhouse promote MODEL` makes this one the champion."
