"""
The operational store: one engine, short write transactions, reads that never wait for them.

SQLite runs in WAL mode with `synchronous=FULL`, so that a committed row survives a power cut;
PostgreSQL is used as it comes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from warehouse.address import shown_address, without_secrets
from warehouse.errors import BusyError, NotReadyError
from warehouse.settings import Settings

BUSY_TIMEOUT_SECONDS = 30
CONNECT_SECONDS = 10
MIGRATIONS = str(Path(__file__).parent / "migrations")
LOCKED = "database is locked"  # in SQLite's words
LOCK_NOT_AVAILABLE = "55P03"  # by PostgreSQL's number: its words are in the server's language


class UnreachableError(NotReadyError):
    """PostgreSQL does not answer, or lets nobody in."""


class Store:
    """An open operational store, shared by the threads of one process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """
        Yield a transaction that has the write lock from its start, committed at the end.

        Raises:
            BusyError: Another process has held the lock for BUSY_TIMEOUT_SECONDS.
        """
        try:
            with self.engine.connect() as connection:
                connection.execution_options(writes=True)
                with connection.begin():
                    yield connection
        except OperationalError as error:
            if is_locked(error):
                raise BusyError(
                    "the operational store: another process has been writing for "
                    f"{BUSY_TIMEOUT_SECONDS} s; wait for it to end, then try again"
                ) from None
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one moment of the store: what its first query saw."""
        with self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":  # each query would see a moment of its own
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def is_locked(error: OperationalError) -> bool:
    """Return whether a statement has waited for a lock as long as it may."""
    return LOCKED in str(error) or getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE


def make_engine(url: str) -> Engine:
    """Return an engine with the pragmas that make SQLite durable and concurrent."""
    if not url.startswith("sqlite"):
        waits = {
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": BUSY_TIMEOUT_SECONDS * 1000,
            # Which counts only what was sent: who waits for an answer of a host that died learns it
            # from these, after as long.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 4,
        }
        engine = create_engine(url, pool_pre_ping=True, connect_args=waits)
        event.listen(engine, "connect", limit_waiting)
        return engine
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", set_pragmas)
    event.listen(engine, "begin", begin_transaction)
    return engine


def limit_waiting(connection: Any, _record: Any) -> None:
    """Let no statement wait longer for PostgreSQL's locks than it would for SQLite's."""
    with connection.cursor() as cursor:
        cursor.execute(f"set lock_timeout = '{BUSY_TIMEOUT_SECONDS}s'")
    connection.commit()


def set_pragmas(connection: Any, _record: Any) -> None:
    """Prepare one SQLite connection; transactions are begun by `begin_transaction` alone."""
    connection.isolation_level = None
    # Rows with random keys touch many pages: a log of 16 MB before each clean-up (the default is
    # 4 MB) writes a page that changed often only once.
    log = "wal_autocheckpoint=4000"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", log):
        connection.execute(f"pragma {pragma}")


def begin_transaction(connection: Connection) -> None:
    """Take the write lock at once when writing: an upgrade half way could fail as busy."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("begin immediate" if writes else "begin")


def migrations_config(url: str) -> Config:
    """Return Alembic's configuration; there is no alembic.ini to keep in step."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


@cache
def migrations() -> ScriptDirectory:
    """Return the migrations of this code, read once: opening a store asks for them twice."""
    return ScriptDirectory(MIGRATIONS)


def init_store(settings: Settings) -> Store:
    """Make the store's tables, or bring them up to this code's version; safe to repeat."""
    settings.home.mkdir(parents=True, exist_ok=True)
    refuse_newer_schema(settings)
    command.upgrade(migrations_config(settings.operational_url), "head")
    return Store(settings.operational_url)


def open_store(settings: Settings) -> Store:
    """
    Open a store that `dermhouse init` has made.

    Raises:
        NotReadyError: There is no store, or its tables are older or newer than this code.
    """
    if not settings.database_url and not settings.operational_path.exists():
        raise NotReadyError(
            f"{settings.operational_path}: there is no store yet; run `dermhouse init`"
        )
    refuse_newer_schema(settings)
    if schema_revision(settings) != head_revision():
        raise NotReadyError(
            f"{shown_address(settings.operational_url)}: its tables are older than this code; "
            "run `dermhouse init` to bring them up to date (nothing is lost)"
        )
    return Store(settings.operational_url)


def refuse_newer_schema(settings: Settings) -> None:
    """Raise NotReadyError when the store was made by a later version of Dermhouse."""
    known = {script.revision for script in migrations().walk_revisions()}
    revision = schema_revision(settings)
    if revision is not None and revision not in known:
        raise NotReadyError(
            f"{shown_address(settings.operational_url)}: made by a newer Dermhouse "
            f"(schema {revision}); upgrade this installation, then try again"
        )


def schema_revision(settings: Settings) -> str | None:
    """
    Return the store's Alembic revision, or None where it has no tables yet.

    Raises:
        UnreachableError: PostgreSQL does not answer; everything that opens the store asks here.
    """
    if not settings.database_url and not settings.operational_path.exists():
        return None
    engine = make_engine(settings.operational_url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        if not settings.database_url:
            raise
        raise UnreachableError(
            f"{shown_address(settings.database_url)}: PostgreSQL does not answer "
            f"({cause_of(error, settings.database_url)}); start it, or mend "
            "DERMHOUSE_DATABASE_URL, then try again"
        ) from None
    finally:
        engine.dispose()


def cause_of(error: Exception, address: str) -> str:
    """Return what a database said, in one line and without its secrets."""
    said = str(getattr(error, "orig", None) or error)
    return without_secrets(said.split("\n", maxsplit=1)[0], address)


def head_revision() -> str | None:
    """Return the revision that this code was written for."""
    return migrations().get_current_head()
