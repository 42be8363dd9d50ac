"""
Ways out of the SQL console, each tried through the door and most of them behind it as well.

Every attempt is refused in words, the worker lives on, and the next query is answered. Where the
gate alone stands in the way (the engine, locked as it is, would let it through or would be harmed),
the attempt says so: those are why there is a gate.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest

from warehouse.console import cage
from warehouse.console.pool import Console, QueryError, Question
from warehouse.published import current
from warehouse.settings import ROOT, Settings
from warehouse.store import open_store
from warehouse.tokens import create_token
from warehouse.vocabulary import Role

SECRET = "the-words-of-a-file-outside"
FILES = "is not available here|file system operations are disabled|not answered here"
CLOSED = "is not open here"
ONE = "is not answered here|one is asked at a time"


@dataclass(frozen=True)
class Attempt:
    """`sql` may name {store}, {version}, {text} and {folder}; `word` is in the refusal."""

    sql: str
    word: str
    only_gate: bool = False  # the engine behind it would not refuse


ATTEMPTS = [
    # Files, by every function and form that reads one.
    Attempt("select * from read_csv('{text}')", FILES),
    Attempt("select * from read_csv_auto('{text}', header = false)", FILES),
    Attempt("select * from sniff_csv('{text}')", FILES),
    Attempt("select * from read_text('{text}')", FILES),
    Attempt("select * from read_blob('/etc/passwd')", FILES),
    Attempt("select * from read_json('{text}')", FILES),
    Attempt("select * from read_json_objects('{text}')", FILES),
    Attempt("select * from read_ndjson_auto('{text}')", FILES),
    Attempt("select * from read_parquet('{folder}/x.parquet')", FILES),
    Attempt("select * from parquet_scan('{folder}/x.parquet')", FILES),
    Attempt("select * from parquet_metadata('{folder}/x.parquet')", FILES),
    Attempt("select * from parquet_kv_metadata('{folder}/x.parquet')", FILES),
    Attempt("select * from read_duckdb('{version}')", FILES),
    Attempt("select * from glob('{folder}/*')", FILES),
    Attempt("select * from '{text}'", "file system operations are disabled|does not exist"),
    Attempt("select * from '/etc/passwd'", "file system operations are disabled|does not exist"),
    Attempt("from '{folder}/x.parquet'", "file system operations are disabled|does not exist"),
    Attempt("describe '{text}'", "file system operations are disabled|does not exist"),
    Attempt("summarize '{folder}/x.parquet'", "file system operations are disabled|not exist"),
    Attempt("with a as (select * from read_text('{text}')) select * from a", FILES),
    Attempt("select (select content from read_text('{text}'))", FILES),
    Attempt("select 1 where exists (from read_blob('{text}'))", FILES),
    Attempt("select 1 union all select content from read_text('{text}')", FILES),
    Attempt("select * from range(1) t(i), lateral (from glob('{folder}/' || t.i))", FILES),
    Attempt("from main.read_text('{text}')", FILES),
    Attempt("explain analyze select * from read_text('{text}')", FILES),
    Attempt("explain analyze copy dim_diagnoses to '{folder}/out.csv'", ONE),
    # Other databases, and the operational store with its tokens.
    Attempt("attach '{store}' as operational (type sqlite)", ONE),
    Attempt("attach '{version}' as again", ONE),
    Attempt("detach current_database", ONE),
    Attempt("select * from sqlite_scan('{store}', 'access_token')", "not available here"),
    Attempt("select * from sqlite_query('operational', 'select 1')", "not available here"),
    Attempt("select * from postgres_scan('host=localhost', 'public', 'x')", "not available here"),
    Attempt("select * from postgres_query('operational', 'select 1')", "not available here"),
    Attempt("select * from operational.access_token", CLOSED),
    Attempt("select * from operational.main.access_token", "does not exist|not found"),
    Attempt("select * from access_token", "does not exist"),
    Attempt("select * from '{store}'", "file system operations are disabled|does not exist"),
    Attempt("select * from read_blob('{store}')", FILES),
    Attempt("use operational", ONE),
    # What the build keeps to itself.
    Attempt("select * from raw.raw_operational__capture", CLOSED, only_gate=True),
    Attempt('select * from "RAW".raw_operational__capture', CLOSED, only_gate=True),
    Attempt("describe staging.stg_operational__captures", CLOSED, only_gate=True),
    Attempt("select * from query_table('raw.raw_operational__capture')", "not available here"),
    Attempt("select * from query_table('dim_diagnoses')", "not available here", only_gate=True),
    Attempt("select * from query('select 1')", "not available here", only_gate=True),
    Attempt("select * from query('select * from read_text(''{text}'')')", "not available here"),
    Attempt("select * from json_execute_serialized_sql('x')", "not available here"),
    # Writing.
    Attempt("copy dim_diagnoses to '{folder}/out.csv'", ONE),
    Attempt("copy (select 1) to '{folder}/out.parquet'", ONE),
    Attempt("copy dim_diagnoses from '{text}'", ONE),
    Attempt("export database '{folder}/out'", ONE),
    Attempt("import database '{folder}'", "file system operations are disabled|" + ONE),
    Attempt("insert into dim_diagnoses select * from dim_diagnoses", ONE),
    Attempt("update dim_diagnoses set diagnosis_name = ''", ONE),
    Attempt("delete from dim_diagnoses", ONE),
    Attempt("create table mine as select 1", ONE),
    Attempt("create temp table mine as select 1", ONE, only_gate=True),
    Attempt("create or replace temp view fct_reviews as select 1", ONE, only_gate=True),
    Attempt("create macro mine() as 1", ONE),
    Attempt("create temp macro count(x) as 1", ONE, only_gate=True),
    Attempt("drop table dim_diagnoses", ONE),
    Attempt("alter table dim_diagnoses rename to mine", ONE),
    Attempt("truncate dim_diagnoses", ONE),
    Attempt("vacuum", ONE, only_gate=True),
    Attempt("checkpoint", ONE),
    Attempt("select * from force_checkpoint()", "not available here"),
    Attempt("with gone as (delete from dim_dates returning *) select * from gone", "rror|SELECT"),
    # Extensions, the network, secrets.
    Attempt("install httpfs", ONE),
    Attempt("load sqlite_scanner", ONE),
    Attempt("load '{folder}/sqlite_scanner.duckdb_extension'", ONE),
    Attempt("install sqlite_scanner from '{folder}'", ONE),
    Attempt("select * from 'https://example.org/x.csv'", "disabled|does not exist|not|Missing"),
    Attempt("select * from read_csv('https://example.org/x.csv')", FILES),
    Attempt("select * from read_parquet('s3://bucket/x.parquet')", FILES),
    Attempt("create secret (type s3, key_id 'x')", ONE),
    Attempt("select * from duckdb_secrets()", "not available here"),
    Attempt("select * from which_secret('s3://x', 's3')", "not available here"),
    Attempt("select getenv('HOME')", "not available here"),
    # Settings, and the engine's own state.
    Attempt("set enable_external_access = true", ONE),
    Attempt("set lock_configuration = false", ONE),
    Attempt("set memory_limit = '100GB'", ONE),
    Attempt("set threads = 64", ONE),
    Attempt("set python_enable_replacements = true", ONE),
    Attempt("reset memory_limit", ONE),
    Attempt("reset lock_configuration", ONE),
    Attempt("set variable x = 1", ONE, only_gate=True),
    Attempt("pragma enable_external_access", "does not exist"),
    Attempt("pragma table_info('raw.raw_operational__capture')", "PRAGMA", only_gate=True),
    Attempt("pragma database_list", "PRAGMA", only_gate=True),
    Attempt("call pragma_version()", ONE, only_gate=True),
    Attempt("select * from pragma_database_list", CLOSED, only_gate=True),
    Attempt("select * from duckdb_databases()", "not available here", only_gate=True),
    Attempt("select * from duckdb_databases", CLOSED, only_gate=True),
    Attempt("select * from duckdb_settings()", "not available here", only_gate=True),
    Attempt("select current_setting('temp_directory')", "not available here", only_gate=True),
    Attempt("select * from duckdb_logs", CLOSED, only_gate=True),
    Attempt("select write_log('x')", "not available here", only_gate=True),
    Attempt("select pg_sleep(1000)", "not available here", only_gate=True),
    Attempt(
        "select * from enable_logging(storage = 'file', storage_config = {{'path': '{folder}/l'}})",
        "not available here",
        only_gate=True,
    ),
    Attempt("select * from enable_profiling()", "not available here", only_gate=True),
    Attempt("select * from arrow_scan(1, 2, 3)", "not available here", only_gate=True),
    Attempt("select * from pandas_scan(1)", "not available here", only_gate=True),
    Attempt("select * from seq_scan('dim_diagnoses')", "not available here", only_gate=True),
    Attempt("select * from rows", "does not exist"),  # a variable of the worker's own Python
    # More than one, or none, or in disguise.
    Attempt("select 1; select 2", "2 statements", only_gate=True),
    Attempt("select 1; attach '{store}' as x (type sqlite)", "2 statements"),
    Attempt("select 1;;; drop table dim_dates", "2 statements"),
    Attempt("begin transaction", ONE, only_gate=True),
    Attempt("prepare x as select 1", ONE, only_gate=True),
    Attempt("execute x", ONE),
    Attempt("/* select */ copy dim_dates to '{folder}/x.csv' -- select", ONE),
    Attempt("explain explain select 1", ONE + "|syntax"),
    Attempt("explain (format json) copy dim_dates to '{folder}/x.csv'", "syntax|not answered"),
    # An EXPLAIN within a comment, and another one that is run.
    Attempt(
        "/* /* */ explain select 1 -- */ explain analyze "
        "select error((select max(capture_id) from raw.raw_operational__capture))",
        "write EXPLAIN first",
        only_gate=True,
    ),
    Attempt(
        "--\rexplain analyze select error(capture_id) from raw.raw_operational__capture /*\n"
        "explain select 1 --*/",
        CLOSED,
        only_gate=True,
    ),
    Attempt(
        "/* /* */ explain select 1 -- */ explain analyze "
        "select * from enable_logging(storage := 'file', storage_path := '{folder}/l')",
        "write EXPLAIN first",
        only_gate=True,
    ),
    Attempt(
        "select json_serialize_plan('select max(capture_id) from raw.raw_operational__capture', "
        "optimize := true)",
        "not available here",
        only_gate=True,
    ),
    Attempt("pivot dim_diagnoses on is_malignant", "written out", only_gate=True),
    Attempt("", "no query", only_gate=True),
    Attempt("-- nothing", "no query", only_gate=True),
    Attempt("select " + " + ".join(["1"] * 20_000), "deep|depth|ended|memory"),
]


@pytest.fixture(scope="module")
def home(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("escapes")
    copytree(built_home, folder / "home")
    (folder / "text.csv").write_text(f"{SECRET}\n")
    return Settings(home=folder / "home", console_workers=1, console_timeout_s=5)


@pytest.fixture(scope="module")
def places(home: Settings) -> dict[str, str]:
    return {
        "store": str(home.operational_path),
        "version": str(current(home).path),
        "text": str(home.home.parent / "text.csv"),
        "folder": str(home.home.parent),
    }


@pytest.fixture(scope="module")
def token(home: Settings) -> str:
    store = open_store(home)
    secret = create_token(store, "ana", Role.admin)
    store.close()
    return secret


@pytest.fixture(scope="module")
def console(home: Settings, token: str) -> Iterator[Console]:
    store = open_store(home)
    console = Console(home, store)
    yield console
    console.close()
    store.close()


def written(attempt: Attempt, places: dict[str, str]) -> str:
    return attempt.sql.format(**places)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.sql[:60])
def test_no_way_out_through_the_console(console: Console, places: dict[str, str], attempt: Attempt):
    before = sorted(Path(places["folder"]).iterdir())
    with pytest.raises(QueryError, match=attempt.word) as refusal:
        console.ask(Question(written(attempt, places)))
    assert SECRET not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert sorted(Path(places["folder"]).iterdir()) == before
    assert json.loads(console.ask(Question("select 42")).body)["rows"] == [[42]]


BEHIND = """
import json, sys
from warehouse.console.worker import open_locked
path, attempts = sys.argv[1], json.load(sys.stdin)
connection = open_locked(path, 512, 2)
told = []
for sql in attempts:
    try:
        told.append(["answered", str(connection.execute(sql).fetchall())])
    except Exception as error:
        told.append(["refused", str(error)])
