"""The store's address: what may be given, and that its password is told to nobody."""

from collections.abc import Callable

import duckdb
import pytest
from commands import dermhouse
from sqlalchemy import make_url, text

from warehouse.address import normal_address, shown_address, without_secrets
from warehouse.build_log import last_build, recorded
from warehouse.dbt_run import BuildError, run_dbt
from warehouse.errors import BadInputError, DermhouseError
from warehouse.live import attach_operational, install_extensions
from warehouse.progress import silent
from warehouse.settings import Settings
from warehouse.store import init_store, open_store
from warehouse.vocabulary import BuildReason

PASSWORD = "s3cret@w%rd"
WRITTEN = "s3cret%40w%25rd"
ADDRESS = f"postgresql+psycopg://ana:{WRITTEN}@127.0.0.1:1/clinic"  # nobody listens there


@pytest.fixture
def silent_server(settings: Settings) -> Settings:
    install_extensions(settings)
    settings.warehouse_dir.mkdir()
    return settings.model_copy(update={"database_url": ADDRESS})


@pytest.fixture
def with_password(settings: Settings, postgres_url: str) -> Settings:
    """A server that lets everyone in, whatever password they bring."""
    url = make_url(postgres_url).set(password=PASSWORD)
    return settings.model_copy(
        update={"database_url": url.render_as_string(hide_password=False)},
    )


@pytest.mark.parametrize("name", ["postgresql", "postgres", "postgresql+psycopg"])
def test_whatever_tools_call_postgresql_is_opened_with_the_driver_there_is(name: str):
    assert normal_address(ADDRESS.replace("postgresql+psycopg", name)) == ADDRESS


@pytest.mark.parametrize(
    "address", ["postgresql+psycopg2://ana:s3cret@h/d", "mysql://ana:s3cret@h/d", "s3cret"]
)
def test_another_address_is_refused_in_one_sentence_that_does_not_repeat_it(
    monkeypatch: pytest.MonkeyPatch, address: str
):
    monkeypatch.setenv("DERMHOUSE_DATABASE_URL", address)
    with pytest.raises(BadInputError, match="postgresql\\+psycopg://USER") as told:
        Settings()
    assert "s3cret" not in str(told.value)


def test_no_address_at_all_means_sqlite_in_the_home(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DERMHOUSE_DATABASE_URL", "")
    assert Settings().operational_url.startswith("sqlite:///")


def test_an_address_is_shown_with_everything_but_its_secrets():
    shown = shown_address(f"{ADDRESS}?sslmode=require&sslpassword=key-{WRITTEN}")
    assert shown == "postgresql+psycopg://ana:***@127.0.0.1:1/clinic?sslmode=require"
    assert shown_address("sqlite:///var/operational.sqlite") == "sqlite:///var/operational.sqlite"


@pytest.mark.parametrize("said", [PASSWORD, WRITTEN, ADDRESS])
def test_secrets_are_taken_out_of_what_others_say(said: str):
    told = without_secrets(f"cannot connect ('{said}')", ADDRESS)
    assert PASSWORD not in told
    assert WRITTEN not in told
    assert told.startswith("cannot connect (")


def told_by(act: Callable[[], object], kind: type[DermhouseError]) -> str:
    with pytest.raises(kind) as told:
        act()
    return str(told.value)


def test_neither_dbt_nor_its_log_tell_the_password_when_the_store_cannot_be_attached(
    silent_server: Settings,
):
    told = told_by(lambda: run_dbt(silent_server, silent, full_refresh=False), BuildError)
    assert "Connection refused" in told
    assert "127.0.0.1" in told
    logs = [path for path in (silent_server.home / "dbt").rglob("*") if path.is_file()]
    assert "dbt.log" in {path.name for path in logs}
    for written in [told.encode(), *(path.read_bytes() for path in logs)]:
        assert PASSWORD.encode() not in written
        assert WRITTEN.encode() not in written


def test_a_reader_that_cannot_attach_the_store_is_told_the_server_and_not_the_password(
    silent_server: Settings,
):
    folder = str(silent_server.extensions_dir)
    with duckdb.connect(config={"extension_directory": folder}) as connection:
        told = told_by(lambda: attach_operational(connection, silent_server), DermhouseError)
    assert "ana:***@127.0.0.1:1/clinic" in told
    assert WRITTEN not in told


@pytest.mark.postgres
def test_a_failed_build_is_recorded_without_the_password(with_password: Settings):
    store = init_store(with_password)
    with pytest.raises(RuntimeError), recorded(store, BuildReason.asked):
        raise RuntimeError(f"cannot attach {store.url}")
    assert "cannot attach" in last_build(store).message
    assert WRITTEN not in last_build(store).message
    store.close()


@pytest.mark.postgres
def test_neither_init_nor_a_store_of_other_code_tell_the_password(
    with_password: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DERMHOUSE_DATABASE_URL", str(with_password.database_url))
    ended = dermhouse(with_password.home, "init", "--json")
    assert ":***@127.0.0.1" in ended.result["store"]
    assert WRITTEN not in ended.stdout + ended.stderr
    store = open_store(with_password)
    with store.write() as connection:
        version = connection.execute(text("select version_num from alembic_version")).scalar()
    try:
        for other in ("9999", "0001"):
            with store.write() as connection:
                connection.execute(
                    text("update alembic_version set version_num = :other"), {"other": other}
                )
            told = told_by(lambda: open_store(with_password), DermhouseError)
            assert ":***@127.0.0.1" in told
    finally:
        with store.write() as connection:
            connection.execute(
                text("update alembic_version set version_num = :it"), {"it": version}
            )
        store.close()
