"""An evaluation's figures by name, as `--json` prints them."""

from typing import Any

from ml.decision import CLASSES
from warehouse.registry import Evaluation

SUMMARY = ("accuracy", "balanced_accuracy", "macro_f1", "macro_auc", "ece", "log_loss")
ABSTENTION = (
    "coverage",
    "answered_accuracy",
    "false_reassurance",
    "missed_malignancy",
    "reassurance",
    "refused",
    "cost",
    "forced_cost",
)
MELANOMA = ("sensitivity_at_80", "sensitivity_at_90", "sensitivity_at_95")


def summarise(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation's figures by name, with their intervals beside them."""
    figures = {(each.diagnosis, each.metric): each for each in evaluation.metrics}
    told = {name: figures["all", name] for name in SUMMARY if ("all", name) in figures}
    apart = {name: figures["all", name] for name in ABSTENTION if ("all", name) in figures}
    found = {name: figures["mel", name] for name in MELANOMA if ("mel", name) in figures}
    recall = {dx: figures[dx, "recall"] for dx in CLASSES if (dx, "recall") in figures}
    named = told | apart | {f"melanoma_{name}": metric for name, metric in found.items()}
    return (
        {name: metric.value for name, metric in told.items()}
        | {"recall": {dx: metric.value for dx, metric in recall.items()}}
        | {"melanoma": {name: metric.value for name, metric in found.items()}}
        | {"abstention": {name: metric.value for name, metric in apart.items()}}
        | {"interval": {name: [each.low, each.high] for name, each in named.items()}}
        | {"recall_interval": {dx: [each.low, each.high] for dx, each in recall.items()}}
    )
