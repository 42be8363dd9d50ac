"""A PostgreSQL server of Debian's, for one test run, on a free port and in a folder of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, insert, make_url, select, text

from warehouse.settings import Settings
from warehouse.store import init_store, make_engine
from warehouse.tables import metadata

TEMPLATE = "initialised"

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]

# On a test: once on SQLite, and again with `settings`, and what hangs on them (`store`, `built`,
# `trained`), on a PostgreSQL database that no other test sees.
both_stores = pytest.mark.parametrize("store_kind", KINDS)


@pytest.fixture(params=KINDS)
def each_store(request: pytest.FixtureRequest) -> str:
    """The same for every test of a module that says `store_kind = each_store`."""
    return request.param


def server_binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL's server binaries are not on this machine")
    return found[-1].parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the address of an empty database; the server refuses to run as root."""
    binaries = server_binaries()
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="dermhouse-postgres-"))
    if user:
        shutil.chown(folder, user)
    data, port = folder / "data", free_port()

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd=folder, capture_output=True)

    # Text in the order of its bytes, as SQLite and DuckDB have it.
    order = ("-E", "UTF8", "--locale=C")
    run(f"{binaries}/initdb", "-D", str(data), "-U", "dermhouse", "-A", "trust", *order)
    # A clinic's server is seldom in UTC; what leaned on its zone would show.
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c timezone=Asia/Kathmandu"
    run(f"{binaries}/pg_ctl", "-D", str(data), "-o", options, "-l", f"{folder}/log", "-w", "start")
    try:
        yield f"postgresql+psycopg://dermhouse@127.0.0.1:{port}/postgres"
    finally:
        run(f"{binaries}/pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


@contextmanager
def a_database(server: str) -> Iterator[str]:
    """Yield the address of a database with every table, all empty; copied, so made at once."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    make_template(admin)
    name = f"test_{uuid4().hex}"
    ask(admin, f"create database {name} template {TEMPLATE}")
    yield address_of(server, name)
    ask(admin, f"drop database {name} with (force)")
    admin.dispose()


def make_template(admin: Engine) -> None:
    """Let the migrations make every table, once a server."""
    known = select(text("1")).select_from(text("pg_database")).where(text("datname = :name"))
    with admin.connect() as connection:
        if connection.scalar(known, {"name": TEMPLATE}):
            return
    ask(admin, f"create database {TEMPLATE}")
    there = address_of(admin.url.render_as_string(hide_password=False), TEMPLATE)
    with tempfile.TemporaryDirectory() as home:
        init_store(Settings(home=Path(home), database_url=there)).close()


def address_of(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def ask(admin: Engine, statement: str) -> None:
    with admin.connect() as connection:
        connection.exec_driver_sql(statement)


def move_in(settings: Settings) -> None:
    """Bring the rows of a home's SQLite into the database that its settings name."""
    here = make_engine(f"sqlite:///{settings.operational_path}")
    there = make_engine(settings.operational_url)
    with here.connect() as source, there.begin() as target:
        for table in metadata.sorted_tables:
            rows = source.execute(select(table)).mappings().all()
            if rows:
                target.execute(insert(table), [dict(row) for row in rows])
    here.dispose()
    there.dispose()
    settings.operational_path.unlink()
