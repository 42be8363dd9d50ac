import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from shutil import copy2

import duckdb
import pytest
from commands import dermhouse, interrupted

from cli.questions import show
from warehouse.published import current, version_name, versions
from warehouse.settings import ROOT, Settings

VERBS = {"init", "fetch", "load", "build", "train", "evaluate", "promote", "serve", "sql", "demo"}


def test_help_teaches_the_loop_and_names_every_verb(tmp_path: Path):
    told = dermhouse(tmp_path, "--help").stdout
    assert "fetch, init, load, build, train, serve" in " ".join(told.split())
    assert all(verb in told for verb in VERBS)


def test_the_verbs_are_there_before_any_room_that_takes_long_to_enter():
    rooms = "{'pandas', 'pyarrow', 'keras', 'fastapi', 'dbt'}"
    code = f"import sys, dermhouse; print({rooms} & sys.modules.keys())"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "set()\n"


def test_init_makes_a_home_that_doctor_finds_half_ready(tmp_path: Path):
    home = tmp_path / "home"
    assert dermhouse(home, "init", "--json").result["home"] == str(home)
    ended = dermhouse(home, "doctor", "--json")
    wells = {finding["subject"]: finding["is_well"] for finding in ended.result["findings"]}
    assert ended.code == 1
    assert wells["operational store"]
    assert not wells["warehouse"]
    assert "dermhouse load PATH" in ended.stderr


def test_doctor_finds_nothing_to_mend_in_a_trained_home(trained: Settings):
    ended = dermhouse(trained.home, "doctor", "--json")
    assert ended.code == 0
    assert ended.result["is_well"]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["load", "nowhere"], 2, "nowhere"),
        (["build"], 3, "dermhouse init"),
        (["train"], 3, "dermhouse"),
        (["serve"], 3, "dermhouse init"),
        (["sql", "select 1"], 3, "dermhouse init"),
        (["promote", "nobody"], 3, "dermhouse init"),
    ],
)
def test_a_step_too_early_is_one_sentence_and_no_traceback(
    tmp_path: Path, arguments: list[str], code: int, word: str
):
    ended = dermhouse(tmp_path / "home", *arguments)
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("dermhouse: ") or "\ndermhouse: " in ended.stderr
    if arguments[0] == "load":
        assert ended.code in (2, 3)
    else:
        assert ended.code == code
        assert word in ended.stderr


@pytest.mark.parametrize("verb", ["init", "refresh", "serve"])
def test_a_postgres_that_does_not_answer_is_one_sentence_without_its_password(
    tmp_path: Path, verb: str, monkeypatch: pytest.MonkeyPatch
):
    address = "postgresql://ana:s3cret@127.0.0.1:1/clinic"  # nobody listens there
    monkeypatch.setenv("DERMHOUSE_DATABASE_URL", address)
    ended = dermhouse(tmp_path / "home", verb)
    assert ended.code == 3
    assert ended.stderr.startswith("dermhouse: postgresql+psycopg://ana:***@127.0.0.1:1/clinic: ")
    assert ended.stderr.count("\n") == 1
    assert "s3cret" not in ended.stderr


@pytest.mark.parametrize(
    ("below", "word"), [("", "File exists"), ("below", "Not a directory")], ids=["file", "below"]
)
def test_a_home_that_cannot_be_made_is_one_sentence_with_its_path(
    tmp_path: Path, below: str, word: str
):
    (tmp_path / "file").touch()
    home = tmp_path / "file" / below
    ended = dermhouse(home, "init")
    assert ended.code == 1
    assert ended.stderr.startswith(f"dermhouse: {home}: {word}; see that the path is right")
    assert ended.stderr.count("\n") == 1


def test_a_store_that_fails_is_one_sentence_without_the_statement(built: Settings):
    with closing(sqlite3.connect(built.operational_path)) as connection:
        connection.execute("drop table access_token")
    ended = dermhouse(built.home, "token", "list")
    assert ended.code == 1
    assert "no such table: access_token" in ended.stderr
    assert ended.stderr.startswith("dermhouse: the operational store failed")
    assert ended.stderr.count("\n") == 1


def test_old_versions_go_also_when_the_build_fails(built: Settings):
    draft = built.warehouse_dir / "v000009.draft"
    draft.write_bytes(b"half")
    for version in (2, 3):
        copy2(current(built).path, built.warehouse_dir / version_name(version))
    (built.warehouse_dir / "current").write_text(version_name(3))
    with closing(sqlite3.connect(built.operational_path)) as connection:
        connection.execute("pragma ignore_check_constraints = on")  # a row no door lets in
        connection.execute("update image set sex = 'martian', updated_at = '2099-01-01'")
        connection.commit()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DERMHOUSE_KEEP_VERSIONS", "1")
        ended = dermhouse(built.home, "refresh", "--force")
    assert (ended.code, "nothing was published" in ended.stderr) == (1, True)
    assert [each.version for each in versions(built)] == [3]
    assert not draft.exists()


def test_ctrl_c_ends_a_verb_with_one_sentence(tmp_path: Path):
    ended = interrupted(tmp_path, "fetch", "synthetic", tmp_path / "data", "--images", 3000)
    told = ended.stderr.splitlines()
    assert "draw" in told[0]
    assert (ended.code, told[-1]) == (130, "dermhouse: interrupted; what was finished is kept")
    assert "Traceback" not in ended.stderr


def test_a_second_load_of_the_same_data_is_all_unchanged(built: Settings, built_home: Path):
    ended = dermhouse(built.home, "load", built_home.with_suffix(".data"), "--json")
    result = ended.result
    assert (result["inserted"], result["updated"], result["rejected"]) == (0, 0, 0)
    assert result["unchanged"] == result["rows"] == result["images"] > 0


