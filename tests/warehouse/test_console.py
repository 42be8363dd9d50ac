"""The SQL console: answers, limits, and a process that outlives everything it is asked."""

import csv
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import duckdb
import pyarrow as pa
import pyarrow.parquet
import pytest
from factories import a_capture, a_model, an_answer
from postgres import both_stores
from sqlalchemy import update

from warehouse.build import point_current
from warehouse.console.catalogue import read_catalogue
from warehouse.console.pool import Answer, Console, QueryError, Question
from warehouse.errors import BusyError, NotReadyError
from warehouse.facts import record_prediction, withdraw
from warehouse.published import connect_live, current, version_name
from warehouse.registry import record_model
from warehouse.settings import ROOT, Settings
from warehouse.store import Store, init_store, open_store
from warehouse.tables import now, prediction
from warehouse.vocabulary import Diagnosis, values

EVERY_TYPE = """
select 1::tinyint as a, 170141183460469231731687303715884105727::hugeint as b,
    9007199254740993 as c, uuid() as d, interval 1 day as e, [1, 2] as f, {'x': 1} as g,
    timestamptz '2020-01-02' as h,
    'ab'::blob as i, 1.50::decimal(9, 2) as j, timestamp 'infinity' as k, time '10:00' as l,
    map {'x': date '2020-01-02'} as m, 'x'::enum('x', 'y') as n, '101'::bit as o, null as p,
    'nan'::double as q, timestamp_ns '2020-01-02 03:04:05.123456789' as r, true as s, 'ñ' as t,
    union_value(x := 1) as u, 2::bignum as v, 1 as a
"""


