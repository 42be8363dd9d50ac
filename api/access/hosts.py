"""
Under which names this server answers, and whether it asks for tokens there.

A page of another site can point its own name at this machine's address and then counts as this
server's (DNS rebinding). So a name has to be known; an address cannot be pointed elsewhere.
"""

import ipaddress

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.tls import is_loopback, is_wildcard, server_names
from warehouse.settings import Settings


def asks_tokens(settings: Settings) -> bool:
    """
    Return whether nobody comes in without a token.

    Off loopback always. A name of somebody else's machine that is allowed on loopback means a proxy
    in front of it, behind which everyone seems to sit at this machine: then too.
    """
    is_proxied = any(not is_loopback(name) for name in settings.allowed_hosts)
    return settings.require_tokens or not is_loopback(settings.host) or is_proxied


def served_names(settings: Settings) -> list[str]:
    """Return the names and addresses that the certificate covers and a request may use."""
    names = server_names(settings.host)
    return names + [name for name in settings.allowed_hosts if name not in names]


class HostMiddleware:
    """Answers 421 to a request for another host."""

    def __init__(self, app: ASGIApp, names: list[str], host: str) -> None:
        self.app = app
        self.names = {name.lower() for name in names}
        self.takes_addresses = is_wildcard(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or say how to allow its name."""
        answer: ASGIApp = self.app
        if scope["type"] == "http":
            name = host_name(Headers(scope=scope).get("host", ""))
            if not self.is_served(name):
                sentence = (
                    f"This server does not answer for the host '{name}': "
                    "add it to DERMHOUSE_ALLOWED_HOSTS where it should."
                )
                answer = JSONResponse({"detail": sentence}, status_code=421)
        await answer(scope, receive, send)

    def is_served(self, name: str) -> bool:
        """Return whether a name is this server's; on every interface any address may be."""
        return name in self.names or (self.takes_addresses and is_address(name))


def host_name(host: str) -> str:
    """Return the name in a Host header, without its port or an address's brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def is_address(name: str) -> bool:
    """Return whether this is an address and no name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
