"""Signing in and out: a token becomes a cookie that no script can read."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field, StringConstraints

from api.access.door import COOKIE, Doorkeeper
from api.access.rate import address_of
from api.actor import Actor
from api.dependencies import StoreDep
from api.faults import faults
from api.routes.pages import STATIC_DIR
from api.schemas import ActorSettings
from warehouse.tables import now
from warehouse.tokens import Token

router = APIRouter(tags=["session"])

# A working day: a computer that several people share has forgotten by the next one.
SESSION_SECONDS = 12 * 3600
UNCACHED = {"cache-control": "no-store"}


class SignInForm(BaseModel):
    """A token, as it was shown when it was made."""

    token: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Session(BaseModel):
    """Who is signed in, and whether anyone has to."""

    actor: ActorSettings | None = Field(description="null where nobody has come in")
    asks_token: bool = Field(description="false on this machine alone")


@router.get("/sign-in", include_in_schema=False)
async def show_sign_in() -> FileResponse:
    """Return the sign-in page."""
    return FileResponse(STATIC_DIR / "sign_in.html")


@router.get("/session", responses=faults(429))
async def tell_session(request: Request, response: Response) -> Session:
    """Say who is signed in."""
    response.headers.update(UNCACHED)
    keeper = keeper_of(request)
    actor, _ = await keeper.admit(request.scope)
    return as_session(actor, keeper)


@router.post("/session", responses=faults(400, 401, 403, 413, 422, 429))
async def sign_in(
    form: SignInForm, store: StoreDep, request: Request, response: Response
) -> Session:
    """Turn a token into a cookie that only this server's own pages send."""
    keeper = keeper_of(request)
    token = await keeper.find(store, form.token, address_of(request.scope))
    if token is None:
        raise HTTPException(401, "This token is wrong, has ended or was revoked.")
    response.headers.update(UNCACHED)
    response.set_cookie(
        COOKIE,
        form.token,
        max_age=session_seconds(token),
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return as_session(Actor(token.name, token.role), keeper)


@router.delete("/session", status_code=204, responses=faults(403))
async def sign_out(response: Response) -> None:
    """Forget the cookie; the token itself goes on until it is revoked."""
    response.headers.update(UNCACHED)
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")


def keeper_of(request: Request) -> Doorkeeper:
    """Return the app's doorkeeper."""
    keeper: Doorkeeper = request.app.state.doorkeeper
    return keeper


def session_seconds(token: Token) -> int:
    """Return how long a browser stays signed in: a working day, or to the token's end."""
    if token.expires_at is None:
        return SESSION_SECONDS
    return min(SESSION_SECONDS, int((token.expires_at - now()).total_seconds()))


def as_session(actor: Actor | None, keeper: Doorkeeper) -> Session:
    """Return who is signed in as it goes over the wire."""
    told = ActorSettings(name=actor.name, role=actor.role) if actor else None
    return Session(actor=told, asks_token=keeper.asks)
