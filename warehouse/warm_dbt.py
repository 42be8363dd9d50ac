"""
dbt kept loaded, with the project read: one line in asks for a build, one line out tells of it.

    python -m warehouse.warm_dbt

The first build is whole. Those that follow make what depends on what has changed in the store, and
neither seeds nor views, which only a changed project changes. dbt itself makes what it writes other
SQL for each time: incremental models and snapshots. Tables are made, and all data tests are run, by
the SQL that it wrote the first time.
"""

import json
import os
import sys
from contextlib import closing
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from warehouse.dbt_run import Node, project_arguments
from warehouse.made_from import describe
from warehouse.settings import Settings
from warehouse.straight import connect, followers, make_table, run_test, written_sql

PASSED = ("success", "pass", "warn", "no-op")
QUIET = ("--log-level", "none", "--log-level-file", "none")
BY_DBT = ("incremental", "snapshot")
# dbt looks through the whole environment for secrets with every line that it could log.
KEPT = ("DERMHOUSE_", "DBT_", "PG", "PATH", "HOME", "LANG", "LC_", "TZ", "TMPDIR")


class WarmDbt:
    """The project once read, and the nodes and SQL of the last whole build."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.made_from = ""  # as `warehouse.made_from` describes it
        self.manifest: Manifest | None = None
        self.nodes: list[Any] = []  # in the order in which dbt made them
        self.tables: dict[str, str] = {}  # the SQL that makes each, by its unique id

    def build(self, full_refresh: bool, changed: list[str] | None) -> list[Node]:
        """Build and test; return the nodes, those that failed among them."""
        self.forget_another_project()
        is_whole = bool(self.nodes) and self.settings.build_path.exists()
        if full_refresh or not is_whole or not changed:
            return self.build_all(full_refresh)
        stale = followers(self.nodes, changed)
        nodes = self.build_by_dbt([node for node in stale if node.config.materialized in BY_DBT])
        is_made = all(node["status"] == "success" for node in nodes)
        return nodes + self.build_straight(stale) if is_made else nodes

    def forget_another_project(self) -> None:
        """Forget a project that has changed: another process may have made all anew from it."""
        made_from = describe(self.settings)
        if made_from != self.made_from:
            self.made_from, self.manifest, self.nodes = made_from, None, []

    def build_all(self, full_refresh: bool) -> list[Node]:
        """Build as the command line does, and keep the SQL but for a full refresh's."""
        self.nodes = []
        if self.manifest is None:
            self.manifest = self.invoke("parse", "--no-partial-parse")
        more = ["--full-refresh"] if full_refresh else []
        results = self.invoke("build", "--exclude-resource-type", "unit_test", *more).results
        is_done = all(str(each.status) in PASSED for each in results)
        if is_done and not full_refresh:
            nodes = [each.node for each in results]
            self.nodes = [node for node in nodes if node.resource_type != "exposure"]
            tables = [node for node in self.nodes if node.config.materialized == "table"]
            self.tables = {node.unique_id: written_sql(node) for node in tables}
        return [as_node(each) for each in results]

    def build_by_dbt(self, nodes: list[Any]) -> list[Node]:
        """Build these nodes, in the order that they need."""
        names = [node.name for node in nodes]
        kinds = ("--resource-type", "model", "--resource-type", "snapshot")
        made = self.invoke("build", "--no-write-json", *kinds, "--select", *names).results
        return [as_node(each) for each in made]

    def build_straight(self, stale: list[Any]) -> list[Node]:
        """Make the tables among these nodes and, where all could be made, run every data test."""
        nodes = []
        with closing(connect(self.settings)) as connection:
            for node in stale:
                if node.unique_id in self.tables:
                    nodes.append(make_table(connection, node, self.tables[node.unique_id]))
                    if nodes[-1]["status"] != "success":
                        return nodes
            tests = [node for node in self.nodes if node.resource_type == "test"]
            return nodes + [run_test(connection, test) for test in tests]

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
