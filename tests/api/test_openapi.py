"""The OpenAPI document holds for requests that nobody thought of: Schemathesis makes them up."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import schemathesis
from camera_frames import LOCAL_ADDRESS, a_frame, post
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from api.app import create_app
from warehouse.settings import Settings

PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
GOOD = {"file": a_frame(), "sql": "select count(*) from dim_images"}
OPERATIONS = 40  # a route that is not documented cannot be held to anything
EXAMPLES = 25
MODES = (GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
# Found at once or not at all: no failure is kept, made smaller or looked for between runs.
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def known(trained: Settings) -> dict[str, str]:
    """What every parameter in a path may be so that something is there."""
    with TestClient(create_app(trained), LOCAL_ADDRESS) as server:
        answer = post(server, a_frame(), consent="true").json()
        return {
            "capture_id": answer["capture_id"],
            "prediction_id": answer["prediction_id"],
            "model_id": answer["model"],
            "image_id": "SYNTH_0000001",
            "slug": server.get("/questions/").json()["questions"][0]["slug"],
            "name": server.get("/dashboards/").json()["boards"][0]["charts"][0],
        }


@pytest.fixture
def document(trained: Settings, known: dict[str, str]) -> Iterator[schemathesis.BaseSchema]:
    app = create_app(trained.model_copy(update={"refresh_by_server": False}))
    config = schemathesis.Config.from_dict({"base-url": LOCAL_ADDRESS})
    document = schemathesis.openapi.from_dict(app.openapi(), config=config)
    document.app = app
    yield document
    asgi.shutdown_lifespans()


@st.composite
def cases(draw, operation: schemathesis.APIOperation, known: dict[str, str]) -> Case:
    """A request by the document or against it; in half of them ids, frame and query are good."""
    case = draw(operation.as_strategy(generation_mode=draw(st.sampled_from(MODES))))
    if draw(st.booleans()):
        names = set(case.path_parameters) & set(known)
        case.path_parameters |= {name: known[name] for name in names}
        if isinstance(case.body, dict):
            case.body |= {name: GOOD[name] for name in set(case.body) & set(GOOD)}
    return case


def is_addressed(case: Case) -> bool:
    """Whether the path reaches its route: `/models/%0A` is `/models/` to Starlette's patterns."""
    return not any(str(value).endswith("\n") for value in case.path_parameters.values())


@dataclass
class Held:
    """What came of asking: how often each status, and every promise that was not kept."""

    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def ask(self, operation: schemathesis.APIOperation, known: dict[str, str]) -> None:
        @SETTINGS
        @given(cases(operation, known).filter(is_addressed))
        def hold(case: Case) -> None:
            response = case.call()
            self.answered[operation.label, response.status_code] += 1
            try:
                case.validate_response(response, checks=PROMISES)
            except FailureGroup as group:
                self.broken += [f"{operation.label}: {each}" for each in group.exceptions]

        hold()


@pytest.mark.slow
def test_no_request_is_answered_but_as_the_document_says(
    document: schemathesis.BaseSchema, known: dict[str, str]
):
    operations = [each.ok() for each in document.get_all_operations()]
    assert len(operations) >= OPERATIONS
    held = Held()
    # Deletions last: the others ask about what is there.
    for operation in sorted(operations, key=lambda each: each.method == "delete"):
        held.ask(operation, known)
    assert not held.broken, "\n".join(dict.fromkeys(held.broken))
    done = {label for label, status in held.answered if status < 400}
    # A test of refusals alone would show little; some, as signing in, nobody gets right by chance.
    assert len(done) > 0.9 * len(operations)


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/session", b"\xff\xfe{", "application/json"),
        ("/video_frame/", b"no parts", "multipart/form-data"),
    ],
)
def test_a_body_that_is_no_body_is_told_where_to_read_what_is_asked(
    server: TestClient, path: str, body: bytes, kind: str
):
    answer = server.post(path, content=body, headers={"content-type": kind})
    assert answer.status_code == 400
    assert "/openapi.json" in answer.json()["detail"]
    assert path in server.get("/openapi.json").json()["paths"]


def test_an_id_with_a_control_character_is_refused_before_the_store_is_asked(server: TestClient):
    assert server.get("/models/%00").status_code == 422
