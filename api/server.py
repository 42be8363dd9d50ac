"""Serve the app over HTTPS: the port first, so that a taken one is told before anything starts."""

import socket
from dataclasses import dataclass

import uvicorn

from api.access.hosts import asks_tokens, served_names
from api.app import create_app
from api.logs import configure_logs
from api.tls import LocalCertificate, ensure_certificate, is_wildcard, network_address
from ml.predictor import Predictor
from warehouse.errors import BadInputError, NotReadyError
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tokens import has_valid_token


@dataclass(frozen=True)
class Server:
    """A bound server, ready to run; `address` is what a person opens."""

    settings: Settings
    listener: socket.socket
    certificate: LocalCertificate
    address: str

    def run(self) -> None:
        """Serve until interrupted; requests in hand are finished first."""
        configure_logs(self.settings)
        config = uvicorn.Config(
            create_app(self.settings),
            ssl_keyfile=self.certificate.key,
            ssl_certfile=self.certificate.chain,
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=10,
        )
        uvicorn.Server(config).run(sockets=[self.listener])


def prepare_server(settings: Settings) -> Server:
    """
    Check the model, bind the port and make the certificate.

    Raises:
        NotReadyError: There is no champion to answer with, or no token to sign in with.
        BadInputError: The port is in use, or the host is not this machine's.
    """
    store = open_store(settings)
    try:
        Predictor.open(settings.models_dir, resolve(store, CHAMPION).model_id)
        refuse_closed_door(settings, store)
    finally:
        store.close()
    listener = bind(settings.host, settings.port)
    certificate = ensure_certificate(settings.tls_dir, served_names(settings))
    port = listener.getsockname()[1]
    return Server(settings, listener, certificate, address(settings, port))


def refuse_closed_door(settings: Settings, store: Store) -> None:
    """Raise NotReadyError where a token is asked for and nobody can have one."""
    if asks_tokens(settings) and not has_valid_token(store):
        raise NotReadyError(
            "this server would ask for a token, and there is none to sign in with: "
            "run `dermhouse token create NAME --role clinician`, or serve on localhost alone"
        )


def address(settings: Settings, port: int) -> str:
    """Return the address to open."""
    host = network_address() if is_wildcard(settings.host) else settings.host
    return f"https://{f'[{host}]' if ':' in host else host}:{port}/"


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # From here a client waits for its turn; it is never refused while the model is opened.
        listener.listen()
    except OSError as error:
        listener.close()
        raise BadInputError(
            f"cannot serve on {host}:{port} ({error.strerror or error}); "
            "choose another with --port or --host"
        ) from None
    return listener
