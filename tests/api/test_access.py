import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from api.access import AccessMiddleware, HeadersMiddleware, SizeMiddleware

ADDRESS = "https://house.local:8443"


async def echo_size(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


def client(token: str | None = None, limit: int = 1000) -> TestClient:
    app = Starlette(routes=[Route("/", echo_size, methods=["GET", "POST"])])
    app.add_middleware(SizeMiddleware, limit=limit)
    app.add_middleware(AccessMiddleware, token=token)
    app.add_middleware(HeadersMiddleware)
    return TestClient(app, base_url=ADDRESS)


def test_without_a_token_set_everyone_on_this_machine_may_come():
    assert client().get("/").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic secret", "Bearer", "secret"])
def test_with_a_token_set_anything_else_is_refused(header: str):
    answer = client("secret").get("/", headers={"authorization": header})
    assert answer.status_code == 401
    assert "token is needed" in answer.json()["detail"]


def test_a_bearer_of_the_token_is_let_in():
    answer = client("secret").get("/", headers={"authorization": "Bearer secret"})
    assert answer.status_code == 200


def test_the_printed_address_signs_a_browser_in_and_leaves_no_token_in_the_address():
    browser = client("secret")
    answer = browser.get("/?token=secret", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "secure", "samesite=strict"))
    assert browser.get("/").status_code == 200


def test_a_wrong_token_in_the_address_signs_nobody_in():
    answer = client("secret").get("/?token=guess", follow_redirects=False)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_a_write_from_another_sites_page_is_refused():
    answer = client().post("/", content=b"x", headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert client().post("/", content=b"x", headers={"origin": ADDRESS}).status_code == 200


def test_a_body_at_the_limit_passes_and_one_byte_more_does_not():
    assert client().post("/", content=b"x" * 1000).text == "1000"
    answer = client().post("/", content=b"x" * 1001)
    assert answer.status_code == 413
    assert "larger than" in answer.json()["detail"]


def test_a_body_that_hides_its_length_is_stopped_at_the_limit():
    answer = client().post("/", content=iter([b"x" * 600, b"x" * 600]))
    assert answer.status_code == 413


def test_every_answer_forbids_scripts_from_elsewhere():
    for answer in (client().get("/"), client("secret").get("/")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
