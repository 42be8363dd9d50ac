"""A form with a file: what may stand in it, and what is said where it is no form."""

import asyncio

import pytest
from camera_frames import a_frame, post
from fastapi import HTTPException, Request
from starlette.testclient import TestClient

from api.form import MOST_PARTS, read_parts

FRAME = ('name="file"; filename="frame.jpg"', a_frame())
KIND = "multipart/form-data; boundary=cut"


def form_of(*parts: tuple[str, bytes]) -> bytes:
    lines = [
        b"--cut\r\nContent-Disposition: form-data; " + told.encode() + b"\r\n\r\n" + data + b"\r\n"
        for told, data in parts
    ]
    return b"".join(lines) + b"--cut--\r\n"


def send(server: TestClient, *parts: tuple[str, bytes], kind: str = KIND):
    return server.post("/video_frame/", content=form_of(*parts), headers={"content-type": kind})


def test_a_field_left_empty_is_not_given(server: TestClient):
    answer = post(server, a_frame(), age_years="", sex="", localization="", subject="")
    assert answer.status_code == 200


def test_of_a_field_sent_twice_the_last_counts(server: TestClient):
    answer = send(server, FRAME, ('name="sex"', b"martian"), ('name="sex"', b"female"))
    assert answer.status_code == 200
    answer = send(server, FRAME, ('name="sex"', b"female"), ('name="sex"', b"martian"))
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("parts", "status", "word"),
    [
        ([('name="file"; filename=""', b"")], 422, "file"),
        ([FRAME, ('name="subject"', b"M\xfcller")], 400, "'subject' is not UTF-8"),
        ([FRAME, ('filename="nobody.jpg"', b"x")], 400, "no name"),
        ([FRAME] + [('name="note"', b"x")] * MOST_PARTS, 400, f"More than {MOST_PARTS}"),
    ],
)
def test_what_cannot_be_read_is_named(
    server: TestClient, parts: list[tuple[str, bytes]], status: int, word: str
):
    answer = send(server, *parts)
    assert answer.status_code == status
    assert word in answer.json()["detail"]


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        ("multipart/form-data", 400, "boundary"),
        ("multipart/form-data; boundary=other", 400, "multipart"),
        ("application/json", 422, "file"),
    ],
)
def test_a_body_of_another_kind_than_its_header_says_is_refused(
    server: TestClient, kind: str, status: int, word: str
):
    answer = send(server, FRAME, kind=kind)
    assert answer.status_code == status
    assert word in answer.json()["detail"]


def test_the_document_says_what_a_frames_form_holds(server: TestClient):
    document = server.get("/openapi.json").json()
    form = document["paths"]["/video_frame/"]["post"]["requestBody"]["content"]
    told = form["multipart/form-data"]["schema"]
    assert told["required"] == ["file"]
    assert {"prediction_id", "subject", "consent", "age_years"} <= set(told["properties"])
    closed = told["properties"]["sex"]["$ref"].rpartition("/")[2]
    assert "female" in document["components"]["schemas"][closed]["enum"]


def test_a_client_that_goes_away_while_it_sends_is_no_failure_of_the_server():
    whole = form_of(FRAME)
    heard = iter(
        [
            {"type": "http.request", "body": whole[:1000], "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive():
        return next(heard)

    scope = {"type": "http", "headers": [(b"content-type", KIND.encode())]}
    with pytest.raises(HTTPException) as told:
        asyncio.run(read_parts(Request(scope, receive)))
    assert told.value.status_code == 400
