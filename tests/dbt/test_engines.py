"""The project on PostgreSQL too: it builds, twice, and each mart has the rows it has in DuckDB."""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import psycopg
import pytest
from dbt.contracts.graph.nodes import ModelNode, SeedNode
from dbt_project_home import DbtHome, counts
from made_up_store import NOON, fill
from made_up_use import fill_use
from sqlalchemy import URL, make_url, update

from warehouse import tables
from warehouse.settings import Settings
from warehouse.store import Store, init_store

pytestmark = [pytest.mark.xdist_group("dbt"), pytest.mark.postgres]

Rows = dict[tuple[Any, ...], dict[str, Any]]

MODELS_ALONE = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]


def go_on(store: Store) -> None:
    """Five weeks of use, written a day later: a reference, and a week to compare with it."""
    fill_use(store, "model-1", days=36, daily=12)
    with store.write() as connection:
        for table in (tables.capture, tables.prediction, tables.review):
            used = table.primary_key.columns[0].like("use-%")
            connection.execute(update(table).where(used).values(updated_at=NOON + timedelta(1)))


@pytest.fixture(scope="module")
def on_duckdb(
    built_dbt: DbtHome, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    home = DbtHome(Settings(home=tmp_path_factory.mktemp("duckdb") / "home"), built_dbt.manifest)
    store = init_store(home.settings)
    fill(store)
    go_on(store)
    store.close()
    home.prepare()
    assert set(counts(home.build(*MODELS_ALONE))) == {"success"}
    with duckdb.connect(str(home.settings.build_path), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def database(postgres_url: str) -> URL:
    """A database of its own, since dbt makes schemas in it."""
    url = make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
        connection.execute("create database engines")
    return url.set(database="engines")


@pytest.fixture(scope="module")
def on_postgres(
    database: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[psycopg.Connection]:
    """The first build sees the store as it was, the second one adds its use and tests it all."""
    settings = Settings(
        home=tmp_path_factory.mktemp("postgres") / "home",
        database_url=database.set(drivername="postgresql+psycopg").render_as_string(),
    )
    home = DbtHome(settings, environment=words_of(database))
    home.manifest = home.parse()
    store = init_store(settings)
    fill(store)
    assert set(counts(home.build(*MODELS_ALONE))) == {"success"}
    go_on(store)
    store.close()
    assert set(counts(home.build())) == {"success", "pass"}
    with psycopg.connect(database.render_as_string()) as connection:
        yield connection


def words_of(database: URL) -> dict[str, str]:
    """What profiles.yml asks for, in libpq's words."""
    return {
        "DERMHOUSE_DBT_TARGET": "postgres",
        "PGHOST": str(database.host),
        "PGPORT": str(database.port),
        "PGUSER": str(database.username),
        "PGDATABASE": str(database.database),
        "PGTZ": "UTC",
    }


def marts(home: DbtHome) -> dict[str, list[str]]:
    """Every model and seed that analysts find, with the columns of its key."""
    keys = {
        node.attached_node: node.test_metadata.kwargs["columns"]
        for node in home.manifest.nodes.values()
        if getattr(node, "test_metadata", None) and node.test_metadata.name == "primary_key"
    }
    return {
        node.name: keys[node.unique_id]
        for node in home.manifest.nodes.values()
        if isinstance(node, ModelNode | SeedNode) and node.schema == "main"
    }


def rows_of(connection: Any, mart: str, key: list[str]) -> Rows:
    cursor = connection.execute(f"select * from main.{mart}")
    columns = [column[0] for column in cursor.description]
    rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return {tuple(row[column] for column in key): row for row in rows}


def differences(mart: str, ours: Rows, theirs: Rows) -> list[str]:
    """Name the rows that only one engine has, and the values in which the two differ."""
    alone = [f"{mart} {key} has no fellow" for key in ours.keys() ^ theirs.keys()]
    return alone + [
        f"{mart} {key} {column}: {value!r} and {theirs[key][column]!r}"
        for key in ours.keys() & theirs.keys()
        for column, value in ours[key].items()
        if not is_same(value, theirs[key][column])
    ]


def is_same(ours: Any, theirs: Any) -> bool:
    """A sum of floats depends on the order in which an engine takes them."""
    if isinstance(ours, float) and theirs is not None:
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12)
    return ours == theirs


def test_every_mart_has_the_same_rows_on_both_engines(
    built_dbt: DbtHome, on_duckdb: duckdb.DuckDBPyConnection, on_postgres: psycopg.Connection
):
    found, filled = [], set()
    for mart, key in marts(built_dbt).items():
        ours, theirs = rows_of(on_duckdb, mart, key), rows_of(on_postgres, mart, key)
        found += differences(mart, ours, theirs)[:3]
        filled |= {mart} if ours else set()
    assert not found, "\n".join(found)
    assert {"drift_by_day", "fct_predictions", "ml_train", "review_queue", "use_by_day"} <= filled
