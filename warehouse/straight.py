"""
SQL that dbt has written, asked straight of the build file: a tenth of what a node of dbt takes.

What dbt does around the statement changes nothing here: hooks and grants no table has, and the
columns that a contract promises cannot become others while neither project nor store changes. A
test holds the project to it.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from warehouse.dbt_run import Node
from warehouse.live import attach_operational
from warehouse.settings import Settings


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the build file as `profiles.yml` has dbt open it."""
    folder = str(settings.extensions_dir)
    connection = duckdb.connect(str(settings.build_path), config={"extension_directory": folder})
    connection.execute("set TimeZone = 'UTC'")
    attach_operational(connection, settings)
    return connection


def followers(nodes: Iterable[Any], changed: Iterable[str]) -> list[Any]:
    """Return the nodes that follow from tables of the store; `nodes` stand in dbt's order."""
    reached = {f"model.dermhouse.raw_operational__{table}" for table in changed}
    found = []
    for node in nodes:
        if node.unique_id in reached or not reached.isdisjoint(node.depends_on_nodes):
            reached.add(node.unique_id)
            found.append(node)
    return found


def written_sql(node: Any) -> str:
    """Return the statements by which dbt has made a table beside the one that stood there."""
    return Path(node.build_path).read_text()


def make_table(connection: duckdb.DuckDBPyConnection, node: Any, sql: str) -> Node:
    """Make a table anew, with what its contract asks, and put it in the old one's place."""
    old, new = (f'"{node.schema}"."{node.alias}{suffix}"' for suffix in ("", "__dbt_tmp"))
    message = ""
    connection.begin()
    try:
        connection.execute(f"drop table if exists {new}; {sql}")
        connection.execute(f'drop table {old}; alter table {new} rename to "{node.alias}"')
        connection.commit()
    except duckdb.Error as error:
        with suppress(duckdb.Error):  # what has failed may have ended it
            connection.rollback()
        message = str(error)
    return {
        "unique_id": node.unique_id,
        "status": "error" if message else "success",
        "message": message,
    }


def run_test(connection: duckdb.DuckDBPyConnection, test: Any) -> Node:
    """Run one data test; a row that it returns is a breach."""
    found = connection.execute(f"select count(*) from ({test.compiled_code}\n)").fetchall()
    breaches = found[0][0]
    severity = "warn" if test.config.severity.lower() == "warn" else "fail"
    message = f"Got {breaches} results, configured to fail if != 0" if breaches else ""
    status = severity if breaches else "pass"
    return {"unique_id": test.unique_id, "status": status, "message": message}
