"""
Remove old versions that nobody needs any more.

A version stays while a model names it, so that any training can be run again on its data, while a
retraining that was broken off is to go on with it, while it is current, and while a process has it
pinned. A reader that has a removed file open reads on: the
system keeps an open file until it is closed.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout
from sqlalchemy import select, union

from warehouse.build import build_lock
from warehouse.errors import BadInputError, NotReadyError
from warehouse.published import PublishedWarehouse, current, versions
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import model, retraining
from warehouse.vocabulary import Outcome


@dataclass(frozen=True)
class RetentionReport:
    """Which versions were removed and which stay, by number, and the bytes that came free."""

    removed: list[int]
    kept: list[int]
    freed_bytes: int


def clean_versions(settings: Settings, store: Store, keep: int) -> RetentionReport:
    """
    Remove all but the newest `keep` versions, those that a model names, are current or pinned.

    Raises:
        BadInputError: `keep` is less than one.
    """
    if keep < 1:
        raise BadInputError(f"{keep} versions cannot be kept: say 1 or more")
    published = versions(settings)
    named = named_versions(store)
    if published:
        named.add(current(settings).version)
    removed, freed = [], 0
    for version in published[:-keep]:
        if version.version not in named and (size := remove(store, version)) is not None:
            removed.append(version.version)
            freed += size
    freed += remove_drafts(settings)
    kept = [version.version for version in versions(settings)]
    return RetentionReport(removed, kept, freed)


def named_versions(store: Store) -> set[int]:
    """Return the versions that models were, or are about to be, trained from."""
    trained = select(model.c.warehouse_version).where(model.c.deleted_at.is_(None))
    begun = select(retraining.c.warehouse_version).where(
        retraining.c.outcome == Outcome.running.value
    )
    with store.read() as connection:
        return set(connection.execute(union(trained, begun)).scalars())


def remove(store: Store, version: PublishedWarehouse) -> int | None:
    """Remove one version's file; return its bytes, or None while it is pinned or named."""
    try:
        descriptor = os.open(version.path, os.O_RDONLY)
    except FileNotFoundError:
        return None  # another process cleans up as well
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A training that has let go of its pin may have named its model a moment before.
        if version.version in named_versions(store):
            return None
        size = os.fstat(descriptor).st_size
        version.path.unlink(missing_ok=True)
    except BlockingIOError:
        return None
    finally:
        os.close(descriptor)
    return size


@contextmanager
def pinned(version: PublishedWarehouse) -> Iterator[PublishedWarehouse]:
    """
    Keep a version from being removed while the block runs: a training, before its model is named.

    The pin is a lock that the system frees when the process ends, however it ends. It is of another
    kind than DuckDB's own.

    Raises:
        NotReadyError: The version has been removed a moment before.
    """
    try:
        descriptor = os.open(version.path, os.O_RDONLY)
    except FileNotFoundError:
        raise removed_meanwhile(version) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if not version.path.exists():  # whoever removes it may have had the lock before
            raise removed_meanwhile(version)
        yield version
    finally:
        os.close(descriptor)


def removed_meanwhile(version: PublishedWarehouse) -> NotReadyError:
    """Return what is raised where a version has gone between its being found and pinned."""
    return NotReadyError(
        f"{version.path}: this version has just been cleaned up; choose one that is still there"
    )


def remove_drafts(settings: Settings) -> int:
    """Remove what a build that was killed while publishing left; return the bytes."""
    freed = 0
    with suppress(Timeout), build_lock(settings).acquire(timeout=0):
        for path in drafts(settings):
            freed += path.stat().st_size
            path.unlink()
    return freed


def drafts(settings: Settings) -> list[Path]:
    """Return half copies; one that is being written belongs to who holds the build lock."""
    return sorted(settings.warehouse_dir.glob("*.draft"))
