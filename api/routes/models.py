"""Models: which there are, why each was trained, how it was judged."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api.actor import ActorDep, requires
from api.dependencies import SettingsDep, StoreDep
from api.faults import READS, WRITES, faults
from api.history_shapes import ModelHistory, NoteForm, NoteTold, as_history, as_note
from api.model_shapes import ModelPage, as_page
from api.routes.pages import STATIC_DIR
from api.schemas import Id
from warehouse.notes import add_note
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
