"""Training again over a drawn home: when, who wins, and what a kill leaves behind."""

import fcntl
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acts import acts
from camera_frames import LOCAL_ADDRESS, a_frame, post
from commands import environment
from recipes import TINY
from second_model import SECOND, add_second_model
from starlette.testclient import TestClient

from api.app import create_app
from ml import artifact, mlflow_folder, registration, retraining, verdict
from ml.challenger import Wish
from ml.mlflow_folder import export_folder, import_folder
from ml.predictor import Predictor
from ml.retraining import retrain
from warehouse import published, registry
from warehouse.aliases import read_history, roll_back
from warehouse.audit import SERVER
from warehouse.deletion import delete_model
from warehouse.doctor import examine
from warehouse.errors import BadInputError, BusyError
from warehouse.looks import count_looks, read_verdicts
from warehouse.registry import CHAMPION, aliases, list_models, resolve, set_alias
from warehouse.retrainings import Retraining, list_retrainings
from warehouse.settings import ROOT, Settings
from warehouse.store import Store, init_store, open_store
from warehouse.vocabulary import Outcome

NO_WAIT = fcntl.LOCK_SH | fcntl.LOCK_NB

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("retraining")]


@pytest.fixture
def store(trained: Settings):
    store = open_store(trained)
    yield store
    store.close()


def test_nothing_is_due_where_no_rule_has_fired_and_asking_changes_nothing(
    trained: Settings, store: Store
):
    before = aliases(store), list_retrainings(store)
    for is_dry in (True, False):
        report = retrain(trained, store, Wish(is_if_due=True, is_dry=is_dry))
        assert (report.is_due, report.word) == (False, "no rule has fired")
    told = report.as_dict()
    assert {rule["name"] for rule in told["rules"]} > {"no_champion", "new_labels", "drift"}
    assert {tuple(rule) for rule in told["rules"]} == {("name", "fired", "value", "limit")}
    assert (aliases(store), list_retrainings(store)) == before


