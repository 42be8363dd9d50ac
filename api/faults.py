"""Every fault as one sentence in `detail`, with the status that fits it."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from api.schemas import Fault
from warehouse.captures import UnknownCaptureError
from warehouse.errors import BadInputError, BusyError, DermhouseError, NotReadyError
from warehouse.facts import ConflictError

MEANINGS = {
    400: "the frame or the form cannot be read",
    401: "a token is needed",
    403: "the request comes from a page of another site",
    404: "there is no such thing, or it has been withdrawn",
    409: "the id belongs to something else, or the frame was not kept",
    413: "the upload is too large",
    422: "a field is missing or wrong",
    503: "the store is busy or the disk is full; try again",
}
WRITES = (401, 403, 413, 422, 503)
READS = (401, 422, 503)


class MissingReviewerError(BadInputError):
    """Nobody has said who reviews."""


class MissingImageError(BadInputError):
    """The capture is there; its frame was not kept."""


STATUSES: list[tuple[type[DermhouseError], int]] = [
    (UnknownCaptureError, 404),
    (MissingImageError, 404),
    (ConflictError, 409),
    (MissingReviewerError, 422),
    (BadInputError, 400),
    (NotReadyError, 503),
    (BusyError, 503),
]


def faults(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route's documentation says of the faults it may answer with."""
    return {s: {"model": Fault, "description": MEANINGS[s]} for s in sorted(statuses)}


def add_fault_handlers(app: FastAPI) -> None:
    """Answer the project's errors, and FastAPI's own, in the same form."""
    app.add_exception_handler(DermhouseError, tell_fault)
    app.add_exception_handler(RequestValidationError, tell_invalid_field)


async def tell_fault(_request: Request, error: Exception) -> JSONResponse:
    """Answer with the error's own sentence."""
    fits = (status for kind, status in STATUSES if isinstance(error, kind))
    return JSONResponse({"detail": str(error)}, status_code=next(fits, 500))


async def tell_invalid_field(_request: Request, error: Exception) -> JSONResponse:
    """Name each field that is missing or wrong, in one sentence."""
    assert isinstance(error, RequestValidationError)
    told = [f"{'.'.join(map(str, item['loc'][1:]))}: {item['msg']}" for item in error.errors()]
    sentence = "The form cannot be read: " + "; ".join(told)
    return JSONResponse({"detail": sentence}, status_code=422)
