"""Look for the common faults of an installation, and say what to do about each."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from warehouse.errors import DermhouseError
from warehouse.published import connect_live, current
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store

# One published version, the build it is copied from, and room for a training cache.
FREE_BYTES = 2 * 2**30


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen or must be done."""

    subject: str
    is_well: bool
    word: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield one finding a subject; nothing is changed."""
    checks: dict[str, Callable[[Settings], str]] = {
        "home": check_home,
        "disk": check_disk,
        "operational store": check_store,
        "warehouse": check_warehouse,
        "live facts": check_live,
        "champion": check_champion,
    }
    for subject, check in checks.items():
        try:
            yield Finding(subject, is_well=True, word=check(settings))
        except DermhouseError as fault:
            yield Finding(subject, is_well=False, word=str(fault))


def check_home(settings: Settings) -> str:
    """See that there is a folder to work in."""
    if not settings.home.is_dir():
        raise DermhouseError(f"{settings.home}: there is no such folder; run `dermhouse init`")
    return str(settings.home.resolve())


def check_disk(settings: Settings) -> str:
    """See that a build and a training have room."""
    folder = settings.home if settings.home.is_dir() else settings.home.absolute().parent
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        raise DermhouseError(
            f"{folder}: only {free / 2**30:.1f} GB are free; "
            f"make room for {FREE_BYTES / 2**30:g} GB"
        )
    return f"{free / 2**30:.0f} GB free"


def check_store(settings: Settings) -> str:
    """See that the tables are there and of this code's version."""
    open_store(settings).close()
    return settings.operational_url.split("@")[-1]


def check_warehouse(settings: Settings) -> str:
    """See that a version is published and opens."""
    warehouse = current(settings)
    with warehouse.connect() as connection:
        row = connection.execute("select count(*) from dim_images").fetchone()
    return f"version {warehouse.version}, {row[0] if row else 0:,} images"


def check_live(settings: Settings) -> str:
    """See that today's predictions can be read on top of the version."""
    with connect_live(settings) as connection:
        row = connection.execute("select count(*) from fct_predictions_live").fetchone()
    return f"{row[0] if row else 0:,} predictions"


def check_champion(settings: Settings) -> str:
    """See that there is a model to serve, with its file."""
    store = open_store(settings)
    try:
        model_id = resolve(store, CHAMPION).model_id
    finally:
        store.close()
    path = settings.models_dir / model_id / "model.onnx"
    if not path.exists():
        raise DermhouseError(f"{path}: the champion's file is gone; run `dermhouse train`")
    return model_id
