"""The registry over the wire: models, notes, lineage, and what a capture shows."""

from uuid import uuid4

from camera_frames import a_frame, post
from starlette.testclient import TestClient


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
    assert server.get(f"/predictions/{uuid4()}/lineage").status_code == 404


def test_a_capture_is_said_to_show_a_lesion_and_a_stranger_is_told(server: TestClient):
    capture_id = post(server, a_frame(), consent="true").json()["capture_id"]
    said = server.put(f"/captures/{capture_id}/lesion", json={"lesion_id": "arm-3"})
    assert said.json()["lesion_id"] == "arm-3"
    path = f"/captures/{capture_id}/lesion"
    assert server.put(path, json={"image_id": "never loaded"}).status_code == 400
    assert server.put(f"/captures/{uuid4()}/lesion", json={}).status_code == 404
    assert server.get("/review-queue").json() == {"captures": []}
