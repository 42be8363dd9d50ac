"""From an answer back to what it came from, and from an image on to what came of it."""

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from sqlalchemy import func, select

from warehouse.captures import UnknownCaptureError
from warehouse.errors import NotReadyError
from warehouse.published import PublishedWarehouse, find
from warehouse.registry import ModelRecord, list_models, resolve
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import capture, prediction
from warehouse.vocabulary import Split

NEWEST = 5  # answers of a model that are named


@dataclass(frozen=True)
class DataOrigin:
    """The version that a model was trained from: its images by split, the loads they came by."""

    version: int
    is_here: bool
    build: dict[str, Any] | None = None
    images: dict[str, int] = field(default_factory=dict)
    loads: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class PredictionOrigin:
    """What one answer came from."""

    prediction_id: str
    capture_id: str
    image_id: str | None  # the frame as models see it; None where it was not kept
    model: ModelRecord
    data: DataOrigin


@dataclass(frozen=True)
class ImageUse:
    """How one model used one image, and the answers that it has given since."""

    model_id: str
    version: int
    split: str
    is_lesson: bool
    answers: int
    newest_answers: tuple[str, ...]  # their ids


@dataclass(frozen=True)
class ModelImage:
    """One image of the version that a model was trained from."""

    image_id: str
    diagnosis_code: str
    split: str
    is_lesson: bool


def trace_prediction(settings: Settings, store: Store, prediction_id: str) -> PredictionOrigin:
    """
    Return what an answer came from.

    Raises:
        UnknownCaptureError: There is no such answer, or its capture has been withdrawn.
    """
    query = (
        select(prediction.c.capture_id, prediction.c.model_id, capture.c.uri)
        .join(capture, prediction.c.capture_id == capture.c.capture_id)
        .where(prediction.c.prediction_id == prediction_id, prediction.c.deleted_at.is_(None))
    )
    with store.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise UnknownCaptureError(f"answer {prediction_id}: there is none, or it was withdrawn")
    record = resolve(store, row.model_id)
    return PredictionOrigin(
        prediction_id,
        row.capture_id,
        # As dbt names it: a kept file is named by the hash of what is kept.
        row.uri and f"frame-{PurePath(row.uri).stem}",
        record,
        trace_data(settings, record.warehouse_version),
    )


def trace_data(settings: Settings, version: int) -> DataOrigin:
    """Return what a version was made from; nothing but its number where it is not here."""
    try:
        warehouse = find(settings, version)
    except NotReadyError:
        return DataOrigin(version, is_here=False)
    builds = rows_of(
        warehouse,
        "select build_id, reason, started_at from fct_warehouse_builds order by started_at desc",
    )
    images = rows_of(warehouse, "select split, count(*) as images from ml_images group by split")
    loads = rows_of(
        warehouse,
        """
        select
            coalesce(fct_diagnoses.load_id, 'camera') as load_id,
            max(fct_loads.loaded_from) as loaded_from,
            count(*) as images
        from ml_images
        inner join fct_diagnoses on ml_images.image_id = fct_diagnoses.image_id
        left join fct_loads on fct_diagnoses.load_id = fct_loads.load_id
        group by 1
        order by 3 desc
        """,
    )
    for load in loads:  # its last name alone: where it stands on the server is nobody's business
        load["loaded_from"] = PurePath(load["loaded_from"] or "").name or None
    return DataOrigin(
        version,
        is_here=True,
        build=next(iter(builds), None),
        images={row["split"]: row["images"] for row in images},
        loads=loads,
    )


def rows_of(warehouse: PublishedWarehouse, query: str) -> list[dict[str, Any]]:
    """Return the rows of a query on a version, by column name."""
    with warehouse.connect() as connection:
        answer = connection.execute(query)
        names = [name for name, *_ in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def list_images(
    settings: Settings, store: Store, model: str, page: tuple[Split, str, int]
) -> list[ModelImage]:
    """
    Return some images of the version that a model (an id or an alias) was trained from.

    page: of which split, after which image id, how many at most.

    Raises:
        NotReadyError: There is no such model, or its version is not here.
    """
    record = resolve(store, model)
    query = """
        select image_id, diagnosis_code, split, split = 'train' and (is_balanced or ?) as is_lesson
        from ml_images where split = ? and image_id > ? order by image_id limit ?
    """
    split, after, limit = page
    given = [learns_from_all(record), split.value, after, limit]
    with find(settings, record.warehouse_version).connect() as connection:
        return [ModelImage(*row) for row in connection.execute(query, given).fetchall()]


def learns_from_all(record: ModelRecord) -> bool:
    """Return whether a model also learnt from the nevi that the balance leaves out."""
    return not record.parameters.get("is_balanced", True)


def trace_image(settings: Settings, store: Store, image_id: str) -> list[ImageUse]:
    """Return which models saw an image, as a lesson or held out, newest first."""
    uses = []
    for record in list_models(store):
        try:
            warehouse = find(settings, record.warehouse_version)
        except NotReadyError:
            continue
        with warehouse.connect() as connection:
            row = connection.execute(
                "select split, split = 'train' and (is_balanced or ?) from ml_images "
                "where image_id = ?",
                [learns_from_all(record), image_id],
            ).fetchone()
        if row is not None:
            split, is_lesson = row
            told = answers_of(store, record.model_id)
            use = ImageUse(record.model_id, warehouse.version, split, is_lesson, *told)
            uses.append(use)
    return uses


def answers_of(store: Store, model_id: str) -> tuple[int, tuple[str, ...]]:
    """Return how many answers a model has given that are kept, and the newest of them."""
    given = (prediction.c.model_id == model_id, prediction.c.deleted_at.is_(None))
    newest = select(prediction.c.prediction_id).where(*given)
    newest = newest.order_by(prediction.c.predicted_at.desc()).limit(NEWEST)
    with store.read() as connection:
        count = connection.scalar(select(func.count()).select_from(prediction).where(*given)) or 0
        return count, tuple(connection.execute(newest).scalars())
