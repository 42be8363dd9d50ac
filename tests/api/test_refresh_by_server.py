"""The server builds by itself when it is due: one at a time, in a process of its own."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from camera_frames import a_frame, post
from starlette.testclient import TestClient

from api import refresh
from api.app import create_app
from api.refresh import Refresher
from warehouse.build_log import last_build
from warehouse.published import connect_live, current
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.vocabulary import BuildReason, Outcome


@pytest.fixture(autouse=True)
def looks_at_once(monkeypatch):
    monkeypatch.setattr(refresh, "LOOK_SECONDS", 0.0)


@pytest.fixture
def refresher(trained: Settings, store: Store):
    refresher = Refresher(trained, store)
    yield refresher
    refresher.close()


@pytest.fixture
def store(trained: Settings):
    store = open_store(trained)
    yield store
    store.close()


def runs(monkeypatch, code: str) -> None:
    """Let the refresher start this instead of a build."""
    monkeypatch.setattr(refresh, "COMMAND", [sys.executable, "-c", code])
    monkeypatch.setattr(Refresher, "is_due", lambda _: True)


def tend_until_it_has_ended(refresher: Refresher) -> None:
    while refresher.is_building:
        refresher.tend()
        threading.Event().wait(0.02)


@pytest.mark.slow
def test_enough_new_facts_become_a_version_that_the_next_query_reads(
    trained: Settings, store: Store, monkeypatch
):
    monkeypatch.setattr(refresh, "POLL_SECONDS", 0.1)
    before = current(trained).version
    soon = trained.model_copy(update={"refresh_min_facts": 2})
    with TestClient(create_app(soon), base_url="https://localhost") as server:
        answers = [post(server, a_frame(seed)) for seed in range(2)]
        while current(trained).version == before:
            refresher = server.app.state.engine.refresher
            assert refresher.fault is None
            threading.Event().wait(0.1)
        tend_until_it_has_ended(refresher)
        assert post(server, a_frame(3)).status_code == 200
        build = server.get("/app/status").json()["warehouse"]["builds"][0]
    assert (build["outcome"], build["reason"]) == (Outcome.done, BuildReason.new_facts)
    with connect_live(trained) as connection:
        rows = connection.sql("select prediction_id from fct_predictions").fetchall()
    assert {name for (name,) in rows} == {a.json()["prediction_id"] for a in answers}
    assert last_build(store).version == before + 1


def test_nothing_is_built_where_it_is_switched_off(trained: Settings, store: Store, monkeypatch):
    runs(monkeypatch, "")
    refresher = Refresher(trained.model_copy(update={"refresh_by_server": False}), store)
    refresher.tend()
    assert not refresher.is_building


def test_nothing_is_built_while_nothing_is_due(trained: Settings, store: Store):
    os.utime(current(trained).path)  # published just now
    refresher = Refresher(trained, store)
    refresher.tend()
    assert not refresher.is_building


def test_a_build_that_cannot_start_is_told_and_the_server_goes_on(
    refresher: Refresher, monkeypatch, caplog
):
    runs(monkeypatch, "import sys; sys.exit('dbt is not installed')")
    refresher.tend()
    tend_until_it_has_ended(refresher)
    assert refresher.fault == "dbt is not installed"
    assert any("the build failed" in line for line in caplog.messages)


def test_a_build_of_another_process_is_no_fault(refresher: Refresher, monkeypatch):
    runs(monkeypatch, f"import sys; sys.exit({refresh.BUSY})")
    refresher.tend()
    tend_until_it_has_ended(refresher)
    assert refresher.fault is None


def test_one_build_at_a_time_at_low_priority_and_ended_with_the_server(
    refresher: Refresher, monkeypatch, tmp_path: Path
):
    started = tmp_path / "started"
    runs(monkeypatch, f"import time; open({str(started)!r}, 'w').close(); time.sleep(60)")
    refresher.tend()
    process = refresher.process
    refresher.tend()
    assert refresher.process is process
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == max(own, refresh.NICENESS)
    while not started.exists():  # Python ends otherwise when it is interrupted as it begins
        threading.Event().wait(0.02)
    refresher.close()
    assert process.returncode == -signal.SIGINT
