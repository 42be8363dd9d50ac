"""The operational store's address: one form for everyone, and never told with its password."""

from urllib.parse import quote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from warehouse.errors import BadInputError

DRIVER = "postgresql+psycopg"
POSTGRES = frozenset({"postgresql", "postgres", DRIVER})  # what tools call it, and libpq itself
SECRET = "password"  # noqa: S105 - what the names of such options hold
HIDDEN = "***"


def normal_address(address: str) -> str:
    """
    Return the address of a PostgreSQL store as SQLAlchemy opens it with the driver there is.

    Raises:
        BadInputError: It is no address, or another database's; the sentence does not repeat it.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise BadInputError(
            "DERMHOUSE_DATABASE_URL is no address of a database: "
            f"write {DRIVER}://USER:PASSWORD@HOST:5432/DATABASE, with '%40' for an '@' in a word"
        ) from None
    if url.drivername not in POSTGRES:
        raise BadInputError(
            f"DERMHOUSE_DATABASE_URL begins with '{url.drivername}': write "
            f"{DRIVER}://USER:PASSWORD@HOST:5432/DATABASE, or leave it out for SQLite in the home"
        )
    return url.set(drivername=DRIVER).render_as_string(hide_password=False)


def shown_address(address: str) -> str:
    """Return an address to be told: everything but its secrets."""
    url = make_url(address)
    options = [name for name in url.query if SECRET in name]
    return url.difference_update_query(options).render_as_string(hide_password=True)


def without_secrets(message: str, address: str) -> str:
    """Return what others say of the store (DuckDB repeats the whole address), secrets left out."""
    url = make_url(address)
    for secret in sorted(secrets_of(url), key=len, reverse=True):
        message = message.replace(secret, HIDDEN)
    return message


def secrets_of(url: URL) -> set[str]:
    """Return an address's secrets, as they are and as addresses write them."""
    options = [value for name, value in url.query.items() if SECRET in name]
    plain = {str(each) for each in [url.password, *options] if each}
    return plain | {quote(each, safe=safe) for each in plain for safe in ("", " +")}
