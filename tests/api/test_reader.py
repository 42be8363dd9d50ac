"""The dashboards' reader while versions move: what is asked is answered to its end."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copyfile

import duckdb
import pytest
from camera_frames import LOCAL_ADDRESS
from sqlalchemy import Connection
from starlette.testclient import TestClient

from api.app import create_app
from api.charts.answers import Reader
from warehouse.published import current
from warehouse.settings import ROOT, Settings
from warehouse.store import Store

ASKING = 4
MOVES = 5
COUNT = "select count(*)::int as images from fct_diagnoses"
LIVE = f"select images from ({COUNT}), (select count(*) from fct_predictions_live)"


class SlowStore(Store):
    """A store whose readers say that they have come, and go on when they are let."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.came = threading.Semaphore(0)
        self.go = threading.Event()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self.came.release()
        assert self.go.wait(60)
        with super().read() as connection:
            yield connection


@pytest.fixture
def slow(built: Settings) -> Iterator[SlowStore]:
    with closing(SlowStore(built.operational_url)) as store:
        yield store


def publish_one_image_less(settings: Settings) -> Path:
    """Move `current` to a copy that lacks one more image than the version before."""
    old = current(settings)
    newer = old.path.with_name(f"v{old.version + 1:06d}.duckdb")
    copyfile(old.path, newer)
    with duckdb.connect(str(newer)) as connection:
        first = "(select min(image_id) from fct_diagnoses)"
        connection.execute(f"delete from fct_diagnoses where image_id = {first}")
    (settings.warehouse_dir / "current").write_text(newer.name)
    return newer


def is_open(path: Path) -> bool:
    """Return whether this process reads the file: no other mode is let in beside it then."""
    try:
        duckdb.connect(str(path)).close()
    except duckdb.ConnectionException:
        return True
    return False


def test_what_is_asked_of_an_old_version_is_read_to_its_end(built: Settings, slow: SlowStore):
    with closing(Reader(built, slow)) as reader, ThreadPoolExecutor(ASKING) as pool:
        images = reader.ask(COUNT).table["images"][0].as_py()
        old = current(built)
        asking = [pool.submit(reader.ask, LIVE) for _ in range(ASKING)]
        for _ in asking:
            assert slow.came.acquire(timeout=60)
        publish_one_image_less(built)
        # Nobody has to wait for those who still read: they are let go on only afterwards.
        newer = reader.ask(COUNT)
        assert (newer.version, newer.table["images"][0].as_py()) == (old.version + 1, images - 1)
        assert is_open(old.path)
        slow.go.set()
        for answer in [call.result() for call in asking]:
            told = (answer.version, answer.table["images"][0].as_py())
            assert told == (old.version, images)
        assert not is_open(old.path)
        assert is_open(current(built).path)


def test_many_versions_move_under_many_questions(built: Settings, slow: SlowStore):
    with closing(Reader(built, slow)) as reader, ThreadPoolExecutor(MOVES * ASKING) as pool:
        images = reader.ask(COUNT).table["images"][0].as_py()
        first, asking = current(built), []
        for _ in range(MOVES):
            asking += [pool.submit(reader.ask, LIVE) for _ in range(ASKING)]
            for _ in range(ASKING):
                assert slow.came.acquire(timeout=60)
            publish_one_image_less(built)
        slow.go.set()
        told = [(a.version, a.table["images"][0].as_py()) for a in (c.result() for c in asking)]
        steps = [step for step in range(MOVES) for _ in range(ASKING)]
        assert told == [(first.version + step, images - step) for step in steps]


def test_a_reader_that_is_closed_lets_what_is_asked_end(built: Settings, slow: SlowStore):
    reader = Reader(built, slow)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(reader.ask, LIVE)
        assert slow.came.acquire(timeout=60)
        reader.close()
        slow.go.set()
        assert asking.result().version == current(built).version
    assert not is_open(current(built).path)


def test_a_server_that_stops_lets_go_of_the_version(trained: Settings):
    with TestClient(create_app(trained), LOCAL_ADDRESS) as client:
        assert client.get("/charts/builds").status_code == 200
        assert is_open(current(trained).path)
    assert not is_open(current(trained).path)


def test_the_first_charts_of_a_server_may_be_asked_for_at_once(built: Settings):
    script = Path(__file__).with_name("first_charts.py")
    command = [sys.executable, str(script), str(built.home)]
    drawn = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (drawn.stdout, drawn.returncode) == ("", 0), drawn.stderr