@pytest.fixture(scope="module")
def home(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("console") / "home"
    copytree(built_home, home)
    return Settings(home=home, console_workers=1, console_memory_mb=256)


@pytest.fixture(scope="module")
def store(home: Settings) -> Iterator[Store]:
    store = open_store(home)
    yield store
    store.close()


@pytest.fixture(scope="module")
def console(home: Settings, store: Store) -> Iterator[Console]:
    console = Console(home, store)
    yield console
    console.close()


@pytest.fixture(scope="module")
def hasty(home: Settings, store: Store) -> Iterator[Console]:
    """A console that waits for nothing."""
    console = Console(home.model_copy(update={"console_timeout_s": 2}), store)
    yield console
    console.close()


def rows(answer: Answer) -> list[list]:
    return json.loads(answer.body)["rows"]


def ask(console: Console, sql: str, **wanted) -> list[list]:
    return rows(console.ask(Question(sql, **wanted)))


def worker_id(console: Console) -> int:
    worker = console.slots.queue[-1]
    assert worker is not None
    return worker.process.pid


def test_an_answer_tells_its_columns_their_types_and_its_version(console: Console):
    sql = "select diagnosis_code as code, is_malignant from dim_diagnoses order by 1"
    answer = json.loads(console.ask(Question(sql, max_rows=2)).body)
    assert answer.pop("elapsed_ms") > 0
    assert answer == {
        "columns": ["code", "is_malignant"],
        "types": ["VARCHAR", "BOOLEAN"],
        "rows": [["akiec", True], ["bcc", True]],
        "row_count": 2,
        "is_truncated": True,
        "version": 1,
    }


def test_a_worker_stays_warm_from_one_query_to_the_next(console: Console):
    ask(console, "select 1")
    first = worker_id(console)
    ask(console, "select 2")
    assert worker_id(console) == first


def test_every_type_has_a_form_in_every_format(console: Console):
    told = json.loads(console.ask(Question(EVERY_TYPE)).body)
    row = dict(zip(told["columns"], told["rows"][0], strict=True))
    assert row["b"] == "170141183460469231731687303715884105727"
    assert row["c"] == "9007199254740993"  # a browser would round the number
    assert (row["f"], row["g"], row["i"], row["j"]) == ([1, 2], {"x": 1}, "6162", 1.5)
    assert (row["h"], row["n"], row["p"], row["q"]) == (
        "2020-01-02T00:00:00+00:00",
        "x",
        None,
        "nan",
    )
    assert (row["s"], row["t"], row["a_1"]) == (True, "ñ", 1)
    (line,) = csv.DictReader(io.StringIO(console.ask(Question(EVERY_TYPE, "csv")).body.decode()))
    assert (line["t"], line["f"], line["s"], line["p"]) == ("ñ", "[1, 2]", "true", "")
    parquet = pa.parquet.read_table(io.BytesIO(console.ask(Question(EVERY_TYPE, "parquet")).body))
    arrow = pa.ipc.open_stream(console.ask(Question(EVERY_TYPE, "arrow")).body).read_all()
    assert parquet.column_names == arrow.column_names == told["columns"] == list(line)
    assert parquet["j"][0].as_py() == arrow["j"][0].as_py()
    (named,) = json.loads(console.ask(Question(EVERY_TYPE, "objects")).body)["rows"]
    assert named | {"d": None} == row | {"d": None}


@pytest.mark.parametrize("form", ["json", "csv", "parquet", "arrow"])
def test_an_answer_without_rows_has_its_columns(console: Console, form: str):
    answer = console.ask(Question("select * from dim_diagnoses where false", form))
    assert answer.told["row_count"] == 0
    assert answer.told["columns"][0] == "diagnosis_key"
    assert b"diagnosis_code" in answer.body


@pytest.mark.parametrize(
    "sql",
    [
        "from dim_diagnoses",
        "describe fct_diagnoses",
        "summarize dim_dates",
        "show tables",
        "values (1), (2)",
        "with a as (select 1 as x) select x from a",
        "explain select * from fct_diagnoses",
        "-- why?\nexplain analyze select count(*) from fct_diagnoses",
        "select * from (pivot dim_diagnoses on is_malignant in (true, false) using count(*))",
        "select unnest(range(3))",
        "select * from information_schema.columns limit 1",
        "select 1;",
        "select ';' as a, '--' as b -- ; select 2",
    ],
)
def test_every_form_of_a_question_is_answered(console: Console, sql: str):
    assert ask(console, sql)


@pytest.mark.parametrize(
    ("sql", "word", "line", "column"),
    [
        ("select nope from dim_diagnoses", '"nope" not found', 1, 8),
        ("select 1 from\n  dim_diagnosis", "dim_diagnosis does not exist", 2, 3),
        ("select 'ñ', nope", '"nope" was not found', 1, 13),
        ("selec 1", "syntax error", 1, 1),
        ("select count(", "syntax error", None, None),
        ("select 1::variant", "VARIANT", None, None),
        ("select cast('x' as integer)", "Could not convert", None, None),
        ("select $1", "parameter", None, None),
    ],
)
def test_an_error_is_one_sentence_with_its_place(
    console: Console, sql: str, word: str, line: int | None, column: int | None
):
    with pytest.raises(QueryError, match=word) as caught:
        console.ask(Question(sql))
    assert "\n" not in str(caught.value)
    assert "{" not in str(caught.value)
    if line:
        assert (caught.value.line, caught.value.column) == (line, column)
        assert f"(line {line}, column {column})" in str(caught.value)


def test_a_large_answer_is_cut_at_the_rows_and_at_the_bytes_and_says_so(
    home: Settings, store: Store
):
    small = home.model_copy(update={"console_max_rows": 50_000, "console_max_mb": 1})
    console = Console(small, store)
    by_rows = console.ask(Question("from range(10000000)", "arrow", 10**9))
    assert (by_rows.told["row_count"], by_rows.told["is_truncated"]) == (50_000, True)
    wide = "select repeat('x', 1000) as x from range(10000000)"
    by_bytes = console.ask(Question(wide, "arrow", 10**9))
    assert 500 < by_bytes.told["row_count"] < 2000
    assert by_bytes.told["is_truncated"]
    exact = console.ask(Question("from range(50000)", max_rows=50_000))
    assert (exact.told["row_count"], exact.told["is_truncated"]) == (50_000, False)
    console.close()


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("select count(*) from range(100000000) a, range(100000000) b", "memory|stopped after 2 s"),
        ("with recursive r as (select 1 x union all select x + 1 from r) from r", "stopped after"),
        ("with recursive r as (select 1 x union all select x from r) select max(x) from r", "stop"),
        ("select list(i) from range(1000000000) t(i)", "stopped after|memory"),
        ("select repeat('x', 2000000000)", "memory"),
        ("select repeat('x', 900000000) || repeat('y', 900000000)", "memory|stopped"),
        ("select i from range(1000000000) t(i) order by hash(i)", "memory|stopped after"),
        ("select string_agg(repeat('x', 100000), '') from range(100000)", "memory|stopped"),
    ],
)
def test_what_has_no_end_is_ended_and_the_next_query_is_answered(
    hasty: Console, sql: str, word: str
):
    with pytest.raises(QueryError, match=word):
        hasty.ask(Question(f"select count(*) from ({sql})" if sql.endswith("from r") else sql))
    assert ask(hasty, "select 42") == [[42]]


def test_a_query_that_nobody_waits_for_any_more_is_stopped(home: Settings, store: Store):
    console = Console(home.model_copy(update={"console_timeout_s": 600}), store)
    gone = threading.Event()
    ended: list[Exception] = []

    def ask_for_ever() -> None:
        try:
            console.ask(Question("select count(*) from range(100000000) a, range(100000000)"), gone)
        except QueryError as error:
            ended.append(error)

    thread = threading.Thread(target=ask_for_ever)
    thread.start()
    gone.set()
    thread.join(timeout=60)
    assert len(ended) == 1
    assert ask(console, "select 1") == [[1]]
    console.close()


def test_a_worker_that_dies_is_told_of_and_replaced(console: Console):
    ask(console, "select 1")
    first = worker_id(console)
    os.kill(first, 9)
    console.slots.queue[-1].process.wait()
    assert ask(console, "select 2") == [[2]]
    assert worker_id(console) != first


