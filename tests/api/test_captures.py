"""Captures from outside: kept or not, listed, withdrawn, asked about again and reviewed."""

import hashlib
import io
from uuid import uuid4

import numpy as np
import pytest
from camera_frames import a_frame, encoded, pixels, post
from PIL import Image, ImageCms
from postgres import both_stores
from sqlalchemy import select, update
from starlette.testclient import TestClient

from warehouse.published import connect_live
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tables import capture, prediction, review

SECRET = b"Dr Somebody's phone"


def keep(server: TestClient, seed: int = 0, **fields: str) -> dict:
    answer = post(server, a_frame(seed), consent="true", **fields)
    assert answer.status_code == 200
    return answer.json()


def files(settings: Settings) -> list[str]:
    return [
        str(path.relative_to(settings.home))
        for path in settings.images_dir.rglob("*")
        if path.is_file()
    ]


def rows(settings: Settings, table) -> list:
    store = open_store(settings)
    with store.read() as connection:
        found = connection.execute(select(table)).mappings().all()
    store.close()
    return found


def a_word(**changes: str | None) -> dict:
    word = {"review_id": str(uuid4()), "diagnosis": "mel", "confirmation": "histo"}
    return word | {"reviewer": "derm-7"} | changes


def say(server: TestClient, capture_id: str, word: dict):
    return server.post(f"/captures/{capture_id}/reviews", json=word)


def test_without_consent_nothing_of_the_frame_is_kept_but_its_figures(
    server: TestClient, trained: Settings
):
    answer = post(server, a_frame()).json()
    assert files(trained) == []
    (row,) = rows(trained, capture)
    assert (row["has_consent"], row["uri"]) == (False, None)
    assert row["sha256"] == hashlib.sha256(a_frame()).hexdigest()
    assert server.get(f"/captures/{answer['capture_id']}/image").status_code == 404


def test_a_kept_frame_is_upright_named_by_its_own_hash_and_carries_no_metadata(
    server: TestClient, trained: Settings
):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, SECRET.decode()  # lying on its side; the maker's name
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    frame = encoded(
        pixels(), exif=exif, comment=SECRET, xmp=b"<x>" + SECRET + b"</x>", icc_profile=profile
    )
    assert frame.count(SECRET) == 3
    answer = post(server, frame, consent="true").json()
    (name,) = files(trained)
    kept = (trained.home / name).read_bytes()
    digest = hashlib.sha256(kept).hexdigest()
    assert name == f"images/{digest[:2]}/{digest}.jpg"
    assert SECRET not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size) == ("JPEG", (480, 640))
        assert not image.getexif()
        assert not {"comment", "xmp", "icc_profile", "exif"} & set(image.info)
        upright = np.asarray(pixels().rotate(-90, expand=True)).astype(int)
        assert np.abs(np.asarray(image).astype(int) - upright).mean() < 5
    image = server.get(f"/captures/{answer['capture_id']}/image")
    assert (image.content, image.headers["content-type"]) == (kept, "image/jpeg")
    assert image.headers["cache-control"] == "private, no-store"
    assert "content-disposition" not in image.headers
    saved = server.get(f"/captures/{answer['capture_id']}/image?download=true")
    assert saved.headers["content-disposition"].startswith("attachment")


def test_a_frame_that_cannot_be_kept_leaves_no_row_and_says_why(
    server: TestClient, trained: Settings
):
    trained.images_dir.write_text("a file where the folder should be")
    answer = post(server, a_frame(), consent="true")
    assert answer.status_code == 503
    assert "cannot be kept" in answer.json()["detail"]
    assert rows(trained, capture) == []


def test_a_frame_whose_answer_cannot_be_written_is_not_kept(server: TestClient, trained: Settings):
    kept = keep(server)
    server.app.state.diagnostician.writer.close()
    for seed in (0, 1):  # the one that is kept already, and another
        answer = post(server, a_frame(seed), consent="true")
        assert answer.status_code == 503
    (row,) = rows(trained, capture)
    assert row["capture_id"] == kept["capture_id"]
    assert files(trained) == [row["uri"]]


