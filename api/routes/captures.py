"""Captures: listed, seen, withdrawn, asked about again and reviewed."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.actor import Actor, ActorDep, requires
from api.dependencies import DiagnosticianDep, SettingsDep, StoreDep
from api.faults import READS, WRITES, MissingImageError, MissingReviewerError, faults
from api.schemas import (
    CaptureCard,
    CapturePage,
    CaptureQuery,
    CaptureReview,
    FrameAnswer,
    QuestionForm,
    ReviewForm,
)
from api.shapes import as_card, as_review
from warehouse.audit import AuditedStore, Event
from warehouse.captures import Wanted, list_cards, read_card
from warehouse.facts import Review, record_review, withdraw
from warehouse.kept import read_frame, remove_frame
from warehouse.roles import Permission
from warehouse.tables import now
from warehouse.vocabulary import AuditAction

router = APIRouter(
    prefix="/captures", tags=["captures"], dependencies=[requires(Permission.read_facts)]
)

# A withdrawn capture must not live on in a browser's cache.
UNCACHED = {"cache-control": "private, no-store"}
JPEG: dict[int | str, dict[str, Any]] = {
    200: {"description": "the kept frame", "content": {"image/jpeg": {}}}
}


@router.get("/", responses=faults(*READS))
def list_captures(
    query: Annotated[CaptureQuery, Query()], store: StoreDep, response: Response
) -> CapturePage:
    """List captures, newest first; the withdrawn ones are gone."""
    response.headers.update(UNCACHED)
    # One more than the page tells whether there is a next one.
    cards = list_cards(store, as_wanted(query, query.limit + 1))
    page = cards[: query.limit]
    next_before = page[-1].capture.captured_at if len(cards) > query.limit else None
    return CapturePage(captures=[as_card(card) for card in page], next_before=next_before)


@router.get("/{capture_id}", responses=faults(404, *READS))
def show_capture(capture_id: UUID, store: StoreDep, response: Response) -> CaptureCard:
    """Show one capture with its answers and reviews."""
    response.headers.update(UNCACHED)
    return as_card(read_card(store, str(capture_id)))


@router.get("/{capture_id}/image", responses=JPEG | faults(404, *READS), response_class=Response)
def show_image(
    capture_id: UUID, store: StoreDep, settings: SettingsDep, *, download: bool = False
) -> Response:
    """Return the kept frame, which carries no metadata."""
    uri = read_card(store, str(capture_id)).capture.uri
    jpeg = None if uri is None else read_frame(settings, uri)
    if jpeg is None:
        raise MissingImageError(f"capture {capture_id}: its frame was not kept")
    named = {"content-disposition": f'attachment; filename="{capture_id}.jpg"'} if download else {}
    return Response(jpeg, media_type="image/jpeg", headers=UNCACHED | named)


@router.delete(
    "/{capture_id}",
    status_code=204,
    dependencies=[requires(Permission.diagnose)],
    responses=faults(404, *WRITES),
)
def withdraw_capture(
    capture_id: UUID, store: StoreDep, settings: SettingsDep, actor: ActorDep
) -> None:
    """Withdraw a capture: its file is removed, its answers and reviews are reachable to nobody."""
    event = Event(actor.who, AuditAction.withdraw, str(capture_id))
    withdraw(AuditedStore(store, event), str(capture_id), partial(remove_frame, settings))


@router.post(
    "/{capture_id}/answers",
    dependencies=[requires(Permission.diagnose)],
    responses=faults(404, 409, *WRITES),
)
async def ask_again(
    capture_id: UUID,
    diagnostician: DiagnosticianDep,
    actor: ActorDep,
    form: QuestionForm | None = None,
) -> FrameAnswer:
    """Ask the champion of now about a kept frame."""
    question = form or QuestionForm()
    return await diagnostician.ask_again(str(capture_id), str(question.prediction_id), actor.who)


@router.post(
    "/{capture_id}/reviews",
    status_code=201,
    dependencies=[requires(Permission.review)],
    responses=faults(404, 409, *WRITES),
)
def review_capture(
    capture_id: UUID, form: ReviewForm, store: StoreDep, actor: ActorDep
) -> CaptureReview:
    """Record what a person says of a capture, and how it was confirmed."""
    word = as_word(str(capture_id), form, actor)
    told = {"capture_id": word.capture_id}
    event = Event(actor.who, AuditAction.review, word.review_id, told)
    return as_review(record_review(AuditedStore(store, event), word))


def as_word(capture_id: str, form: ReviewForm, actor: Actor) -> Review:
    """Return the review to record; a token's name stands above a typed one."""
    reviewer = actor.name or form.reviewer
    if reviewer is None:
        raise MissingReviewerError("reviewer: say who reviews, by a pseudonym or a token")
    return Review(
        review_id=str(form.review_id),
        capture_id=capture_id,
        reviewed_at=now(),
        reviewer=reviewer,
        role=actor.review_role.value,
        dx=form.diagnosis.value,
        dx_type=form.confirmation.value,
    )


def as_wanted(query: CaptureQuery, limit: int) -> Wanted:
    """Return a query as the store is asked."""
    return Wanted(
        limit=limit,
        is_kept=query.kept,
        before=query.before,
        diagnosis=query.diagnosis,
        decision=query.decision,
        is_reviewed=query.reviewed,
        prediction_id=str(query.prediction_id) if query.prediction_id else None,
    )
