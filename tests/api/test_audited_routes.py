"""Every route that writes, asked for once: one event in the audit chain, and whose it is."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from acts import acts
from camera_frames import LOCAL_ADDRESS, a_frame, post
from declared_routes import WRITING, declared_routes
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from warehouse.audit import verify
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tokens import create_token
from warehouse.vocabulary import Role

Act = Callable[[TestClient, str], object]

NAME = "ward 3"
QUESTION = {"title": "How many", "sql": "select count(*) as n from dim_images"}
# One capture is made, asked about again, reviewed, and withdrawn: the order is that of the acts.
ACTS: dict[tuple[str, str], tuple[Act, str]] = {
    ("POST", "/video_frame/"): (lambda c, _: post(c, a_frame(1)), "diagnose"),
    ("POST", "/batch/"): (
        lambda c, _: c.post("/batch/", files=[("files", ("a.jpg", a_frame(2)))]),
        "diagnose",
    ),
    ("POST", "/captures/{capture_id}/answers"): (
        lambda c, one: c.post(f"/captures/{one}/answers", json={}),
        "diagnose",
    ),
    ("POST", "/captures/{capture_id}/reviews"): (
        lambda c, one: c.post(
            f"/captures/{one}/reviews",
            json={"review_id": str(uuid4()), "diagnosis": "mel", "confirmation": "histo"},
        ),
        "review",
    ),
    ("PUT", "/captures/{capture_id}/lesion"): (
        lambda c, one: c.put(f"/captures/{one}/lesion", json={"lesion_id": "arm-3"}),
        "state_lesion",
    ),
    ("DELETE", "/captures/{capture_id}"): (
        lambda c, one: c.delete(f"/captures/{one}"),
        "withdraw",
    ),
    ("POST", "/sql/"): (lambda c, _: c.post("/sql/", json={"sql": QUESTION["sql"]}), "query"),
    ("POST", "/questions/"): (lambda c, _: c.post("/questions/", json=QUESTION), "save_question"),
    ("PUT", "/questions/{slug}"): (
        lambda c, _: c.put("/questions/how-many", json=QUESTION),
        "save_question",
    ),
    ("DELETE", "/questions/{slug}"): (
        lambda c, _: c.delete("/questions/how-many"),
        "delete_question",
    ),
    ("POST", "/models/{model_id}/notes"): (
        lambda c, _: c.post("/models/champion/notes", json={"note": "tried on a phone"}),
        "note_model",
    ),
}
WRITE_NOTHING: dict[tuple[str, str], Act] = {
    ("POST", "/preview/"): lambda c, _: post(c, a_frame(), "/preview/"),
    ("POST", "/session"): lambda c, _: c.post(
        "/session", json={"token": c.headers["authorization"].split()[1]}
    ),
    ("DELETE", "/session"): lambda c, _: c.delete("/session"),
}


@pytest.fixture
def app(trained: Settings) -> FastAPI:
    return create_app(trained.model_copy(update={"require_tokens": True}))


@pytest.fixture
def opened(trained: Settings) -> Iterator[Store]:
    store = open_store(trained)
    yield store
    store.close()


def test_every_route_that_can_write_is_asked_for_here(app: FastAPI):
    can_write = {
        (each.method, each.path) for each in declared_routes(app) if each.method in WRITING
    }
    assert can_write == set(ACTS) | set(WRITE_NOTHING)


def test_a_write_by_any_route_is_one_event_of_who_did_it_and_the_chain_is_whole(
    app: FastAPI, opened: Store
):
    secret = create_token(opened, NAME, Role.admin)
    with TestClient(app, LOCAL_ADDRESS, raise_server_exceptions=False) as client:
        client.headers["authorization"] = f"Bearer {secret}"
        capture_id = post(client, a_frame(), consent="true").json()["capture_id"]
        for route, (act, action) in ACTS.items():
            before = len(acts(opened))
            answer = act(client, capture_id)
            assert answer.is_success, (route, answer.text)
            told = [(each.actor, each.action) for each in acts(opened)[before:]]
            assert told == [(NAME, action)], route
        for route, ask in WRITE_NOTHING.items():
            before = acts(opened)
            answer = ask(client, capture_id)
            assert answer.is_success, (route, answer.text)
            assert acts(opened) == before, route
    assert verify(opened).is_whole


def test_an_event_says_neither_the_name_of_a_lesion_nor_what_was_noted(
    app: FastAPI, opened: Store, trained: Settings
):
    secret = create_token(opened, NAME, Role.admin)
    with TestClient(app, LOCAL_ADDRESS) as client:
        client.headers["authorization"] = f"Bearer {secret}"
        capture_id = post(client, a_frame(), consent="true").json()["capture_id"]
        client.put(f"/captures/{capture_id}/lesion", json={"lesion_id": "left arm 3"})
        client.post("/models/champion/notes", json={"note": "wrong on Ana"})
    assert [each.action for each in acts(opened)[-2:]] == ["state_lesion", "note_model"]
    with opened.read() as connection:
        rows = connection.exec_driver_sql("select * from audit_event").all()
    assert not [row for row in rows for word in ("left arm", "Ana") if word in str(row)]
