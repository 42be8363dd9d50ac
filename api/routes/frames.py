"""Camera frames: one post, one durable answer."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile

from api.dependencies import DiagnosticianDep
from api.schemas import Fault, FrameAnswer, FrameForm

router = APIRouter(tags=["frames"])

FAULTS: dict[int | str, dict[str, Any]] = {
    400: {"model": Fault, "description": "the frame cannot be read"},
    409: {"model": Fault, "description": "the prediction id belongs to another frame"},
    413: {"model": Fault, "description": "the upload is too large"},
    422: {"model": Fault, "description": "a field is missing or wrong"},
}


@router.post("/video_frame/", responses=FAULTS)
async def answer_frame(
    file: Annotated[UploadFile, File(description="a JPEG, PNG or WebP frame of any shape")],
    form: Annotated[FrameForm, Form()],
    diagnostician: DiagnosticianDep,
) -> FrameAnswer:
    """Diagnose one frame; the answer is a fact row before it leaves."""
    return await diagnostician.answer(await file.read(), form)
