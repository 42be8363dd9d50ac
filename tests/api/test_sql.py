"""SQL over HTTP: forms, faults, who may ask, what is noted of it, and questions that are saved."""

import asyncio
import csv
import io
import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from shutil import copytree

import pyarrow as pa
import pyarrow.parquet
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from api.asking import watched
from warehouse.console.pool import Console, QueryError
from warehouse.questions import built_in
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import audit_event, saved_question
from warehouse.tokens import create_token
from warehouse.vocabulary import Role

CODES = "select diagnosis_code, is_malignant from dim_diagnoses order by 1"
TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}


@pytest.fixture(scope="module")
def home(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("sql") / "home"
    copytree(trained_home, home)
    return Settings(home=home, console_workers=1, refresh_by_server=False)


@pytest.fixture(scope="module")
def client(home: Settings) -> Iterator[TestClient]:
    app = create_app(home)
    with TestClient(app, "https://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def store(home: Settings) -> Iterator[Store]:
    store = open_store(home)
    yield store
    store.close()


def bearer(store: Store, name: str, role: Role) -> dict[str, str]:
    return {"authorization": f"Bearer {create_token(store, name, role)}"}


def rows_of(content: bytes, form: str) -> list[tuple]:
    if form == "json":
        return [tuple(row) for row in json.loads(content)["rows"]]
    if form == "csv":
        lines = list(csv.reader(io.StringIO(content.decode())))[1:]
        return [(code, word == "true") for code, word in lines]
    table = (
        pa.parquet.read_table(io.BytesIO(content))
        if form == "parquet"
        else pa.ipc.open_stream(content).read_all()
    )
    return [tuple(row.values()) for row in table.to_pylist()]


def test_the_page_and_its_place_among_the_pages(client: TestClient):
    page = client.get("/sql")
    assert page.headers["content-type"].startswith("text/html")
    assert '<textarea id="sql"' in page.text
    assert {"name": "sql", "path": "/sql"} in client.get("/app/pages").json()


def test_a_query_is_answered_as_json(client: TestClient):
    answer = client.post("/sql/", json={"sql": CODES, "limit": 2})
    told = answer.json()
    assert told.pop("elapsed_ms") >= 0
    assert told == {
        "columns": ["diagnosis_code", "is_malignant"],
        "types": ["VARCHAR", "BOOLEAN"],
        "rows": [["akiec", True], ["bcc", True]],
        "row_count": 2,
        "is_truncated": True,
        "version": 1,
    }
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("form", TYPES)
def test_every_form_holds_the_same_rows_whether_named_or_accepted(client: TestClient, form: str):
    named = client.post(f"/sql/?format={form}", json={"sql": CODES})
    accept = {"accept": f"{TYPES[form].split(';')[0]}, */*;q=0.1"}
    accepted = client.post("/sql/", json={"sql": CODES}, headers=accept)
    for answer in (named, accepted):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == TYPES[form]
        assert (answer.headers["x-row-count"], answer.headers["x-is-truncated"]) == ("7", "false")
        assert rows_of(answer.content, form)[0] == ("akiec", True)
        assert len(rows_of(answer.content, form)) == 7
    assert ("attachment" in named.headers.get("content-disposition", "")) == (form != "json")


def test_a_wrong_query_is_one_sentence_and_its_place(client: TestClient):
    answer = client.post("/sql/", json={"sql": "select 1,\n  nope from dim_dates"})
    assert answer.status_code == 400
    told = answer.json()
    assert (told["line"], told["column"]) == (2, 3)
    assert "nope" in told["detail"]
    refused = client.post("/sql/", json={"sql": "drop table dim_dates"}).json()
    assert refused["detail"].startswith("DROP is not answered here")


@pytest.mark.parametrize(
    "form", [{}, {"sql": ""}, {"sql": "x" * 50_001}, {"sql": "select 1", "limit": 0}, {"sql": "\0"}]
)
def test_a_form_that_makes_no_sense_is_refused(client: TestClient, form: dict):
    assert client.post("/sql/", json=form).status_code == 422


def test_only_analysts_and_admins_may_ask(client: TestClient, store: Store):
    may = {
        role
        for role in Role
        if client.get("/sql/catalogue", headers=bearer(store, f"reader-{role}", role)).status_code
        == 200
    }
    assert may == {Role.analyst, Role.admin}
    viewer = bearer(store, "viewer", Role.viewer)
    for path in ("/questions/", "/questions/age-at-each-diagnosis.json"):
        assert client.get(path, headers=viewer).status_code == 403
    answer = client.post("/sql/", json={"sql": CODES}, headers=viewer)
    assert answer.status_code == 403
    assert "analyst" in answer.json()["detail"]


def test_who_asked_what_is_noted_without_the_values(client: TestClient, store: Store):
    ana = bearer(store, "ana", Role.analyst)
    client.post("/sql/", json={"sql": "select 'P-17' as a from dim_nothing"}, headers=ana)
    last = select(audit_event).order_by(audit_event.c.sequence.desc()).limit(1)
    with store.read() as connection:
        event = connection.execute(last).mappings().one()
    assert (event["actor"], event["action"]) == ("ana", "query")
    assert "dim_nothing" in event["detail"]
    assert "P-17" not in event["detail"]


def test_the_catalogue_has_the_star_in_words(client: TestClient):
    catalogue = client.get("/sql/catalogue").json()
    tables = {table["name"]: table for table in catalogue["tables"]}
    assert catalogue["version"] == 1
    assert tables["fct_diagnoses"]["description"]
    assert "fct_predictions_live" in tables
    assert {"name", "type", "description"} == set(tables["dim_dates"]["columns"][0])


def test_every_question_of_the_installation_is_answered_in_every_form(client: TestClient):
    listed = client.get("/questions/").json()["questions"]
    assert [one["slug"] for one in listed if one["is_built_in"]] == list(built_in())
    assert len(built_in()) >= 12
    for slug in built_in():
        answer = client.get(f"/questions/{slug}.json")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert len(told["rows"]) == told["row_count"]
        lines = client.get(f"/questions/{slug}.csv").text.splitlines()
        assert len(lines) == told["row_count"] + 1
        assert lines[0].replace('"', "").split(",") == told["columns"]


def test_rows_of_a_question_can_be_objects(client: TestClient):
    path = "/questions/prevalence-of-each-diagnosis.json"
    told = client.get(path, params={"shape": "objects", "limit": 1}).json()
    assert set(told["rows"][0]) == set(told["columns"])
    assert told["is_truncated"]


def test_a_question_is_saved_shown_answered_changed_and_deleted(client: TestClient, store: Store):
    ana, ben = (bearer(store, f"{name}-saves", Role.analyst) for name in ("ana", "ben"))
    form = {"title": "Nävi by sex?", "description": "Of all.", "sql": CODES}
    saved = client.post("/questions/", json=form, headers=ana)
    assert saved.status_code == 201
    card = saved.json()
    assert (card["slug"], card["author"], card["is_mine"]) == ("navi-by-sex", "ana-saves", True)
    assert client.get("/questions/navi-by-sex.csv", headers=ben).text.count("\n") == 8
    assert client.post("/questions/", json=form, headers=ben).status_code == 409
    changed = form | {"sql": "select 1 as one"}
    theirs = client.put("/questions/navi-by-sex", json=changed, headers=ben)
    assert (theirs.status_code, "ana-saves" in theirs.json()["detail"]) == (403, True)
    assert client.delete("/questions/navi-by-sex", headers=ben).status_code == 403
    assert not client.get("/questions/navi-by-sex", headers=ben).json()["is_mine"]
    assert client.put("/questions/navi-by-sex", json=changed, headers=ana).status_code == 200
    assert client.get("/questions/navi-by-sex.json").json()["columns"] == ["one"]
    assert client.delete("/questions/navi-by-sex", headers=ana).status_code == 204
    for path in ("/questions/navi-by-sex", "/questions/navi-by-sex.json"):
        assert client.get(path).status_code == 404
    with store.read() as connection:
        assert connection.execute(select(saved_question)).all() == []
        actions = connection.execute(
            select(audit_event.c.action).where(audit_event.c.subject == "navi-by-sex")
        )
        assert list(actions.scalars()) == ["save_question", "save_question", "delete_question"]


def test_an_admin_tidies_up_after_others_but_nobody_changes_what_came_with_it(
    client: TestClient, store: Store
):
    ana, admin = bearer(store, "ana-leaves", Role.analyst), bearer(store, "chief", Role.admin)
    client.post("/questions/", json={"title": "Left behind", "sql": "select 1"}, headers=ana)
    assert client.delete("/questions/left-behind", headers=admin).status_code == 204
    kept = client.delete("/questions/age-at-each-diagnosis", headers=admin)
    assert kept.status_code == 403
    taken = {"title": "Age at each diagnosis", "sql": "select 1"}
    assert client.post("/questions/", json=taken, headers=ana).status_code == 409


@pytest.mark.parametrize(
    ("path", "status"),
    [("nothing.json", 404), ("Upper.json", 422), ("age-at-each-diagnosis.pdf", 422), ("a..b", 422)],
)
def test_an_address_that_names_no_question_is_told(client: TestClient, path: str, status: int):
    assert client.get(f"/questions/{path}").status_code == status


def test_a_client_that_goes_away_is_noticed():
    class Leaving:
        looks = 0

        async def is_disconnected(self) -> bool:
            self.looks += 1
            return True

    async def watch() -> bool:
        async with watched(Leaving()) as gone:  # type: ignore[arg-type]
            return await asyncio.to_thread(gone.wait, 10)

    assert asyncio.run(watch())


def test_a_crowd_of_queries_is_bounded_and_keeps_nobody_else_waiting(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
):
    go, came = threading.Event(), threading.Semaphore(0)

    def held(*_: object) -> None:
        came.release()
        assert go.wait(60)
        raise QueryError("held, and let go")

    monkeypatch.setattr(Console, "ask", held)
    places = client.app.state.queries.places
    crowd = 50  # more than the server has common threads
    with ThreadPoolExecutor(crowd) as pool:
        asking = [pool.submit(client.post, "/sql/", json={"sql": CODES}) for _ in range(crowd)]
        for _ in range(places):
            assert came.acquire(timeout=60)
        done = as_completed(asking, timeout=60)
        refused = [next(done).result() for _ in range(crowd - places)]
        catalogue = client.get("/sql/catalogue")
        # A route that needs one of the common threads, while every place is taken.
        assert client.get("/captures/").status_code == 200
        go.set()
        answers = Counter(call.result().status_code for call in asking)
    assert answers == {400: places, 429: crowd - places}
    for answer in (*refused, catalogue):
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert f"{places} queries are in hand already" in answer.json()["detail"]
