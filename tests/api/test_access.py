"""The guards in front of the routes: hosts, origins, tokens, rates, sizes, headers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from api.access import add_guards
from api.access.rate import MAX_KEYS, Buckets, address_of
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tokens import create_token, revoke_token
from warehouse.vocabulary import Role

LOCAL = "https://localhost:8443"
ELSEWHERE = "https://elsewhere.example"
Door = Callable[..., TestClient]


@pytest.fixture
def door(store: Store, settings: Settings) -> Iterator[Door]:
    """Return a function that puts the guards before two routes, and knocks."""
    with ExitStack() as stack:

        def behind(address: str = LOCAL, **changes) -> TestClient:
            app = FastAPI()
            app.state.store = store

            @app.api_route("/", methods=["GET", "POST"])
            @app.post("/preview/")
            async def echo(request: Request) -> dict:
                actor = request.state.actor
                return {"size": len(await request.body()), "who": actor.who, "role": actor.role}

            @app.get("/static/page.js")
            async def page() -> str:
                return "open to all"

            add_guards(app, settings.model_copy(update={"max_upload_bytes": 1000} | changes))
            return stack.enter_context(TestClient(app, address))

        yield behind


@pytest.fixture
def secret(store: Store) -> str:
    return create_token(store, "ward 3", Role.clinician)


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_on_this_machine_nobody_needs_a_token_and_one_person_may_do_everything(door: Door):
    assert door().get("/").json() == {"size": 0, "who": "local", "role": "admin"}


def test_a_token_counts_on_this_machine_too_and_a_wrong_one_is_refused(door: Door, secret: str):
    told = door().get("/", headers=bearer(secret)).json()
    assert (told["who"], told["role"]) == ("ward 3", "clinician")
    assert door().get("/", headers=bearer("wrong")).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [{"require_tokens": True}, {"host": "0.0.0.0"}, {"allowed_hosts": ("clinic.example",)}],
    ids=["asked for", "every interface", "behind a proxy"],
)
def test_where_others_can_come_a_token_is_needed(door: Door, secret: str, changes: dict):
    client = door(**changes)
    refused = client.get("/")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert "dermhouse token create" in refused.json()["detail"]
    assert client.get("/", headers=bearer(secret)).status_code == 200
    assert client.get("/static/page.js").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic {}", "{}", "bearer  {}"])
def test_whatever_is_no_bearer_of_the_token_is_refused(door: Door, secret: str, header: str):
    given = {"authorization": header.format(secret)}
    assert door(require_tokens=True).get("/", headers=given).status_code == 401


def test_a_revoked_token_is_out_at_once(door: Door, store: Store, secret: str):
    client = door(require_tokens=True)
    assert client.get("/", headers=bearer(secret)).status_code == 200
    revoke_token(store, "ward 3")
    assert client.get("/", headers=bearer(secret)).status_code == 401


def test_wrong_tokens_are_slowed_and_those_who_were_right_before_go_on(
    door: Door, store: Store, secret: str
):
    client = door(require_tokens=True)
    assert client.get("/", headers=bearer(secret)).status_code == 200
    tried = [client.get("/", headers=bearer(f"guess {n}")).status_code for n in range(12)]
    assert tried == [401] * 10 + [429] * 2
    slowed = client.get("/", headers=bearer("another"))
    assert 1 <= int(slowed.headers["retry-after"]) <= 5
    assert client.get("/", headers=bearer(secret)).status_code == 200
    # A token that was never seen here has to wait as a guess has.
    newcomer = create_token(store, "ward 4", Role.viewer)
    assert client.get("/", headers=bearer(newcomer)).status_code == 429


def test_a_navigation_is_led_to_the_sign_in_page_and_remembers_where_it_was_going(door: Door):
    client = door(require_tokens=True)
    asked = {"accept": "text/html,*/*", "sec-fetch-mode": "navigate"}
    led = client.get("/captures?kept=true&x=a b", headers=asked, follow_redirects=False)
    assert led.status_code == 303
    assert led.headers["location"] == "/sign-in?next=/captures%3Fkept%3Dtrue%26x%3Da%2520b"
    script = {"accept": "text/html", "sec-fetch-mode": "cors"}
    assert client.get("/", headers=script).status_code == 401
    assert client.post("/", headers=asked).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin", "origin": LOCAL}, 200),
        ({"sec-fetch-site": "same-origin", "origin": ELSEWHERE}, 200),  # a proxy renamed the host
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site", "origin": ELSEWHERE}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": LOCAL}, 200),
        ({"origin": ELSEWHERE}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://localhost:9999"}, 403),
        ({"origin": "http://["}, 403),
        ({}, 200),
    ],
)
def test_a_write_from_another_sites_page_is_refused(door: Door, headers: dict, status: int):
    assert door().post("/", content=b"x", headers=headers).status_code == status
    assert door().get("/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("changes", "host", "status"),
    [
        ({}, "localhost:8443", 200),
        ({}, "LOCALHOST", 200),
        ({}, "[::1]:8443", 200),
        ({}, "rebound.example", 421),
        ({}, "192.0.2.7", 421),
        ({}, "", 421),
        ({}, "localhost.rebound.example", 421),
        ({"host": "0.0.0.0"}, "192.0.2.7:8443", 401),
        ({"host": "0.0.0.0"}, "rebound.example", 421),
        ({"allowed_hosts": ("clinic.example",)}, "clinic.example", 401),
    ],
)
def test_only_this_servers_own_names_are_answered(
    door: Door, changes: dict, host: str, status: int
):
    answer = door(**changes).get("/", headers={"host": host})
    assert answer.status_code == status
    if status == 421:
        assert "DERMHOUSE_ALLOWED_HOSTS" in answer.json()["detail"]


def test_allowed_hosts_are_read_by_commas(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMHOUSE_ALLOWED_HOSTS", "Clinic.example, house.local,")
    assert Settings().allowed_hosts == ("clinic.example", "house.local")


def test_each_token_has_a_rate_of_its_own_and_is_told_when_to_come_again(
    door: Door, store: Store, secret: str
):
    client = door(require_tokens=True, requests_per_second=0.5)
    other = create_token(store, "ward 4", Role.viewer)
    answers = [client.get("/", headers=bearer(secret)) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "2"
    assert "try again in 2 s" in answers[-1].json()["detail"]
    assert client.get("/", headers=bearer(other)).status_code == 200
    assert client.get("/static/page.js").status_code == 200


def test_live_previews_take_nothing_from_the_rate_of_their_token(door: Door, secret: str):
    client = door(require_tokens=True, requests_per_second=0.2)
    previews = [client.post("/preview/", headers=bearer(secret)) for _ in range(20)]
    assert {preview.status_code for preview in previews} == {200}
    assert client.get("/", headers=bearer(secret)).status_code == 200


def test_on_this_machine_there_is_no_rate_unless_one_is_set(door: Door):
    free = door()
    assert {free.get("/").status_code for _ in range(300)} == {200}
    bound = door(requests_per_second=0.2)
    assert [bound.get("/").status_code for _ in range(3)] == [200, 200, 429]


def test_a_bucket_fills_with_time_and_never_over_its_brim():
    moment = [0.0]
    buckets = Buckets(per_second=2, burst=3, clock=lambda: moment[0])
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    moment[0] = 0.5
    assert buckets.take("a") == 0
    assert buckets.take("a") == pytest.approx(0.5)
    moment[0] = 1000
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_buckets_are_forgotten_when_there_are_too_many():
    buckets = Buckets(per_second=1, burst=1)
    for number in range(MAX_KEYS + 5):
        buckets.take(str(number))
    assert len(buckets.levels) == MAX_KEYS
    assert buckets.wait(str(MAX_KEYS + 4)) > 0


def test_an_ipv6_network_is_one_caller_and_an_ipv4_address_is_another():
    hosts = ["192.0.2.7", "2001:db8::1", "2001:db8::2", "::ffff:192.0.2.7", "testclient"]
    keys = [address_of({"client": (host, 1)}) for host in hosts]
    assert keys == ["192.0.2.7", "2001:db8::/64", "2001:db8::/64", "::ffff:192.0.2.7", "testclient"]
    assert address_of({"client": None}) == ""


def test_a_body_at_the_limit_passes_and_one_byte_more_does_not(door: Door):
    assert door().post("/", content=b"x" * 1000).json()["size"] == 1000
    answer = door().post("/", content=b"x" * 1001)
    assert answer.status_code == 413
    assert "larger than" in answer.json()["detail"]


def test_a_body_that_hides_its_length_is_stopped_at_the_limit(door: Door):
    assert door().post("/", content=iter([b"x" * 600, b"x" * 600])).status_code == 413


def test_every_answer_forbids_scripts_from_elsewhere(door: Door):
    answers = [
        door().get("/"),
        door(require_tokens=True).get("/"),
        door().get("/", headers={"host": "rebound.example"}),
        door().post("/", headers={"origin": ELSEWHERE}),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
