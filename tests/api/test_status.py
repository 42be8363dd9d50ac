"""The status page's figures: models, line, builds and why one failed, versions, store."""

from filelock import FileLock
from second_model import add_second_model
from starlette.testclient import TestClient

from warehouse.build_log import KILLED, finish_record, start_record
from warehouse.published import current
from warehouse.registry import CHAMPION, set_alias
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import BuildReason, Outcome


def told(server: TestClient) -> dict:
    answer = server.get("/app/status")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def test_the_status_tells_model_line_version_and_store(server: TestClient, trained: Settings):
    status = told(server)
    champion, challenger = status["models"]
    assert champion["model"] == server.get("/healthz").json()["model"]
    assert (champion["alias"], champion["fault"], challenger["model"]) == ("champion", None, None)
    assert (status["queue"]["in_hand"], status["queue"]["places"]) == (0, 64)
    assert status["warehouse"]["version"] == current(trained).version
    assert status["warehouse"]["builds"][0]["outcome"] == "done"
    assert status["store"]["kind"] == "sqlite"
    assert status["store"]["bytes"] > 10_000
    assert status["readiness"]["is_ready"]


def test_the_status_tells_why_the_last_build_failed_and_which_version_stands(
    server: TestClient, trained: Settings
):
    before = told(server)["warehouse"]["version"]
    store = open_store(trained)
    failed = start_record(store, BuildReason.age)
    why = "dbt: 1 node(s) failed: not_null_dim_images_image_id"
    finish_record(store, failed, Outcome.failed, failed=1, message=why)
    status = told(server)["warehouse"]
    assert status["version"] == before
    assert (status["builds"][0]["outcome"], status["builds"][0]["failed"]) == ("failed", 1)
    assert "not_null_dim_images_image_id" in status["builds"][0]["message"]
    running = start_record(store, BuildReason.asked)
    with FileLock(trained.warehouse_dir / "build.lock"):
        assert told(server)["warehouse"]["is_building"]
    finish_record(store, running, Outcome.done)
    assert not told(server)["warehouse"]["is_building"]
    store.close()


def test_the_status_and_the_meters_tell_that_a_build_was_killed(
    server: TestClient, trained: Settings
):
    store = open_store(trained)
    start_record(store, BuildReason.age)
    store.close()
    with FileLock(trained.warehouse_dir / "build.lock"):
        assert "dermhouse_last_build_failed 0" in server.get("/metrics").text
    status = told(server)["warehouse"]
    assert not status["is_building"]
    assert (status["builds"][0]["outcome"], status["builds"][0]["message"]) == ("failed", KILLED)
    assert "dermhouse_last_build_failed 1" in server.get("/metrics").text


def test_the_status_tells_of_a_champion_that_cannot_be_opened(
    server: TestClient, trained: Settings
):
    store = open_store(trained)
    set_alias(store, CHAMPION, add_second_model(trained, broken=True))
    store.close()
    server.app.state.diagnostician.models.follow()
    champion, _ = told(server)["models"]
    assert champion["model"] != "second-model"
    assert "second-model" in champion["fault"]


def test_the_status_page_is_there_with_everything_it_needs(server: TestClient):
    page = server.get("/status")
    assert page.status_code == 200
    for address in ("/static/status.js", "/static/styles/status.css"):
        assert address in page.text
        assert server.get(address).status_code == 200
