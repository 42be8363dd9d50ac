"""Two servers before one PostgreSQL: each is a process, and they share nothing but the store."""

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from uuid import uuid4

import httpx2
import pytest
from camera_frames import a_frame
from commands import environment, server_of
from sqlalchemy import select

from warehouse.audit import verify
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import prediction

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def store_kind() -> str:
    return "postgres"


@pytest.fixture
def there(trained: Settings) -> Iterator[Store]:
    store = open_store(trained)
    yield store
    store.close()


def send(server: httpx2.Client, name: str, seed: int) -> dict:
    form = {"prediction_id": name, "consent": "true"}
    answer = server.post("/video_frame/", files={"file": ("f.jpg", a_frame(seed))}, data=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_two_processes_answer_as_one(trained: Settings, there: Store):
    told = environment(trained.home) | {
        "DERMHOUSE_DATABASE_URL": str(trained.database_url),
        "DERMHOUSE_REFRESH_BY_SERVER": "false",
    }
    before = verify(there).events
    names = [str(uuid4()) for _ in range(12)]
    unchecked = ssl._create_unverified_context()
    with server_of(told) as one, server_of(told) as other, ThreadPoolExecutor(4) as pool:
        clients = [
            httpx2.Client(base_url=each.address, verify=unchecked, timeout=60)
            for each in (one, other)
        ]
        # Every frame goes to both at once, as a page's does that gave up waiting for the first.
        both = [pool.submit(send, client, name, 1) for name in names for client in clients]
        answers = [call.result() for call in both]
        first, second = answers[::2], answers[1::2]
        assert first == second
        shown = [client.get("/captures/").json() for client in clients]
        assert shown[0] == shown[1]
        assert len(shown[0]["captures"]) == len(names)
        for client, answer in zip(cycle(clients), first, strict=False):
            assert client.delete(f"/captures/{answer['capture_id']}").status_code == 204
        assert all(client.get("/captures/").json()["captures"] == [] for client in clients)
        assert all(client.get("/readyz").status_code == 200 for client in clients)
        for client in clients:
            client.close()
    with there.read() as connection:
        rows = connection.execute(select(prediction.c.prediction_id)).scalars().all()
    assert sorted(rows) == sorted(names)
    report = verify(there)
    assert (report.is_whole, report.events) == (True, before + 2 * len(names))
