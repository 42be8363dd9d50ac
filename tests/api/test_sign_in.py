"""Signing in and out, as a browser does it, and what the audit chain holds afterwards."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from acts import acts
from camera_frames import LOCAL_ADDRESS, a_frame, post
from sqlalchemy import update
from starlette.testclient import TestClient

from api.access.door import COOKIE
from api.app import create_app
from warehouse.audit import verify
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import audit_event, now
from warehouse.tokens import create_token, revoke_token
from warehouse.vocabulary import Role


@pytest.fixture
def opened(trained: Settings) -> Iterator[Store]:
    store = open_store(trained)
    yield store
    store.close()


@pytest.fixture
def browser(trained: Settings) -> Iterator[TestClient]:
    app = create_app(trained.model_copy(update={"require_tokens": True}))
    with TestClient(app, LOCAL_ADDRESS, raise_server_exceptions=False) as client:
        yield client


def sign_in(browser: TestClient, secret: str):
    return browser.post("/session", json={"token": secret})


def test_a_token_becomes_a_cookie_that_no_script_reads_and_no_other_site_sends(
    browser: TestClient, opened: Store
):
    secret = create_token(opened, "ward 3", Role.clinician)
    assert browser.get("/app/settings").status_code == 401
    answer = sign_in(browser, f" {secret} ")
    assert answer.json() == {
        "actor": {"name": "ward 3", "role": "clinician"},
        "asks_token": True,
    }
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert browser.get("/app/settings").json()["actor"]["name"] == "ward 3"
    assert browser.get("/session").json()["actor"]["role"] == "clinician"


def test_signing_out_takes_the_cookie_away(browser: TestClient, opened: Store):
    sign_in(browser, create_token(opened, "ward 3", Role.viewer))
    assert browser.get("/app/settings").status_code == 200
    assert browser.delete("/session").status_code == 204
    assert browser.get("/app/settings").status_code == 401
    assert browser.get("/session").json() == {"actor": None, "asks_token": True}


def test_a_cookie_lasts_a_working_day_or_to_the_tokens_end(browser: TestClient, opened: Store):
    for name, ends, seconds in (("a", None, 43_200), ("b", now() + timedelta(hours=1), 3_600)):
        cookie = sign_in(browser, create_token(opened, name, Role.viewer, ends)).headers
        age = int(cookie["set-cookie"].partition("Max-Age=")[2].partition(";")[0])
        assert age == pytest.approx(seconds, abs=5)


def test_a_cookie_of_a_revoked_token_opens_nothing(browser: TestClient, opened: Store):
    sign_in(browser, create_token(opened, "ward 3", Role.viewer))
    revoke_token(opened, "ward 3")
    assert browser.get("/app/settings").status_code == 401


@pytest.mark.parametrize(("given", "status"), [("wrong", 401), ("", 422), ("x" * 201, 422)])
def test_a_wrong_token_signs_nobody_in(browser: TestClient, given: str, status: int):
    answer = sign_in(browser, given)
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers


def test_guessing_at_the_sign_in_page_is_slowed(browser: TestClient, opened: Store):
    secret = create_token(opened, "ward 3", Role.viewer)
    statuses = [sign_in(browser, f"guess {n}").status_code for n in range(11)]
    assert statuses == [401] * 10 + [429]
    slowed = sign_in(browser, secret)
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) >= 1


def test_another_sites_page_signs_nobody_in(browser: TestClient, opened: Store):
    secret = create_token(opened, "ward 3", Role.viewer)
    foreign = {"sec-fetch-site": "cross-site"}
    answer = browser.post("/session", json={"token": secret}, headers=foreign)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_on_this_machine_alone_the_session_says_that_nobody_has_to(server: TestClient):
    told = server.get("/session").json()
    assert told == {"actor": {"name": None, "role": "admin"}, "asks_token": False}


def test_every_write_is_one_event_of_who_did_it_and_a_retry_is_none(
    browser: TestClient, opened: Store
):
    before = len(acts(opened))
    secret = create_token(opened, "ward 3", Role.clinician)
    token_id = acts(opened)[-1].subject
    sign_in(browser, secret)
    mine, again, review_id = (str(uuid4()) for _ in range(3))
    for _ in range(2):
        answer = post(browser, a_frame(), prediction_id=mine, consent="true").json()
    address = f"/captures/{answer['capture_id']}"
    word = {"review_id": review_id, "diagnosis": "mel", "confirmation": "histo"}
    for _ in range(2):
        browser.post(f"{address}/answers", json={"prediction_id": again})
        browser.post(f"{address}/reviews", json=word)
    for _ in range(2):
        assert browser.delete(address).status_code == 204
    revoke_token(opened, "ward 3")
    assert acts(opened)[before:] == [
        ("command line", "create_token", token_id),
        ("ward 3", "diagnose", mine),
        ("ward 3", "diagnose", again),
        ("ward 3", "review", review_id),
        ("ward 3", "withdraw", answer["capture_id"]),
        ("command line", "revoke_token", token_id),
    ]
    assert verify(opened).is_whole


def test_what_is_refused_or_only_previewed_is_no_event(browser: TestClient, opened: Store):
    sign_in(browser, create_token(opened, "ward 3", Role.clinician))
    before = acts(opened)
    post(browser, a_frame(), "/preview/")
    browser.delete(f"/captures/{uuid4()}")
    word = {"review_id": str(uuid4()), "diagnosis": "mel", "confirmation": "histo"}
    browser.post(f"/captures/{uuid4()}/reviews", json=word)
    assert acts(opened) == before


def test_a_review_that_was_changed_in_the_chain_is_found(browser: TestClient, opened: Store):
    sign_in(browser, create_token(opened, "ward 3", Role.clinician))
    answer = post(browser, a_frame()).json()
    word = {"review_id": str(uuid4()), "diagnosis": "mel", "confirmation": "histo"}
    browser.post(f"/captures/{answer['capture_id']}/reviews", json=word)
    with opened.write() as connection:
        blamed = update(audit_event).where(audit_event.c.action == "review")
        connection.execute(blamed.values(actor="somebody else"))
    report = verify(opened)
    assert (report.is_whole, report.broken_at) == (False, len(acts(opened)))
