"""The quick recipe from a cold cache: how long it takes and how good it gets."""

import time
from pathlib import Path

from benchmarks.home import filled_home
from ml.training import Plan, train
from warehouse.settings import Settings
from warehouse.store import open_store


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print the seconds and the figures on validation, with their intervals."""
    filled_home(settings, data)
    store = open_store(settings)
    started = time.perf_counter()
    report = train(settings, store, Plan(weights=weights))
    store.close()
    print(f"{report.model_id}: {time.perf_counter() - started:.0f} s from a cold cache")
    for metric in report.evaluation.metrics:
        interval = "" if metric.low is None else f"  [{metric.low:.3f}, {metric.high:.3f}]"
        print(f"  {metric.diagnosis:6} {metric.metric:22} {metric.value:.3f}{interval}")
