"""A batch of frames: one post, an answer or a refusal for each."""

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from api.actor import ActorDep, requires
from api.batch import BatchAnswer, BatchForm, answer_all
from api.dependencies import DiagnosticianDep
from api.faults import WRITES, faults
from warehouse.roles import Permission

router = APIRouter(tags=["frames"], dependencies=[requires(Permission.diagnose)])

Frames = Annotated[list[UploadFile], File(description="images of any shape")]


@router.post("/batch/", responses=faults(*WRITES))
async def answer_batch(
    files: Frames,
    form: Annotated[BatchForm, Form()],
    diagnostician: DiagnosticianDep,
    actor: ActorDep,
) -> BatchAnswer:
    """Diagnose several frames; whoever was refused a place may be sent again with its id."""
    return await answer_all(diagnostician, files, form, actor.who)
