"""The state of the moment, gathered from the parts of a running server."""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from api.champion import Seat
from api.engine import Engine
from api.metrics import Family, counts, gauge
from api.status_schemas import (
    BuildStatus,
    ModelStatus,
    QueueStatus,
    Readiness,
    ServerStatus,
    ShadowStatus,
    StoreStatus,
    WarehouseStatus,
)
from warehouse.build_log import BuildRecord
from warehouse.build_state import seen_builds
from warehouse.errors import NotReadyError
from warehouse.live import database_kind
from warehouse.published import PublishedWarehouse, current, versions
from warehouse.settings import Settings
from warehouse.tables import now
from warehouse.vocabulary import Outcome

BUILDS = 10


def gather_status(engine: Engine, readiness: Readiness) -> ServerStatus:
    """Return everything the status page shows."""
    diagnostician = engine.diagnostician
    queue, shadow, models = diagnostician.queue, diagnostician.shadow, diagnostician.models
    return ServerStatus(
        started_at=engine.started_at,
        now=now(),
        readiness=readiness,
        models=[as_model(models.champion), as_model(models.challenger)],
        queue=QueueStatus(
            in_hand=queue.in_hand, places=queue.places, refused=dict(queue.refused.items())
        ),
        shadow=ShadowStatus(
            waiting=shadow.waiting,
            recorded=shadow.recorded,
            dropped=shadow.dropped,
            failed=shadow.failed,
        ),
        warehouse=gather_warehouse(engine),
        store=gather_store(engine.settings),
    )


def gather_warehouse(engine: Engine) -> WarehouseStatus:
    """Return the versions that there are, and how the newest builds went."""
    settings = engine.settings
    version = current_version(settings)
    builds = seen_builds(settings, engine.store, BUILDS)
    return WarehouseStatus(
        version=version and version.version,
        published_at=version and moment_of(version.path),
        versions=len(versions(settings)),
        bytes=sum(size_of(each.path) for each in versions(settings)),
        refreshed_by_server=settings.refresh_by_server,
        is_building=engine.refresher.is_building or any(map(is_running, builds[:1])),
        fault=engine.refresher.fault,
        builds=[BuildStatus.model_validate(asdict(build)) for build in builds],
    )


def gather_store(settings: Settings) -> StoreStatus:
    """Return the store's size, its log included, and what room is left."""
    kind = database_kind(settings)
    return StoreStatus(
        kind=kind,
        bytes=store_bytes(settings) if kind == "sqlite" else None,
        free_bytes=shutil.disk_usage(settings.home).free,
    )


def read_meters(engine: Engine) -> Sequence[Family]:
    """Return the state of the moment for Prometheus."""
    diagnostician, settings = engine.diagnostician, engine.settings
    queue, shadow, models = diagnostician.queue, diagnostician.shadow, diagnostician.models
    champion, refused = models.champion, {str(k): n for k, n in queue.refused.items()}
    swaps = {"done": champion.swaps, "failed": champion.failures}
    shadows = {"recorded": shadow.recorded, "dropped": shadow.dropped, "failed": shadow.failed}
    last = next(iter(seen_builds(settings, engine.store, 1)), None)
    meters = [
        gauge("queue_in_hand", "Frames in hand", queue.in_hand),
        gauge("queue_places", "Frames that may be in hand", queue.places),
        counts("refusals", "Frames refused a place, by purpose", "purpose", refused),
        counts("swaps", "Changes of the champion, by outcome", "outcome", swaps),
        counts("shadow_answers", "The challenger's answers, by outcome", "outcome", shadows),
        gauge("model_fault", "Whether the named champion cannot be opened", bool(champion.fault)),
        gauge("disk_free_bytes", "Free disk for the home", shutil.disk_usage(settings.home).free),
        gauge("last_build_failed", "Whether the last build failed", has_failed(last)),
    ]
    if database_kind(settings) == "sqlite":
        meters.append(gauge("store_bytes", "The store and its log", store_bytes(settings)))
    if version := current_version(settings):
        age_s = (now() - moment_of(version.path)).total_seconds()
        meters.append(gauge("warehouse_version", "The version that is read", version.version))
        meters.append(gauge("warehouse_age_seconds", "Since that version was published", age_s))
    return meters


def as_model(seat: Seat) -> ModelStatus:
    """Shape one alias and its model."""
    return ModelStatus(
        alias=seat.alias,
        model=seat.model_id,
        since=seat.since,
        swaps=seat.swaps,
        fault=seat.fault,
    )


def current_version(settings: Settings) -> PublishedWarehouse | None:
    """Return the version that is read, or None where nothing has been published."""
    with suppress(NotReadyError):
        return current(settings)
    return None


def is_running(build: BuildRecord) -> bool:
    """Return whether a build has begun and not ended."""
    return build.outcome is Outcome.running


def has_failed(build: BuildRecord | None) -> bool:
    """Return whether there was a build, and it failed."""
    return build is not None and build.has_failed


def store_bytes(settings: Settings) -> int:
    """Return the size of SQLite's file and its write-ahead log."""
    path = settings.operational_path
    return size_of(path) + size_of(path.with_name(f"{path.name}-wal"))


def size_of(path: Path) -> int:
    """Return a file's bytes; none where it is gone."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def moment_of(path: Path) -> datetime:
    """Return when a file was written."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
