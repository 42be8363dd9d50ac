"""What every test may ask for: a fresh home, an initialised store, the real data where it is."""

import signal
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from filelock import FileLock
from homes import make_built_home, make_trained_home
from postgres import a_database, move_in, running_postgres

from warehouse.settings import ROOT, Settings
from warehouse.store import Store, init_store

# A suite that a script starts in the background ignores Ctrl-C, and so would all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = ROOT.parent / "shared"


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"../shared/{name} is not on this machine")
    return path


@pytest.fixture(scope="session")
def real_ham10000() -> Path:
    return shared("ham10000")


@pytest.fixture(scope="session")
def real_frames() -> Path:
    return shared("ham10000_600x450")


@pytest.fixture(scope="session")
def imagenet_weights() -> Path:
    return shared("weights") / "mobilenet_v2_1.0_224_no_top.weights.h5"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture
def store_kind() -> str:
    """Where a test's store is; `postgres.both_stores` says both, one after the other."""
    return "sqlite"


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path, store_kind: str) -> Iterator[Settings]:
    home = tmp_path / "home"
    if store_kind == "sqlite":
        yield Settings(home=home)
        return
    with a_database(request.getfixturevalue("postgres_url")) as url:
        yield Settings(home=home, database_url=url)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = init_store(settings)
    yield store
    store.close()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this run that all workers see, for what takes long to make."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def built_home(shared_folder: Path) -> Path:
    """A home with a small drawn data set, loaded and built; copy it before writing to it."""
    with FileLock(shared_folder / "built.lock"):
        return make_built_home(shared_folder / "built")


@pytest.fixture(scope="session")
def trained_home(shared_folder: Path, built_home: Path) -> Path:
    """The built home with a champion, trained just long enough to be one; copy it too."""
    with FileLock(shared_folder / "trained.lock"):
        return make_trained_home(built_home, shared_folder / "trained")


@pytest.fixture
def built(settings: Settings, built_home: Path) -> Settings:
    return moved_in(built_home, settings)


@pytest.fixture
def trained(settings: Settings, trained_home: Path) -> Settings:
    return moved_in(trained_home, settings)


def moved_in(home: Path, settings: Settings) -> Settings:
    copytree(home, settings.home)
    if settings.database_url:
        move_in(settings)
    return settings
