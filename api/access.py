"""What stands before every route: headers, a token where one is asked for, a limit on size."""

import hmac
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "dermhouse_token"

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "permissions-policy": "camera=(self)",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class HeadersMiddleware:
    """Puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers when the answer starts."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class AccessMiddleware:
    """
    Refuses a write from another site, and everyone without the token where one is set.

    The token comes as a bearer, or once as `/?token=…`, which turns it into a cookie that no
    script can read.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        answer: ASGIApp = self.app
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if is_foreign_write(scope["method"], headers):
                answer = JSONResponse(
                    {"detail": "This request comes from a page of another site."}, status_code=403
                )
            elif self.token and self.is_right(query_token(scope)):
                answer = self.sign_in()
            elif self.token and not self.is_right(header_token(headers)):
                answer = JSONResponse(
                    {"detail": "A token is needed: open the address that the server printed."},
                    status_code=401,
                    headers={"www-authenticate": "Bearer"},
                )
        await answer(scope, receive, send)

    def is_right(self, given: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(given.encode(), (self.token or "").encode())

    def sign_in(self) -> RedirectResponse:
        """Keep the token in a cookie and take it out of the address."""
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(COOKIE, self.token or "", secure=True, httponly=True, samesite="strict")
        return response


class SizeMiddleware:
    """Answers 413 to a body over the limit, before more of it is read."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body as it arrives; a declared length over the limit is refused at once."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        read = int(declared) if declared.isdigit() else 0
        if read > self.limit:
            await self.refuse(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise OversizeError
            return message

        try:
            await self.app(scope, receive_within_limit, send)
        except OversizeError:
            await self.refuse(scope, receive, send)

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say how large an upload may be."""
        sentence = f"The upload is larger than {self.limit / 2**20:g} MB: send a smaller frame."
        response = JSONResponse(
            {"detail": sentence}, status_code=413, headers={"connection": "close"}
        )
        await response(scope, receive, send)


class OversizeError(Exception):
    """The body went over the limit without having said so."""


def is_foreign_write(method: str, headers: Headers) -> bool:
    """Return whether a browser sends this write from another origin's page."""
    origin = headers.get("origin")
    if method in ("GET", "HEAD", "OPTIONS") or origin is None:
        return False
    return urlsplit(origin).netloc != headers.get("host")


def query_token(scope: Scope) -> str:
    """Return the token in the address, or nothing."""
    if scope["path"] != "/":
        return ""
    return parse_qs(str(scope["query_string"], "latin-1")).get("token", [""])[0]


def header_token(headers: Headers) -> str:
    """Return the bearer's token, or the cookie's."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return bearer
    cookies: SimpleCookie = SimpleCookie(headers.get("cookie", ""))
    return str(cookies[COOKIE].value) if COOKIE in cookies else ""
