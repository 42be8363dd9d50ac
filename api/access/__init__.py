"""What stands before every route, from the outside in."""

from fastapi import FastAPI

from api.access.door import (
    Doorkeeper,
    DoorMiddleware,
    TooManyWrongError,
    tell_too_many_wrong,
)
from api.access.headers import HeadersMiddleware
from api.access.hosts import HostMiddleware, asks_tokens, served_names
from api.access.origin import OriginMiddleware
from api.access.rate import RateMiddleware, requests_per_second
from api.access.size import SizeMiddleware
from warehouse.settings import Settings


def add_guards(app: FastAPI, settings: Settings) -> None:
    """
    Put every guard before an app's routes.

    A request passes, in this order: its host's name, its origin where it writes, its token, its
    rate, its size. What a guard refuses has been read no further than its headers.
    """
    keeper = Doorkeeper(asks=asks_tokens(settings))
    app.state.doorkeeper = keeper
    app.add_exception_handler(TooManyWrongError, tell_too_many_wrong)
    # Starlette asks the guard that was added last first.
    app.add_middleware(SizeMiddleware, limit=settings.max_upload_bytes)
    app.add_middleware(RateMiddleware, per_second=requests_per_second(settings))
    app.add_middleware(DoorMiddleware, keeper=keeper)
    app.add_middleware(OriginMiddleware)
    app.add_middleware(HostMiddleware, names=served_names(settings), host=settings.host)
    app.add_middleware(HeadersMiddleware)
