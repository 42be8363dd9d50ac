"""Where a model comes from: its name, the code's version, the kind of data."""

import hashlib
import json
import secrets
import subprocess
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ml.artifact import GRAPH
from ml.start import Start
from warehouse.published import PublishedWarehouse, split_hash
from warehouse.registry import ModelRecord
from warehouse.settings import ROOT
from warehouse.vocabulary import Dataset


def name_model(backbone: str, moment: datetime) -> str:
    """Return an id that sorts by time: mobilenetv2-20261123-091500-ab12cd."""
    return f"{backbone}-{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def describe_model(
    folder: Path, start: Start, warehouse: PublishedWarehouse, **facts: Any
) -> ModelRecord:
    """
    Return the lineage of a model whose graph has been exported into a folder.

    facts: the fields of ModelRecord that only the training knows.
    """
    graph = (folder / GRAPH).read_bytes()
    return ModelRecord(
        backbone=start.recipe.backbone,
        input_px=start.recipe.input_px,
        warehouse_version=warehouse.version,
        split_hash=split_hash(warehouse),
        code_version=code_version(),
        weights_source=start.weights_source,
        onnx_sha256=hashlib.sha256(graph).hexdigest(),
        onnx_bytes=len(graph),
        is_synthetic=is_synthetic(warehouse),
        **facts,
    )


def training_key(start: Start, warehouse: PublishedWarehouse) -> str:
    """Return a name that two trainings share only if they come to the same model."""
    what = [start.recipe.as_dict(), split_hash(warehouse), start.weights_source]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]


def code_version() -> str:
    """Return the project's version, with the commit where there is one: 0.1.0+1a2b3c4."""
    try:
        number = version("dermhouse")
    except PackageNotFoundError:
        number = "unknown"
    try:
        command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
        described = subprocess.run(  # noqa: S603 - the command is our own
            command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return number
    return f"{number}+{described.stdout.strip()}"


def is_synthetic(warehouse: PublishedWarehouse) -> bool:
    """Return whether any usable image of a version was drawn, not taken."""
    query = """
        select count(*)
        from ml_images
        inner join fct_diagnoses on ml_images.image_id = fct_diagnoses.image_id
        inner join dim_sources on fct_diagnoses.source_key = dim_sources.source_key
        where dim_sources.source_code = ?
    """
    with warehouse.connect() as connection:
        row = connection.execute(query, [Dataset.synthetic.value]).fetchone()
    return row is not None and row[0] > 0
