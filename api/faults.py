"""Every fault as one sentence in `detail`, with the status that fits it."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import exc
from starlette.exceptions import HTTPException

from api.charts.catalogue import UnknownChartError
from api.logs import HEADER, request_id
from api.queue import QueueFullError
from api.schemas import Fault
from warehouse.captures import UnknownCaptureError
from warehouse.console.pool import QueryError
from warehouse.errors import BadInputError, BusyError, DermhouseError, NotReadyError
from warehouse.facts import ConflictError
from warehouse.questions import ForeignQuestionError, UnknownQuestionError
from warehouse.registry import UnknownModelError

MEANINGS = {
    400: "the frame or the form cannot be read",
    401: "a token is needed",
    403: "the role may not do this, or the request comes from a page of another site",
    404: "there is no such thing, or it has been withdrawn",
    409: "the id belongs to something else, or the frame was not kept",
    413: "the upload is too large",
    422: "a field is missing or wrong",
    429: "too many requests, or too much in hand; come again after `Retry-After` seconds",
    500: "the server failed over this",
    503: "the store is busy or the disk is full; try again",
}
WRITES = (400, 401, 403, 413, 422, 429, 503)
READS = (401, 403, 422, 429, 503)
# Never the driver's own words: they hold addresses, and what a person sent.
STORE_AWAY = (
    "The operational store cannot be read or written now: its disk is full, say, or its database "
    "is away. Try again in a moment; if it stays so, run `dermhouse doctor`."
)

# The second: every connection that may be open at once has been in use for half a minute.
AWAY = (exc.OperationalError, exc.TimeoutError)

logger = logging.getLogger(__name__)


class MissingReviewerError(BadInputError):
    """Nobody has said who reviews."""


class WrongBatchError(BadInputError):
    """The files and the ids of a batch do not fit."""


class MissingImageError(BadInputError):
    """The capture is there; its frame was not kept."""


STATUSES: list[tuple[type[Exception], int]] = [
    (UnknownCaptureError, 404),
    (UnknownModelError, 404),
    (UnknownQuestionError, 404),
    (UnknownChartError, 404),
    (ForeignQuestionError, 403),
    (MissingImageError, 404),
    (ConflictError, 409),
    (MissingReviewerError, 422),
    (WrongBatchError, 422),
    (BadInputError, 400),
    (NotReadyError, 503),
    (QueueFullError, 429),
    (BusyError, 503),
    *((kind, 503) for kind in AWAY),
]


def faults(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route's documentation says of the faults it may answer with."""
    return {s: {"model": Fault, "description": MEANINGS[s]} for s in sorted(statuses)}


def add_fault_handlers(app: FastAPI) -> None:
    """Answer the project's errors, and FastAPI's own, in the same form."""
    app.add_exception_handler(DermhouseError, tell_fault)
    for kind in AWAY:
        app.add_exception_handler(kind, tell_fault)
    app.add_exception_handler(RequestValidationError, tell_invalid_field)
    app.add_exception_handler(400, tell_unreadable)
    app.add_exception_handler(Exception, tell_failure)


async def tell_fault(_request: Request, error: Exception) -> JSONResponse:
    """Answer with the error's own sentence."""
    wait = {"retry-after": str(error.retry_after_s)} if isinstance(error, QueueFullError) else None
    place = {"line": error.line, "column": error.column} if isinstance(error, QueryError) else {}
    told = {"detail": sentence_of(error)} | place
    return JSONResponse(told, status_code=status_of(error), headers=wait)


def status_of(error: Exception) -> int:
    """Return the status that fits an error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def sentence_of(error: Exception) -> str:
    """Return what may be told of an error; what is not ours goes to the log, by kind and place."""
    if isinstance(error, DermhouseError):
        return str(error)
    if isinstance(error, AWAY):
        logger.error("the operational store failed", exc_info=error)
        return STORE_AWAY
    logger.error("something failed that nobody foresaw", exc_info=error)
    return unforeseen(request_id.get() or "unknown")


def unforeseen(own_id: str) -> str:
    """Return what is told of a failure whose words may be anything."""
    return f"The server failed over this; its log says why, under the request id {own_id}."


async def tell_failure(request: Request, _error: Exception) -> JSONResponse:
    """Answer what nobody foresaw, by the id under which the log has it; never by its words."""
    own_id = getattr(request.state, "request_id", "unknown")
    return JSONResponse({"detail": unforeseen(own_id)}, status_code=500, headers={HEADER: own_id})


async def tell_unreadable(_request: Request, error: Exception) -> JSONResponse:
    """Say that the body is no JSON or no form at all; FastAPI's own word stands in brackets."""
    assert isinstance(error, HTTPException)
    sentence = f"The body cannot be read ({error.detail}): /openapi.json says what is asked here."
    return JSONResponse({"detail": sentence}, status_code=400)


async def tell_invalid_field(_request: Request, error: Exception) -> JSONResponse:
    """Name each field that is missing or wrong, in one sentence."""
    assert isinstance(error, RequestValidationError)
    told = [f"{'.'.join(map(str, item['loc'][1:]))}: {item['msg']}" for item in error.errors()]
    sentence = "The form cannot be read: " + "; ".join(told)
    return JSONResponse({"detail": sentence}, status_code=422)
