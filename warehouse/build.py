"""
Run dbt on the operational store and publish what it built as a new, numbered version.

dbt runs in a subprocess: in this process it would keep the build file locked. A build that fails
publishes nothing, and the last good version goes on serving.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from warehouse.build_log import recorded
from warehouse.dictionary import write_dictionary
from warehouse.errors import BusyError, DermhouseError
from warehouse.held_out import remember_held_out
from warehouse.live import database_kind, install_extensions, operational_dsn
from warehouse.progress import Progress, silent
from warehouse.published import PublishedWarehouse, version_name, versions
from warehouse.settings import ROOT, Settings
from warehouse.store import Store, head_revision, open_store
from warehouse.vocabulary import BuildReason

# dbt's line for a node that has ended; the nodes of several threads end in any order.
NODE_LINE = re.compile(r"\d+ of (\d+) (?:OK|PASS|ERROR|FAIL|WARN|SKIP|NO-OP)")


class BuildError(DermhouseError):
    """dbt failed, or its result could not be published; the last version stands."""

    def __init__(self, sentence: str, failed: int = 0) -> None:
        super().__init__(sentence)
        self.failed = failed  # nodes


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
    store that was replaced needs. A migration of the store brings it about by itself.

    Raises:
        NotReadyError: There is no operational store.
        BusyError: Another build is running.
        BuildError: A model or a test failed, or the disk was full.
    """
    store = open_store(settings)
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    lock = build_lock(settings)
    try:
        with lock.acquire(timeout=0), recorded(store, reason) as figures:
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
        nodes = run_dbt(settings, progress, full_refresh or is_of_other_tables(settings))
        revision_path(settings).write_text(head_revision(settings) or "")
        figures["models"] = models = count_kinds(nodes, "model", "seed")
        figures["tests"] = tests = count_kinds(nodes, "test", "unit_test")
        remember_held_out(settings, store, next_version(settings))
        published = publish(settings)
    except BuildError as error:
        figures["failed"] = error.failed
        raise
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


def revision_path(settings: Settings) -> Path:
    """Return the file that says from which tables the build file was made."""
    return settings.build_path.with_suffix(".revision")


def is_of_other_tables(settings: Settings) -> bool:
    """
    Return whether the store was migrated since the build file was made.

    The incremental models then hold rows without the new columns, and must be made anew.
    """
    path = revision_path(settings)
    return not path.exists() or path.read_text() != head_revision(settings)


def run_dbt(settings: Settings, progress: Progress, full_refresh: bool) -> list[dict[str, str]]:
    """Run `dbt build`; return its nodes (unique_id, status, message) when all of them passed."""
    target = settings.home / "dbt"
    (target / "run_results.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "build"]
    command += ["--project-dir", str(settings.dbt_dir), "--profiles-dir", str(ROOT)]
    command += ["--target-path", str(target.resolve()), "--log-path", str(target.resolve())]
    # Unit tests judge the models, not the data: they are run with the project's own tests.
    command += ["--exclude-resource-type", "unit_test"]
    command += ["--full-refresh"] if full_refresh else []
    output: list[str] = []
    done = 0
    with subprocess.Popen(  # noqa: S603 - the command is our own
        command,
        env=dbt_environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            output.append(line)
            if found := NODE_LINE.search(line):
                done += 1
                progress("dbt build", done, int(found[1]))
    return read_results(target / "run_results.json", process.returncode, output)


def dbt_environment(settings: Settings) -> dict[str, str]:
    """Return what `profiles.yml` asks for."""
    return os.environ | {
        "DERMHOUSE_HOME": str(settings.home.resolve()),
        "DERMHOUSE_DBT_TARGET": f"{database_kind(settings)}_store",
        "DERMHOUSE_OPERATIONAL_DSN": operational_dsn(settings),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def read_results(path: Path, code: int, output: list[str]) -> list[dict[str, str]]:
    """Return dbt's own record of the run, or raise BuildError with what failed in it."""
    nodes = json.loads(path.read_text())["results"] if path.exists() else []
    failed = [node for node in nodes if node["status"] in ("error", "fail", "runtime error")]
    if code == 0 and not failed:
        return [{key: node[key] for key in ("unique_id", "status", "message")} for node in nodes]
    if any("Could not set lock" in line for line in output):
        raise BusyError(
            "build.duckdb is open in another process (a dbt run, or a DuckDB shell); "
            "close it, then run `dermhouse build` again"
        )
    told = [f"{node['unique_id'].split('.')[2]}: {first_line(node['message'])}" for node in failed]
    told = told or ["".join(output[-12:]).strip() or f"dbt ended with status {code}"]
    raise BuildError(
        f"dbt: {len(failed) or 'no'} node(s) failed, nothing was published and the last version "
        f"stands; mend it and run `dermhouse build` again\n  " + "\n  ".join(told[:10]),
        failed=len(failed),
    )


def first_line(message: str | None) -> str:
    """Return dbt's message on one line."""
    return " ".join((message or "no message").split())[:300]


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
        draft.unlink(missing_ok=True)
        raise BuildError(
            f"{path}: could not be published ({error}); the last version goes on serving; "
            "free some space and run `dermhouse build` again"
        ) from None
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
