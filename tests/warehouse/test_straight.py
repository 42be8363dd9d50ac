"""Tables made by the SQL that dbt wrote once, as dbt would put them in their place."""

from types import SimpleNamespace

import duckdb
import pytest

from warehouse.straight import followers, make_table

DRAFT = 'create table "made"."sizes__dbt_tmp" '


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema made; create table made.sizes as select 1 as size_mm")
    return connection


def a_node(name: str, *reads: str) -> SimpleNamespace:
    return SimpleNamespace(
        unique_id=f"model.dermhouse.{name}",
        schema="made",
        alias=name,
        depends_on_nodes=[f"model.dermhouse.{each}" for each in reads],
    )


def sizes(connection: duckdb.DuckDBPyConnection) -> list[tuple[int]]:
    return connection.sql("from made.sizes").fetchall()


def test_a_table_takes_the_place_of_the_old_one_also_after_a_draft_was_left(
    connection: duckdb.DuckDBPyConnection,
):
    connection.execute(DRAFT + "as select 0 as left_behind")
    for size in (2, 3):
        node = make_table(connection, a_node("sizes"), DRAFT + f"as select {size} as size_mm")
        assert node["status"] == "success"
        assert sizes(connection) == [(size,)]


def test_a_table_that_cannot_be_made_is_told_of_and_the_old_one_stays(
    connection: duckdb.DuckDBPyConnection,
):
    promised = DRAFT + "(size_mm integer not null); insert into made.sizes__dbt_tmp select null"
    node = make_table(connection, a_node("sizes"), promised)
    assert (node["unique_id"], node["status"]) == ("model.dermhouse.sizes", "error")
    assert "NOT NULL" in node["message"]
    assert sizes(connection) == [(1,)]
    assert make_table(connection, a_node("sizes"), DRAFT + "as select 2")["status"] == "success"


def test_whatever_reads_a_changed_table_follows_from_it_however_far_away():
    nodes = [
        a_node("raw_operational__image"),
        a_node("raw_operational__capture"),
        a_node("images", "raw_operational__image"),
        a_node("captures", "raw_operational__capture"),
        a_node("captures_by_day", "captures"),
        a_node("everything", "images", "captures_by_day"),
    ]
    found = [node.alias for node in followers(nodes, ["capture"])]
    assert found == ["raw_operational__capture", "captures", "captures_by_day", "everything"]
    assert followers(nodes, []) == []
