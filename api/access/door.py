"""
The door: who asks, by a bearer token or by the cookie that signing in has left.

Where tokens are asked for, only the public paths are answered without one. Where they are not,
on loopback, whoever comes without one is the one person of this machine; a token that is given
counts there too.
"""

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.paths import is_public
from api.access.rate import Buckets, address_of, too_often
from api.actor import LOCAL_ACTOR, Actor, as_actor
from api.faults import AWAY, sentence_of, status_of
from warehouse.store import Store
from warehouse.tokens import Token, find_token, hash_secret

# The prefix makes browsers insist on Secure, on this host alone and on the whole of it.
COOKIE = "__Host-dermhouse"
WRONG_AT_ONCE = 10
WRONG_PER_SECOND = 0.2

SENTENCE = (
    "A token is needed: send it as a bearer, or sign in at /sign-in. "
    "`dermhouse token create NAME --role ROLE` makes one."
)


class TooManyWrongError(Exception):
    """An address has sent too many wrong tokens; `wait` says for how many seconds it must not."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = wait


class Doorkeeper:
    """
    Knows tokens from wrong ones, and slows whoever tries wrong ones.

    A token is looked up each time, so that one that is revoked is out at once. An address that has
    sent too many wrong ones gets only those in that were right before: a clinic behind one address
    goes on working while one of its devices, or a guesser, knocks.
    """

    def __init__(self, asks: bool) -> None:
        self.asks = asks
        self.wrong = Buckets(WRONG_PER_SECOND, WRONG_AT_ONCE)
        self.known: set[str] = set()

    async def find(self, store: Store, secret: str, address: str) -> Token | None:
        """
        Return whose secret this is, None where it is nobody's.

        Raises:
            TooManyWrongError: The address has to wait before it may try another one.
        """
        digest = hash_secret(secret)
        wait = self.wrong.wait(address)
        if wait and digest not in self.known:
            raise TooManyWrongError(wait)
        token = await run_in_threadpool(find_token, store, secret)
        if token is None:
            self.known.discard(digest)
            self.wrong.take(address)
        else:
            self.known.add(digest)
        return token

    async def admit(self, scope: Scope) -> tuple[Actor | None, str]:
        """
        Return who asks and whose rate that counts for; nobody where a token is lacking or wrong.

        A wrong cookie counts as none, because it may be left from a token that has ended.

        Raises:
            TooManyWrongError: As for `find`.
        """
        address = address_of(scope)
        bearer, cookie = credentials(Headers(scope=scope))
        secret = bearer if bearer is not None else cookie
        if secret is not None:
            token = await self.find(scope["app"].state.store, secret, address)
            if token is not None:
                return as_actor(token), f"token {token.token_id}"
        is_let_in = not self.asks and bearer is None
        return (LOCAL_ACTOR if is_let_in else None), f"address {address}"


class DoorMiddleware:
    """Lets in who may come; a person's browser is led to the sign-in page, a program gets 401."""

    def __init__(self, app: ASGIApp, keeper: Doorkeeper) -> None:
        self.app = app
        self.keeper = keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note who asks in the request's state, or answer here."""
        answer: ASGIApp = self.app
        if scope["type"] == "http" and not is_public(scope["path"]):
            try:
                actor, caller = await self.keeper.admit(scope)
            except TooManyWrongError as error:
                answer = too_many_wrong(error)
            except AWAY as error:  # here no handler of the app stands around it
                told = {"detail": sentence_of(error)}
                answer = JSONResponse(told, status_code=status_of(error))
            else:
                scope.setdefault("state", {}).update(actor=actor, caller=caller)
                answer = self.app if actor else refusal(scope)
        await answer(scope, receive, send)


def refusal(scope: Scope) -> Response:
    """Lead a navigation to the sign-in page, and tell everything else that a token is needed."""
    if is_navigation(scope["method"], Headers(scope=scope)):
        wanted = scope["path"] + ("?" + scope["query_string"].decode("latin-1")).rstrip("?")
        where = f"/sign-in?next={quote(wanted, safe='/')}"
        return RedirectResponse(where, status_code=303, headers={"cache-control": "no-store"})
    return JSONResponse(
        {"detail": SENTENCE},
        status_code=401,
        headers={"www-authenticate": 'Bearer realm="dermhouse"'},
    )


def too_many_wrong(error: TooManyWrongError) -> Response:
    """Tell an address to wait."""
    return too_often("Too many wrong tokens came from this address", error.wait)


async def tell_too_many_wrong(_request: Request, error: Exception) -> Response:
    """Answer for a route what the door answers for itself."""
    assert isinstance(error, TooManyWrongError)
    return too_many_wrong(error)


def is_navigation(method: str, headers: Headers) -> bool:
    """Return whether a person goes to a page, rather than a script or a program asking."""
    mode = headers.get("sec-fetch-mode", "navigate")
    return method == "GET" and mode == "navigate" and "text/html" in headers.get("accept", "")


def credentials(headers: Headers) -> tuple[str | None, str | None]:
    """Return the bearer's token and the cookie's; whatever else comes as Authorization is wrong."""
    given = headers.get("authorization")
    scheme, _, secret = (given or "").partition(" ")
    bearer = None if given is None else secret * (scheme.lower() == "bearer")
    return bearer, cookie_parser(headers.get("cookie", "")).get(COOKIE)
