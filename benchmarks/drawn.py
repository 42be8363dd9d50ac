"""A home with drawn images and a model in name only: enough to record facts and to build."""

from dataclasses import fields, replace
from typing import Any

from etl.pipeline import load
from etl.synthetic import fetch_synthetic
from warehouse.build import build
from warehouse.registry import (
    CHAMPION,
    ModelRecord,
    aliases,
    list_models,
    record_model,
    set_alias,
)
from warehouse.settings import Settings
from warehouse.store import init_store, open_store
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


def answering_home(settings: Settings) -> None:
    """Go on from a drawn home to a champion, trained just long enough to be one."""
    from ml.settings import SCRATCH, Stage
    from ml.training import Plan, train

    drawn_home(settings)
    store = open_store(settings)
    if CHAMPION not in aliases(store):
        assert SCRATCH.tuning is not None
        stages = (Stage("scratch", SCRATCH.input_px, 1),)
        recipe = replace(SCRATCH, tuning=replace(SCRATCH.tuning, stages=stages))
        set_alias(store, CHAMPION, train(settings, store, Plan(recipe)).model_id)
    store.close()


def a_model() -> ModelRecord:
    """Return a model that answers nothing; facts need one to name."""
    blank: dict[str, Any] = {"str": "none", "int": 1, "float": 1.0, "bool": True}
    values = {
        field.name: blank.get(str(getattr(field.type, "__name__", field.type)), {})
        for field in fields(ModelRecord)
    }
    known = {"model_id": MODEL_ID, "created_at": now(), "parent_model_id": None, "input_px": 224}
    known["reason"] = None
    return ModelRecord(**values | known)
