"""Lineage: from an answer back to images and loads, and from an image on to models and answers."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.actor import requires
from api.dependencies import SettingsDep, StoreDep
from api.faults import READS, faults
from api.history_shapes import (
    ImagePage,
    ImageUseTold,
    PredictionLineage,
    as_images,
    as_prediction_lineage,
    as_use,
)
from api.schemas import Id
from warehouse.lineage import list_images, trace_image, trace_prediction
from warehouse.roles import Permission
from warehouse.vocabulary import Split

router = APIRouter(tags=["models"], dependencies=[requires(Permission.read_facts)])


@router.get("/predictions/{prediction_id}/lineage", responses=faults(404, *READS))
def show_lineage(prediction_id: Id, settings: SettingsDep, store: StoreDep) -> PredictionLineage:
    """Show what an answer came from: model, version, build, images and loads."""
    return as_prediction_lineage(trace_prediction(settings, store, prediction_id), store)


@router.get("/models/{model_id}/images", responses=faults(404, *READS))
def list_model_images(
    model_id: Id,
    settings: SettingsDep,
    store: StoreDep,
    split: Split = Split.train,
    after: Annotated[Id, Query(description="the last image of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ImagePage:
    """List the images of one split that a model was trained, tuned or judged by."""
    return as_images(list_images(settings, store, model_id, (split, after, limit)))


@router.get("/images/{image_id}/models", responses=faults(*READS))
def show_image_uses(image_id: Id, settings: SettingsDep, store: StoreDep) -> list[ImageUseTold]:
    """Show which models saw an image, and the newest answers that came from them."""
    return [as_use(each) for each in trace_image(settings, store, image_id)]