@both_stores
def test_a_card_shows_what_was_sent_and_answered(server: TestClient):
    sent = {"age_years": "52", "sex": "female", "localization": "back", "subject": "P-17"}
    answer = keep(server, **sent)
    card = server.get(f"/captures/{answer['capture_id']}").json()
    assert card["image_url"] == f"/captures/{answer['capture_id']}/image"
    assert {name: str(card[name]).removesuffix(".0") for name in sent} == sent
    (shown,) = card["answers"]
    assert {name: answer[name] for name in shown} == shown
    assert (card["quality"], card["reviews"]) == (answer["quality"], [])
    assert server.get("/captures/").json() == {"captures": [card], "next_before": None}


@both_stores
def test_pages_of_captures_are_newest_first_and_miss_none(server: TestClient):
    sent = [keep(server, seed)["capture_id"] for seed in range(5)]
    seen, before = [], None
    for expected in (2, 2, 1):
        asked = {"limit": 2} | ({"before": before} if before else {})
        page = server.get("/captures/", params=asked).json()
        assert len(page["captures"]) == expected
        seen += [card["capture_id"] for card in page["captures"]]
        before = page["next_before"]
    assert before is None
    assert seen == sent[::-1]


@both_stores
def test_captures_are_listed_by_what_is_asked(server: TestClient):
    kept, bare = keep(server, 1), post(server, a_frame(2)).json()
    say(server, bare["capture_id"], a_word())

    def listed(**asked: str) -> set[str]:
        page = server.get("/captures/", params={"kept": "false"} | asked).json()
        return {card["capture_id"] for card in page["captures"]}

    both = {kept["capture_id"], bare["capture_id"]}
    assert listed() == both
    assert listed(kept="true") == {kept["capture_id"]}
    assert listed(reviewed="true") == {bare["capture_id"]}
    assert listed(reviewed="false") == {kept["capture_id"]}
    answered = {answer["capture_id"]: answer for answer in (kept, bare)}
    for name, word in (("diagnosis", kept["diagnosis"]), ("decision", kept["decision"])):
        assert listed(**{name: word}) == {i for i in both if answered[i][name] == word}
        for answer in (kept, bare):
            mine = listed(prediction_id=answer["prediction_id"])
            assert mine == {answer["capture_id"]}
    assert listed(prediction_id=str(uuid4())) == set()
    assert listed(diagnosis="df" if kept["diagnosis"] != "df" else "nv") <= {bare["capture_id"]}


@pytest.mark.parametrize(
    "asked", ["limit=0", "limit=201", "before=soon", "before=0001-01-01T00:00:00%2B05:00"]
)
def test_a_listing_that_makes_no_sense_is_refused(server: TestClient, asked: str):
    assert server.get(f"/captures/?{asked}").status_code == 422


@both_stores
def test_a_withdrawn_capture_is_gone_everywhere_and_stays_so(server: TestClient, trained: Settings):
    mine = str(uuid4())
    answer = keep(server, prediction_id=mine, subject="P-17")
    address = f"/captures/{answer['capture_id']}"
    say(server, answer["capture_id"], a_word())
    for _ in range(2):
        assert server.delete(address).status_code == 204
    assert files(trained) == []
    for path in (address, f"{address}/image"):
        assert server.get(path).status_code == 404
    assert server.post(f"{address}/answers").status_code == 404
    assert say(server, answer["capture_id"], a_word()).status_code == 404
    assert server.get("/captures/?kept=false").json()["captures"] == []
    with connect_live(trained) as connection:
        assert connection.sql("select * from fct_predictions_live").fetchall() == []
    (row,) = rows(trained, capture)
    assert (row["uri"], row["subject"], row["has_consent"]) == (None, None, False)
    assert all(row["deleted_at"] for table in (prediction, review) for row in rows(trained, table))
    # The page may still hold it in its line of things to send.
    retry = post(server, a_frame(), prediction_id=mine, consent="true")
    assert retry.status_code == 409
    assert "withdrawn" in retry.json()["detail"]
    assert files(trained) == []


