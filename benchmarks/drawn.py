"""A home with drawn images and a model in name only: enough to record facts and to build."""

from dataclasses import fields
from typing import Any

from etl.pipeline import load
from etl.synthetic import fetch_synthetic
from warehouse.build import build
from warehouse.registry import ModelRecord, list_models, record_model
from warehouse.settings import Settings
from warehouse.store import init_store
from warehouse.tables import now

IMAGES = 160
MODEL_ID = "benchmark"


def drawn_home(settings: Settings) -> None:
    """Draw, load, build and register, each unless it is done."""
    store = init_store(settings)
    if not list_models(store):
        load(settings, store, fetch_synthetic(settings.home / "synthetic", IMAGES))
        record_model(store, a_model(), [])
    store.close()
    if not (settings.warehouse_dir / "current").exists():
        build(settings)


def a_model() -> ModelRecord:
    """Return a model that answers nothing; facts need one to name."""
    blank: dict[str, Any] = {"str": "none", "int": 1, "float": 1.0, "bool": True}
    values = {
        field.name: blank.get(str(getattr(field.type, "__name__", field.type)), {})
        for field in fields(ModelRecord)
    }
    known = {"model_id": MODEL_ID, "created_at": now(), "parent_model_id": None, "input_px": 224}
    return ModelRecord(**values | known)
