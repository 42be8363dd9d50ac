"""
The project on PostgreSQL too: it builds, again and again, and each mart has the rows it has in
DuckDB.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import duckdb
import psycopg
import pytest
from dbt.contracts.graph.nodes import ModelNode, SeedNode
from dbt_project_home import DbtHome, counts
from made_up_store import NOON, a_build, an_answer, fill, insert
from made_up_use import fill_use
from sqlalchemy import URL, make_url, select, update

from warehouse import tables
from warehouse.changes import COPIED
from warehouse.facts import Capture, Prediction, Review, record_prediction, record_review, withdraw
from warehouse.settings import Settings
from warehouse.store import Store, init_store

pytestmark = [pytest.mark.xdist_group("dbt"), pytest.mark.postgres]

Rows = dict[tuple[Any, ...], dict[str, Any]]
Marts = dict[str, Rows]

MODELS_ALONE = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
ONLY_CHANGED = ["--vars", "{only_changed_rows: true}"]
DAY_AFTER = NOON + timedelta(days=1)


@dataclass(frozen=True)
class Engine:
    """A store, and the warehouse that one engine builds from it."""

    home: DbtHome
    store: Store
    database: URL | None = None  # PostgreSQL's

    def connect(self) -> Any:
        if self.database is None:
            return duckdb.connect(str(self.home.settings.build_path))
        return psycopg.connect(self.database.render_as_string())

    def build(self, *arguments: str) -> None:
        assert set(counts(self.home.build(*arguments))) <= {"success", "pass"}

    def read(self) -> Marts:
        with self.connect() as connection:
            return {mart: rows_of(connection, mart, key) for mart, key in marts(self.home).items()}


def go_on(store: Store) -> None:
    """
    Five weeks of use, written a day later: a reference, and a week to compare with it.

    Of one kept frame two reviewers say two things.
    """
    fill_use(store, "model-1", days=36, daily=12)
    with store.write() as connection:
        for table in (tables.capture, tables.prediction, tables.review):
            used = table.primary_key.columns[0].like("use-%")
            connection.execute(update(table).where(used).values(updated_at=DAY_AFTER))
    word = {"capture_id": "use-0001-0000", "reviewed_at": DAY_AFTER, "dx_type": "histo"}
    for dx in ("mel", "nv"):
        said = {"review_id": f"says {dx}", "reviewer": f"who says {dx}", "dx": dx}
        insert(store, tables.review, word | said | {"updated_at": DAY_AFTER})


def go_on_again(store: Store) -> None:
    """After a build that passed: an answer, one committed late, a review, and a withdrawal."""
    insert(store, tables.warehouse_build, a_build("build-2", "done", DAY_AFTER + timedelta(1)))
    frame = Capture("capture-new", DAY_AFTER, "new", 100, 600, 450, 120.0, 80.5, has_consent=False)
    scores = (0.0, 0.0, 0.0, 0.0, 0.75, 0.25, 0.0)
    answer = Prediction("new", "capture-new", "model-1", DAY_AFTER, "mel", "likely", scores, 9.5)
    record_prediction(store, frame, answer)
    late = {"updated_at": DAY_AFTER - timedelta(seconds=30)}
    insert(store, tables.prediction, an_answer("late", "capture-2", **late))
    said = ("a dermatologist", "clinician", "nv", "histo")
    record_review(store, Review("review-new", "capture-2", DAY_AFTER, *said))
    withdraw(store, "use-0000-0000", remove=lambda uri: None)


def copy_rows(source: Store, target: Store) -> None:
    """The same ids and moments in both, whatever made them up."""
    copied = [table for table in tables.metadata.sorted_tables if table.name in COPIED]
    with source.read() as there, target.write() as here:
        for table in reversed(copied):
            here.execute(table.delete())
        for table in copied:
            if rows := [dict(row) for row in there.execute(select(table)).mappings()]:
                here.execute(table.insert(), rows)


@pytest.fixture(scope="module")
def on_duckdb(built_dbt: DbtHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    home = DbtHome(Settings(home=tmp_path_factory.mktemp("duckdb") / "home"), built_dbt.manifest)
    store = init_store(home.settings)
    home.prepare()
    yield Engine(home, store)
    store.close()


@pytest.fixture(scope="module")
def database(postgres_url: str) -> URL:
    """A database of its own, since dbt makes schemas in it."""
    url = make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
        connection.execute("create database engines")
    return url.set(database="engines")


@pytest.fixture(scope="module")
def on_postgres(database: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    settings = Settings(
        home=tmp_path_factory.mktemp("postgres") / "home",
        database_url=database.set(drivername="postgresql+psycopg").render_as_string(),
    )
    home = DbtHome(settings, environment=words_of(database))
    home.manifest = home.parse()
    store = init_store(settings)
    yield Engine(home, store, database)
    store.close()


@pytest.fixture(scope="module")
def first(on_duckdb: Engine, on_postgres: Engine) -> tuple[Marts, Marts]:
    """DuckDB builds once; PostgreSQL without the store's use, then with it, and tests it all."""
    fill(on_duckdb.store)
    copy_rows(on_duckdb.store, on_postgres.store)
    on_postgres.build(*MODELS_ALONE)
    go_on(on_duckdb.store)
    copy_rows(on_duckdb.store, on_postgres.store)
    on_postgres.build()
    on_duckdb.build(*MODELS_ALONE)
    return on_duckdb.read(), on_postgres.read()


