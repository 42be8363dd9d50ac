"""
The data dictionary of a version, inside the version: what dbt says of every relation.

dbt's manifest knows descriptions, tests and lineage, DuckDB the types and the number of rows. They
are written into the build file's schema `dictionary` just before it is published, so that a version
carries its own dictionary wherever it goes, and SQL can ask it like anything else.
"""

import json
from pathlib import Path
from typing import Any

import duckdb

KINDS = ("model", "seed", "snapshot")

TYPES = """
select schema_name, table_name, column_name, column_index, data_type
from duckdb_columns()
where not internal and database_name = current_database()
"""
TABLES = """
select schema_name, table_name
from duckdb_tables()
where not internal and database_name = current_database()
"""


def write_dictionary(connection: duckdb.DuckDBPyConnection, manifest: Path) -> None:
    """
    Write what a manifest says into the schema `dictionary` of an open build file.

    Tables: relations (name, schema_name, kind, layer, description, materialized, row_count),
    columns (relation, position, name, type, description), tests (relation, name, kind, about,
    severity), lineage (upstream, downstream) and exposures (name, label, kind, description,
    maturity, owner, url).
    A lineage's ends are relations, or `exposure:` and an exposure.
    """
    told = json.loads(manifest.read_text())
    nodes = {key: node for key, node in told["nodes"].items() if node["resource_type"] in KINDS}
    columns = connection.execute(TYPES).fetchall()
    rows = count_rows(connection)
    frames = {
        "relations": [describe(node, rows) for node in nodes.values()],
        "columns": describe_columns(nodes, columns),
        "tests": describe_tests(told, nodes),
        "lineage": find_lineage(told, nodes),
        "exposures": [describe_exposure(each) for each in told["exposures"].values()],
    }
    connection.execute("create schema if not exists dictionary")
    for name, made in frames.items():
        told_rows = f"from_json({quoted(made)}::json, {quoted([COLUMNS[name]])})"
        connection.execute(
            f"create or replace table dictionary.{name} as "
            f"select unnest({told_rows}, recursive := true)"
        )


def count_rows(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """Return how many rows each table has, counted: DuckDB's estimate knows of no deletions."""
    tables = connection.execute(TABLES).fetchall()
    counts = {}
    for schema, name in tables:
        rows = connection.execute(f'select count(*) from "{schema}"."{name}"').fetchall()
        counts[schema, name] = rows[0][0]
    return counts


def quoted(value: Any) -> str:
    """Return a value's JSON as a text of SQL; for a parameter DuckDB would first load pandas."""
    return "'" + json.dumps(value).replace("'", "''") + "'"


TEXT = "varchar"
COLUMNS = {
    "relations": {
        "name": TEXT,
        "schema_name": TEXT,
        "kind": TEXT,
        "layer": TEXT,
        "description": TEXT,
        "materialized": TEXT,
        "row_count": "bigint",
    },
    "columns": {
        "relation": TEXT,
        "position": "bigint",
        "name": TEXT,
        "type": TEXT,
        "description": TEXT,
    },
    "tests": {"relation": TEXT, "name": TEXT, "kind": TEXT, "about": TEXT, "severity": TEXT},
    "lineage": {"upstream": TEXT, "downstream": TEXT},
    "exposures": {
        "name": TEXT,
        "label": TEXT,
        "kind": TEXT,
        "description": TEXT,
        "maturity": TEXT,
        "owner": TEXT,
        "url": TEXT,
    },
}


def describe(node: dict[str, Any], rows: dict[tuple[str, str], int]) -> dict[str, Any]:
    """Return one relation; a view has no number of rows."""
    count = rows.get((node["schema"], node["name"]))
    return {
        "name": node["name"],
        "schema_name": node["schema"],
        "kind": node["resource_type"],
        "layer": layer_of(node),
        "description": sentence(node["description"]),
        "materialized": node["config"].get("materialized", node["resource_type"]),
        "row_count": count,
    }


def layer_of(node: dict[str, Any]) -> str:
    """Return the folder that a relation stands in, as in raw, staging, core or analytics."""
    folders = [part for part in node["fqn"][1:-1] if part != "marts"]
    return folders[-1] if folders else f"{node['resource_type']}s"


def describe_columns(nodes: dict[str, Any], columns: list[Any]) -> list[dict[str, Any]]:
    """Return every column of every relation, in the order that it has there."""
    by_place = {(node["schema"], node["name"]): node for node in nodes.values()}
    described = []
    for schema, relation, name, position, kind in columns:
        node = by_place.get((schema, relation))
        if node is None:
            continue
        told = sentence(node["columns"].get(name, {}).get("description", ""))
        described.append(
            {
                "relation": relation,
                "position": position,
                "name": name,
                "type": kind.lower(),
                "description": told,
            }
        )
    return described


def describe_tests(told: dict[str, Any], nodes: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every test, once for each relation that it looks at."""
    found = []
    for test in told["nodes"].values():
        if test["resource_type"] == "test":
            told_of = test.get("test_metadata") or {}
            attached = test.get("attached_node")
            relations = [attached] if attached else test["depends_on"]["nodes"]
            arguments = {k: v for k, v in told_of.get("kwargs", {}).items() if k != "model"}
            found += [
                {
                    "relation": nodes[key]["name"],
                    "name": test["name"],
                    "kind": told_of.get("name", "singular"),
                    "about": json.dumps(arguments) if arguments else None,
                    "severity": test["config"]["severity"].lower(),
                }
                for key in relations
                if key in nodes
            ]
    for test in told.get("unit_tests", {}).values():
        described = {"relation": test["model"], "name": test["name"], "kind": "unit test"}
        found.append(
            described | {"about": sentence(test["description"] or ""), "severity": "error"}
        )
    return found


def find_lineage(told: dict[str, Any], nodes: dict[str, Any]) -> list[dict[str, str]]:
    """Return every edge from what is read to what reads it."""
    readers = {key: node["name"] for key, node in nodes.items()}
    readers |= {key: f"exposure:{each['name']}" for key, each in told["exposures"].items()}
    everything = told["nodes"] | told["exposures"]
    return [
        {"upstream": nodes[upstream]["name"], "downstream": name}
        for key, name in readers.items()
        for upstream in everything[key]["depends_on"].get("nodes", ())
        if upstream in nodes
    ]


def describe_exposure(exposure: dict[str, Any]) -> dict[str, str | None]:
    """Return who reads the warehouse, outside of it; what is not written down of it is null."""
    return {
        "name": exposure["name"],
        "label": exposure["label"] or exposure["name"],
        "kind": exposure["type"],
        "description": sentence(exposure["description"]),
        "maturity": exposure["maturity"],
        "owner": exposure["owner"].get("name") or exposure["owner"].get("email"),
        "url": exposure["url"],
    }


def sentence(text: str) -> str:
    """Return a description on one line."""
    return " ".join(text.split())