@both_stores
def test_what_another_capture_keeps_too_stays(server: TestClient, trained: Settings):
    first, second = keep(server), keep(server)
    assert len(files(trained)) == 1
    server.delete(f"/captures/{first['capture_id']}")
    assert server.get(f"/captures/{second['capture_id']}/image").status_code == 200
    server.delete(f"/captures/{second['capture_id']}")
    assert files(trained) == []


def test_a_capture_that_never_was_is_not_found(server: TestClient):
    address = f"/captures/{uuid4()}"
    assert server.get(address).status_code == 404
    assert server.delete(address).status_code == 404
    assert server.post(f"{address}/answers").status_code == 404
    assert server.post(f"{address}/reviews", json=a_word()).status_code == 404


@both_stores
def test_a_kept_frame_is_asked_again_and_its_answers_are_newest_first(
    server: TestClient, trained: Settings
):
    first = keep(server, sex="male")
    address = f"/captures/{first['capture_id']}"
    mine = str(uuid4())
    again, retry = (
        server.post(f"{address}/answers", json={"prediction_id": mine}) for _ in range(2)
    )
    assert again.status_code == 200
    assert again.json() == retry.json()
    assert again.json()["capture_id"] == first["capture_id"]
    assert again.json()["probabilities"] == pytest.approx(first["probabilities"], abs=0.05)
    answers = server.get(address).json()["answers"]
    assert [each["prediction_id"] for each in answers] == [mine, first["prediction_id"]]
    assert len(rows(trained, capture)) == 1
    other = keep(server, 1)
    taken = server.post(f"/captures/{other['capture_id']}/answers", json={"prediction_id": mine})
    assert taken.status_code == 409


@both_stores
def test_a_challengers_answer_is_shown_to_nobody(server: TestClient, trained: Settings):
    first = keep(server)
    shadow = server.post(f"/captures/{first['capture_id']}/answers").json()
    store = open_store(trained)
    with store.write() as connection:
        hidden = update(prediction).values(is_shadow=True)
        connection.execute(hidden.where(prediction.c.prediction_id == shadow["prediction_id"]))
    store.close()
    (shown,) = server.get(f"/captures/{first['capture_id']}").json()["answers"]
    assert shown["prediction_id"] == first["prediction_id"]


def test_a_frame_that_was_not_kept_cannot_be_asked_about_again(server: TestClient):
    answer = post(server, a_frame()).json()
    again = server.post(f"/captures/{answer['capture_id']}/answers")
    assert again.status_code == 409
    assert "not kept" in again.json()["detail"]


@both_stores
def test_a_review_is_one_row_however_often_it_is_sent(server: TestClient, trained: Settings):
    answer = keep(server)
    word = a_word()
    first, retry = (say(server, answer["capture_id"], word) for _ in range(2))
    assert (first.status_code, retry.status_code) == (201, 201)
    assert first.json() == retry.json()
    shown = {name: first.json()[name] for name in word}
    assert (shown, first.json()["role"]) == (word, "clinician")
    assert len(rows(trained, review)) == 1
    changed = say(server, answer["capture_id"], word | {"diagnosis": "nv"})
    assert changed.status_code == 409
    second = say(server, answer["capture_id"], a_word(diagnosis="bkl", confirmation="consensus"))
    reviews = server.get(f"/captures/{answer['capture_id']}").json()["reviews"]
    assert reviews == [second.json(), first.json()]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"reviewer": None}, "reviewer"),
        ({"reviewer": "  "}, "reviewer"),
        ({"reviewer": "x" * 81}, "reviewer"),
        ({"reviewer": "a\x00b"}, "reviewer"),
        ({"diagnosis": "flu"}, "diagnosis"),
        ({"confirmation": "guess"}, "confirmation"),
        ({"review_id": "seven"}, "review_id"),
    ],
)
def test_a_review_that_lacks_something_names_it(
    server: TestClient, trained: Settings, changes: dict, word: str
):
    answer = post(server, a_frame()).json()
    refused = say(server, answer["capture_id"], a_word(**changes))
    assert refused.status_code == 422
    assert word in refused.json()["detail"]
    assert rows(trained, review) == []
