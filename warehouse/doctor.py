"""Look for the common faults of an installation, and say what to do about each."""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from stat import S_ISREG

import duckdb
from filelock import Timeout
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from warehouse.address import shown_address
from warehouse.audit import verify
from warehouse.build import build_lock
from warehouse.build_log import last_build
from warehouse.errors import DermhouseError
from warehouse.published import connect_live, current
from warehouse.registry import CHAMPION, resolve
from warehouse.retention import drafts
from warehouse.retrainings import retraining_lock, unfinished
from warehouse.settings import Settings
from warehouse.store import Store, UnreachableError, cause_of, head_revision, open_store
from warehouse.tables import capture
from warehouse.vocabulary import Outcome

# One published version, the build it is copied from, and room for a training cache.
FREE_BYTES = 2 * 2**30
# Longer than a frame waits for its row, however busy the store is.
YOUNG_SECONDS = 600
WITHOUT_STORE = ("home", "disk", "warehouse")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen or must be done."""

    subject: str
    is_well: bool
    word: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield one finding a subject; nothing is changed. A silent store is told once."""
    checks: dict[str, Callable[[Settings], str]] = {
        "home": check_home,
        "disk": check_disk,
        "operational store": check_store,
        "audit": check_audit,
        "warehouse": check_warehouse,
        "last build": check_last_build,
        "locks": check_locks,
        "live facts": check_live,
        "champion": check_champion,
        "retraining": check_retraining,
        "kept frames": check_frames,
    }
    is_silent = False
    for subject, check in checks.items():
        if is_silent and subject not in WITHOUT_STORE:
            continue
        try:
            yield Finding(subject, is_well=True, word=check(settings))
        except DermhouseError as fault:
            is_silent = is_silent or isinstance(fault, UnreachableError)
            yield Finding(subject, is_well=False, word=str(fault))
        except (OSError, duckdb.Error, SQLAlchemyError) as fault:
            cause = cause_of(fault, settings.operational_url)
            word = f"cannot be read ({cause}); restore it from a backup"
            yield Finding(subject, is_well=False, word=word)


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """Yield the store, and give it back."""
    store = open_store(settings)
    try:
        yield store
    finally:
        store.close()


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
    return f"{shown_address(settings.operational_url)}, schema {head_revision()}"


def check_audit(settings: Settings) -> str:
    """See that the audit chain is as it was written."""
    with opened(settings) as store:
        report = verify(store)
    if not report.is_whole:
        raise DermhouseError(f"{report.word}; see `dermhouse audit verify`")
    return report.word


def check_warehouse(settings: Settings) -> str:
    """See that a version is published and opens."""
    warehouse = current(settings)
    with warehouse.connect() as connection:
        row = connection.execute("select count(*) from dim_images").fetchone()
    return f"version {warehouse.version}, {row[0] if row else 0:,} images"


def check_last_build(settings: Settings) -> str:
    """See that the last build did not fail; its cause is told as it was recorded."""
    with opened(settings) as store:
        last = last_build(store)
    if last is None:
        return "none is recorded"
    if last.has_failed:
        raise DermhouseError(
            f"the build of {last.started_at:%Y-%m-%d %H:%M} UTC failed and the last version "
            f"stands: {last.message}"
        )
    word = "stopped" if last.was_stopped else last.outcome.value
    return f"{word}, {last.started_at:%Y-%m-%d %H:%M} UTC"


def check_locks(settings: Settings) -> str:
    """See that nothing is left of a build that was killed."""
    if not settings.warehouse_dir.is_dir():
        return "none"
    try:
        with build_lock(settings).acquire(timeout=0), opened(settings) as store:
            last, left = last_build(store), drafts(settings)
    except Timeout:
        return "a build is running"
    if left or (last is not None and last.outcome is Outcome.running):
        raise DermhouseError(
            "a build was killed before its end; run `dermhouse build` (then `dermhouse refresh` "
            f"removes {', '.join(path.name for path in left) or 'what it left'})"
        )
    return "none is held"


def check_live(settings: Settings) -> str:
    """See that today's predictions can be read on top of the version."""
    with connect_live(settings) as connection:
        row = connection.execute("select count(*) from fct_predictions_live").fetchone()
    return f"{row[0] if row else 0:,} predictions"


def check_champion(settings: Settings) -> str:
    """See that there is a model to serve, with the file that was registered."""
    with opened(settings) as store:
        champion = resolve(store, CHAMPION)
    path = settings.models_dir / champion.model_id / "model.onnx"
    if not path.exists():
        raise DermhouseError(f"{path}: the champion's file is gone; run `dermhouse train`")
    if hashlib.sha256(path.read_bytes()).hexdigest() != champion.onnx_sha256:
        raise DermhouseError(
            f"{path}: is not the file that was registered; restore it from a backup, "
            "or promote another model"
        )
    return champion.model_id


def check_retraining(settings: Settings) -> str:
    """See that no retraining was broken off."""
    try:
        with retraining_lock(settings).acquire(timeout=0), opened(settings) as store:
            left = unfinished(store)
    except Timeout:
        return "one is running"
    if left is not None:
        raise DermhouseError(
            f"{left.model_id} was broken off; run `dermhouse retrain`: it goes on from there"
        )
    return "none is broken off"


def check_frames(settings: Settings) -> str:
    """See that each frame kept with consent has its file, and each file its capture."""
    count, orphans, missing = match_frames(settings)
    if orphans or missing:  # a server may have kept or withdrawn one between the two looks
        count, still_orphans, still_missing = match_frames(settings)
        orphans, missing = orphans & still_orphans, missing & still_missing
    if orphans:
        raise DermhouseError(
            f"{len(orphans)} files belong to no capture, {min(orphans)} among them: without "
            f"consent nothing may be kept; delete them from {settings.images_dir}"
        )
    if missing:
        raise DermhouseError(
            f"{len(missing)} kept frames have no file, {min(missing)} among them; "
            "restore them from a backup"
        )
    return f"{count:,} frames"


def match_frames(settings: Settings) -> tuple[int, set[str], set[str]]:
    """
    Return how many files there are, those that no row names, and the names that have no file.

    A frame's file is there before its row: one written a moment ago may yet get it, and a draft
    its name. The rows are asked for after the files, so that an older file has had its time.
    """
    files, young = set(), time.time() - YOUNG_SECONDS
    for path in settings.images_dir.rglob("*"):
        with suppress(FileNotFoundError):  # withdrawn, or given its name, while we look
            seen = path.stat()
            if S_ISREG(seen.st_mode):
                files.add((path.relative_to(settings.home).as_posix(), seen.st_mtime > young))
    query = select(capture.c.uri).where(capture.c.uri.is_not(None), capture.c.deleted_at.is_(None))
    with opened(settings) as store, store.read() as connection:
        named: set[str] = set(connection.execute(query).scalars())
    orphans = {name for name, is_young in files if not is_young and name not in named}
    missing = {uri for uri in named if not (settings.home / uri).exists()}
    return len(files), orphans, missing
