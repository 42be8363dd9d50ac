"""
Run dbt on the operational store, in a process of its own.

In this one it would keep the build file locked, and bring a SQLite of its own beside the one that
writes the store.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from warehouse.address import without_secrets
from warehouse.errors import BusyError, DermhouseError
from warehouse.live import database_kind, operational_dsn
from warehouse.progress import Progress
from warehouse.settings import ROOT, Settings
from warehouse.warm import ask_warm

Node = dict[str, str]  # unique_id, status, message

# dbt's line for a node that has ended; the nodes of several threads end in any order.
NODE_LINE = re.compile(r"\d+ of (\d+) (?:OK|PASS|ERROR|FAIL|WARN|SKIP|NO-OP)")
# dbt keeps what stands under such a name out of its logs.
SECRET_DSN = "DBT_ENV_SECRET_OPERATIONAL_DSN"  # noqa: S105 - a name
FAILED = ("error", "fail", "runtime error")


class BuildError(DermhouseError):
    """dbt failed, or its result could not be published; the last version stands."""

    def __init__(self, sentence: str, failed: int = 0) -> None:
        super().__init__(sentence)
        self.failed = failed  # nodes


def run_dbt(
    settings: Settings, progress: Progress, full_refresh: bool, changed: Sequence[str] | None = None
) -> list[Node]:
    """
    Build every model and run every data test; return the nodes when all of them passed.

    A dbt that the server keeps warm (`warehouse.warm_dbt`) is asked where there is one; it makes
    only what follows from the tables that have `changed`, where those are known.
    """
    answer = ask_warm({"full_refresh": full_refresh, "changed": changed})
    nodes, message = (
        run_cold(settings, progress, full_refresh)
        if answer is None
        else (answer["nodes"], answer["message"])
    )
    # DuckDB repeats the store's address, and what it says is recorded and shown.
    url = settings.operational_url
    for node in nodes:
        node["message"] = without_secrets(node["message"] or "", url)
    return judged(nodes, message and without_secrets(message, url))


def run_cold(
    settings: Settings, progress: Progress, full_refresh: bool
) -> tuple[list[Node], str | None]:
    """Run `dbt build` in a process of its own; return its nodes, and why it failed or None."""
    target = settings.home / "dbt"
    results = target / "run_results.json"
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "build"]
    command += project_arguments(settings)
    # Unit tests judge the models, not the data: they are run with the project's own tests.
    command += ["--exclude-resource-type", "unit_test"]
    # Read whole: the project may be what has changed, and what dbt remembers of it can clash.
    command += ["--full-refresh", "--no-partial-parse"] if full_refresh else []
    output: list[str] = []
    done = 0
    with subprocess.Popen(  # noqa: S603 - the command is our own
        command,
        env=os.environ | dbt_environment(settings),
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
    nodes = read_nodes(results)
    message = "".join(output[-12:]).strip() or f"dbt ended with status {process.returncode}"
    if any("Could not set lock" in line for line in output):
        message = "Could not set lock"
    is_done = process.returncode == 0 and nodes is not None
    return nodes or [], None if is_done else message


def read_nodes(results: Path) -> list[Node] | None:
    """Return what dbt wrote of each node; None where it wrote nothing, or not to the end."""
    try:
        nodes: list[Node] = json.loads(results.read_text())["results"]
    except (FileNotFoundError, ValueError):
        return None
    return nodes


def project_arguments(settings: Settings) -> list[str]:
    """Return where dbt finds the project and leaves what it writes, and what its tests look at."""
    target = str((settings.home / "dbt").resolve())
    return [
        *("--project-dir", str(settings.dbt_dir), "--profiles-dir", str(ROOT)),
        *("--target-path", target, "--log-path", target),
        # All that the project itself has changed is made, and so tested, anew (`made_from`).
        *("--vars", "{only_changed_rows: true}"),
    ]


def dbt_environment(settings: Settings) -> dict[str, str]:
    """Return what `profiles.yml` asks for."""
    kind = database_kind(settings)
    address = {SECRET_DSN: operational_dsn(settings)} if kind == "postgres" else {}
    return address | {
        "DERMHOUSE_HOME": str(settings.home.resolve()),
        "DERMHOUSE_DBT_TARGET": f"{kind}_store",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def judged(nodes: list[Node], message: str | None) -> list[Node]:
    """Return dbt's nodes, or raise BuildError with what failed; `message` says that dbt did."""
    failed = [node for node in nodes if node["status"] in FAILED]
    if message is None and not failed:
        return [{key: node[key] for key in ("unique_id", "status", "message")} for node in nodes]
    if message is not None and "Could not set lock" in message:
        raise BusyError(
            "build.duckdb is open in another process (a dbt run, or a DuckDB shell); "
            "close it, then run `dermhouse build` again"
        )
    told = [f"{node['unique_id'].split('.')[2]}: {first_line(node['message'])}" for node in failed]
    told = told or [message or ""]
    raise BuildError(
        f"dbt: {len(failed) or 'no'} node(s) failed, nothing was published and the last version "
        f"stands; mend it and run `dermhouse build` again\n  " + "\n  ".join(told[:10]),
        failed=len(failed),
    )


def first_line(message: str | None) -> str:
    """Return dbt's message on one line."""
    return " ".join((message or "no message").split())[:300]
