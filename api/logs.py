"""
What the server says of itself: one line a request, with its id, and never patient data.

A line names the route and not the address, and a failure its kind and place and not its words:
what a person typed, or a database's parameters, could stand in those.
"""

import json
import logging
import re
import sys
import time
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from warehouse.settings import Settings

HEADER = "x-request-id"
GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
OURS = ("api", "ml", "warehouse")
SERVER_FAULT = 500
FIELDS = ("method", "route", "status", "ms")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
logger = logging.getLogger(__name__)


class RequestMiddleware:
    """Gives each request an id, echoes it, times the answer and writes one line about it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, and note how it ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        own_id = given if GOOD_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = own_id
        status, started = 500, time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = own_id
            await send(message)

        token = request_id.set(own_id)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self.note(scope, status, time.perf_counter() - started)
            request_id.reset(token)

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that has ended, and write its line."""
        route = name_route(scope)
        self.metrics.request_seconds.labels(route, status).observe(seconds)
        line = {"method": scope["method"], "route": route, "status": status}
        level = level_of(scope["method"], route, status)
        logger.log(level, "request", extra=line | {"ms": round(seconds * 1000, 1)})


def name_route(scope: Scope) -> str:
    """Return the route's own form, as in /captures/{capture_id}; `other` for files and guesses."""
    return str(getattr(scope.get("route"), "path", None) or "other")


def level_of(method: str, route: str, status: int) -> int:
    """Return how loud a request's line is: what only looks on is told to whoever debugs."""
    if status >= SERVER_FAULT:
        return logging.WARNING
    return logging.DEBUG if method in ("GET", "HEAD") or route == "/preview/" else logging.INFO


def configure_logs(settings: Settings) -> None:
    """Send log lines to stderr: JSON for a machine, few and plain words on a terminal."""
    is_terminal = sys.stderr.isatty()
    handler = logging.StreamHandler()
    handler.setFormatter(PlainLines() if is_terminal else JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    level = settings.log_level or ("warning" if is_terminal else "info")
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
        }
        line |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        return json.dumps(line | describe_failure(record), default=str)


class PlainLines(logging.Formatter):
    """A sentence a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        told |= describe_failure(record)
        words = " ".join(f"{name}={value}" for name, value in told.items())
        return f"dermhouse: {record.levelname.lower()}: {record.getMessage()} {words}".rstrip()


def describe_failure(record: logging.LogRecord) -> dict[str, Any]:
    """Return a failure's kind and where it happened; its words may hold what a person sent."""
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    frames = traceback.extract_tb(record.exc_info[2])
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
    return {"error": record.exc_info[0].__name__, "places": places}
