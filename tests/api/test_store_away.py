"""A full disk or a database that has gone is a 503 with a way out, and no secret in it."""

import io
import logging
import sqlite3
from collections.abc import Iterator

import pytest
from camera_frames import LOCAL_ADDRESS, a_frame, post
from sqlalchemy import event, exc
from starlette.testclient import TestClient

from api.app import create_app
from api.logs import JsonLines
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tokens import create_token
from warehouse.vocabulary import Role

WORDS = "connection to db.clinic.example failed: password 's3cret'"


@pytest.fixture
def secret(trained: Settings) -> str:
    store = open_store(trained)
    secret = create_token(store, "ward 3", Role.admin)
    store.close()
    return secret


FAULTS = {
    "OperationalError": exc.OperationalError(
        "select", {"subject": "patient-4711"}, sqlite3.OperationalError(WORDS)
    ),
    "TimeoutError": exc.TimeoutError(f"QueuePool limit reached: {WORDS}"),
}


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def server(trained: Settings, fault: str) -> Iterator[TestClient]:
    """A server whose store is lost once it runs."""
    app = create_app(trained.model_copy(update={"refresh_by_server": False}))
    with TestClient(app, LOCAL_ADDRESS, raise_server_exceptions=False) as client:
        engine = app.state.store.engine

        @event.listens_for(engine, "before_cursor_execute")
        def lose(*_: object) -> None:
            raise FAULTS[fault]

        yield client
        event.remove(engine, "before_cursor_execute", lose)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonLines())
    logging.getLogger("api").addHandler(handler)
    yield handler.stream
    logging.getLogger("api").removeHandler(handler)


@pytest.mark.parametrize("by", ["frame", "reader", "door"])
def test_whoever_asks_is_told_to_come_again_and_the_log_where_it_was(
    server: TestClient, secret: str, log: io.StringIO, by: str, fault: str
):
    if by == "frame":
        answer = post(server, a_frame())
    else:
        headers = {"authorization": f"Bearer {secret}"} if by == "door" else {}
        answer = server.get("/captures/", headers=headers)
    assert answer.status_code == 503
    assert "operational store" in answer.json()["detail"]
    assert "dermhouse doctor" in answer.json()["detail"]
    assert f'"error": "{fault}"' in log.getvalue()
    for told in (answer.text, log.getvalue()):
        assert not any(word in told for word in ("clinic.example", "s3cret", "4711"))
