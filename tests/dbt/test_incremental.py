from datetime import timedelta

import pytest
from dbt_project_home import DbtHome, counts
from made_up_store import NOON, a_build, a_capture, an_answer, insert
from sqlalchemy import Table, update

from warehouse import tables
from warehouse.store import open_store

pytestmark = pytest.mark.xdist_group("dbt")


def go_on(home: DbtHome) -> None:
    """A minute later: a new answer, one that was committed late, a deletion, a change of mind."""
    later = {"updated_at": NOON + timedelta(minutes=1)}
    store = open_store(home.settings)
    insert(store, tables.capture, a_capture("capture-3", **later))
    insert(store, tables.prediction, an_answer("answer-new", "capture-3", **later))
    late = {"updated_at": NOON - timedelta(seconds=30)}
    insert(store, tables.prediction, an_answer("answer-late", "capture-2", **late))
    with store.write() as connection:
        for column, row, change in (
            (tables.prediction.c.prediction_id, "answer-2", {"deleted_at": NOON}),
            (tables.capture.c.capture_id, "capture-1", {"has_consent": False}),
        ):
            connection.execute(update(column.table).where(column == row).values(**change, **later))
    store.close()


def test_a_second_build_takes_what_is_new_and_forgets_what_was_deleted(changing: DbtHome):
    go_on(changing)
    assert set(counts(changing.build())) == {"success", "pass"}
    facts = changing.query("select prediction_id, has_consent from fct_predictions order by 1")
    assert facts == [("answer-1", False), ("answer-late", False), ("answer-new", False)]


@pytest.mark.parametrize("table", [tables.capture, tables.model], ids=lambda table: table.name)
def test_a_second_build_forgets_the_answers_of_what_was_deleted(changing: DbtHome, table: Table):
    assert changing.query("select count(*) from fct_predictions") != [(0,)]
    store = open_store(changing.settings)
    with store.write() as connection:
        connection.execute(update(table).values(deleted_at=NOON, updated_at=NOON))
    store.close()
    assert set(counts(changing.build())) == {"success", "pass"}
    assert changing.query("select count(*) from fct_predictions") == [(0,)]


ONLY_CHANGED = ("--vars", "{only_changed_rows: true}")
KEYED = "intermediate.int_predictions__keyed"
FAULTS = {
    "int_predictions__keyed_primary_key": f"insert into {KEYED} from {KEYED}",
    "fct_predictions_foreign_keys": f"update {KEYED} set date_key = 'of no day'",
    "stg_operational__predictions_closed_lists": (
        "update raw.raw_operational__prediction set decision = 'perhaps'"
    ),
}


@pytest.fixture
def passed(changing: DbtHome) -> DbtHome:
    """A home whose last build passed after all that its store holds had been written."""
    store = open_store(changing.settings)
    insert(store, tables.warehouse_build, a_build("build-2", "done", NOON + timedelta(hours=1)))
    store.close()
    changing.build("--select", "raw_operational__warehouse_build")
    return changing


@pytest.mark.parametrize("table", ["prediction", "capture", "model"])
def test_tests_of_answers_pass_over_what_has_been_tested_until_it_changes(
    passed: DbtHome, table: str
):
    for fault in FAULTS.values():
        passed.execute(fault)
    assert {passed.test(name, *ONLY_CHANGED) for name in FAULTS} == {"pass"}
    passed.execute(f"update raw.raw_operational__{table} set updated_at = '2026-03-01 14:00:00'")
    assert {passed.test(name, *ONLY_CHANGED) for name in FAULTS} == {"fail"}


@pytest.mark.parametrize("name", FAULTS)
def test_tests_of_answers_look_at_all_of_them_where_nobody_says_otherwise(
    passed: DbtHome, name: str
):
    passed.execute(FAULTS[name])
    assert passed.test(name) == "fail"


def test_a_row_without_a_key_is_found_however_old_it_is(passed: DbtHome):
    passed.execute(f"update {KEYED} set prediction_id = null where prediction_id = 'answer-1'")
    assert passed.test("int_predictions__keyed_primary_key", *ONLY_CHANGED) == "fail"


def test_a_deleted_parent_without_a_key_takes_no_rows_with_it(changing: DbtHome):
    answers = "select count(*) from staging.stg_operational__predictions"
    before = changing.query(answers)
    changing.execute("""
        update raw.raw_operational__capture set capture_id = null where capture_id = 'capture-gone'
    """)
    # The answer that hung on it is there again, and its own test says that it hangs on nothing.
    assert changing.query(answers)[0][0] == before[0][0] + 1
    assert changing.test("stg_operational__predictions_foreign_keys") == "fail"


def test_what_is_older_than_the_overlap_is_not_copied_again(changing: DbtHome):
    store = open_store(changing.settings)
    with store.write() as connection:
        old = tables.capture.c.capture_id == "capture-1"
        day_before = {"updated_at": NOON - timedelta(days=1)}
        connection.execute(update(tables.capture).where(old).values(**day_before))
    store.close()
    changing.execute("update raw.raw_operational__capture set brightness = 999.0")
    changing.build("--select", "raw_operational__capture")
    marked = changing.query("""
        select capture_id from raw.raw_operational__capture where brightness = 999.0
    """)
    assert marked == [("capture-1",)]


def test_a_column_that_a_migration_added_is_filled_for_old_rows_too(changing: DbtHome):
    changing.execute("update raw.raw_operational__capture set updated_at = '2030-01-01'")
    changing.execute("alter table raw.raw_operational__capture drop column sharpness")
    changing.build("--select", "raw_operational__capture")
    copied = changing.query("select distinct sharpness from raw.raw_operational__capture")
    assert copied == [(80.5,)]


def test_an_empty_store_builds_and_builds_again(empty_dbt: DbtHome):
    for _ in range(2):
        assert set(counts(empty_dbt.build())) == {"success", "pass"}
    assert empty_dbt.query("select count(*) from ml_images") == [(0,)]
    assert empty_dbt.query("select count(*) from dim_diagnoses") == [(7,)]
