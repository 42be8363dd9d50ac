"""Which builds run, and which only seem to: a record tells its begin, the lock its being alive."""

from dataclasses import replace

from filelock import Timeout

from warehouse.build import build_lock
from warehouse.build_log import KILLED, BuildRecord, finish_record, list_builds
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import Outcome


def seen_builds(settings: Settings, store: Store, limit: int = 20) -> list[BuildRecord]:
    """Return the newest builds, newest first; one that was killed is told as failed."""
    killed = killed_builds(settings, store)
    return [
        replace(build, outcome=Outcome.failed, message=KILLED)
        if build.build_id in killed
        else build
        for build in list_builds(store, limit)
    ]


def mark_killed(settings: Settings, store: Store) -> None:
    """Record that a killed build has failed, now that it is noticed."""
    for build_id in killed_builds(settings, store):
        finish_record(store, build_id, Outcome.failed, message=KILLED)


def killed_builds(settings: Settings, store: Store) -> set[str]:
    """Return the builds that are marked as running while nobody holds the lock."""
    begun = running_builds(store)
    if not begun or is_locked(settings):
        return set()
    # Asked again: a build writes how it ended before it lets go of the lock.
    return begun & running_builds(store)


def running_builds(store: Store) -> set[str]:
    """Return the newest builds that are marked as running, by id."""
    return {each.build_id for each in list_builds(store) if each.outcome is Outcome.running}


def is_locked(settings: Settings) -> bool:
    """Return whether a process holds the build lock; where none does, it is held for a moment."""
    if not settings.warehouse_dir.is_dir():
        return False
    try:
        with build_lock(settings).acquire(timeout=0):
            return False
    except Timeout:
        return True
