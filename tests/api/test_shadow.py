"""The challenger's answers: recorded, unseen, and never in anybody's way."""

import threading

import pytest
from camera_frames import a_frame, post
from postgres import both_stores
from second_model import SECOND, add_second_model
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from warehouse.published import connect_live
from warehouse.registry import CHALLENGER, set_alias
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tables import prediction

ADDRESS = "https://localhost"


@pytest.fixture
def rivalled(trained: Settings) -> Settings:
    store = open_store(trained)
    set_alias(store, CHALLENGER, add_second_model(trained))
    store.close()
    return trained


@pytest.fixture
def server(rivalled: Settings):
    with TestClient(create_app(rivalled), base_url=ADDRESS) as server:
        server.app.state.diagnostician.models.follow()
        yield server


def shadow_of(server: TestClient):
    return server.app.state.diagnostician.shadow


def settle(server: TestClient) -> None:
    while shadow_of(server).waiting:
        threading.Event().wait(0.01)


def rows(settings: Settings) -> list:
    store = open_store(settings)
    with store.read() as connection:
        found = connection.execute(select(prediction)).mappings().all()
    store.close()
    return found


@both_stores
def test_the_challenger_answers_the_same_capture_once_and_nobody_is_shown_it(
    server: TestClient, rivalled: Settings
):
    answer = post(server, a_frame(), age_years="50").json()
    settle(server)
    again = post(server, a_frame(), prediction_id=answer["prediction_id"]).json()
    settle(server)
    assert again["model"] == answer["model"] != SECOND
    shadows = [row for row in rows(rivalled) if row["is_shadow"]]
    (shadow,) = shadows
    assert len(rows(rivalled)) == 2
    assert (shadow["model_id"], shadow["capture_id"]) == (SECOND, answer["capture_id"])
    assert shadow["p_mel"] == pytest.approx(answer["probabilities"]["mel"])
    card = server.get(f"/captures/{answer['capture_id']}").json()
    assert [each["model"] for each in card["answers"]] == [answer["model"]]
    with connect_live(rivalled) as connection:
        told = connection.sql("select is_shadow from fct_predictions_live").fetchall()
    assert sorted(told) == [(False,), (True,)]


def test_a_preview_has_no_shadow(server: TestClient, rivalled: Settings):
    post(server, a_frame(), "/preview/")
    settle(server)
    assert rows(rivalled) == []


@both_stores
def test_a_shadow_that_cannot_keep_up_leaves_frames_out_and_holds_nobody_up(
    server: TestClient, rivalled: Settings
):
    held = threading.Event()
    shadow_of(server).pool.submit(held.wait, 60)
    answers = [post(server, a_frame(seed)) for seed in range(18)]
    assert {answer.status_code for answer in answers} == {200}
    held.set()
    settle(server)
    assert (shadow_of(server).recorded, shadow_of(server).dropped) == (16, 2)
    assert sum(row["is_shadow"] for row in rows(rivalled)) == 16


def test_a_challenger_that_fails_fails_alone(server: TestClient, rivalled: Settings, monkeypatch):
    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr("api.shadow.see", fail)
    assert post(server, a_frame()).status_code == 200
    settle(server)
    assert shadow_of(server).failed == 1
    assert [row["is_shadow"] for row in rows(rivalled)] == [False]


def test_the_setting_switches_it_off(rivalled: Settings):
    without = rivalled.model_copy(update={"shadow_challenger": False})
    with TestClient(create_app(without), base_url=ADDRESS) as server:
        server.app.state.diagnostician.models.follow()
        post(server, a_frame())
        settle(server)
    assert [row["is_shadow"] for row in rows(rivalled)] == [False]