@pytest.fixture(scope="module")
def grown(
    first: tuple[Marts, Marts], on_duckdb: Engine, on_postgres: Engine
) -> tuple[Marts, Marts]:
    """Both build again after new facts, and their tests look at what has changed alone."""
    go_on_again(on_duckdb.store)
    copy_rows(on_duckdb.store, on_postgres.store)
    on_duckdb.build(*ONLY_CHANGED)
    on_postgres.build(*ONLY_CHANGED)
    return on_duckdb.read(), on_postgres.read()


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


def differences(one: Marts, other: Marts) -> list[str]:
    """Name up to three of each mart's rows or values that only one of the two has."""
    return [line for mart in one for line in differences_of(mart, one[mart], other[mart])[:3]]


def differences_of(mart: str, ours: Rows, theirs: Rows) -> list[str]:
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


def test_every_mart_has_the_same_rows_on_both_engines(first: tuple[Marts, Marts]):
    assert not differences(*first)


def test_no_mart_is_compared_empty(first: tuple[Marts, Marts]):
    # None may be: where a new one has no rows yet, the made-up store gets the facts it needs.
    assert [mart for mart, rows in first[0].items() if not rows] == []


def test_what_has_grown_has_the_same_rows_on_both_engines(grown: tuple[Marts, Marts]):
    facts = grown[0]["fct_predictions"]
    assert {("new",), ("late",)} <= facts.keys()
    assert ("use-0000-0000",) not in facts
    assert not differences(*grown)


def test_what_has_grown_has_the_rows_of_what_is_built_anew(
    grown: tuple[Marts, Marts], on_duckdb: Engine
):
    on_duckdb.build("--full-refresh", *MODELS_ALONE)
    assert not differences(grown[1], on_duckdb.read())


def test_a_reader_in_any_time_zone_finds_the_champion_as_old(
    first: tuple[Marts, Marts], on_duckdb: Engine, on_postgres: Engine
):
    def ages(engine: Engine, zone: str) -> list[Any]:
        with engine.connect() as connection:
            connection.execute(f"set timezone = '{zone}'")
            age = "select rule_value from main.retraining_due where rule_name = 'age_days'"
            return connection.execute(age).fetchall()

    # 26 hours apart: the two are never on the same day.
    zones = ("Pacific/Kiritimati", "Etc/GMT+12")
    found = [ages(engine, zone) for engine in (on_duckdb, on_postgres) for zone in zones]
    assert found == [found[0]] * 4
    assert found[0] != [(None,)]


@pytest.mark.parametrize(("answer", "status"), [("answer-1", "pass"), ("new", "fail")])
def test_tests_of_answers_look_at_what_has_changed_alone_on_postgres_too(
    grown: tuple[Marts, Marts], on_postgres: Engine, answer: str, status: str
):
    fault = "update intermediate.int_predictions__keyed set date_key = %s where prediction_id = %s"
    right = grown[1]["fct_predictions"][(answer,)]["date_key"]
    for key, expected in (("of no day", status), (right, "pass")):
        with on_postgres.connect() as connection:
            connection.execute(fault, (key, answer))
        assert on_postgres.home.test("fct_predictions_foreign_keys", *ONLY_CHANGED) == expected
