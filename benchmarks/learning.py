"""Training from a cold cache: how long it takes and how good it gets."""

import time
from pathlib import Path

from benchmarks.home import filled_home
from ml.comparison import compare_models
from ml.contextual import add_context
from ml.registration import TrainingReport
from ml.settings import FULL, QUICK
from ml.shortcuts import audit_shortcuts
from ml.training import Plan, train
from warehouse.published import current
from warehouse.settings import Settings
from warehouse.store import open_store


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print the seconds of the quick recipe and its figures on validation, with intervals."""
    filled_home(settings, data)
    store = open_store(settings)
    started = time.perf_counter()
    report = train(settings, store, Plan(QUICK, weights))
    store.close()
    tell(report, time.perf_counter() - started)


def run_full(settings: Settings, data: Path, weights: Path) -> None:
    """Print the same of the full recipe, what a context adds, and what metadata alone can."""
    filled_home(settings, data)
    store = open_store(settings)
    started = time.perf_counter()
    image = train(settings, store, Plan(FULL, weights))
    tell(image, time.perf_counter() - started)
    started = time.perf_counter()
    context = add_context(settings, store, image.model_id)
    tell(context, time.perf_counter() - started)
    print("image alone less image and context, on validation:")
    for each in compare_models(settings, store, (image.model_id, context.model_id)):
        print(
            f"  {each.diagnosis:6} {each.metric:22} {each.difference:+.4f}  "
            f"[{each.low}, {each.high}]"
        )
    print(audit_shortcuts(current(settings)))
    store.close()


def tell(report: TrainingReport, seconds: float) -> None:
    """Print one training."""
    print(f"{report.model_id}: {seconds:.0f} s")
    for metric in report.evaluation.metrics:
        interval = "" if metric.low is None else f"  [{metric.low:.3f}, {metric.high:.3f}]"
        print(f"  {metric.diagnosis:6} {metric.metric:22} {metric.value:.3f}{interval}")
