"""The star outside: files that another engine reads, described well enough to be joined again."""

import json
import subprocess
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.dataset
import pytest
from commands import PROGRAM, dermhouse, environment
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from cli.shell import converse, make_completer
from warehouse import published
from warehouse.errors import BadInputError, BusyError
from warehouse.export import drafted, export
from warehouse.settings import ROOT, Settings

NOTEBOOK = ROOT / "docs" / "notebook" / "first_questions.ipynb"


def test_the_star_is_written_whole_and_described(built_home: Path, tmp_path: Path):
    warehouse = published.current(Settings(home=built_home))
    report = export(warehouse, tmp_path / "star")
    schema = json.loads((tmp_path / "star" / "schema.json").read_text())
    tables = {table["name"]: table for table in schema["tables"]}
    assert (report.version, report.tables) == (schema["version"], len(tables))
    assert {"dim_diagnoses", "dim_dates", "fct_diagnoses", "fct_predictions"} <= set(tables)
    with warehouse.connect() as connection, duckdb.connect() as outside:
        for name, table in tables.items():
            expected = connection.sql(f"select count(*) from {name}").fetchone()
            assert (table["rows"],) == expected
            files = str(tmp_path / "star" / table["path"])
            read = outside.sql(f"select * from '{files}'")
            assert (len(read),) == expected
            named = [column["name"] for column in table["columns"]]
            assert read.columns == named + table["partitioned_by"]
    assert tables["fct_diagnoses"]["primary_key"] == ["image_id"]
    assert tables["fct_diagnoses"]["foreign_keys"]["diagnosis_key"] == "dim_diagnoses.diagnosis_key"
    assert tables["fct_diagnoses"]["description"]
    assert all(column["description"] for column in tables["dim_diagnoses"]["columns"])


def test_every_file_has_the_types_that_the_schema_tells(built_home: Path, tmp_path: Path):
    warehouse = published.current(Settings(home=built_home))
    export(warehouse, tmp_path / "star")
    schema = json.loads((tmp_path / "star" / "schema.json").read_text())
    with warehouse.connect() as connection, duckdb.connect() as outside:
        for table in schema["tables"]:
            told = {column["name"]: column["type"] for column in table["columns"]}
            built = connection.execute(f"describe {table['name']}").fetchall()
            assert told == {name: kind for name, kind, *_ in built}
            files = str(tmp_path / "star" / table["path"])
            written = outside.execute(f"describe from '{files}'").fetchall()
            parts = table["partitioned_by"]
            assert told == {name: kind for name, kind, *_ in written if name not in parts}


def test_the_keys_in_the_schema_join_the_files_again(built_home: Path, tmp_path: Path):
    export(published.current(Settings(home=built_home)), tmp_path / "star")
    facts = pd.read_parquet(tmp_path / "star" / "fct_diagnoses.parquet")
    names = pd.read_parquet(tmp_path / "star" / "dim_diagnoses.parquet")
    joined = facts.merge(names, on="diagnosis_key", validate="many_to_one")
    assert len(joined) == len(facts) > 0


def test_a_fact_with_dates_is_parted_by_them(built_home: Path, tmp_path: Path):
    export(published.current(Settings(home=built_home)), tmp_path / "star")
    loads = pyarrow.dataset.dataset(tmp_path / "star" / "fct_loads", partitioning="hive")
    rows = loads.to_table().to_pylist()
    assert rows
    assert [str(row["date"]) for row in rows] == [str(row["started_at"].date()) for row in rows]


