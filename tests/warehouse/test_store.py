import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from postgres import both_stores
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from warehouse.errors import NotReadyError
from warehouse.settings import Settings
from warehouse.store import Store, init_store, open_store
from warehouse.tables import load_run, metadata


def a_load(load_id: str = "l1", **changes):
    return {
        "load_id": load_id,
        "source": "HAM10000",
        "layout": "kaggle",
        "started_at": datetime(2026, 1, 2, 12, tzinfo=UTC),
        "outcome": "running",
    } | changes


@both_stores
def test_the_migrations_make_exactly_the_tables_that_the_code_names(store: Store):
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@both_stores
def test_init_may_be_repeated_and_keeps_what_is_there(settings: Settings, store: Store):
    with store.write() as connection:
        connection.execute(insert(load_run).values(a_load()))
    again = init_store(settings)
    with again.read() as connection:
        assert connection.execute(select(load_run.c.load_id)).scalars().all() == ["l1"]
    again.close()


def test_a_store_that_was_never_made_says_what_to_run(settings: Settings):
    with pytest.raises(NotReadyError, match="run `dermhouse init`"):
        open_store(settings)


def test_a_store_made_by_newer_code_is_refused_and_left_alone(settings: Settings, store: Store):
    with sqlite3.connect(settings.operational_path) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    for act in (open_store, init_store):
        with pytest.raises(NotReadyError, match="newer Dermhouse"):
            act(settings)


def test_sqlite_is_durable_and_lets_readers_pass(store: Store):
    with store.read() as connection:
        pragmas = [
            connection.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]


@both_stores
def test_a_reader_sees_one_moment_while_another_thread_writes(store: Store):
    count = select(load_run.c.load_id)

    def write():
        with store.write() as connection:
            connection.execute(insert(load_run).values(a_load("later")))

    with store.read() as connection:
        before = connection.execute(count).all()
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        assert connection.execute(count).all() == before
    with store.read() as connection:
        assert len(connection.execute(count).all()) == 1


@both_stores
def test_a_failed_write_leaves_nothing(store: Store):
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(insert(load_run).values(a_load("good")))
        connection.execute(insert(load_run).values(a_load("bad", outcome="maybe")))
    with store.read() as connection:
        assert connection.execute(select(load_run.c.load_id)).all() == []


@both_stores
def test_times_come_back_as_utc_whatever_zone_they_had(store: Store):
    lisbon_summer = datetime(2026, 7, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    with store.write() as connection:
        connection.execute(insert(load_run).values(a_load(started_at=lisbon_summer)))
    with store.read() as connection:
        stored = connection.execute(select(load_run.c.started_at)).scalar()
    assert stored == lisbon_summer
    assert stored.utcoffset() == timedelta(0)


@both_stores
def test_a_time_without_a_zone_is_refused(store: Store):
    with pytest.raises(StatementError, match="no time zone"), store.write() as connection:
        connection.execute(insert(load_run).values(a_load(started_at=datetime(2026, 1, 1))))
