"""A second model in a trained home: the champion's own files under another name."""

from dataclasses import replace
from shutil import copytree

from warehouse.registry import CHAMPION, record_model, resolve
from warehouse.settings import Settings
from warehouse.store import open_store

SECOND = "second-model"


def add_second_model(settings: Settings, model_id: str = SECOND, *, broken: bool = False) -> str:
    store = open_store(settings)
    champion = resolve(store, CHAMPION)
    folder = settings.models_dir / model_id
    copytree(settings.models_dir / champion.model_id, folder)
    if broken:
        graph = folder / "model.onnx"
        graph.write_bytes(graph.read_bytes()[:-1])
    record_model(store, replace(champion, model_id=model_id), [])
    store.close()
    return model_id