print(json.dumps(told))
"""


def test_behind_the_gate_the_locked_engine_refuses_as_well(places: dict[str, str]):
    attempts = [one for one in ATTEMPTS if not one.only_gate and len(one.sql) < 1000]
    done = subprocess.run(
        [sys.executable, "-c", BEHIND, places["version"]],
        input=json.dumps([written(one, places) for one in attempts]),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    told = json.loads(done.stdout)
    through = [
        (one.sql, answer)
        for one, (outcome, answer) in zip(attempts, told, strict=True)
        if outcome == "answered" and answer != "[]"
    ]
    assert through == []
    assert not any(SECRET in answer for _, answer in told)
    assert len(told) > 60


CAGED = """
import pathlib, socket, sys
from warehouse.console import cage
open_before = open(sys.argv[1], "rb")
if not cage.shut():
    sys.exit("no cage")
told = []
for what in (
    lambda: open(sys.argv[1], "rb").read(),
    lambda: open("/etc/passwd").read(),
    lambda: pathlib.Path(sys.argv[1]).with_name("new").write_text("x"),
    lambda: pathlib.Path(sys.argv[1]).unlink(),
    lambda: list(pathlib.Path("/").iterdir()),
    lambda: socket.create_connection(("127.0.0.1", 9), 2),
):
    try:
        what()
        told.append("done")
    except OSError as error:
        told.append(type(error).__name__)
