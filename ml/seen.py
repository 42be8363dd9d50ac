"""What a model has met, by itself or by the models that it learnt on from, and what it has not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from warehouse import published, registry
from warehouse.errors import NotReadyError
from warehouse.published import EmptySplitError, PublishedWarehouse
from warehouse.registry import ModelRecord
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import Split

ONWARD = ", onward from "  # in a model's weights_source, before the model it learnt on from


@dataclass(frozen=True)
class Met:
    """The images that a model has met; columns as of `published.read_lineage`."""

    lessons: pd.DataFrame  # trained on
    tune: pd.DataFrame  # stopped by, and thresholds chosen by
    unknown: str | None = None  # a model that it learnt on from, of which nothing is left

    @property
    def images(self) -> pd.DataFrame:
        """Return the lessons and the tune images."""
        return pd.concat([self.lessons, self.tune])


class Unseen(NamedTuple):
    """Validation images that no model in question has met, and how many had to go for that."""

    rows: pd.DataFrame
    left_out: int = 0
    warnings: tuple[str, ...] = ()  # sentences a person should read


def seen_images(settings: Settings, store: Store, record: ModelRecord) -> Met:
    """
    Return what a model has met, by itself or by the models that it learnt on from.

    Raises:
        NotReadyError: The warehouse version it was trained from is not here.
    """
    lineage = published.read_lineage(published.find(settings, record.warehouse_version))
    source = record.parameters.get("without_source")
    is_met = ~lineage["image_id"].isin(shown_by(lineage, source))
    is_lesson = is_met & (lineage["split"] == Split.train.value)
    if record.parameters.get("is_balanced", True):
        is_lesson &= lineage["is_balanced"]
    seen = Met(lineage[is_lesson], lineage[is_met & (lineage["split"] == Split.tune.value)])
    forebear = record.weights_source.partition(ONWARD)[2]
    if not forebear:
        return seen
    try:
        earlier = seen_images(settings, store, registry.resolve(store, forebear))
    except NotReadyError:
        return replace(seen, unknown=forebear)
    return Met(
        pd.concat([seen.lessons, earlier.lessons]),
        pd.concat([seen.tune, earlier.tune]),
        earlier.unknown,
    )


def shown_by(lineage: pd.DataFrame, source: str | None) -> pd.Series:
    """Return the images of every lesion group of which a source has one."""
    groups = lineage.loc[lineage["source_code"] == source, "lesion_group_id"]
    return lineage.loc[lineage["lesion_group_id"].isin(groups), "image_id"]


def match(rows: pd.DataFrame, seen: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows are among the images seen, by id or by file content, (N,)."""
    same = rows["image_id"].isin(seen["image_id"]) | rows["sha256"].isin(seen["sha256"])
    return same.to_numpy(dtype=np.bool_)


def shows_met(
    settings: Settings, store: Store, rows: pd.DataFrame, record: ModelRecord
) -> "pd.Series[bool]":
    """Return which rows show a lesion that a model has met; none where its version is gone."""
    try:
        images = seen_images(settings, store, record).images
    except NotReadyError:
        images = rows.head(0)
    columns = ["image_id", "lesion_group_id"]
    return pd.concat([rows[each].isin(images[each]) for each in columns], axis=1).any(axis=1)


def unseen(
    settings: Settings, store: Store, frame: pd.DataFrame, records: Sequence[ModelRecord]
) -> Unseen:
    """
    Return the rows of a validation frame that show no lesion which one of the models has met.

    Lesions that turn out to be one take the larger bucket, so that an older model's lessons can
    be validation today. A lesion goes whole, with all of its group. Of a model whose version is
    not here nothing is known: that is told.

    Raises:
        EmptySplitError: Nothing is left.
    """
    is_met = np.zeros(len(frame), dtype=np.bool_)
    warnings = []
    for record in records:
        found, sentences = meet(settings, store, frame, record)
        is_met |= found
        warnings += sentences
    rows = frame[~is_met].reset_index(drop=True)
    if rows.empty:
        raise EmptySplitError(
            f"ml_validation: {names(records)} learnt from the lesions of every image there is "
            "today, so that none can judge; `dermhouse train` makes a model anew on today's data"
        )
    return Unseen(rows, int(is_met.sum()), tuple(warnings))


def read_unseen(
    settings: Settings,
    store: Store,
    warehouse: PublishedWarehouse,
    records: Sequence[ModelRecord],
    split: Split = Split.validation,
) -> Unseen:
    """
    Return the rows of a split to judge models by; of validation those that none of them has met.

    Validation is what was loaded, the camera's is apart. Train and tune are what they are.

    Raises:
        EmptySplitError: The split has no images, or none that is unseen.
    """
    if split is not Split.validation:
        return Unseen(published.read_split(warehouse, split))
    return unseen(settings, store, published.read_judged(warehouse), records)


def meet(
    settings: Settings, store: Store, frame: pd.DataFrame, record: ModelRecord
) -> tuple[NDArray[np.bool_], list[str]]:
    """Return which rows show a lesion that a model has met, (N,), and what is to be said of it."""
    try:
        seen = seen_images(settings, store, record)
    except NotReadyError:
        return np.zeros(len(frame), dtype=np.bool_), [
            f"{record.model_id} was trained on a version that is not here: images that it was "
            "trained on are not left out."
        ]
    groups = frame.loc[match(frame, seen.images), "lesion_group_id"]
    is_met = frame["lesion_group_id"].isin(groups).to_numpy(dtype=np.bool_)
    sentences = []
    if is_met.any():
        sentences.append(
            f"{int(is_met.sum())} images were left out: {record.model_id} was trained or tuned on "
            "their lesions."
        )
    if seen.unknown is not None:
        sentences.append(tell_unknown(record.model_id, seen.unknown))
    return is_met, sentences


def tell_unknown(model_id: str, forebear: str) -> str:
    """Return the sentence about a forebear of which nothing is left."""
    return (
        f"{model_id} learnt on from {forebear}, which has been deleted or whose data are gone: "
        "images that only that model was trained on are not left out."
    )


def names(records: Sequence[ModelRecord]) -> str:
    """Return the models' ids as words."""
    return " and ".join(record.model_id for record in records)
