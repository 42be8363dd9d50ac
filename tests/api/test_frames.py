"""The server from outside: a real app over a trained home, its answers, and the rows they leave."""

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from camera_frames import a_frame, encoded, post
from PIL import Image
from starlette.testclient import TestClient

from ml.predictor import Predictor
from ml.preprocess import decode
from warehouse.build import build
from warehouse.published import connect_live
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import Diagnosis, values


def live_rows(settings: Settings) -> list[tuple]:
    with connect_live(settings) as connection:
        return connection.sql(
            "select * from fct_predictions_live order by prediction_id"
        ).fetchall()


def test_the_original_contract_is_kept(server: TestClient):
    (detection,) = post(server, a_frame()).json()["detections"]
    code, name = detection["class"].split(": ")
    assert code in values(Diagnosis)
    assert name
    assert 0 <= detection["confidence"] <= 1
    assert set(detection) == {"class", "confidence"}


def test_the_answer_is_what_the_model_says_of_the_decoded_frame(
    server: TestClient, trained: Settings
):
    frame = a_frame()
    answer = post(server, frame).json()
    store = open_store(trained)
    predictor = Predictor.open(trained.models_dir, resolve(store, CHAMPION).model_id)
    store.close()
    expected = predictor.answer(decode(frame, predictor.input_px, trained.max_image_pixels))
    assert tuple(answer["probabilities"].values()) == pytest.approx(expected.probabilities)
    assert list(answer["probabilities"]) == values(Diagnosis)
    assert sum(answer["probabilities"].values()) == pytest.approx(1)
    assert answer["diagnosis"] == expected.diagnosis
    assert answer["decision"] == expected.decision
    assert "Not a medical device" in answer["notice"]
    assert "SYNTHETIC" in answer["notice"]


def test_an_answer_is_a_fact_at_once_and_the_same_after_the_next_build(
    server: TestClient, trained: Settings
):
    answer = post(server, a_frame(), age_years="52", sex="female", localization="back").json()
    (live,) = live_rows(trained)
    build(trained)
    assert live_rows(trained) == [live]
    with connect_live(trained) as connection:
        row = connection.sql(
            "select prediction_id, diagnosis_code, confidence, decision, model_id, "
            "localization_code, sex_code, age_band "
            "from fct_predictions join dim_diagnoses using (diagnosis_key) "
            "join dim_models using (model_key) join dim_localizations using (localization_key) "
            "join dim_patient_groups using (patient_group_key)"
        ).fetchone()
    assert row == (
        answer["prediction_id"],
        answer["diagnosis"],
        answer["detections"][0]["confidence"],
        answer["decision"],
        answer["model"],
        "back",
        "female",
        "50-59",
    )


def test_a_retry_with_its_own_id_is_one_row_and_one_answer(server: TestClient, trained: Settings):
    mine = str(uuid4())
    first, second = (post(server, a_frame(), prediction_id=mine).json() for _ in range(2))
    assert first == second
    assert first["prediction_id"] == mine
    assert len(live_rows(trained)) == 1


def test_a_preview_says_what_the_capture_will_say_and_stores_nothing(
    server: TestClient, trained: Settings
):
    known = {"age_years": "70", "sex": "male", "localization": "face"}
    preview = post(server, a_frame(), "/preview/", **known).json()
    assert (preview["recorded"], preview["prediction_id"], preview["capture_id"]) == (
        False,
        None,
        None,
    )
    assert live_rows(trained) == []
    assert server.get("/captures/?kept=false").json()["captures"] == []
    answer = post(server, a_frame(), **known).json()
    same = ("detections", "probabilities", "decision", "quality", "activation", "model", "notice")
    assert {name: preview[name] for name in same} == {name: answer[name] for name in same}


def test_a_preview_of_what_is_no_image_is_told_as_a_capture_is(server: TestClient):
    answer = post(server, b"words", "/preview/")
    assert answer.status_code == 400
    assert "not an image" in answer.json()["detail"]


def test_an_answer_shows_where_it_looked_and_how_good_the_frame_is(server: TestClient):
    answer = post(server, a_frame(size=(640, 480))).json()
    grid = answer["activation"]
    assert len(grid["values"]) == grid["rows"] * grid["columns"] > 1
    assert all(0 <= value <= 1 for value in grid["values"])
    assert (answer["quality"]["width"], answer["quality"]["height"]) == (640, 480)
    assert answer["is_kept"] is False
    dark = post(server, encoded(Image.new("RGB", (640, 480), (20, 20, 20))), "/preview/").json()
    assert {"blurred", "too_dark"} <= set(dark["quality"]["hints"])