print(told, len(open_before.read(16)))
"""


def test_the_kernel_takes_files_and_network_from_a_worker(places: dict[str, str]):
    command = [sys.executable, "-c", CAGED, places["store"]]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if "no cage" in done.stderr:
        pytest.skip("this kernel has no Landlock")
    # What was open before stays readable: that is how the version itself is read.
    assert done.stdout.strip() == str(["PermissionError"] * 6) + " 16"


def test_a_running_worker_is_in_the_cage_and_holds_no_scanner_and_no_variable(
    console: Console, places: dict[str, str]
):
    console.ask(Question("select 1"))
    worker = console.slots.queue[-1]
    assert worker is not None
    here = Path(f"/proc/{worker.process.pid}")
    assert "scanner" not in (here / "maps").read_text()
    assert {line.split("=")[0] for line in (here / "environ").read_text().split("\0") if line} <= {
        "PYTHONPATH",
        "ARROW_DEFAULT_MEMORY_POOL",
    }
    opened = {str(link.resolve()) for link in (here / "fd").iterdir()}
    assert places["store"] not in opened
    assert worker.first is not None
    if worker.first["is_shut"]:
        assert "NoNewPrivs:\t1" in (here / "status").read_text()


def test_no_hash_of_a_token_is_in_the_file_that_the_console_reads(
    home: Settings, token: str, console: Console
):
    names = "select table_schema, table_name from information_schema.tables order by 1, 2"
    tables = json.loads(console.ask(Question(names, max_rows=10_000)).body)["rows"]
    assert tables
    assert not [name for _, name in tables if "token" in name or "audit" in name]
    assert cage.ruleset(7)[1] == 24
