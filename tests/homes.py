"""Homes that take long to make, made once a run: each is complete when it has its name."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

from etl.pipeline import load
from etl.synthetic import fetch_synthetic
from warehouse.build import build
from warehouse.registry import CHAMPION, set_alias
from warehouse.settings import Settings
from warehouse.store import init_store, open_store

IMAGES = 160


def make_built_home(home: Path) -> Path:
    if not home.exists():
        draft = Settings(home=home.with_suffix(".draft"))
        # Beside the home, so that the copies tests make of it stay small.
        data = fetch_synthetic(home.with_suffix(".data"), IMAGES)
        store = init_store(draft)
        load(draft, store, data)
        store.close()
        build(draft)
        draft.home.rename(home)
    return home


def make_trained_home(built_home: Path, home: Path) -> Path:
    if not home.exists():
        from ml.settings import SCRATCH, Stage
        from ml.training import Plan, train

        draft = Settings(home=home.with_suffix(".draft"))
        copytree(built_home, draft.home)
        store = open_store(draft)
        assert SCRATCH.tuning is not None
        brief = replace(SCRATCH.tuning, stages=(Stage("scratch", SCRATCH.input_px, 1),))
        report = train(draft, store, Plan(replace(SCRATCH, tuning=brief)))
        set_alias(store, CHAMPION, report.model_id)
        store.close()
        draft.home.rename(home)
    return home
