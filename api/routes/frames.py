"""Camera frames: one post, one answer; durable, or forgotten at once."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from api.actor import ActorDep, requires
from api.dependencies import DiagnosticianDep
from api.faults import WRITES, faults
from api.form import described, reads
from api.schemas import FrameAnswer, FrameContext, FrameForm
from ml.preprocess import FORMATS
from warehouse.roles import Permission

router = APIRouter(tags=["frames"], dependencies=[requires(Permission.diagnose)])

Frame = Annotated[bytes, Field(description=f"one image of any shape: {', '.join(FORMATS)}")]


class PreviewUpload(FrameContext):
    """A frame that is answered and forgotten."""

    file: Frame


class FrameUpload(FrameForm):
    """A frame that is answered and recorded."""

    file: Frame


@router.post("/preview/", responses=faults(*WRITES), openapi_extra=described(PreviewUpload))
async def preview_frame(
    upload: Annotated[PreviewUpload, reads(PreviewUpload)], diagnostician: DiagnosticianDep
) -> FrameAnswer:
    """Diagnose one frame of a live picture; nothing is stored."""
    return await diagnostician.preview(upload.file, upload)


@router.post("/video_frame/", responses=faults(409, *WRITES), openapi_extra=described(FrameUpload))
async def answer_frame(
    upload: Annotated[FrameUpload, reads(FrameUpload)],
    diagnostician: DiagnosticianDep,
    actor: ActorDep,
) -> FrameAnswer:
    """Diagnose one frame; the answer is a fact row before it leaves."""
    return await diagnostician.answer(upload.file, upload, actor.who)
