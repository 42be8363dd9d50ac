"""Every route of the app, asked by every role and by nobody: what it declares is what it does."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from camera_frames import LOCAL_ADDRESS, a_frame, post
from declared_routes import Declared, declared_routes
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.access.paths import PUBLIC_PATHS, is_public
from api.app import create_app
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tokens import create_token
from warehouse.vocabulary import Role


@pytest.fixture
def app(trained: Settings) -> FastAPI:
    return create_app(trained.model_copy(update={"require_tokens": True}))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, LOCAL_ADDRESS, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def bearers(trained: Settings) -> dict[Role, dict[str, str]]:
    store = open_store(trained)
    secrets = {role: create_token(store, f"a {role}", role) for role in Role}
    store.close()
    return {role: {"authorization": f"Bearer {secret}"} for role, secret in secrets.items()}


def ask(client: TestClient, route: Declared, headers: dict[str, str]) -> int:
    # Every parameter in a path is an id that nothing has.
    path = "/".join(
        str(uuid4()) if part.startswith("{") else part for part in route.path.split("/")
    )
    return client.request(route.method, path, headers=headers, follow_redirects=False).status_code


def test_every_route_declares_a_permission_or_is_one_of_a_few_open_to_all(app: FastAPI):
    routes = declared_routes(app)
    assert len(routes) > 12
    undeclared = {route.path for route in routes if not route.permissions}
    assert undeclared == PUBLIC_PATHS | {"/static"}
    assert not [route for route in routes if route.permissions and is_public(route.path)]


def test_nobody_comes_in_without_a_token_by_any_route(app: FastAPI, client: TestClient):
    for route in declared_routes(app):
        if route.permissions:
            assert ask(client, route, {}) == 401, route


@pytest.mark.parametrize("role", Role)
def test_a_role_is_refused_by_every_route_that_it_may_not_use_and_let_in_by_every_other(
    app: FastAPI, client: TestClient, bearers: dict[Role, dict[str, str]], role: Role
):
    for route in declared_routes(app):
        if route.permissions and not route.lets_in(role):
            assert ask(client, route, bearers[role]) == 403, route
        elif route.permissions:
            # What is asked of an id that nothing has, or without its form, fails after the door.
            assert ask(client, route, bearers[role]) not in (401, 403, 500), route


def test_a_refusal_names_the_roles_that_may(client: TestClient, bearers: dict):
    refused = client.post("/video_frame/", headers=bearers[Role.viewer])
    assert "clinician or admin" in refused.json()["detail"]


def test_a_clinicians_review_bears_the_tokens_name_and_role(client: TestClient, bearers: dict):
    client.headers.update(bearers[Role.clinician])
    answer = post(client, a_frame()).json()
    word = {"review_id": str(uuid4()), "diagnosis": "mel", "confirmation": "histo"}
    said = client.post(f"/captures/{answer['capture_id']}/reviews", json=word).json()
    assert (said["reviewer"], said["role"]) == ("a clinician", "clinician")
    client.headers.update(bearers[Role.admin])
    word["review_id"] = str(uuid4())
    said = client.post(f"/captures/{answer['capture_id']}/reviews", json=word).json()
    assert (said["reviewer"], said["role"]) == ("a admin", "admin")
