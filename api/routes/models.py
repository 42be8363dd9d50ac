"""Models: which there are, why each was trained, how it was judged, and what it stands on."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from api.actor import ActorDep, requires
from api.dependencies import SettingsDep, StoreDep
from api.faults import READS, WRITES, faults
from api.model_shapes import (
    ImageUseTold,
    ModelHistory,
    ModelPage,
    NoteForm,
    NoteTold,
    PredictionLineage,
    QueuePage,
    as_history,
    as_note,
    as_page,
    as_prediction_lineage,
    as_queue,
    as_use,
)
from api.routes.pages import STATIC_DIR
from api.schemas import Id
from warehouse.lineage import trace_image, trace_prediction
from warehouse.notes import add_note
from warehouse.review_queue import read_queue
from warehouse.roles import Permission

router = APIRouter(tags=["models"])


@router.get("/models", include_in_schema=False, dependencies=[requires(Permission.read_facts)])
async def show_models() -> FileResponse:
    """Return the page of models."""
    return FileResponse(STATIC_DIR / "models.html")


@router.get("/models/", responses=faults(*READS), dependencies=[requires(Permission.read_facts)])
def list_models(store: StoreDep) -> ModelPage:
    """List the models, newest first, with their figures and the verdicts on them."""
    return as_page(store)


@router.get(
    "/models/{model_id}",
    responses=faults(404, *READS),
    dependencies=[requires(Permission.read_facts)],
)
def show_model(model_id: Id, store: StoreDep, settings: SettingsDep) -> ModelHistory:
    """Show one model: its lineage, its verdicts line by line, its notes."""
    return as_history(settings, store, model_id)


@router.post(
    "/models/{model_id}/notes",
    status_code=201,
    responses=faults(404, *WRITES),
    dependencies=[requires(Permission.administer)],
)
def note_model(model_id: Id, form: NoteForm, store: StoreDep, actor: ActorDep) -> NoteTold:
    """Note something beside a model."""
    return as_note(add_note(store, model_id, form.note, actor.who))


@router.get(
    "/review-queue",
    responses=faults(*READS),
    dependencies=[requires(Permission.read_facts)],
)
def list_worth_reviewing(
    settings: SettingsDep, store: StoreDep, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> QueuePage:
    """List the kept frames of which a review would teach the next model most."""
    return as_queue(read_queue(settings, store, limit))


@router.get(
    "/images/{image_id}/models",
    responses=faults(*READS),
    dependencies=[requires(Permission.read_facts)],
)
def show_image_uses(image_id: Id, settings: SettingsDep, store: StoreDep) -> list[ImageUseTold]:
    """Show which models saw an image, and how many answers they have given."""
    return [as_use(each) for each in trace_image(settings, store, image_id)]


@router.get(
    "/predictions/{prediction_id}/lineage",
    responses=faults(404, *READS),
    dependencies=[requires(Permission.read_facts)],
)
def show_lineage(prediction_id: Id, settings: SettingsDep, store: StoreDep) -> PredictionLineage:
    """Show what an answer came from: model, version, build, images and loads."""
    return as_prediction_lineage(trace_prediction(settings, store, prediction_id), store)
