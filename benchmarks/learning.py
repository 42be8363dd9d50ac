"""Training from a cold cache: how long it takes and how good it gets."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.home import filled_home
from ml.comparison import compare_models
from ml.contextual import add_context
from ml.evaluation import EvaluationReport
from ml.registration import TrainingReport
from ml.settings import FULL, QUICK, Recipe
from ml.training import Plan, train
from warehouse.figures import read_epochs
from warehouse.registry import Metric
from warehouse.settings import Settings
from warehouse.store import Store, open_store


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print the time of the quick recipe and its figures on tune and validation."""
    filled_home(settings, data)
    store = open_store(settings)
    learn(settings, store, Plan(QUICK, weights))
    store.close()


def run_full(settings: Settings, data: Path, weights: Path | None, recipe: Recipe = FULL) -> None:
    """Print the same of the full recipe (or of another), then what a context adds."""
    filled_home(settings, data)
    store = open_store(settings)
    image = learn(settings, store, Plan(recipe, weights))
    with timed("the context"):
        both = add_context(settings, store, image.model_id)
    tell(both)
    print("\nimage alone less image and context, on validation, paired:")
    for each in compare_models(settings, store, (image.model_id, both.model_id)).differences:
        tell_figure(
            Metric(
                each.diagnosis, each.metric, each.difference, each.low, each.high, both.evaluation.n
            )
        )
    store.close()


def learn(settings: Settings, store: Store, plan: Plan) -> TrainingReport:
    """Train by a plan and print it, epoch by epoch first."""
    with timed("the training"):
        report = train(settings, store, plan)
    print("  stage, epoch, loss on train, loss and balanced accuracy on tune:")
    for each in read_epochs(store, report.model_id):
        print(
            f"  {each.stage:8} {each.epoch:3}  {each.train_loss:.3f}  {each.tune_loss:.3f}  "
            f"{each.tune_balanced_accuracy:.3f}"
        )
    tell(report)
    return report


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print how long a block took: by the clock, and on all cores together."""
    began, spent = time.perf_counter(), core_seconds()
    yield
    minutes, core_minutes = (time.perf_counter() - began) / 60, (core_seconds() - spent) / 60
    print(f"{name} took {minutes:.1f} minutes, {core_minutes:.1f} core-minutes")


def core_seconds() -> float:
    """Return what this process has had of the processor."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def tell(report: TrainingReport) -> None:
    """Print a model's size and its figures: tune, validation, and the paper's setting of it."""
    size_mb = report.record.onnx_bytes / 1e6
    print(f"\n{report.model_id}: {size_mb:.1f} MB, from {report.record.train_images:,} images")
    for evaluation in (report.tune, report.evaluation):
        tell_evaluation(evaluation)


def tell_evaluation(report: EvaluationReport) -> None:
    """Print every figure on a split, and on its balanced rows."""
    for part in report.parts:
        print(f"{part.split}:")
        for metric in part.metrics:
            tell_figure(metric)


def tell_figure(metric: Metric) -> None:
    """Print one figure with its interval."""
    interval = "" if metric.low is None else f"  [{metric.low:+.3f}, {metric.high:+.3f}]"
    print(
        f"  {metric.diagnosis:6} {metric.metric:22} {metric.value:+.3f}{interval}  n {metric.n:,}"
    )
