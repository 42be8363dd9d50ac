"""Every fault as one sentence in `detail`, with the status that fits it."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from warehouse.errors import BadInputError, BusyError, DermhouseError, NotReadyError
from warehouse.facts import ConflictError

STATUSES: list[tuple[type[DermhouseError], int]] = [
    (ConflictError, 409),
    (BadInputError, 400),
    (NotReadyError, 503),
    (BusyError, 503),
]


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
