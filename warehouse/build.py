"""
Run dbt on the operational store and publish what it built as a new, numbered version.

A build that fails publishes nothing, and the last good version goes on serving.
"""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from warehouse.build_log import recorded
from warehouse.changes import changed_tables
from warehouse.dbt_run import BuildError, run_dbt
from warehouse.dictionary import write_dictionary
from warehouse.errors import BusyError
from warehouse.held_out import remember_held_out
from warehouse.live import install_extensions
from warehouse.made_from import describe, forget, remember, was_made_from
from warehouse.progress import Progress, silent
from warehouse.published import PublishedWarehouse, version_name, versions
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.vocabulary import BuildReason

LOOK_SECONDS = 0.5  # longer than those hold the lock who only look whether a build runs


@dataclass(frozen=True)
class BuildReport:
    """What one build made: the version published, and how many models and tests ran."""

    version: int
    path: str
    models: int
    tests: int
    failed: int
    warned: int
    seconds: float


def build(
    settings: Settings,
    progress: Progress = silent,
    full_refresh: bool = False,
    reason: BuildReason = BuildReason.asked,
) -> BuildReport:
    """
    Build and test the warehouse from the operational store, publish it, and record how it went.

    Only rows that are new or changed are copied; `full_refresh` copies them all again, which a
    store that was replaced needs. A migration of the store, a change of the dbt project, a full
    refresh that failed or a build file that is missing brings it about by itself.

    Raises:
        NotReadyError: There is no operational store.
        BusyError: Another build is running.
        BuildError: A model or a test failed, or the disk was full.
    """
    store = open_store(settings)
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    lock = build_lock(settings)
    try:
        with lock.acquire(timeout=LOOK_SECONDS), recorded(store, reason) as figures:
            report = build_and_publish(settings, store, progress, full_refresh, figures)
    except Timeout:
        raise BusyError(
            f"{settings.build_path}: another build is running; wait for it to end, "
            "then run `dermhouse build` again"
        ) from None
    finally:
        store.close()
    return report


def build_lock(settings: Settings) -> FileLock:
    """Return the lock of whoever writes in the warehouse's folder; the system frees it at death."""
    return FileLock(settings.warehouse_dir / "build.lock")


def build_and_publish(
    settings: Settings,
    store: Store,
    progress: Progress,
    full_refresh: bool,
    figures: dict[str, object],
) -> BuildReport:
    """Run dbt and publish what it built; `figures` are filled as far as it comes."""
    started = time.perf_counter()
    try:
        install_extensions(settings)
        made_from = describe(settings)  # before dbt reads it: what changes meanwhile is of the next
        is_full = full_refresh or was_made_from(settings) != made_from
        if is_full:
            forget(settings)
        nodes = run_dbt(settings, progress, is_full, changed_tables(settings, store))
        remember(settings, made_from)
        figures["models"] = models = count_kinds(nodes, "model", "seed")
        figures["tests"] = tests = count_kinds(nodes, "test", "unit_test")
        remember_held_out(settings, store, next_version(settings))
        published = publish(settings)
    except BuildError as error:
        figures["failed"] = error.failed
        raise
    except (OSError, duckdb.IOException) as error:
        raise BuildError(
            f"{settings.home}: the build broke off ({error}), nothing was published and the last "
            "version stands; free some space if the disk is full and run `dermhouse build` again"
        ) from None
    finally:
        figures["seconds"] = seconds = round(time.perf_counter() - started, 2)
    figures |= {"version": published.version, "failed": 0}
    return BuildReport(
        version=published.version,
        path=str(published.path),
        models=models,
        tests=tests,
        failed=0,
        warned=sum(node["status"] == "warn" for node in nodes),
        seconds=seconds,
    )


def count_kinds(nodes: list[dict[str, str]], *kinds: str) -> int:
    """Return how many nodes are of these kinds; exposures, say, are neither made nor tested."""
    return sum(node["unique_id"].split(".")[0] in kinds for node in nodes)


def publish(settings: Settings) -> PublishedWarehouse:
    """
    Copy the build to the next version's name, then point `current` at it.

    The build file is held open meanwhile, so that no other dbt run can change it under the copy.
    A new name for each version, because a process that holds an old file would otherwise see
    mixed data. If the disk is full, the half copy is removed and `current` stays.
    """
    version = next_version(settings)
    path = settings.warehouse_dir / version_name(version)
    draft = path.with_suffix(".draft")
    try:
        with duckdb.connect(str(settings.build_path)) as connection:
            if (manifest := settings.home / "dbt" / "manifest.json").exists():
                write_dictionary(connection, manifest)
            connection.execute("checkpoint")
            copy_durably(settings.build_path, draft)
        draft.rename(path)
        point_current(settings, path.name)
    except (OSError, duckdb.Error) as error:
        raise BuildError(
            f"{path}: could not be published ({error}); the last version goes on serving; "
            "free some space and run `dermhouse build` again"
        ) from None
    finally:
        draft.unlink(missing_ok=True)
    return PublishedWarehouse(version, path)


def next_version(settings: Settings) -> int:
    """Return the number of the version that is published next."""
    return max((version.version for version in versions(settings)), default=0) + 1


def copy_durably(source: Path, target: Path) -> None:
    """Copy a file and wait until it is on the disk."""
    with source.open("rb") as reader, target.open("wb") as writer:
        shutil.copyfileobj(reader, writer, 2**20)
        writer.flush()
        os.fsync(writer.fileno())


def point_current(settings: Settings, name: str) -> None:
    """Replace `current` in one step."""
    draft = settings.warehouse_dir / "current.draft"
    with draft.open("w") as writer:
        writer.write(name + "\n")
        writer.flush()
        os.fsync(writer.fileno())
    draft.replace(settings.warehouse_dir / "current")
    folder = os.open(settings.warehouse_dir, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
