"""Build a new version when it is due, and only then: enough new facts, or enough time."""

import time

from warehouse.build import BuildReport, build
from warehouse.build_log import last_build
from warehouse.build_state import mark_killed
from warehouse.changes import COPIED, count_new, read_watermarks
from warehouse.errors import NotReadyError
from warehouse.progress import Progress, silent
from warehouse.published import current
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import now
from warehouse.vocabulary import BuildReason

FACT_TABLES = ("prediction", "review")
WRITTEN_BY_BUILDS = {"warehouse_build", "held_out_image"}  # else each would call for the next
# After a build that failed: its cause seldom goes away in a minute, and dbt takes both cores.
PAUSE_SECONDS = 300.0


def refresh(
    settings: Settings,
    store: Store,
    *,
    min_new_facts: int,
    max_age_s: float,
    force: bool = False,
    progress: Progress = silent,
) -> BuildReport | None:
    """
    Build and publish if it is due; return None where it is not.

    One build at a time across processes; each is recorded, and one that fails leaves the last
    version as it is.

    Raises:
        BusyError: Another build is running.
        BuildError: The build failed.
    """
    reason = BuildReason.asked if force else due(settings, store, min_new_facts, max_age_s)
    return None if reason is None else build(settings, progress, reason=reason)


def due(
    settings: Settings, store: Store, min_new_facts: int, max_age_s: float
) -> BuildReason | None:
    """
    Return why a new version is due, or None.

    `min_new_facts` predictions and reviews that the version does not have, or any change at all to
    what it copies once the version is `max_age_s` old. After a failure there is a pause, and a
    build that was killed has failed.
    """
    mark_killed(settings, store)
    if is_pausing(store):
        return None
    try:
        version = current(settings)
    except NotReadyError:
        return BuildReason.age
    watermarks = read_watermarks(version)
    new = {
        name: count_new(store, name, watermarks.get(name), min_new_facts)
        for name in COPIED
        if name not in WRITTEN_BY_BUILDS
    }
    if sum(new[name] for name in FACT_TABLES) >= min_new_facts:
        return BuildReason.new_facts
    age_s = time.time() - version.path.stat().st_mtime
    return BuildReason.age if age_s >= max_age_s and any(new.values()) else None


def is_pausing(store: Store) -> bool:
    """Return whether the last build has failed a moment ago; one that was stopped has not."""
    last = last_build(store)
    if last is None or not last.has_failed:
        return False
    return (now() - (last.finished_at or last.started_at)).total_seconds() < PAUSE_SECONDS
