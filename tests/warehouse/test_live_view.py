import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from factories import a_capture, a_model, an_answer
from postgres import both_stores

from cli.questions import answer
from warehouse.console.tail import lay_tail
from warehouse.facts import record_prediction
from warehouse.published import connect_live, current
from warehouse.registry import record_model
from warehouse.settings import Settings
from warehouse.store import open_store


@both_stores
def test_many_readers_of_one_process_see_the_newest_answer_at_once(built: Settings):
    store = open_store(built)
    record_model(store, a_model(), [])
    frame = a_capture()
    record_prediction(store, frame, an_answer(frame))
    store.close()

    def read(_) -> int:
        with connect_live(built) as connection:
            return connection.sql("select count(*) from fct_predictions_live").fetchone()[0]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(64))) == {1}


COUNT = """import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
print(store.execute("select count(*) from prediction").fetchone()[0])
store.close()"""


def test_a_process_that_writes_can_read_live_and_loses_no_row_to_others(built: Settings):
    store = open_store(built)
    record_model(store, a_model(), [])
    for expected in (1, 2):
        frame = a_capture()
        record_prediction(store, frame, an_answer(frame))
        with current(built).connect() as connection:
            lay_tail(connection, store)
            live = connection.sql("select count(*) from fct_predictions_live").fetchone()
        assert live == (expected,)
        # Another process that comes and goes would take the log along, were our locks gone.
        path = str(built.home / "operational.sqlite")
        seen = subprocess.run([sys.executable, "-c", COUNT, path], capture_output=True, check=True)
        assert int(seen.stdout) == expected
    store.close()


@both_stores
def test_each_query_of_a_prompt_sees_the_answers_given_meanwhile_and_attaches_nothing(
    built: Settings, capsys: pytest.CaptureFixture[str]
):
    store = open_store(built)
    record_model(store, a_model(), [])
    with current(built).connect() as connection:
        for expected in (1, 2):
            frame = a_capture()
            record_prediction(store, frame, an_answer(frame))
            answer(store, connection, "select count(*) as n from fct_predictions_live", "json")
            assert json.loads(capsys.readouterr().out) == [{"n": expected}]
        answer(store, connection, "select database_name as n from duckdb_databases()", "json")
        attached = {row["n"] for row in json.loads(capsys.readouterr().out)}
    store.close()
    # DuckDB's own SQLite beside ours in one process would cost us our locks.
    assert attached == {"system", "temp", current(built).path.stem}
