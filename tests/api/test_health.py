"""Up, ready, metered and logged: what whoever keeps the server is told."""

import io
import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from camera_frames import a_frame, post
from prometheus_client.parser import text_string_to_metric_families
from second_model import add_second_model
from sqlalchemy import text
from starlette.testclient import TestClient

from api.app import create_app
from api.logs import JsonLines
from warehouse.registry import CHAMPION, set_alias
from warehouse.settings import Settings
from warehouse.store import open_store

ADDRESS = "https://localhost"


def meters(server: TestClient) -> dict[tuple, float]:
    told = server.get("/metrics")
    assert told.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(told.text)
        for sample in family.samples
    }


def checks(server: TestClient) -> tuple[int, dict[str, dict]]:
    checks = server.get("/app/status").json()["readiness"]["checks"]
    answer = server.get("/readyz")
    if answer.status_code == 503:  # one sentence, as every fault
        assert all(c["word"] in answer.json()["detail"] for c in checks if not c["is_well"])
    return answer.status_code, {check["name"]: check for check in checks}


def test_a_server_that_can_work_is_ready(server: TestClient):
    status, found = checks(server)
    assert status == 200
    assert all(check["is_well"] for check in found.values())
    assert set(found) == {"model", "store", "disk"}


def test_too_little_disk_is_not_ready_and_says_so(trained: Settings):
    greedy = trained.model_copy(update={"min_free_bytes": 2**60})
    with TestClient(create_app(greedy), base_url=ADDRESS) as server:
        status, found = checks(server)
    assert (status, found["disk"]["is_well"], found["store"]["is_well"]) == (503, False, True)
    assert "make room" in found["disk"]["word"]


def test_a_store_that_was_migrated_under_the_server_is_not_ready(
    server: TestClient, trained: Settings
):
    store = open_store(trained)
    with store.write() as connection:
        connection.execute(text("update alembic_version set version_num = '0001'"))
    store.close()
    status, found = checks(server)
    assert (status, found["store"]["is_well"]) == (503, False)
    assert "dermhouse init" in found["store"]["word"]


def test_a_store_whose_lock_is_held_is_not_ready_and_is_again_afterwards(
    server: TestClient, trained: Settings, monkeypatch
):
    monkeypatch.setattr("api.readiness.PATIENCE_SECONDS", 0.3)
    store = open_store(trained)
    with store.write():
        status, found = checks(server)
        assert (status, found["store"]["is_well"]) == (503, False)
        assert server.get("/app/status").status_code == 200  # whoever looks on is not held up
    store.close()
    monkeypatch.undo()
    assert checks(server)[0] == 200


def test_the_meters_count_what_happens_and_each_app_its_own(server: TestClient, trained: Settings):
    before = meters(server)
    post(server, a_frame())
    post(server, b"words")
    after = meters(server)
    asked = "dermhouse_request_seconds_count"
    assert after[asked, "/video_frame/", "200"] == 1
    assert after[asked, "/video_frame/", "400"] == 1
    for name in ("model", "commit"):
        count = f"dermhouse_{name}_seconds_count"
        assert after[(count,)] == before[(count,)] + 1
    waited = ("dermhouse_queue_seconds_count",)  # what cannot be read has stood in line too
    assert after[waited] == before[waited] + 2
    assert after[("dermhouse_warehouse_version",)] >= 1
    assert after[("dermhouse_warehouse_age_seconds",)] > 0
    assert after[("dermhouse_store_bytes",)] > 1000
    assert after[("dermhouse_queue_in_hand",)] == 0
    with TestClient(create_app(trained), base_url=ADDRESS) as other:
        assert (asked, "/video_frame/", "200") not in meters(other)


def test_a_failed_swap_is_metered_and_on_the_readiness(server: TestClient, trained: Settings):
    store = open_store(trained)
    set_alias(store, CHAMPION, add_second_model(trained, broken=True))
    store.close()
    server.app.state.diagnostician.models.follow()
    assert meters(server)["dermhouse_swaps_total", "failed"] == 1
    status, found = checks(server)
    assert status == 200
    assert "cannot be opened" in found["model"]["word"]


@dataclass
class Lines:
    buffer: io.StringIO

    @property
    def all(self) -> list[dict]:
        return [json.loads(line) for line in self.buffer.getvalue().splitlines()]


@contextmanager
def written_lines(level: int = logging.INFO):
    """What the server's loggers write as JSON while the block runs."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("api")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield Lines(handler.stream)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def test_a_request_is_one_line_of_json_with_its_id_and_nothing_of_the_patient(server: TestClient):
    secret = {"subject": "patient-4711", "age_years": "83", "localization": "face"}
    with written_lines(logging.DEBUG) as lines:
        answer = server.post(
            "/video_frame/?note=private",
            files={"file": ("mole-of-patient-4711.jpg", a_frame())},
            data=secret,
            headers={"x-request-id": "ward-3.17"},
        )
    assert answer.headers["x-request-id"] == "ward-3.17"
    (line,) = [line for line in lines.all if line["message"] == "request"]
    assert (line["request_id"], line["route"]) == ("ward-3.17", "/video_frame/")
    assert (line["method"], line["status"]) == ("POST", 200)
    assert line["ms"] > 0
    told = lines.buffer.getvalue()
    assert not any(word in told for word in ("4711", "83.0", "face", "private"))


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "naïve"])
def test_a_request_id_that_could_spoil_a_log_is_replaced(server: TestClient, given: str):
    answer = server.get("/healthz", headers={"x-request-id": given.encode("latin-1")})
    assert answer.headers["x-request-id"] not in ("", given)


def test_what_nobody_foresaw_is_told_by_its_id_and_logged_without_its_words(
    server: TestClient, monkeypatch
):
    def fail(*_):
        raise RuntimeError("patient-4711 broke it")

    monkeypatch.setattr("api.diagnosis.see_all", fail)
    with written_lines() as lines:
        answer = server.post(
            "/video_frame/",
            files={"file": ("frame.jpg", a_frame())},
            headers={"x-request-id": "this-one"},
        )
    assert answer.status_code == 500
    assert "this-one" in answer.json()["detail"]
    assert "4711" not in answer.text
    assert "4711" not in lines.buffer.getvalue()
    assert any(line["request_id"] == "this-one" and line["status"] == 500 for line in lines.all)


def test_a_logged_failure_names_its_place_and_not_its_words():
    buffer = io.StringIO()
    handler = logging.StreamHandler(buffer)
    handler.setFormatter(JsonLines())
    logger = logging.Logger(f"test-{uuid4()}")
    logger.addHandler(handler)
    try:
        int("patient-4711")
    except ValueError:
        logger.exception("it failed")
    line = json.loads(buffer.getvalue())
    assert line["error"] == "ValueError"
    assert "test_health.py" in line["places"][0]
    assert "4711" not in buffer.getvalue()
