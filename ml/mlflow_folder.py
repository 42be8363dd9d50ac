"""
A model as a folder in MLflow's format: its ONNX flavour, with what Dermhouse adds in metadata.

    MLmodel               YAML: flavors (onnx, python_function), signature, metadata
    model.onnx            the served graph
    requirements.txt      what the flavour needs to run
    dermhouse/card.json   lineage, decision rule, figures
    dermhouse/card.md     the same for a person, where it was written
    dermhouse/model.keras the network, to learn on from

The format is that of mlflow.org/docs/latest/ml/model; MLflow itself is not needed here.
"""

import hashlib
import json
import re
import shutil
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from ml import artifact
from ml.artifact import CARD, GRAPH, NETWORK
from ml.card import TEXT
from ml.context import WIDTH
from ml.decision import CLASSES
from ml.predictor import ServedGraph
from warehouse.errors import BadInputError, NotReadyError
from warehouse.registry import ModelRecord, list_models, record_model, resolve, was_deleted
from warehouse.settings import Settings
from warehouse.store import Store

MLMODEL, OURS = "MLmodel", "dermhouse"
FORMAT = 1  # of what stands under metadata.dermhouse
MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # it names a folder, and no other place


def export_folder(settings: Settings, store: Store, model: str, folder: Path) -> str:
    """
    Write a registered model (an id or an alias) as a new folder; return its id.

    Raises:
        BadInputError: The folder is there already.
        NotReadyError: There is no such model, or its files are damaged.
    """
    record = resolve(store, model)
    source = settings.models_dir / record.model_id
    graph = artifact.read_graph(source, artifact.read_card(source))
    if folder.exists():
        raise BadInputError(f"{folder}: is there already; name a new folder")
    draft = folder.with_name(f".{folder.name}.draft")
    try:
        (draft / OURS).mkdir(parents=True)
        (draft / GRAPH).write_bytes(graph)
        for name in (CARD, TEXT, NETWORK):
            if (source / name).exists():
                shutil.copyfile(source / name, draft / OURS / name)
        (draft / "requirements.txt").write_text("\n".join(requirements()) + "\n")
        (draft / MLMODEL).write_text(yaml.safe_dump(describe(record, graph), sort_keys=False))
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return record.model_id


def describe(record: ModelRecord, graph: bytes) -> dict[str, Any]:
    """Return what MLmodel says of a model."""
    uses_context = ServedGraph(graph).uses_context
    return {
        "artifact_path": "model",
        "flavors": {
            "onnx": {
                "onnx_version": version("onnx"),
                "data": GRAPH,
                "providers": ["CPUExecutionProvider"],
                "code": None,
            },
            "python_function": {
                "loader_module": "mlflow.onnx",
                "data": GRAPH,
                "python_version": "3.11",
                "env": {"virtualenv": "requirements.txt"},
            },
        },
        "model_uuid": hashlib.sha256(record.model_id.encode()).hexdigest()[:32],
        "utc_time_created": f"{record.created_at:%Y-%m-%d %H:%M:%S.%f}",
        "signature": signature(record.input_px, uses_context),
        "metadata": {
            OURS: {
                "format": FORMAT,
                "model_id": record.model_id,
                "classes": CLASSES,
                "onnx_sha256": record.onnx_sha256,
                "decision_rule": record.decision_rule,
            }
        },
    }


def signature(input_px: int, uses_context: bool) -> dict[str, str]:
    """Return MLflow's tensor signature of the served graph, as its JSON text."""
    inputs = [tensor("image", "uint8", [-1, input_px, input_px, 3])]
    inputs += [tensor("context", "float32", [-1, WIDTH])] if uses_context else []
    outputs = [
        tensor("activation", "float32", [-1, -1, -1, len(CLASSES)]),
        tensor("probabilities", "float32", [-1, len(CLASSES)]),
    ]
    return {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs)}


def tensor(name: str, dtype: str, shape: list[int]) -> dict[str, Any]:
    """Return one tensor of a signature; -1 is any size."""
    return {
        "name": name,
        "type": "tensor",
        "tensor-spec": {"dtype": dtype, "shape": shape},
    }


def requirements() -> list[str]:
    """Return what runs the graph elsewhere."""
    return [f"{name}=={version(name)}" for name in ("onnx", "onnxruntime", "numpy")]


