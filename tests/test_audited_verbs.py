"""What is done at the command line, as the audit chain tells it afterwards."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from acts import acts
from commands import dermhouse
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from second_model import SECOND, add_second_model

from cli.questions import sql
from warehouse.audit import COMMAND_LINE, verify
from warehouse.registry import CHAMPION, aliases
from warehouse.settings import Settings
from warehouse.store import Store, open_store


@pytest.fixture
def opened(trained: Settings) -> Iterator[Store]:
    store = open_store(trained)
    yield store
    store.close()


def actions_since(store: Store, before: int) -> list[str]:
    new = acts(store)[before:]
    assert {each.actor for each in new} <= {COMMAND_LINE}
    return [each.action for each in new]


def test_a_trained_homes_chain_tells_how_it_came_to_be(opened: Store):
    assert actions_since(opened, 0) == ["load", "register_model", "look", "promote"]
    champion = aliases(opened)[CHAMPION]
    assert [each.subject for each in acts(opened) if each.action != "look"][1:] == [champion] * 2
    assert verify(opened).is_whole


@pytest.mark.slow
def test_each_verb_that_writes_is_one_event(trained: Settings, trained_home: Path, opened: Store):
    home, data = trained.home, trained_home.with_name("built.data")
    add_second_model(trained)
    verbs = {
        ("load", data): "load",
        ("promote", SECOND): "promote",
        ("rollback",): "promote",
        ("note", SECOND, "tried on a phone"): "note_model",
        ("delete-model", SECOND, "--yes"): "delete_model",
    }
    for verb, action in verbs.items():
        before = len(acts(opened))
        ended = dermhouse(home, *verb)
        assert ended.code == 0, ended.stderr
        assert actions_since(opened, before) == [action], verb
    assert verify(opened).is_whole


def test_a_query_is_noted_before_it_runs_and_without_its_values(trained: Settings, opened: Store):
    before = len(acts(opened))
    assert dermhouse(trained.home, "sql", "select 'Ana' as a", "--json").result == [{"a": "Ana"}]
    assert dermhouse(trained.home, "sql", "select 'Ana' from nothing").code == 2
    assert actions_since(opened, before) == ["query", "query"]
    with opened.read() as connection:
        rows = connection.exec_driver_sql("select * from audit_event").all()
    assert not [row for row in rows if "Ana" in str(row)]
    assert verify(opened).is_whole


def test_a_query_that_cannot_be_noted_is_not_asked(trained: Settings):
    with sqlite3.connect(trained.operational_path) as rows:
        rows.execute(
            "create trigger full before insert on audit_event "
            "begin select raise(abort, 'database or disk is full'); end"
        )
    ended = dermhouse(trained.home, "sql", "select 41 + 1 as n")
    assert (ended.code, ended.stdout) == (3, "")
    assert "the query is not asked" in ended.stderr
    assert "disk is full" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_prompt_notes_each_query(
    trained: Settings,
    opened: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("DERMHOUSE_HOME", str(trained.home))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    before = len(acts(opened))
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        typed.send_text("select 41 + 1 as n;\rselect nope;\rexit\r")
        sql(form="json")
    assert json.loads(capsys.readouterr().out) == [{"n": 42}]
    assert actions_since(opened, before) == ["query", "query"]
    assert verify(opened).is_whole
