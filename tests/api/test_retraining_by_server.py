"""The server asks the rules as often as it is told to: in a process of its own, behind the rest."""

import os
import signal
import sys
import threading
import time

import pytest
from acts import acts
from camera_frames import a_frame, post
from starlette.testclient import TestClient

from api import retraining
from api.app import create_app
from api.retraining import Retrainer
from warehouse.audit import SERVER
from warehouse.settings import Settings
from warehouse.store import open_store


@pytest.fixture
def often(trained: Settings) -> Settings:
    return trained.model_copy(update={"retrain_every_s": 1e-6})


def runs(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the retrainer start this instead of a retraining."""
    monkeypatch.setattr(retraining, "COMMAND", [sys.executable, "-c", code])


def tend_to_its_end(settings: Settings) -> Retrainer:
    retrainer = Retrainer(settings)
    retrainer.tend()
    while retrainer.process is not None:
        retrainer.tend()
        threading.Event().wait(0.02)
    return retrainer


def test_a_running_server_asks_on_its_schedule_and_answers_meanwhile(
    often: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(retraining, "POLL_SECONDS", 0.05)
    asked = often.home / "asked"
    runs(monkeypatch, f"open({str(asked)!r}, 'a').write('again\\n')")
    with TestClient(create_app(often), base_url="https://localhost") as server:
        while not asked.exists() or asked.read_text().count("again") < 2:
            assert post(server, a_frame()).status_code == 200


def test_what_the_server_asks_for_is_in_the_chain_under_its_name(built: Settings):
    """No champion makes a retraining due; one that lacks its weights is begun, and soon ended."""
    changes = {"retrain_every_s": 1e-6, "weights": built.home / "none.weights.h5"}
    retrainer = tend_to_its_end(built.model_copy(update=changes))
    assert "none.weights.h5" in retrainer.fault
    store = open_store(built)
    last = acts(store)[-1]
    store.close()
    assert (last.actor, last.action) == (SERVER, "retrain")


def test_a_server_whose_rules_have_not_fired_trains_nothing(often: Settings):
    assert tend_to_its_end(often).fault is None
    store = open_store(often)
    assert "retrain" not in [act.action for act in acts(store)]
    store.close()


def test_a_server_that_is_told_no_schedule_never_trains(trained: Settings, monkeypatch):
    runs(monkeypatch, "")
    retrainer = Retrainer(trained)
    retrainer.tend()
    assert retrainer.process is None


def test_the_time_since_the_rules_were_asked_counts_on_when_a_server_is_started_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    runs(monkeypatch, "")
    hourly = settings.model_copy(update={"retrain_every_s": 3600.0})

    def asks() -> bool:
        """Return whether a server that has just been started asks the rules."""
        retrainer = Retrainer(hourly)
        retrainer.tend()
        is_asking = retrainer.process is not None
        retrainer.close()
        return is_asking

    assert [asks(), asks()] == [True, False]  # nobody had ever asked them; then it was just now
    then = time.time() - 2 * 3600
    os.utime(hourly.training_dir / "retraining.log", (then, then))
    assert [asks(), asks()] == [True, False]


def test_a_retraining_that_failed_is_told_by_its_last_line(often: Settings, monkeypatch, caplog):
    # More than a pipe holds: a training tells its steps for hours.
    runs(
        monkeypatch, "import sys; print('step ' * 50_000, file=sys.stderr); sys.exit('no weights')"
    )
    assert tend_to_its_end(often).fault == "no weights"
    assert any("the retraining failed: no weights" in line for line in caplog.messages)
    runs(monkeypatch, f"import sys; sys.exit({retraining.BUSY})")
    assert tend_to_its_end(often).fault is None


def test_one_at_a_time_behind_everything_else_and_ended_with_the_server(
    often: Settings, monkeypatch: pytest.MonkeyPatch
):
    started = often.home / "started"
    runs(monkeypatch, f"import time; open({str(started)!r}, 'w').close(); time.sleep(60)")
    retrainer = Retrainer(often)
    retrainer.tend()
    process = retrainer.process
    retrainer.tend()
    assert retrainer.process is process
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == max(own, retraining.NICENESS)
    while not started.exists():  # Python ends otherwise when it is interrupted as it begins
        threading.Event().wait(0.02)
    retrainer.close()
    assert process.returncode == -signal.SIGINT
