"""
Training without one source, and judging on it: people, cameras and habits never met.

    dermhouse train --without-source rosendahl
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from ml.dataset import locate
from ml.external import ExternalReport, Outside, evaluate_external
from ml.seen import shown_by
from ml.settings import read_recipe
from warehouse import published
from warehouse.errors import BadInputError
from warehouse.looks import Look, record_look
from warehouse.progress import Progress, silent
from warehouse.published import PublishedWarehouse
from warehouse.registry import record_evaluation, resolve
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import LookReason, Split

EVALUATION = "left_out_source"  # what stands for the split in its facts

Frames = dict[Split, pd.DataFrame]


def leave_out(frames: Frames, warehouse: PublishedWarehouse, source: str) -> Frames:
    """
    Return the splits without the lesions of a source in train and tune.

    A lesion goes whole, even where only one of its images is the source's. Validation stays.

    Raises:
        BadInputError: There is no image of that source.
    """
    lineage = published.read_lineage(warehouse)
    if source not in set(lineage["source_code"]):
        known = ", ".join(sorted(lineage["source_code"].unique()))
        raise BadInputError(f"--without-source {source}: there are images of {known}")
    gone = shown_by(lineage, source)
    return frames | {
        split: reweighted(frames[split][~frames[split]["image_id"].isin(gone)])
        for split in (Split.train, Split.tune)
    }


def reweighted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a split with the weights that the rows left in it have, as dbt computes them."""
    counts = frame.groupby("diagnosis_code")["image_id"].transform("count")
    weights = len(frame) / (frame["diagnosis_code"].nunique() * counts)
    return frame.assign(weight=weights.astype(np.float64)).reset_index(drop=True)


def evaluate_left_out(
    settings: Settings, store: Store, model: str, progress: Progress = silent
) -> ExternalReport:
    """
    Score a model on all images of the source it was trained without; the figures become facts.

    model: an id or an alias.

    Raises:
        NotReadyError: No such model, or its files or its warehouse version are gone.
        BadInputError: It was trained without no source.
    """
    record = resolve(store, model)
    source = read_recipe(record.parameters).without_source
    if source is None:
        raise BadInputError(
            f"{record.model_id}: it was trained on every source; "
            "`dermhouse train --without-source NAME` leaves one out"
        )
    warehouse = published.find(settings, record.warehouse_version)
    record_look(store, Look(LookReason.evaluation, record.model_id, warehouse.version))
    rows = read_source(warehouse, source)
    rows = rows.assign(uri=[locate(settings, uri) for uri in rows["uri"]])
    report = evaluate_external(settings, store, record.model_id, Outside(source, rows), progress)
    whole = replace(report.evaluation.whole, split=EVALUATION)
    record_evaluation(store, record.model_id, whole)
    return replace(report, evaluation=replace(report.evaluation, whole=whole))


def read_source(warehouse: PublishedWarehouse, source: str) -> pd.DataFrame:
    """Return every usable image of a source, whatever its split; columns as `etl.unloaded`'s."""
    query = """
        select
            ml_images.image_id,
            dim_lesions.lesion_id,
            ml_images.diagnosis_code,
            ml_images.age_years,
            ml_images.sex_code,
            ml_images.localization_code,
            dim_sources.source_code,
            dim_confirmation_methods.confirmation_code,
            ml_images.uri,
            ml_images.sha256
        from ml_images
        inner join fct_diagnoses on ml_images.image_id = fct_diagnoses.image_id
        inner join dim_lesions on fct_diagnoses.lesion_key = dim_lesions.lesion_key
        inner join dim_sources on fct_diagnoses.source_key = dim_sources.source_key
        inner join dim_confirmation_methods
            on fct_diagnoses.confirmation_key = dim_confirmation_methods.confirmation_key
        where dim_sources.source_code = ?
        order by ml_images.image_id
    """
    with warehouse.connect() as connection:
        return connection.execute(query, [source]).df()
