"""Whether a browser sends a write from this server's own page."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class OriginMiddleware:
    """Answers 403 to a write that another site's page makes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        answer: ASGIApp = self.app
        if scope["type"] == "http" and is_foreign_write(scope["method"], Headers(scope=scope)):
            answer = JSONResponse(
                {"detail": "This request comes from a page of another site."}, status_code=403
            )
        await answer(scope, receive, send)


def is_foreign_write(method: str, headers: Headers) -> bool:
    """
    Return whether a browser sends this write from another origin's page.

    A browser says so in Sec-Fetch-Site, or over plain HTTP in Origin alone, and no page can change
    either; whoever sends neither is no browser, and carries nobody's cookie.
    """
    if method in SAFE_METHODS:
        return False
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in ("same-origin", "none")
    return origin is not None and not is_at(origin, headers.get("host"))


def is_at(origin: str, host: str | None) -> bool:
    """Return whether an origin is this host's; what is no address is nobody's."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False