def test_a_folder_that_is_there_is_left_alone(built_home: Path, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(BadInputError, match="name a new folder"):
        export(published.current(Settings(home=built_home)), tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_fact_without_rows_is_read_like_any_other(built_home: Path, tmp_path: Path):
    export(published.current(Settings(home=built_home)), tmp_path / "star")
    schema = json.loads((tmp_path / "star" / "schema.json").read_text())
    empty = [one for one in schema["tables"] if one["partitioned_by"] and not one["rows"]]
    assert empty
    for table in empty:
        folder = tmp_path / "star" / table["name"]
        named = [column["name"] for column in table["columns"]]
        assert list(pd.read_parquet(folder).columns) == [*named, "date"]
        assert pyarrow.dataset.dataset(folder, partitioning="hive").count_rows() == 0


def test_a_fault_leaves_nothing_behind(
    built_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def interrupt(*_):
        raise KeyboardInterrupt

    warehouse = published.current(Settings(home=built_home))
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("warehouse.export.copy_parted", interrupt)
        export(warehouse, tmp_path / "star")
    assert list(tmp_path.iterdir()) == []
    export(warehouse, tmp_path / "star")


def test_the_draft_of_a_killed_export_is_replaced(built_home: Path, tmp_path: Path):
    draft = tmp_path / "star.draft"
    (draft / "fct_old" / "date=2026-01-01").mkdir(parents=True)
    for left in ("export.lock", "dim_old.parquet", "fct_old/date=2026-01-01/data_0.parquet"):
        (draft / left).write_text("half")
    export(published.current(Settings(home=built_home)), tmp_path / "star")
    assert [path.name for path in tmp_path.iterdir()] == ["star"]
    assert not list((tmp_path / "star").glob("*old*"))
    assert not (tmp_path / "star" / "export.lock").exists()


def test_a_draft_that_another_export_writes_is_left_alone(built_home: Path, tmp_path: Path):
    warehouse = published.current(Settings(home=built_home))
    with drafted(tmp_path / "star") as draft:
        (draft / "dim_new.parquet").write_text("half")
        with pytest.raises(BusyError, match="another export writes there"):
            export(warehouse, tmp_path / "star")
        assert (draft / "dim_new.parquet").exists()


def test_a_folder_of_ones_own_in_the_drafts_place_is_left_alone(built_home: Path, tmp_path: Path):
    (tmp_path / "star.draft").mkdir()
    (tmp_path / "star.draft" / "thesis.txt").write_text("mine")
    with pytest.raises(BadInputError, match="no export's; move it or name another folder"):
        export(published.current(Settings(home=built_home)), tmp_path / "star")
    assert (tmp_path / "star.draft" / "thesis.txt").read_text() == "mine"


def test_the_verb_exports_and_tells(built: Settings, tmp_path: Path):
    ended = dermhouse(built.home, "export", tmp_path / "star", "--json")
    assert ended.result["version"] == 1
    assert (tmp_path / "star" / "schema.json").exists()
    again = dermhouse(built.home, "export", tmp_path / "star")
    assert (again.code, "name a new folder" in again.stderr) == (2, True)


def test_the_prompt_answers_over_several_lines_and_outlives_a_fault(built: Settings):
    answered: list[str] = []

    def answer(query: str) -> None:
        answered.append(query)
        if "nope" in query:
            raise BadInputError("there is no nope")

    with published.connect_live(built) as connection, create_pipe_input() as typed:
        typed.send_text("select nope;\rselect 1\rfrom dim_dates;\r\rexit\r")
        converse(built, connection, answer, typed, DummyOutput())
    assert answered == ["select nope;", "select 1\nfrom dim_dates;"]
    assert "+select nope;" in (built.home / "sql_history").read_text()


def test_the_prompt_completes_tables_columns_and_words(built_home: Path):
    with published.current(Settings(home=built_home)).connect() as connection:
        completer = make_completer(connection)
    for typed, expected in (("dim_diagn", "dim_diagnoses"), ("diagnosis_n", "diagnosis_name")):
        document = Document(f"select {typed}")
        offered = [one.text for one in completer.get_completions(document, CompleteEvent())]
        assert offered == [expected]


def test_a_query_can_be_piped_in(built: Settings):
    def piped(query: str) -> subprocess.CompletedProcess[str]:
        command = [PROGRAM, "sql", "--format", "csv"]
        told = {"input": query, "env": environment(built.home), "cwd": ROOT, "text": True}
        return subprocess.run(command, capture_output=True, **told)

    assert piped("select 1 as one,\n2 as two").stdout.split() == ["one,two", "1,2"]
    nothing = piped("")
    assert (nothing.returncode, "say the query" in nothing.stderr) == (2, True)


def test_the_example_notebook_runs(built: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMHOUSE_HOME", str(built.home))
    notebook = json.loads(NOTEBOOK.read_text())
    cells = ["".join(one["source"]) for one in notebook["cells"] if one["cell_type"] == "code"]
    names: dict[str, object] = {}
    for cell in cells:
        exec(compile(cell, NOTEBOOK.name, "exec"), names)
    assert isinstance(names["by_diagnosis"], pd.DataFrame)
    assert names["by_diagnosis"]["images"].sum() > 0  # type: ignore[index]
    assert all(one.get("outputs", []) == [] for one in notebook["cells"])


def test_every_python_block_of_the_connection_page_runs(
    built: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DERMHOUSE_HOME", str(built.home))
    text = (ROOT / "docs" / "connect.md").read_text()
    blocks = [block.split("```")[0] for block in text.split("```python\n")[1:]]
    assert len(blocks) >= 2
    for block in blocks:
        exec(compile(block, "connect.md", "exec"), {})
