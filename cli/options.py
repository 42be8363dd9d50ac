"""What several verbs share: their options, their settings, the home they need."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from warehouse.errors import NotReadyError
from warehouse.live import install_extensions
from warehouse.settings import Settings
from warehouse.store import Store, init_store, open_store

AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON, the last on stdout.")]
Folder = Annotated[Path, typer.Argument(help="The folder to fill; made if it is not there.")]
Model = Annotated[str, typer.Argument(help="A model id, or an alias.")]
Weights = Annotated[
    Path | None, typer.Option(help="ImageNet weights (.weights.h5); else Keras downloads them.")
]
Quick = Annotated[
    bool, typer.Option("--quick", help="The paper's recipe, in minutes: only a head learns.")
]
Host = Annotated[
    str | None, typer.Option(help="0.0.0.0 lets a phone on this network in, by a token.")
]
Port = Annotated[int | None, typer.Option(help="Port to serve on.", min=0, max=65535)]


def settings_with(**changes: Any) -> Settings:
    """Read DERMHOUSE_*, then apply what the command line says."""
    return Settings(**{name: value for name, value in changes.items() if value is not None})


def prepare_home(settings: Settings) -> None:
    """Make everything that must be there before the first load."""
    init_store(settings).close()
    settings.warehouse_dir.mkdir(exist_ok=True)
    install_extensions(settings)


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """
    Open the home's store, and close it again.

    Raises:
        NotReadyError: There is none, it is of another version, or it may not be opened.
    """
    try:
        store = open_store(settings)
    except DBAPIError as fault:
        raise NotReadyError(
            f"{make_url(settings.operational_url)!r}: the store cannot be opened "
            f"({str(fault.orig).splitlines()[0]}); see that its database runs, and that this "
            "account may write to it"
        ) from None
    try:
        yield store
    finally:
        store.close()