def retrain_until(home: Path, is_time: Callable[[], bool]) -> None:
    """Start a retraining in a process of its own and kill it at once when it is time."""
    command = [sys.executable, "-c", "import dermhouse; dermhouse.main()", "retrain"]
    process = subprocess.Popen(
        command, env=environment(home), cwd=ROOT, stderr=subprocess.DEVNULL, text=True
    )
    while not is_time():
        assert process.poll() is None
        threading.Event().wait(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()


@contextmanager
def answered_all_the_while(settings: Settings) -> Iterator[TestClient]:
    """Yield a server that somebody posts to until the block ends, without one failed request."""
    frame, stop = a_frame(), threading.Event()
    unrefreshed = settings.model_copy(update={"refresh_by_server": False})

    def post_on(server: TestClient) -> set[int]:
        statuses = set()
        while not stop.wait(0.1):
            statuses.add(post(server, frame).status_code)
        return statuses

    with (
        TestClient(create_app(unrefreshed), LOCAL_ADDRESS) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        posting = pool.submit(post_on, server)
        try:
            yield server
        finally:
            stop.set()
        assert posting.result() == {200}


def test_a_retraining_killed_again_and_again_is_finished_by_the_next_call(
    trained: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
):
    champion = resolve(store, CHAMPION).model_id

    def is_begun() -> bool:
        return len(list_retrainings(store)) == 1

    def is_drafted() -> bool:
        return bool(list(trained.models_dir.glob(".*.draft")))

    def is_registered() -> bool:
        return len(list_models(store)) == 2

    with answered_all_the_while(trained) as server:
        for is_time in (is_begun, is_drafted, is_registered):
            retrain_until(trained.home, is_time)
            assert aliases(store)[CHAMPION] == champion
            for record in list_models(store):
                Predictor.open(trained.models_dir, record.model_id)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(retraining, "finish_retraining", interrupt)
            retrain(trained, store, Wish())
        (judged,) = read_verdicts(store)
        report = retrain(trained, store, Wish(is_if_due=True))
        assert report.verdict == judged
        while post(server, a_frame()).json()["model"] != aliases(store)[CHAMPION]:
            threading.Event().wait(0.05)
    (one,) = list_retrainings(store)
    assert (one.outcome, one.model_id) == (Outcome.done, report.model_id)
    folders = {path.name for path in trained.models_dir.glob("*")}
    assert folders == {record.model_id for record in list_models(store)} == {champion, one.model_id}
    is_new = aliases(store)[CHAMPION] == one.model_id
    assert is_new == judged.is_passed == report.is_promoted
    assert len(read_history(store)) == 1 + is_new
    assert [each.word for each in examine(trained) if not each.is_well] == []


def test_a_first_champion_is_named_by_the_next_call_where_its_training_was_killed_before(
    built: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(registration, "CHANCE", 0.0)
    wish = Wish(recipe=TINY, is_if_due=True, by=SERVER)
    with closing(open_store(built)) as store:
        before = len(acts(store))
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(registry, "promote_first", interrupt)
            retrain(built, store, wish)
        assert aliases(store) == {}
        report = retrain(built, store, wish)
        assert aliases(store) == {CHAMPION: report.model_id}
        assert report.is_promoted
        new = acts(store)[before:]
    assert {act.action for act in new} >= {"retrain", "register_model", "promote"}
    assert {act.actor for act in new} == {SERVER}


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_model_that_was_deleted_is_not_imported_again(
    trained: Settings, store: Store, tmp_path: Path
):
    model_id = export_folder(trained, store, CHAMPION, tmp_path / "model")
    other = Settings(home=tmp_path / "other")
    with closing(init_store(other)) as other_store:
        import_folder(other, other_store, tmp_path / "model")
        delete_model(other, other_store, model_id)
        for _ in range(2):
            with pytest.raises(BadInputError, match=f"{model_id} was deleted here for good"):
                import_folder(other, other_store, tmp_path / "model")
        assert list(other.models_dir.glob("*")) == []


def test_a_broken_import_leaves_nothing_and_the_next_one_clears_what_a_killed_one_left(
    trained: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    model_id = export_folder(trained, store, CHAMPION, tmp_path / "model")
    other = Settings(home=tmp_path / "other")
    with closing(init_store(other)) as other_store:
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(mlflow_folder, "record_model", interrupt)
            import_folder(other, other_store, tmp_path / "model")
        assert list(other.models_dir.glob("*")) == []
        for name in (model_id, f".{model_id}.draft"):
            (other.models_dir / name).mkdir()
            (other.models_dir / name / "model.onnx").write_bytes(b"half a graph")
        with artifact.writing(other.training_dir), pytest.raises(BusyError, match="in the way"):
            import_folder(other, other_store, tmp_path / "model")
        assert import_folder(other, other_store, tmp_path / "model") == model_id
        assert [path.name for path in other.models_dir.glob("*")] == [model_id]
    Predictor.open(other.models_dir, model_id)


@pytest.mark.parametrize("name", ["..", "../models", ".", "", "/tmp"])
def test_an_imported_id_that_is_a_way_to_another_folder_is_refused(
    trained: Settings, store: Store, tmp_path: Path, name: str
):
    model_id = export_folder(trained, store, CHAMPION, tmp_path / "model")
    told = tmp_path / "model" / "MLmodel"
    told.write_text(told.read_text().replace(f"model_id: {model_id}", f"model_id: '{name}'"))
    with pytest.raises(BadInputError, match="no name for a model"):
        import_folder(trained, store, tmp_path / "model")
    assert [path.name for path in trained.models_dir.glob("*")] == [model_id]


@pytest.fixture
def learnt(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models of retrainings, each a copy of its champion instead of a network trained."""
    models: list[str] = []

    def copy_champion(settings: Settings, store: Store, one: Retraining, *_: object) -> None:
        models.append(add_second_model(settings, one.model_id))

    monkeypatch.setattr(retraining, "learn_anew", copy_champion)
    return models


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models that verdicts have asked, in turn."""
    names: list[str] = []
    open_contender = verdict.open_contender

    def note(settings: Settings, store: Store, name: str) -> verdict.Contender:
        names.append(name)
        return open_contender(settings, store, name)

    monkeypatch.setattr(verdict, "open_contender", note)
    return names


def test_a_fault_of_the_program_ends_a_retraining_and_the_next_call_begins_anew(
    trained: Settings, store: Store, learnt: list[str], monkeypatch: pytest.MonkeyPatch
):
    def stumble(*_: object) -> None:
        raise ValueError("no interval over nobody")

    with monkeypatch.context() as patch, pytest.raises(ValueError, match="over nobody"):
        patch.setattr(retraining, "complete", stumble)
        retrain(trained, store, Wish())
    (one,) = list_retrainings(store)
    assert one.outcome is Outcome.failed
    told = rf"^{one.model_id}: a fault .* \(ValueError: no interval over nobody\); report it"
    assert re.search(told, one.message or "")
    report = retrain(trained, store, Wish())
    assert report.word == "asked"
    assert [each.outcome for each in list_retrainings(store)] == [Outcome.done, Outcome.failed]
    assert learnt == [one.model_id, report.model_id]


def test_a_store_that_is_busy_is_waited_for_by_the_next_call_and_nothing_is_learnt_twice(
    trained: Settings, store: Store, learnt: list[str], monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise BusyError("the operational store: another process has been writing")

    with monkeypatch.context() as patch, pytest.raises(BusyError, match="been writing"):
        patch.setattr(verdict, "record_lines", refuse)
        retrain(trained, store, Wish())
    assert [each.outcome for each in list_retrainings(store)] == [Outcome.running]
    looks = count_looks(store)
    report = retrain(trained, store, Wish(is_if_due=True))
    (one,) = list_retrainings(store)
    assert (one.outcome, one.model_id) == (Outcome.done, report.model_id)
    assert learnt == [report.model_id]
    (judged,) = read_verdicts(store)
    assert report.verdict is not None
    assert report.verdict.lines == judged.lines
    assert count_looks(store) == looks  # the one that was noted before the store was busy


def test_a_model_wins_only_over_the_champion_it_was_judged_beside(
    trained: Settings,
    store: Store,
    learnt: list[str],
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
):
    first = resolve(store, CHAMPION).model_id
    add_second_model(trained)
    learn = retraining.learn_anew

    def learn_while_a_person_promotes(*given: Any) -> None:
        learn(*given)
        set_alias(store, CHAMPION, SECOND, by="ana")

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(retraining, "learn_anew", learn_while_a_person_promotes)
        patch.setattr(retraining, "finish_retraining", interrupt)
        retrain(trained, store, Wish())
    (model,) = learnt
    (beside_second,) = read_verdicts(store)
    assert asked == [model, beside_second.look.other_model_id] == [model, SECOND]
    roll_back(store)
    report = retrain(trained, store, Wish())
    assert report.verdict is not None
    assert asked[2:] == [model, report.verdict.look.other_model_id] == [model, first]
    assert report.verdict.look.warehouse_version == published.current(trained).version
    assert read_verdicts(store) == [report.verdict, beside_second]
    assert report.is_promoted == report.verdict.is_passed
    assert aliases(store)[CHAMPION] == (model if report.is_promoted else first)


def test_a_model_recorded_while_leftovers_are_looked_for_is_none(trained: Settings, store: Store):
    (trained.models_dir / "leftover").mkdir()

    def read_known() -> set[str]:
        with pytest.raises(BlockingIOError), artifact.held(trained.training_dir, NO_WAIT):
            pass  # nobody writes a model between this question and the end
        return retraining.known_models(store)

    swept = artifact.sweep(trained.training_dir, trained.models_dir, read_known)
    assert swept == ["leftover"]


def test_a_model_goes_through_an_mlflow_folder_and_answers_the_same(
    trained: Settings, store: Store, tmp_path: Path
):
    model_id = export_folder(trained, store, CHAMPION, tmp_path / "model")
    with pytest.raises(BadInputError, match="is there already"):
        export_folder(trained, store, CHAMPION, tmp_path / "model")
    other = Settings(home=tmp_path / "other")
    other_store = init_store(other)
    for _ in range(2):
        assert import_folder(other, other_store, tmp_path / "model") == model_id
    record = resolve(other_store, model_id)
    other_store.close()
    assert record.decision_rule == resolve(store, model_id).decision_rule
    assert "imported" in (record.reason or "")
    frames = np.random.default_rng(1).integers(0, 255, (1, 96, 96, 3), np.uint8)
    first, second = (Predictor.open(home.models_dir, model_id) for home in (trained, other))
    assert (first.predict(frames)[0] == second.predict(frames)[0]).all()
    assert first.rule == second.rule
    (tmp_path / "model" / "model.onnx").write_bytes(b"another graph")
    with pytest.raises(BadInputError, match="not the graph that was exported"):
        import_folder(other, open_store(other), tmp_path / "model")
    (tmp_path / "model" / "model.onnx").unlink()
    with pytest.raises(
        BadInputError, match=r"model\.onnx: cannot be read .* export the model anew"
    ):
        import_folder(other, open_store(other), tmp_path / "model")
