"""Serve the app over HTTPS: the port first, so that a taken one is told before anything starts."""

import secrets
import socket
from dataclasses import dataclass

import uvicorn

from api.app import create_app
from api.tls import (
    LocalCertificate,
    ensure_certificate,
    is_loopback,
    is_wildcard,
    network_address,
    server_names,
)
from ml.predictor import Predictor
from warehouse.errors import BadInputError
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store


@dataclass(frozen=True)
class Server:
    """A bound server, ready to run; `address` is what a person opens."""

    settings: Settings
    listener: socket.socket
    certificate: LocalCertificate
    address: str

    def run(self) -> None:
        """Serve until interrupted; requests in hand are finished first."""
        config = uvicorn.Config(
            create_app(self.settings),
            ssl_keyfile=self.certificate.key,
            ssl_certfile=self.certificate.chain,
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=10,
        )
        uvicorn.Server(config).run(sockets=[self.listener])


def prepare_server(settings: Settings) -> Server:
    """
    Check the model, bind the port and make the certificate.

    A host that others can reach gets a token if none was chosen.

    Raises:
        NotReadyError: There is no champion to answer with.
        BadInputError: The port is in use, or the host is not this machine's.
    """
    store = open_store(settings)
    try:
        Predictor.open(settings.models_dir, resolve(store, CHAMPION).model_id)
    finally:
        store.close()
    if not is_loopback(settings.host) and settings.access_token is None:
        settings = settings.model_copy(update={"access_token": secrets.token_urlsafe(24)})
    listener = bind(settings.host, settings.port)
    certificate = ensure_certificate(settings.tls_dir, server_names(settings.host))
    port = listener.getsockname()[1]
    return Server(settings, listener, certificate, address(settings, port))


def address(settings: Settings, port: int) -> str:
    """Return the address to open, with the token where one is needed."""
    host = network_address() if is_wildcard(settings.host) else settings.host
    query = f"?token={settings.access_token}" if settings.access_token else ""
    return f"https://{f'[{host}]' if ':' in host else host}:{port}/{query}"


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise BadInputError(
            f"cannot serve on {host}:{port} ({error.strerror or error}); "
            "choose another with --port or --host"
        ) from None
    return listener