def import_folder(settings: Settings, store: Store, folder: Path) -> str:
    """
    Register the model of a folder that `export_folder` wrote; return its id.

    The id stays; importing the same model again changes nothing. No warehouse version of this home
    is the one it was trained from, so its version is 0. A failure leaves neither a folder nor a
    row, and what a killed import left makes way.

    Raises:
        BadInputError: The folder is not such a one, is damaged, or its id is another model's here,
            or that of a model that was deleted here.
        BusyError: Something is in the way that another training or import may be writing.
    """
    told = read_mlmodel(folder)
    refuse_other_graph(folder / GRAPH, told["onnx_sha256"])
    record = read_record(folder, told["model_id"])
    if not is_here(store, folder, record):
        copy_and_record(settings, store, folder, record)
    return record.model_id


def refuse_other_graph(path: Path, sha256: str) -> None:
    """Raise BadInputError where a graph is not there, or not the one that was exported."""
    try:
        graph = path.read_bytes()
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be read ({error.strerror}); export the model anew"
        ) from None
    if hashlib.sha256(graph).hexdigest() != sha256:
        raise BadInputError(f"{path}: is not the graph that was exported; export it anew")


def is_here(store: Store, folder: Path, record: ModelRecord) -> bool:
    """Return whether the very model is registered; BadInputError where its id cannot be used."""
    here = {each.model_id: each for each in list_models(store)}
    if record.model_id in here:
        if here[record.model_id].onnx_sha256 == record.onnx_sha256:
            return True
        raise BadInputError(f"{folder}: another model here is called {record.model_id}")
    if was_deleted(store, record.model_id):
        raise BadInputError(
            f"{folder}: {record.model_id} was deleted here for good, and its id is not used "
            "twice; import it into another home, or train a model anew by `dermhouse train`"
        )
    return False


def copy_and_record(settings: Settings, store: Store, folder: Path, record: ModelRecord) -> None:
    """Copy an exported model into the registry and record it, both or neither."""
    model_id, models_dir = record.model_id, settings.models_dir
    artifact.clear(
        settings.training_dir, models_dir, model_id, lambda: is_here(store, folder, record)
    )
    with artifact.writing(settings.training_dir):
        with artifact.staged(models_dir, model_id) as draft:
            for path in [folder / GRAPH, *(folder / OURS).iterdir()]:
                shutil.copyfile(path, draft / path.name)
            artifact.read_graph(draft, artifact.read_card(draft))
        try:
            record_model(store, record, [])
        except BaseException:
            shutil.rmtree(models_dir / model_id)  # no folder without its row
            raise


def read_mlmodel(folder: Path) -> dict[str, Any]:
    """Return what Dermhouse wrote into a folder's MLmodel; BadInputError where it did not."""
    path = folder / MLMODEL
    try:
        told = yaml.safe_load(path.read_text())["metadata"][OURS]
        is_ours = told["format"] == FORMAT and told["classes"] == CLASSES
    except (OSError, KeyError, TypeError, yaml.YAMLError):
        raise BadInputError(
            f"{path}: not a model that Dermhouse exported; name a folder that "
            "`dermhouse export-model` wrote"
        ) from None
    if not MODEL_ID.fullmatch(str(told.get("model_id"))):
        raise BadInputError(f"{path}: its model_id is no name for a model; export the model anew")
    if not is_ours:
        raise BadInputError(f"{path}: of another format or with other classes than this code's")
    return dict(told)


def read_record(folder: Path, model_id: str) -> ModelRecord:
    """Return the record that a folder's card tells, as of a model that came from elsewhere."""
    path = folder / OURS / CARD
    try:
        card = json.loads(path.read_text())
        fields = {name: card.get(name) for name in ModelRecord.__dataclass_fields__}
        moment = datetime.fromisoformat(card["created_at"])
    except (OSError, ValueError, KeyError) as error:
        raise BadInputError(
            f"{path}: the card is damaged ({error}); export the model anew"
        ) from None
    if fields["model_id"] != model_id:
        raise NotReadyError(f"{path}: is the card of {fields['model_id']}, not of {model_id}")
    origin = f"imported; trained from version {card['warehouse_version']} of another home"
    fields |= {"created_at": moment, "parent_model_id": None, "warehouse_version": 0}
    return ModelRecord(**fields | {"reason": origin})
