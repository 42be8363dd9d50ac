"""The champion moves while people ask: no request fails, and a broken model changes nothing."""

import gc
import shutil
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from camera_frames import a_frame, post
from commands import dermhouse
from second_model import SECOND, add_second_model
from starlette.testclient import TestClient

from api.champion import Models
from ml.answering import Asked, Known, see
from warehouse.registry import CHAMPION, set_alias
from warehouse.settings import Settings
from warehouse.store import Store, open_store


@pytest.fixture
def store(trained: Settings):
    store = open_store(trained)
    yield store
    store.close()


@pytest.fixture
def models(trained: Settings, store: Store) -> Models:
    return Models(trained, store)


def ask_on(server: TestClient, stop: threading.Event, seed: int) -> list:
    """Ask until told to stop, and once more."""
    answers = []
    while not stop.is_set():
        answers.append(post(server, a_frame(seed)))
    return [*answers, post(server, a_frame(seed))]


def wait_until_it_answers(server: TestClient, model_id: str) -> None:
    while post(server, a_frame(), "/preview/").json()["model"] != model_id:
        threading.Event().wait(0.05)


def test_a_promotion_by_another_process_changes_the_answers_and_fails_no_request(
    server: TestClient, trained: Settings
):
    add_second_model(trained)
    stop = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask_on, server, stop, seed) for seed in range(3)]
        try:
            assert dermhouse(trained.home, "promote", SECOND).code == 0
            wait_until_it_answers(server, SECOND)
        finally:
            stop.set()
        answers = [answer for each in asking for answer in each.result()]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["model"] for answer in answers}) == 2
    for each in asking:
        models = [answer.json()["model"] for answer in each.result()]
        assert models == sorted(models, key=lambda name: name == SECOND)
        assert models[-1] == SECOND
    assert server.get("/healthz").json()["model"] == SECOND


def test_a_request_keeps_the_model_it_began_with_and_the_old_one_is_freed_after_it(
    models: Models, trained: Settings, store: Store
):
    held = models.current
    old = weakref.ref(held.predictor.graph)
    set_alias(store, CHAMPION, add_second_model(trained))
    models.follow()
    assert models.current.model_id == SECOND
    assert see(Asked(held, a_frame(), Known(), 10**9)).prediction.model_id == held.model_id
    del held
    gc.collect()
    assert old() is None


def test_a_broken_new_model_leaves_the_old_one_answering_and_is_told(
    models: Models, trained: Settings, store: Store, caplog
):
    first = models.current.model_id
    set_alias(store, CHAMPION, add_second_model(trained, broken=True))
    for _ in range(3):
        models.follow()
    assert models.current.model_id == first
    assert models.champion.failures == 1  # it is not opened again every second
    assert "has changed since it was exported" in models.champion.fault
    assert sum("goes on answering" in line for line in caplog.messages) == 1


def test_a_broken_model_that_is_put_right_is_taken_after_a_pause(
    models: Models, trained: Settings, store: Store, monkeypatch
):
    first = models.current.model_id
    set_alias(store, CHAMPION, add_second_model(trained, broken=True))
    models.follow()
    shutil.copy(trained.models_dir / first / "model.onnx", trained.models_dir / SECOND)
    models.follow()
    assert models.current.model_id == first
    monkeypatch.setattr("api.champion.RETRY_SECONDS", 0.0)
    models.follow()
    assert models.current.model_id == SECOND
    assert models.champion.fault is None


def test_moving_back_to_the_model_that_answers_takes_the_fault_away(
    models: Models, trained: Settings, store: Store
):
    first = models.current.model_id
    set_alias(store, CHAMPION, add_second_model(trained, broken=True))
    models.follow()
    assert models.champion.fault is not None
    set_alias(store, CHAMPION, first)
    models.follow()
    assert models.champion.fault is None


def test_a_challenger_is_opened_only_while_it_is_another_than_the_champion(
    models: Models, trained: Settings, store: Store
):
    set_alias(store, "challenger", add_second_model(trained))
    models.follow()
    assert models.challenger.model_id == SECOND
    set_alias(store, CHAMPION, SECOND)
    models.follow()
    assert (models.current.model_id, models.challenger.model) == (SECOND, None)
