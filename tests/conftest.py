"""What every test may ask for: a fresh home, an initialised store, the real data where it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import running_postgres

from warehouse.settings import ROOT, Settings
from warehouse.store import Store, init_store

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
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = init_store(settings)
    yield store
    store.close()