def test_the_field_of_an_empty_form_is_as_good_as_left_out(server: TestClient):
    answer = post(server, a_frame(), age_years="", sex="", localization="", subject="")
    assert answer.status_code == 200


def test_an_id_used_again_for_another_frame_is_refused(server: TestClient, trained: Settings):
    mine = str(uuid4())
    post(server, a_frame(1), prediction_id=mine)
    answer = post(server, a_frame(2), prediction_id=mine)
    assert answer.status_code == 409
    assert mine in answer.json()["detail"]
    assert len(live_rows(trained)) == 1


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (1000, 300), (500, 500), (40, 30)])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_frames_of_any_shape_are_answered(server: TestClient, size: tuple[int, int], form: str):
    assert post(server, a_frame(size=size, form=form)).status_code == 200


@pytest.mark.parametrize(
    ("frame", "status", "word"),
    [
        (b"", 400, "empty"),
        (b"this is text, not an image", 400, "not an image"),
        (a_frame()[:2000], 400, "damaged or truncated"),
        (b"x" * 2_100_000, 413, "larger than"),
    ],
)
def test_a_frame_that_cannot_be_read_gets_one_sentence_and_leaves_no_row(
    server: TestClient, trained: Settings, frame: bytes, status: int, word: str
):
    answer = post(server, frame)
    assert answer.status_code == status
    assert word in answer.json()["detail"]
    assert live_rows(trained) == []


@pytest.mark.parametrize(("path", "field"), [("/video_frame/", "file"), ("/batch/", "files")])
def test_a_form_that_hides_its_length_is_told_that_it_is_too_large(
    server: TestClient, trained: Settings, path: str, field: str
):
    def chunks() -> Iterator[bytes]:
        yield b"--cut\r\nContent-Disposition: form-data; "
        yield f'name="{field}"; filename="f.jpg"\r\n\r\n'.encode()
        yield from [b"x" * 300_000] * 7
        yield b"\r\n--cut--\r\n"

    kind = {"content-type": "multipart/form-data; boundary=cut"}
    answer = server.post(path, content=chunks(), headers=kind)
    assert answer.status_code == 413
    assert "larger than" in answer.json()["detail"]
    assert "fewer frames" in answer.json()["detail"]
    assert live_rows(trained) == []


def test_a_picture_of_900_million_pixels_is_refused_before_it_is_decoded(server: TestClient):
    header = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(header, "PNG")
    answer = post(server, header.getvalue())
    assert answer.status_code == 400
    assert "pixels" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"prediction_id": "seven"}, "prediction_id"),
        ({"age_years": "-3"}, "age_years"),
        ({"sex": "martian"}, "sex"),
        ({"localization": "moon"}, "localization"),
    ],
)
def test_a_wrong_field_is_named(server: TestClient, fields: dict[str, str], word: str):
    answer = post(server, a_frame(), **fields)
    assert answer.status_code == 422
    assert word in answer.json()["detail"]


def test_a_form_without_a_file_says_so(server: TestClient):
    answer = server.post("/video_frame/", data={"prediction_id": str(uuid4())})
    assert answer.status_code == 422
    assert "file" in answer.json()["detail"]


def test_uploads_at_once_during_a_build_are_all_answered_and_recorded(
    server: TestClient, trained: Settings
):
    with ThreadPoolExecutor(5) as pool:
        building = pool.submit(build, trained)
        answers = list(pool.map(lambda seed: post(server, a_frame(seed)), range(24)))
        assert building.result().failed == 0
    assert {answer.status_code for answer in answers} == {200}
    recorded = {row[0] for row in live_rows(trained)}
    assert recorded == {answer.json()["prediction_id"] for answer in answers}


def test_the_page_and_what_it_needs_come_from_this_server_alone(server: TestClient):
    page = server.get("/")
    assert page.status_code == 200
    assert "https://" not in page.text
    needed = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert needed
    for address in needed:
        assert server.get(address).status_code == 200, address


def test_the_server_says_it_is_well_and_which_model_answers(server: TestClient):
    answer = server.get("/healthz").json()
    assert answer["status"] == "ok"
    assert answer["model"] == post(server, a_frame()).json()["model"]
