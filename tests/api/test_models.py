"""The registry over the wire: models, notes, lineage, and what a capture shows."""

from uuid import uuid4

from camera_frames import a_frame, post
from starlette.testclient import TestClient

from warehouse.build import build
from warehouse.settings import Settings


def test_the_registry_tells_the_champion_and_where_it_comes_from(server: TestClient):
    page = server.get("/models/").json()
    (model,) = page["models"]
    assert model["aliases"] == ["champion"]
    assert [move["model_id"] for move in page["champion_history"]] == [model["model_id"]]
    assert page["validation_looks"] == 1
    history = server.get(f"/models/{model['model_id']}").json()
    assert history["data"]["is_here"]
    assert history["data"]["images"]["train"] >= model["train_images"]
    assert server.get("/models/none").status_code == 404
    assert "registry" in server.get("/models").text


def test_a_note_stands_beside_its_model(server: TestClient):
    assert server.post("/models/champion/notes", json={"note": "quick"}).status_code == 201
    (note,) = server.get("/models/champion").json()["notes"]
    assert (note["note"], note["noted_by"]) == ("quick", "local")


def test_an_answer_is_traced_to_its_model_and_the_loads_it_learnt_from(server: TestClient):
    answer = post(server, a_frame()).json()
    found = server.get(f"/predictions/{answer['prediction_id']}/lineage").json()
    assert found["model"]["model_id"] == answer["model"]
    assert sum(load["images"] for load in found["data"]["loads"]) == sum(
        found["data"]["images"].values()
    )
    assert found["image_id"] is None
    assert server.get(f"/predictions/{uuid4()}/lineage").status_code == 404


def test_an_image_is_followed_to_the_models_that_saw_it_and_their_answers(server: TestClient):
    answer = post(server, a_frame(), consent="true").json()
    found = server.get(f"/predictions/{answer['prediction_id']}/lineage").json()
    assert found["image_id"].startswith("frame-")
    assert server.get(f"/images/{found['image_id']}/models").json() == []
    for split, is_lesson in (("train", True), ("validation", False)):
        page = server.get("/models/champion/images", params={"split": split, "limit": 50}).json()
        *_, before, last = page["images"]
        asked = {"split": split, "after": before["image_id"], "limit": 1}
        assert server.get("/models/champion/images", params=asked).json()["images"] == [last]
        image = next(each for each in page["images"] if each["is_lesson"] == is_lesson)
        (use,) = server.get(f"/images/{image['image_id']}/models").json()
        told = (use["model_id"], use["split"], use["is_lesson"])
        assert told == (answer["model"], split, is_lesson)
        assert (use["answers"], use["newest_answers"]) == (1, [answer["prediction_id"]])
    assert server.get("/models/none/images").status_code == 404


def test_the_rules_and_the_retrainings_are_told(server: TestClient):
    told = server.get("/retrainings/").json()
    assert not told["is_current"]  # built before there was a champion
    assert [rule["name"] for rule in told["rules"] if rule["fired"]] == ["no_champion"]
    assert told["retrainings"] == []
    assert len(told["rules"]) == 7
    assert server.get("/label-conflicts").json() == {"lesions": []}


def test_a_capture_is_said_to_show_a_lesion_and_a_stranger_is_told(server: TestClient):
    capture_id = post(server, a_frame(), consent="true").json()["capture_id"]
    said = server.put(f"/captures/{capture_id}/lesion", json={"lesion_id": "arm-3"})
    assert said.json()["lesion_id"] == "arm-3"
    path = f"/captures/{capture_id}/lesion"
    assert server.put(path, json={"image_id": "never loaded"}).status_code == 400
    assert server.put(f"/captures/{uuid4()}/lesion", json={}).status_code == 404
    assert server.get("/review-queue").json() == {"captures": []}


def test_the_queue_names_only_frames_that_can_be_shown(server: TestClient, trained: Settings):
    capture_id = post(server, a_frame(), consent="true").json()["capture_id"]
    build(trained)
    (waiting,) = server.get("/review-queue").json()["captures"]
    assert waiting["capture_id"] == capture_id
    assert server.get(waiting["image_url"]).headers["content-type"] == "image/jpeg"
    (frame,) = trained.images_dir.rglob("*.jpg")
    frame.unlink()
    assert server.get("/review-queue").json() == {"captures": []}