def test_a_worker_ends_with_its_parent(home: Settings):
    code = (
        "import sys; from pathlib import Path; from warehouse.settings import Settings\n"
        "from warehouse.console.pool import *; from warehouse.store import open_store\n"
        "settings = Settings(home=Path(sys.argv[1]))\n"
        "console = Console(settings, open_store(settings))\n"
        "console.ask(Question('select 1'))\n"
        "print(console.slots.queue[-1].process.pid, flush=True)\n"
        "import os; os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", code, str(home.home)]
    # The worker holds the pipe of its parent's errors for as long as it lives.
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    worker = int(done.stdout)
    for _ in range(100):
        if not Path(f"/proc/{worker}/cmdline").exists():
            return
        threading.Event().wait(0.05)
    pytest.fail("the worker outlived its parent")


def test_more_queries_than_workers_wait_and_are_told_when_it_takes_too_long(
    console: Console, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("warehouse.console.pool.WAIT_SECONDS", 0.01)
    worker = console.slots.get()
    with pytest.raises(BusyError, match="try again"):
        ask(console, "select 1")
    console.slots.put(worker)
    assert ask(console, "select 1") == [[1]]


def test_without_a_published_version_the_way_out_is_told(settings: Settings):
    store = init_store(settings)
    with pytest.raises(NotReadyError, match="dermhouse build"):
        Console(settings, store).ask(Question("select 1"))
    store.close()


def test_the_next_query_after_a_publication_sees_the_new_version(built: Settings):
    store = open_store(built)
    console = Console(built.model_copy(update={"console_workers": 1}), store)
    assert console.ask(Question("select 1")).told["version"] == 1
    first = current(built).path
    first.with_name(version_name(2)).write_bytes(first.read_bytes())
    point_current(built, version_name(2))
    assert console.ask(Question("select 1")).told["version"] == 2
    console.close()
    store.close()


@both_stores
def test_the_live_tail_has_every_digit_and_utc(built: Settings):
    store = open_store(built)
    record_model(store, a_model(), [])
    frame = a_capture(age_years=33.3)
    answer = an_answer(frame)
    record_prediction(store, frame, answer)
    console = Console(built, store)
    query = "select prediction_id, p_mel, predicted_at, is_shadow from fct_predictions_live"
    (row,) = pa.ipc.open_stream(console.ask(Question(query, "arrow")).body).read_all().to_pylist()
    console.close()
    store.close()
    probability = answer.probabilities[values(Diagnosis).index("mel")]
    assert row == {
        "prediction_id": answer.prediction_id,
        "p_mel": probability,
        "predicted_at": answer.predicted_at.replace(tzinfo=None),
        "is_shadow": False,
    }


def test_the_live_fact_is_the_one_that_every_other_reader_sees(built: Settings):
    store = open_store(built)
    record_model(store, a_model(), [])
    frames = [a_capture() for _ in range(3)]
    for frame in frames:
        record_prediction(store, frame, an_answer(frame))
    withdraw(store, frames[0].capture_id, lambda uri: None)
    console = Console(built, store)
    query = "select * from fct_predictions_live order by prediction_id"
    seen = pa.ipc.open_stream(console.ask(Question(query, "arrow")).body).read_all()
    with connect_live(built) as connection:
        expected = connection.sql(query).to_arrow_table()
    assert seen.num_rows == 2
    assert seen.to_pylist() == expected.to_pylist()
    with store.write() as connection:
        everything = update(prediction).values(deleted_at=now(), updated_at=now())
        connection.execute(everything)
    assert ask(console, "select count(*) from fct_predictions_live") == [[0]]
    # Of what was withdrawn nothing but its id has gone over.
    hidden = "select count(*) from operational_tail where coalesce(capture_id, sex, sha256) <> ''"
    assert ask(console, hidden) == [[0]]
    # Asked by its own name it is of this moment too.
    record_prediction(store, late := a_capture(), an_answer(late))
    assert ask(console, hidden) == [[1]]
    console.close()
    store.close()


def test_the_catalogue_describes_the_star_and_nothing_else(console: Console):
    catalogue = read_catalogue(console)
    tables = {table.name: table for table in catalogue.tables}
    assert {"dim_diagnoses", "fct_predictions", "fct_predictions_live", "ml_train"} <= set(tables)
    assert not any(name.startswith(("raw_", "stg_", "int_", "operational_")) for name in tables)
    code = next(c for c in tables["dim_diagnoses"].columns if c.name == "diagnosis_code")
    assert code.type == "VARCHAR"
    assert code.description
    assert "One row is one model's answer" in tables["fct_predictions_live"].description
    assert tables["fct_predictions_live"].columns == tables["fct_predictions"].columns
    for table in catalogue.tables:
        first = console.ask(Question(f"select * from {table.name} limit 0")).told
        assert first["columns"] == [column.name for column in table.columns]


def test_a_version_without_a_dictionary_has_a_catalogue_all_the_same(built: Settings):
    with duckdb.connect(str(current(built).path)) as connection:
        connection.execute("drop schema if exists dictionary cascade")
    store = open_store(built)
    console = Console(built, store)
    assert {"dim_dates", "fct_diagnoses"} <= {one.name for one in read_catalogue(console).tables}
    console.close()
    store.close()
