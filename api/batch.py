"""Several frames in one post, each answered or refused by itself."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from fastapi import UploadFile
from pydantic import BaseModel, Field

from api.diagnosis import Diagnostician
from api.faults import WrongBatchError, sentence_of, status_of
from api.queue import Purpose, QueueFullError
from api.schemas import FrameAnswer, FrameContext, FrameForm, Pseudonym

MAX_FILES = 200
LANES = 4  # frames of one batch under way at once: enough to share a commit, and no flood


class BatchForm(FrameContext):
    """What may come beside the files; it holds for each of them."""

    prediction_id: list[UUID] = Field(
        default=[], description="one a file, in their order; sent again with a retry"
    )
    subject: Pseudonym | None = Field(default=None, description="a pseudonym, never a name")
    consent: bool = Field(default=False, description="whether the frames may be kept")


class BatchItem(BaseModel):
    """One file's answer, or why there is none: the status it would have got alone."""

    file: str | None
    prediction_id: str
    status: int
    answer: FrameAnswer | None = None
    detail: str | None = None
    retry_after_s: int | None = Field(
        default=None, description="after how many seconds to send a file of status 429 again"
    )


class BatchAnswer(BaseModel):
    """Every file of a batch, in the order they came."""

    answered: int
    refused: int
    items: list[BatchItem]


async def answer_all(
    diagnostician: Diagnostician, files: Sequence[UploadFile], form: BatchForm, who: str
) -> BatchAnswer:
    """
    Answer every file that can be answered; each is a fact row of its own, once per id.

    Raises:
        WrongBatchError: The ids are not one a file, or there are too many files.
    """
    ids = form.prediction_id or [uuid4() for _ in files]
    if len(ids) != len(files):
        raise WrongBatchError(
            f"prediction_id: {len(ids)} ids for {len(files)} files; send one for each file, or none"
        )
    if len(files) > MAX_FILES:
        raise WrongBatchError(f"files: {len(files)}, more than {MAX_FILES}; send fewer at a time")
    lanes = asyncio.Semaphore(LANES)

    async def answer_one(file: UploadFile, prediction_id: UUID) -> BatchItem:
        async with lanes:
            return await answer(diagnostician, file, form, prediction_id, who)

    items = await asyncio.gather(*map(answer_one, files, ids))
    answered = sum(item.answer is not None for item in items)
    return BatchAnswer(answered=answered, refused=len(items) - answered, items=items)


async def answer(
    diagnostician: Diagnostician, file: UploadFile, form: BatchForm, prediction_id: UUID, who: str
) -> BatchItem:
    """Answer one file, or say why not."""
    alone = FrameForm(**form.model_dump(exclude={"prediction_id"}), prediction_id=prediction_id)
    item = BatchItem(file=file.filename, prediction_id=str(prediction_id), status=200)
    try:
        said = await diagnostician.answer(await file.read(), alone, who, Purpose.batch)
    except Exception as fault:  # whatever befell this one, the others' answers stand and are told
        wait = fault.retry_after_s if isinstance(fault, QueueFullError) else None
        told = {"status": status_of(fault), "detail": sentence_of(fault), "retry_after_s": wait}
        return item.model_copy(update=told)
    return item.model_copy(update={"answer": said})
