"""A dbt that is kept warm builds what a cold one does, and may end at any time."""

import json
import os
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shutil import copytree, ignore_patterns

import duckdb
import pytest
from factories import a_capture, a_model, an_answer
from sqlalchemy import text

from warehouse.build import BuildError, build
from warehouse.captures import Review
from warehouse.changes import changed_tables
from warehouse.dbt_run import dbt_environment
from warehouse.facts import record_prediction, record_review, withdraw
from warehouse.published import current
from warehouse.registry import record_model
from warehouse.settings import ROOT, Settings
from warehouse.store import Store, open_store
from warehouse.tables import now
from warehouse.warm import WARM_DBT, Warm, ask_warm
from warehouse.warm_dbt import BY_DBT, PASSED, WarmDbt

pytestmark = pytest.mark.slow


@pytest.fixture
def store(built: Settings) -> Iterator[Store]:
    store = open_store(built)
    record_model(store, a_model(), [])
    yield store
    store.close()


@pytest.fixture
def warm(built: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warm]:
    """A warm dbt, of which builds in this process know."""
    warm = Warm(os.environ | dbt_environment(built), niceness=0)
    monkeypatch.setenv(WARM_DBT, ",".join(str(end) for end in warm.ends()))
    yield warm
    warm.close()


def answer_a_frame(store: Store) -> str:
    frame = a_capture()
    record_prediction(store, frame, an_answer(frame))
    return frame.capture_id


def facts_of(settings: Settings) -> set[str]:
    with current(settings).connect() as connection:
        rows = connection.sql("select capture_id from fct_predictions").fetchall()
    return {capture_id for (capture_id,) in rows}


def test_the_second_build_has_what_is_new_and_runs_every_test_on_it(
    built: Settings, store: Store, warm: Warm
):
    captures = {answer_a_frame(store)}
    whole = build(built)
    captures.add(answer_a_frame(store))
    quick = build(built)
    assert facts_of(built) == captures
    assert quick.tests == whole.tests
    assert quick.models < whole.models
    with store.write() as connection:  # behind the door, where nobody checks
        connection.execute(text("pragma ignore_check_constraints = on"))
        late = "update prediction set decision = 'perhaps', updated_at = '2099-01-01 00:00:00'"
        connection.execute(text(late))
    with pytest.raises(BuildError, match=r"fct_predictions_closed_lists: Got 2 results"):
        build(built)
    assert current(built).version == quick.version


# They tell of the build itself.
OF_BUILDS = ("warehouse_build", "warehouse_watermarks", "image_file_history")


def relations_of(settings: Settings) -> dict[tuple[str, str], tuple[list[str], list[object]]]:
    """Return columns with their types, and the rows, of every relation but those of builds."""
    with current(settings).connect() as connection:
        told = connection.sql("""
            select schema_name, table_name, list(column_name || data_type order by column_index)
            from duckdb_columns()
            where not internal and schema_name <> 'dictionary'
            group by all
        """).fetchall()
        return {
            (schema, name): (
                columns,
                connection.sql(f"from {schema}.{name} order by all").fetchall(),
            )
            for schema, name, columns in told
            if not any(word in name for word in OF_BUILDS)
        }


def test_what_is_made_without_dbt_is_what_dbt_would_make(built: Settings, store: Store, warm: Warm):
    kept, withdrawn = answer_a_frame(store), answer_a_frame(store)
    build(built)
    record_review(store, Review("review-1", kept, now(), "ana", "clinician", "mel", "histo"))
    withdraw(store, withdrawn, lambda uri: None)
    answer_a_frame(store)
    with store.write() as connection:
        later = "update image set dx = 'df', updated_at = '2099-01-01 00:00:00' where image_id in "
        connection.execute(text(later + "(select max(image_id) from image)"))
    build(built)
    quick = relations_of(built)
    assert len(quick) > 100
    build(built, full_refresh=True)
    assert quick == relations_of(built)


