"""One made-up warehouse, built once for all tests of the dbt project."""

from collections.abc import Iterator
from shutil import copyfile, copytree

import pytest
from dbt_project_home import DbtHome
from made_up_store import fill

from warehouse.settings import Settings
from warehouse.store import init_store


@pytest.fixture(scope="session")
def dbt_home(tmp_path_factory: pytest.TempPathFactory) -> DbtHome:
    """A home with the made-up store, and dbt's reading of the project."""
    home = DbtHome(Settings(home=tmp_path_factory.mktemp("dbt") / "home"))
    store = init_store(home.settings)
    fill(store)
    store.close()
    home.prepare()
    home.manifest = home.parse()
    return home


@pytest.fixture(scope="session")
def first_build(dbt_home: DbtHome) -> dict[str, str]:
    """How every node of the first build ended."""
    return dbt_home.build()


@pytest.fixture(scope="session")
def built_dbt(dbt_home: DbtHome, first_build: dict[str, str]) -> DbtHome:
    """The built warehouse; read it only."""
    return dbt_home


@pytest.fixture
def breakable(built_dbt: DbtHome) -> Iterator[DbtHome]:
    """The built warehouse, put back after a test has harmed it."""
    path = built_dbt.settings.build_path
    copyfile(path, path.with_suffix(".whole"))
    yield built_dbt
    path.with_suffix(".whole").replace(path)


@pytest.fixture
def changing(built_dbt: DbtHome, settings: Settings) -> DbtHome:
    """A copy of the built home, whose store may go on."""
    copytree(built_dbt.settings.home, settings.home)
    return DbtHome(settings, built_dbt.manifest)


@pytest.fixture
def empty_dbt(built_dbt: DbtHome, settings: Settings) -> DbtHome:
    """A home whose store has no rows."""
    init_store(settings).close()
    home = DbtHome(settings, built_dbt.manifest)
    home.prepare()
    return home
