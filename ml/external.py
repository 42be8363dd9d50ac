"""A model on a data set that was never loaded: how an outside hold-out is scored."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml import context
from ml.dataset import CLASSES, Examples, read_pixels
from ml.evaluation import DataSet, EvaluationReport, ask, judge_served
from ml.predictor import Predictor
from ml.seen import Met, match, seen_images, tell_unknown
from ml.subgroups import age_band
from warehouse import registry
from warehouse.errors import BadInputError
from warehouse.progress import Progress, silent
from warehouse.registry import ModelRecord
from warehouse.settings import Settings
from warehouse.store import Store

SPLIT = "external"

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Outside:
    """A data set as it stands: a name, and one row an image (`etl.unloaded` has the columns)."""

    name: str
    rows: pd.DataFrame


@dataclass(frozen=True)
class ExternalReport:
    """A model's figures on an outside data set, and what was left out of them."""

    evaluation: EvaluationReport
    left_out: int  # images that the model was trained on
    warnings: list[str]  # sentences a person should read

    def as_dict(self) -> dict[str, Any]:
        """Return the report for a script: the keys of the internal evaluation, and these."""
        return self.evaluation.as_dict() | {"left_out": self.left_out, "warnings": self.warnings}


class FilePixels:
    """Images decoded when they are asked for, so that a large data set needs little memory."""

    def __init__(self, rows: pd.DataFrame, size: int, max_pixels: int) -> None:
        columns = rows[["image_id", "uri", "sha256"]]
        self.rows = list(columns.itertuples(index=False, name=None))
        self.size, self.max_pixels = size, max_pixels

    def __getitem__(self, places: slice) -> Pixels:
        """Return some images, (n, size, size, 3) RGB."""
        return np.stack([read_pixels(row, self.size, self.max_pixels) for row in self.rows[places]])


def evaluate_external(
    settings: Settings, store: Store, model: str, outside: Outside, progress: Progress = silent
) -> ExternalReport:
    """
    Score a registered model on images that are not in the warehouse; nothing is recorded.

    model: an id or an alias. Images that it was trained on, by id or by file content, are left
    out. The graph, the preprocessing and the figures are those of the internal evaluation.

    Raises:
        NotReadyError: No such model, or the warehouse version it was trained from is gone.
        BadInputError: Every image was trained on, or a file has changed since it was probed.
    """
    record = registry.resolve(store, model)
    predictor = Predictor.open(settings.models_dir, record.model_id)
    seen = seen_images(settings, store, record)
    is_trained_on = match(outside.rows, seen.lessons)
    rows = outside.rows[~is_trained_on].reset_index(drop=True)
    if rows.empty:
        raise BadInputError(
            f"{outside.name}: {record.model_id} was trained on every image of it; "
            "name a data set that it has not seen"
        )
    examples = outside_examples(settings, rows, predictor.input_px)
    served = ask(predictor.graph, examples, progress)
    data = DataSet(outside.name, outside_subgroups(rows))
    report = judge_served(record.model_id, examples, served, predictor.rule, data)
    left_out = int(is_trained_on.sum())
    return ExternalReport(report, left_out, warn(record, left_out, rows, seen))


def warn(record: ModelRecord, left_out: int, rows: pd.DataFrame, seen: Met) -> list[str]:
    """Return what a reader must know to believe the figures on the rows that are left."""
    sentences = []
    if left_out:
        sentences.append(f"{left_out} images were left out: {record.model_id} was trained on them.")
    if seen.unknown is not None:
        sentences.append(tell_unknown(record.model_id, seen.unknown))
    tuned = int(match(rows, seen.tune).sum())
    if tuned:
        sentences.append(
            f"{tuned} images are in the tune split, by which the training was stopped and the "
            "thresholds were chosen: the figures flatter the model."
        )
    related = int(rows["lesion_id"].isin(seen.lessons["lesion_id"]).sum())
    if related:
        sentences.append(
            f"{related} images show a lesion (by lesion_id) of which the model was trained on "
            "another image: the figures flatter the model."
        )
    return sentences


def outside_examples(settings: Settings, rows: pd.DataFrame, size: int) -> Examples:
    """Return rows as a split that is decoded on the way; lesions are grouped by lesion_id."""
    pixels: Any = FilePixels(rows, size, settings.max_image_pixels)
    columns = rows[["age_years", "sex_code", "localization_code"]]
    return Examples(
        split=SPLIT,
        image_ids=rows["image_id"].to_numpy(dtype=str),
        pixels=pixels,
        labels=rows["diagnosis_code"].map(CLASSES.index).to_numpy(dtype=np.intp),
        groups=pd.factorize(rows["lesion_id"])[0],
        weights=np.ones(len(rows)),
        is_balanced=np.ones(len(rows), dtype=np.bool_),
        context=context.encode_all(columns.itertuples(index=False, name=None)),
    )


def outside_subgroups(rows: pd.DataFrame) -> pd.DataFrame:
    """Return by what the figures are parted, indexed by image id, as the warehouse has it."""
    return pd.DataFrame(
        {
            "sex": rows["sex_code"].to_numpy(),
            "age_band": [age_band(age) for age in rows["age_years"]],
            "localization": rows["localization_code"].to_numpy(),
            "source": rows["source_code"].to_numpy(),
            "confirmation": rows["confirmation_code"].to_numpy(),
        },
        index=rows["image_id"].to_numpy(),
    )
