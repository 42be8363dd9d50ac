"""
What may be asked: one SELECT on the star, seen in DuckDB's own syntax tree before it runs.

The engine behind this gate is locked and read-only as well, and would refuse most of what is
refused here. Not all: `select * from enable_logging(storage = 'file', …)` is a SELECT that leaves
a locked engine useless, and `arrow_scan(1, 2, 3)` reads at an address. So table functions are a
closed list, and a refusal is told in words that name the way out.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from warehouse.console.words import RefusedError

# Functions that stand in a FROM and read nothing but their arguments.
TABLE_FUNCTIONS = frozenset({"generate_series", "json_each", "json_tree", "range", "unnest"})
# Functions that tell of the machine rather than of the data, or only hold a worker up; and one that
# plans the SQL in a text, which no gate has seen: a plan tells of the data.
REFUSED_FUNCTIONS = frozenset(
    {"current_setting", "getenv", "json_serialize_plan", "pg_sleep", "sleep_ms", "write_log"}
)
# The star and its description. What stands in raw and staging was never meant to leave the build:
# pseudonyms of persons, and rows that were withdrawn.
SCHEMAS = frozenset({"", "dictionary", "information_schema", "main"})
ENGINE_TABLE = re.compile(r"(duckdb|pragma|pg|sqlite)_", re.IGNORECASE)

# What stands before an EXPLAIN, read exactly as DuckDB reads it: one comment within another, which
# it would nest, is not passed over. Else the gate could look at another statement than is run.
COMMENT = r"\s|--[^\n\r]*[\n\r]|/\*(?:(?!/\*|\*/).)*\*/"
EXPLAIN = re.compile(rf"^(?:{COMMENT})*explain\b(\s+analyze\b)?", re.IGNORECASE | re.DOTALL)

WAY_OUT = "SELECT, DESCRIBE, SUMMARIZE, SHOW TABLES and EXPLAIN are answered"


def check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """
    Let one SELECT through; nothing is run.

    Raises:
        RefusedError: It is something else, or reaches for something else than the star.
        duckdb.Error: It cannot be parsed.
    """
    kinds = [statement.type.name for statement in connection.extract_statements(sql)]
    if not kinds:
        raise RefusedError("there is no query: write one SELECT")
    if kinds == ["CREATE", "SELECT"] and "pivot" in sql.lower():
        raise RefusedError("a PIVOT needs its values written out: PIVOT … ON column IN (…)")
    if len(kinds) > 1:
        raise RefusedError(f"these are {len(kinds)} statements: one is asked at a time")
    if kinds == ["EXPLAIN"]:
        check_explained(connection, sql)
    elif kinds == ["SELECT"]:
        check_tree(read_tree(connection, sql))
    else:
        raise RefusedError(f"{kinds[0]} is not answered here: {WAY_OUT}")


def check_explained(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Let EXPLAIN through where what it explains could be asked itself."""
    explained = EXPLAIN.sub("", sql, count=1)
    if explained == sql:
        raise RefusedError("this form of EXPLAIN is not answered here: write EXPLAIN first")
    check(connection, explained)


def read_tree(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """Return a SELECT's syntax tree; RefusedError for what DuckDB only rewrites into one."""
    row = connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()
    assert row is not None
    try:
        tree = json.loads(row[0])
    except RecursionError:
        raise RefusedError("the query is nested too deeply: write it as a ladder of CTEs") from None
    if tree["error"]:
        raise RefusedError(f"PRAGMA is not answered here: {WAY_OUT}")
    return tree


def check_tree(tree: Any) -> None:
    """Refuse every function and every table that is not of the star."""
    for node in nodes(tree):
        kind = node.get("type")
        if kind == "TABLE_FUNCTION":
            check_table_function(node["function"]["function_name"].lower())
        elif kind == "BASE_TABLE":
            check_table(node["schema_name"].lower(), node["table_name"])
        elif node.get("class") == "FUNCTION" and node["function_name"].lower() in REFUSED_FUNCTIONS:
            raise RefusedError(f"{node['function_name']}() is not available here")


def check_table_function(name: str) -> None:
    """Let through what reads nothing but its arguments."""
    if name not in TABLE_FUNCTIONS:
        raise RefusedError(
            f"{name}() is not available here: the console reads the tables of the warehouse, "
            "no files, no other databases and no addresses"
        )


def check_table(schema: str, name: str) -> None:
    """Let the star through, and what describes it."""
    if schema not in SCHEMAS:
        raise RefusedError(
            f"{schema}.{name} is not open here: the console reads the star, which is main, "
            "its dictionary, and information_schema"
        )
    if ENGINE_TABLE.match(name):
        raise RefusedError(f"{name} is not open here: ask information_schema about the star")


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a JSON tree."""
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            yield node
            left.extend(node.values())
        elif isinstance(node, list):
            left.extend(node)