def test_dbt_does_nothing_for_a_table_but_its_sql_and_makes_tables_last(built: Settings):
    nodes = json.loads((built.home / "dbt" / "manifest.json").read_text())["nodes"]
    made = {key: node["config"]["materialized"] for key, node in nodes.items()}

    def reads_a_table(key: str) -> bool:
        above = [each for each in nodes[key]["depends_on"].get("nodes", ()) if each in nodes]
        return any(made[each] == "table" or reads_a_table(each) for each in above)

    for key, kind in made.items():
        if kind in BY_DBT:
            assert not reads_a_table(key), key
        if kind == "table":
            config = nodes[key]["config"]
            more = ("pre-hook", "post-hook", "grants", "persist_docs", "indexes")
            assert not any(config.get(name) for name in more), key


def test_a_build_goes_on_without_a_warm_dbt_that_has_ended(
    built: Settings, store: Store, warm: Warm
):
    assert warm.process is not None
    os.kill(warm.process.pid, signal.SIGKILL)
    warm.process.wait()
    captured = answer_a_frame(store)
    build(built)
    assert facts_of(built) == {captured}


def test_a_warm_dbt_that_ends_within_its_answer_has_told_nothing(monkeypatch: pytest.MonkeyPatch):
    asked, ask = os.pipe()
    told, tell = os.pipe()
    monkeypatch.setenv(WARM_DBT, f"{ask},{told}")
    os.write(tell, b'{"name": "another", "nodes": [{"uni')
    os.close(tell)
    assert ask_warm({"full_refresh": False, "changed": None}) is None
    for end in (asked, ask, told):
        os.close(end)


def test_a_table_that_rested_before_its_build_has_not_changed(built: Settings, store: Store):
    """What was loaded a moment before its build could have a row that was committed later."""
    assert "image" in changed_tables(built, store)
    assert "alias_change" not in changed_tables(built, store)  # there is nothing in it
    with store.write() as connection:
        connection.execute(text("update image set updated_at = '2020-01-01 00:00:00'"))
    build(built, full_refresh=True)
    assert "image" not in changed_tables(built, store)
    with store.write() as connection:
        later = "update image set updated_at = '2099-01-01 00:00:00' where image_id in "
        connection.execute(text(later + "(select min(image_id) from image)"))
    assert "image" in changed_tables(built, store)


class OwnProject(Settings):
    """Settings whose dbt project stands in the home, where it can be changed."""

    @property
    def dbt_dir(self) -> Path:
        return self.home / "project"


def last_day(settings: Settings) -> date:
    with duckdb.connect(str(settings.build_path), read_only=True) as connection:
        return connection.sql("select max(date_day) from dim_dates").fetchall()[0][0]


@pytest.fixture
def own(built: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = OwnProject(home=built.home)
    copytree(ROOT / "dbt", settings.dbt_dir, ignore=ignore_patterns("target", "logs"))
    for name, value in dbt_environment(settings).items():
        monkeypatch.setenv(name, value)
    return settings


def add_a_year(settings: Settings) -> None:
    """Let the project's dates reach a year further."""
    model = settings.dbt_dir / "models" / "marts" / "core" / "dim_dates.sql"
    model.write_text(model.read_text().replace("'2 years'", "'3 years'"))


def test_a_full_refresh_reads_a_project_that_has_changed(own: Settings):
    warm = WarmDbt(own)
    warm.build(full_refresh=False, changed=None)
    was = last_day(own)
    add_a_year(own)
    nodes = warm.build(full_refresh=True, changed=None)
    assert all(node["status"] in PASSED for node in nodes)
    assert last_day(own) == was.replace(year=was.year + 1)


def test_a_project_that_another_build_has_taken_in_meanwhile_is_read_anew(own: Settings):
    warm = WarmDbt(own)
    warm.build(full_refresh=False, changed=None)
    was = last_day(own)
    add_a_year(own)
    build(own)  # by hand, say: the note of what the file was made from is of the new project now
    nodes = warm.build(full_refresh=False, changed=["image"])
    assert all(node["status"] in PASSED for node in nodes)
    assert last_day(own) == was.replace(year=was.year + 1)