def test_sql_answers_as_a_table_as_csv_and_as_one_json_array(built: Settings):
    query = "select diagnosis_code, is_malignant from dim_diagnoses order by 1 limit 2"
    table, as_csv, as_json = (
        dermhouse(built.home, "sql", query, "--format", form).stdout
        for form in ("table", "csv", "json")
    )
    assert "akiec" in table
    assert list(csv.reader(io.StringIO(as_csv)))[1] == ["akiec", "True"]
    assert json.loads(as_json)[0] == {"diagnosis_code": "akiec", "is_malignant": True}


def test_a_table_shows_brackets_and_colons_as_they_stand(capsys: pytest.CaptureFixture[str]):
    query = "select 'rows like [nv] are out [/]' as \"[b]\", 'a :cat: b' as \":dog:\", '[/]' as c"
    show(duckdb.connect(), query, "table")
    header, _, row = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert header.split() == ["[b]", ":dog:", "c"]
    assert re.split(" {2,}", row.strip()) == ["rows like [nv] are out [/]", "a :cat: b", "[/]"]


def test_json_keeps_numbers_numbers_and_nothing_null(built: Settings):
    query = "select 1.50::decimal(9, 2) as a, 7::hugeint as b, null as c, date '2026-01-02' as d"
    ended = dermhouse(built.home, "sql", query, "--format", "json")
    assert ended.result == [{"a": 1.5, "b": 7, "c": None, "d": "2026-01-02"}]


def test_json_loses_no_column_whose_name_repeats(capsys: pytest.CaptureFixture[str]):
    show(duckdb.connect(), "select 1 as n, 2 as n, 3 as N", "json")
    assert json.loads(capsys.readouterr().out) == [{"n": 1, "n_1": 2, "N_2": 3}]


def test_json_has_words_for_what_is_no_number(capsys: pytest.CaptureFixture[str]):
    query = "select 'nan'::double as a, ['-inf'::double, 1.5] as b, {'c': 'inf'::double} as d"
    show(duckdb.connect(), query, "json")
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert told == [{"a": "nan", "b": ["-inf", 1.5], "d": {"c": "inf"}}]


@pytest.mark.parametrize("query", ["selekt 1", "select * from nothing", "drop table dim_images"])
def test_a_query_that_cannot_be_answered_is_one_sentence(built: Settings, query: str):
    ended = dermhouse(built.home, "sql", query)
    assert ended.code == 2
    assert "the query cannot be answered" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_promote_and_evaluate_take_an_alias(trained: Settings):
    promoted = dermhouse(trained.home, "promote", "champion", "--json").result
    evaluated = dermhouse(trained.home, "evaluate", "champion", "--json").result
    assert promoted["model_id"] == evaluated["model_id"]
    figures = {"n", "accuracy", "balanced_accuracy", "macro_f1", "macro_auc", "ece", "recall"}
    assert figures <= set(evaluated)
    assert evaluated["split"] == "validation"
    assert len(evaluated["recall"]) == 7


@pytest.mark.slow
def test_the_registry_and_the_rules_are_told_and_kept_from_the_command_line(trained: Settings):
    home = trained.home
    told = dermhouse(home, "retrain", "--if-due", "--dry-run", "--json").result
    assert (told["due"], told["word"]) == (False, "no rule has fired")
    assert {tuple(rule) for rule in told["rules"]} == {("name", "fired", "value", "limit")}
    model_id = dermhouse(home, "note", "champion", "tried on a phone", "--json").result["model_id"]
    judged = dermhouse(home, "judge", model_id)
    assert (judged.code, "is the champion" in judged.stderr) == (2, True)
    refused = dermhouse(home, "delete-model", model_id, "--yes")
    assert (refused.code, "promote another model or roll back" in refused.stderr) == (2, True)
    assert dermhouse(home, "rollback").code == 3


@pytest.mark.slow
def test_the_demo_takes_the_whole_loop_and_its_model_has_learned(tmp_path: Path):
    ended = dermhouse(tmp_path / "home", "demo", "--no-serve", "--json")
    assert ended.code == 0, ended.stderr
    result = ended.result
    assert result["load"]["rejected"] == 0
    assert result["build"]["failed"] == 0
    assert result["train"]["is_synthetic"]
    assert result["train"]["balanced_accuracy"] > 0.35
    assert dermhouse(tmp_path / "home", "doctor").code == 0
    query = "select value from model_performance where metric = 'accuracy' and split = 'validation'"
    (row,) = json.loads(dermhouse(tmp_path / "home", "sql", query, "--format", "json").stdout)
    assert row["value"] == pytest.approx(result["train"]["accuracy"])


@pytest.mark.real
@pytest.mark.slow
def test_the_demo_on_real_data_counts_what_was_published_and_learns_what_features_can_teach(
    tmp_path: Path, real_ham10000: Path, imagenet_weights: Path
):
    home = tmp_path / "home"
    arguments = ["--data", real_ham10000, "--weights", imagenet_weights, "--no-serve", "--json"]
    ended = dermhouse(home, "demo", *arguments)
    assert ended.code == 0, ended.stderr
    loaded, trained = ended.result["load"], ended.result["train"]
    counts = ("rows", "files", "missing_files", "rejected")
    assert [loaded[name] for name in counts] == [10_015, 8_510, 1_505, 0]
    lines = loaded["expected"]
    strays = {line["quantity"] for line in lines if line["expected"] != line["observed"]}
    assert strays == {"files"}
    # What a logistic regression on the same features reaches on the same split.
    assert trained["balanced_accuracy"] >= 0.53
    assert trained["macro_auc"] >= 0.87
    again = dermhouse(home, "load", real_ham10000, "--json").result
    assert again["unchanged"] == 10_015
