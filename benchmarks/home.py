"""A home brought as far along the loop as a benchmark needs."""

from pathlib import Path

from etl.pipeline import load
from ml.training import Plan, train
from warehouse.build import build
from warehouse.registry import list_models
from warehouse.settings import Settings
from warehouse.store import init_store, open_store


def filled_home(settings: Settings, data: Path) -> None:
    """Load and build, unless an earlier benchmark of this run has."""
    if (settings.warehouse_dir / "current").exists():
        return
    store = init_store(settings)
    load(settings, store, data)
    store.close()
    build(settings)


def trained_home(settings: Settings, data: Path, weights: Path) -> None:
    """Load, build and train, unless an earlier benchmark of this run has."""
    filled_home(settings, data)
    store = open_store(settings)
    if not list_models(store):
        train(settings, store, Plan(weights=weights))
    store.close()
