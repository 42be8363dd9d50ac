"""Camera frames: one post, one answer; durable, or forgotten at once."""

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from api.actor import ActorDep, requires
from api.dependencies import DiagnosticianDep
from api.faults import WRITES, faults
from api.schemas import FrameAnswer, FrameContext, FrameForm
from ml.preprocess import FORMATS
from warehouse.roles import Permission

router = APIRouter(tags=["frames"], dependencies=[requires(Permission.diagnose)])

Frame = Annotated[UploadFile, File(description=f"one image of any shape: {', '.join(FORMATS)}")]


@router.post("/preview/", responses=faults(*WRITES))
async def preview_frame(
    file: Frame, form: Annotated[FrameContext, Form()], diagnostician: DiagnosticianDep
) -> FrameAnswer:
    """Diagnose one frame of a live picture; nothing is stored."""
    return await diagnostician.preview(await file.read(), form)


@router.post("/video_frame/", responses=faults(409, *WRITES))
async def answer_frame(
    file: Frame,
    form: Annotated[FrameForm, Form()],
    diagnostician: DiagnosticianDep,
    actor: ActorDep,
) -> FrameAnswer:
    """Diagnose one frame; the answer is a fact row before it leaves."""
    return await diagnostician.answer(await file.read(), form, actor.who)
