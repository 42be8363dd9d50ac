"""Several files in one post: each answered or refused by itself, and once for each id."""

import sqlite3
from uuid import uuid4

from camera_frames import a_frame
from postgres import both_stores
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tables import prediction


def send(server: TestClient, frames: list[bytes], ids: list[str] | None = None, **fields: str):
    files = [("files", (f"{n}.jpg", frame)) for n, frame in enumerate(frames)]
    return server.post("/batch/", files=files, data={"prediction_id": ids or [], **fields})


def recorded(settings: Settings) -> list[str]:
    store = open_store(settings)
    with store.read() as connection:
        ids = list(connection.execute(select(prediction.c.prediction_id)).scalars())
    store.close()
    return sorted(ids)


@both_stores
def test_each_file_is_answered_or_refused_by_itself_in_its_order(
    server: TestClient, trained: Settings
):
    ids = [str(uuid4()) for _ in range(3)]
    told = send(server, [a_frame(1), b"words", a_frame(2)], ids, localization="back").json()
    assert (told["answered"], told["refused"]) == (2, 1)
    assert [item["prediction_id"] for item in told["items"]] == ids
    assert [item["status"] for item in told["items"]] == [200, 400, 200]
    assert "not an image" in told["items"][1]["detail"]
    assert told["items"][0]["answer"]["prediction_id"] == ids[0]
    assert recorded(trained) == sorted([ids[0], ids[2]])


@both_stores
def test_a_batch_that_is_sent_again_changes_nothing_and_adds_what_was_missing(
    server: TestClient, trained: Settings
):
    ids = [str(uuid4()) for _ in range(4)]
    first = send(server, [a_frame(n) for n in range(3)], ids[:3]).json()
    again = send(server, [a_frame(n) for n in range(4)], ids).json()
    assert again["answered"] == 4
    for one, other in zip(first["items"], again["items"], strict=False):
        assert one["answer"]["predicted_at"] == other["answer"]["predicted_at"]
    assert recorded(trained) == sorted(ids)


@both_stores
def test_an_id_twice_in_one_batch_is_one_row_and_the_other_frame_a_conflict(
    server: TestClient, trained: Settings
):
    mine = str(uuid4())
    told = send(server, [a_frame(1), a_frame(2)], [mine, mine]).json()
    assert sorted(item["status"] for item in told["items"]) == [200, 409]
    assert recorded(trained) == [mine]


def test_ids_that_are_not_one_a_file_are_refused_before_anything_is_recorded(
    server: TestClient, trained: Settings
):
    answer = send(server, [a_frame(1), a_frame(2)], [str(uuid4())])
    assert answer.status_code == 422
    assert "1 ids for 2 files" in answer.json()["detail"]
    assert recorded(trained) == []


def test_without_ids_every_file_gets_one(server: TestClient, trained: Settings):
    told = send(server, [a_frame(1), a_frame(2)]).json()
    assert recorded(trained) == sorted(item["prediction_id"] for item in told["items"])


def test_what_was_committed_is_told_though_the_disk_fills_up_for_the_rest(
    server: TestClient, trained: Settings
):
    ids = [str(uuid4()) for _ in range(6)]
    engine = server.app.state.store.engine

    @event.listens_for(engine, "commit")
    def fill_up(_: object) -> None:
        if recorded(trained):
            full = sqlite3.OperationalError("database or disk is full")
            raise OperationalError("commit", {"subject": "patient-4711"}, full)

    answer = send(server, [a_frame(n) for n in range(6)], ids)
    event.remove(engine, "commit", fill_up)
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert {item["status"] for item in items} == {200, 503}
    acknowledged = [item["prediction_id"] for item in items if item["status"] == 200]
    assert recorded(trained) == sorted(acknowledged)
    for item in items:
        assert (item["answer"] is None) == (item["status"] == 503)
        assert item["answer"] or "its disk is full" in item["detail"]
    again = send(server, [a_frame(n) for n in range(6)], ids).json()
    assert again["answered"] == 6
    assert recorded(trained) == sorted(ids)


def test_a_file_that_finds_no_place_is_told_when_to_come_again(server: TestClient):
    queue = server.app.state.diagnostician.queue
    queue.places = 1  # for a batch of which four are sent at once
    items = send(server, [a_frame(n) for n in range(8)]).json()["items"]
    assert {item["status"] for item in items} == {200, 429}
    for item in items:
        assert (item["retry_after_s"] or 0) >= (item["status"] == 429)
        assert (item["retry_after_s"] is None) == (item["status"] == 200)
