"""How often one may ask: a token bucket for each token, or for each address that has none."""

import ipaddress
import math
import time
from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.hosts import asks_tokens
from api.access.paths import is_public
from warehouse.settings import Settings

PER_SECOND = 20.0  # a person's pages ask for less, and a clinic's server can give more
BURST_SECONDS = 10  # what is saved up: a gallery asks for all its pictures at once
MAX_KEYS = 10_000
# Live mode asks as fast as it is answered; what bounds it is its part of the line (api/queue.py).
PREVIEW = "/preview/"
IPV6_SITE = 64  # bits: whoever has one IPv6 address has the whole network behind it


class Buckets:
    """
    A bucket for each key, which holds `burst` takes and fills by `per_second`.

    It is used on one event loop, so nothing is locked. The keys asked about longest ago are
    forgotten when there are too many.
    """

    def __init__(
        self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_second = per_second
        self.burst = burst
        self.clock = clock
        self.levels: dict[str, tuple[float, float]] = {}

    def wait(self, key: str) -> float:
        """Return the seconds until there is one to take; 0 where there is one now."""
        return max(0.0, (1 - self.level(key)) / self.per_second)

    def take(self, key: str) -> float:
        """Take one and return 0, or return the seconds until there is one to take."""
        level, wait = self.level(key), self.wait(key)
        if wait == 0:
            self.levels.pop(key, None)
            self.levels[key] = (level - 1, self.clock())
            if len(self.levels) > MAX_KEYS:
                del self.levels[next(iter(self.levels))]
        return wait

    def level(self, key: str) -> float:
        """Return how many there are to take now."""
        level, at = self.levels.get(key, (self.burst, self.clock()))
        return min(self.burst, level + (self.clock() - at) * self.per_second)


class RateMiddleware:
    """Answers 429 to whoever asks too often; it stands behind the door, so it knows who asks."""

    def __init__(self, app: ASGIApp, per_second: float) -> None:
        self.app = app
        self.buckets = Buckets(per_second, per_second * BURST_SECONDS) if per_second else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request, if it is of those that are counted."""
        answer: ASGIApp = self.app
        if self.buckets is not None and scope["type"] == "http" and is_counted(scope["path"]):
            wait = self.buckets.take(scope["state"]["caller"])
            if wait:
                answer = too_often("Too many requests", wait)
        await answer(scope, receive, send)


def is_counted(path: str) -> bool:
    """Return whether a request counts; what is public costs nothing worth counting."""
    return path != PREVIEW and not is_public(path)


def requests_per_second(settings: Settings) -> float:
    """Return how often one may ask; 0 for any number, as the one person at this machine may."""
    if settings.requests_per_second is not None:
        return settings.requests_per_second
    return PER_SECOND if asks_tokens(settings) else 0.0


def too_often(what: str, wait: float) -> JSONResponse:
    """Answer that it was too often, and when to come again."""
    seconds = max(1, math.ceil(wait))
    return JSONResponse(
        {"detail": f"{what}: try again in {seconds} s."},
        status_code=429,
        headers={"retry-after": str(seconds)},
    )


def address_of(scope: Scope) -> str:
    """Return whose bucket a request without a token takes from: its address, or IPv6 network."""
    host = str(scope["client"][0]) if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped:
        return host
    return str(ipaddress.ip_network((host, IPV6_SITE), strict=False))
