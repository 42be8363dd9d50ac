"""
dbt kept loaded, with the project read: one line in asks for a build, one line out tells of it.

    python -m warehouse.warm_dbt

The first build is whole. Those that follow make the tables that depend on what has changed in the
store, and neither seeds nor views, which only a changed project changes. Every data test is run
each time, as the SQL that dbt made of it: asked straight it takes a tenth of what a node does.
"""

import json
import os
import sys
from contextlib import closing
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from warehouse.dbt_run import Node, project_arguments
from warehouse.live import attach_operational
from warehouse.settings import Settings

PASSED = ("success", "pass", "warn", "no-op")
QUIET = ("--log-level", "none", "--log-level-file", "none")
TABLES_ALONE = [
    *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
    *("--exclude-resource-type", "seed", "--exclude-resource-type", "exposure"),
    *("--exclude", "config.materialized:view"),
]
# dbt looks through the whole environment for secrets with every line that it could log.
KEPT = ("DERMHOUSE_", "DBT_", "PG", "PATH", "HOME", "LANG", "LC_", "TZ", "TMPDIR")


class WarmDbt:
    """The project once read, and the SQL of its tests once they were compiled."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.manifest: Manifest | None = None
        self.tests: list[Any] = []

    def build(self, full_refresh: bool, changed: list[str] | None) -> list[Node]:
        """Build and test; return the nodes, those that failed among them."""
        is_whole = bool(self.tests) and self.settings.build_path.exists()
        if full_refresh or not is_whole or not changed:
            return self.build_all(full_refresh)
        followers = ["--select", *(f"raw_operational__{table}+" for table in changed)]
        made = self.invoke("build", "--no-write-json", *TABLES_ALONE, *followers).results
        nodes = [as_node(each) for each in made]
        is_made = all(node["status"] == "success" for node in nodes)
        return nodes + self.ask_tests() if is_made else nodes

    def build_all(self, full_refresh: bool) -> list[Node]:
        """Build as the command line does, and keep the tests' SQL but for a full refresh's."""
        self.tests = []
        if self.manifest is None or full_refresh:  # the project may be what has changed
            self.manifest = self.invoke("parse", "--no-partial-parse")
        more = ["--full-refresh"] if full_refresh else []
        results = self.invoke("build", "--exclude-resource-type", "unit_test", *more).results
        is_done = all(str(each.status) in PASSED for each in results)
        if is_done and not full_refresh:
            self.tests = [each.node for each in results if each.node.resource_type == "test"]
        return [as_node(each) for each in results]

    def ask_tests(self) -> list[Node]:
        """Run every data test on the build file; a row that one returns is a breach."""
        folder = str(self.settings.extensions_dir)
        nodes = []
        with closing(
            duckdb.connect(str(self.settings.build_path), config={"extension_directory": folder})
        ) as connection:
            attach_operational(connection, self.settings)
            for test in self.tests:
                breaches = connection.execute(f"select count(*) from ({test.compiled_code}\n)")
                nodes.append(as_test_node(test, breaches.fetchall()[0][0]))
        return nodes

    def invoke(self, verb: str, *arguments: str) -> Any:
        """Run one verb of dbt in this process; return its result, or raise what stopped it."""
        known = None if verb == "parse" else self.manifest
        try:
            outcome = dbtRunner(manifest=known).invoke(
                [*QUIET, verb, *project_arguments(self.settings), *arguments]
            )
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if outcome.exception is not None:
            raise outcome.exception
        return outcome.result


def as_node(result: Any) -> Node:
    """Return what a build says of one node."""
    told = {"unique_id": result.node.unique_id, "status": str(result.status)}
    return told | {"message": result.message or ""}


def as_test_node(test: Any, breaches: int) -> Node:
    """Return what a build says of one test that found so many breaches."""
    severity = "warn" if test.config.severity.lower() == "warn" else "fail"
    status = severity if breaches else "pass"
    message = f"Got {breaches} results, configured to fail if != 0" if breaches else ""
    return {"unique_id": test.unique_id, "status": status, "message": message}


def main() -> None:
    """Answer builds until nobody can ask for one any more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever else is said, no answer is
    for name in [name for name in os.environ if not name.startswith(KEPT)]:
        del os.environ[name]
    warm = WarmDbt(Settings())
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any] = {"name": request["name"], "nodes": [], "message": None}
        try:
            answer["nodes"] = warm.build(request["full_refresh"], request["changed"])
        except Exception as error:  # told to whoever asked
            answer["message"] = str(error) or repr(error)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
