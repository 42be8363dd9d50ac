"""
Access tokens: a random secret shown once, of which the store keeps only a hash.

The secret has 256 random bits, so a plain SHA-256 cannot be searched; a slow hash would only make
each request slow.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import Connection, RowMapping, insert, select, update

from warehouse.audit import COMMAND_LINE, LOCAL, SERVER, Event, append
from warehouse.errors import BadInputError
from warehouse.store import Store
from warehouse.tables import access_token, now
from warehouse.vocabulary import AuditAction, Role

SECRET_BYTES = 32
MAX_NAME = 80  # as a reviewer's pseudonym
PREFIX = "dermhouse_"  # lets a scanner of leaked secrets know whose it is


@dataclass(frozen=True)
class Token:
    """Who may come in, as what, until when; times are UTC."""

    token_id: str
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_valid(self, moment: datetime) -> bool:
        """Return whether it opens the door at a moment."""
        has_ended = self.expires_at is not None and self.expires_at <= moment
        return self.revoked_at is None and not has_ended


def create_token(
    store: Store,
    name: str,
    role: Role,
    expires_at: datetime | None = None,
    actor: str = COMMAND_LINE,
) -> str:
    """
    Make a token and return its secret, which cannot be shown again.

    Raises:
        BadInputError: The name is empty, or a valid token has it, or the end has passed.
    """
    name = checked_name(name)
    if expires_at is not None and expires_at <= now():
        raise BadInputError(
            f"token '{name}': {expires_at:%Y-%m-%d %H:%M} has passed; name a day to come"
        )
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token_id = secrets.token_hex(8)
    with store.write() as connection:
        if valid_named(connection, name):
            raise BadInputError(
                f"token '{name}': there is one already; revoke it first, or choose another name"
            )
        connection.execute(
            insert(access_token).values(
                token_id=token_id,
                name=name,
                role=Role(role).value,
                secret_sha256=hash_secret(secret),
                created_at=now(),
                expires_at=expires_at,
            )
        )
        told = {"name": name, "role": Role(role).value}
        append(connection, Event(actor, AuditAction.create_token, token_id, told))
    return secret


def checked_name(name: str) -> str:
    """Return a token's name; it stands in reviews and in the audit chain, so it must say who."""
    name = name.strip()
    if not name:
        raise BadInputError("a token needs a name: say who or what will hold it")
    if len(name) > MAX_NAME or not name.isprintable():
        raise BadInputError(
            f"a token's name has at most {MAX_NAME} characters, all of them visible"
        )
    if name in (LOCAL, COMMAND_LINE, SERVER):
        raise BadInputError(
            f"token '{name}': the audit chain calls those so who come without a token; "
            "choose another name"
        )
    return name


def find_token(store: Store, secret: str) -> Token | None:
    """Return whose secret this is; None where it is unknown, revoked or has expired."""
    digest = hash_secret(secret)
    query = select(access_token).where(access_token.c.secret_sha256 == digest)
    with store.read() as connection:
        row = connection.execute(query).mappings().first()
    # The look-up goes by the hash, whose timing tells nothing of the secret; this compares again
    # in constant time, so that no database's idea of equal text lets another one in.
    if row is None or not compare_digest(row["secret_sha256"], digest):
        return None
    token = as_token(row)
    return token if token.is_valid(now()) else None


def list_tokens(store: Store) -> list[Token]:
    """Return every token ever made, newest first; no secret can be shown."""
    query = select(access_token).order_by(access_token.c.created_at.desc())
    with store.read() as connection:
        return [as_token(row) for row in connection.execute(query).mappings()]


def has_valid_token(store: Store) -> bool:
    """Return whether there is a token that opens the door."""
    return any(token.is_valid(now()) for token in list_tokens(store))


def revoke_token(store: Store, name: str, actor: str = COMMAND_LINE) -> Token:
    """
    Close the door to a token, named by its name or its id, at once and for good.

    Raises:
        BadInputError: No valid token has this name or id.
    """
    with store.write() as connection:
        found = valid_named(connection, name)
        if not found:
            known = select(access_token.c.name).where(access_token.c.revoked_at.is_(None))
            names: list[str] = sorted(set(connection.execute(known).scalars()))
            there = f"there are {', '.join(names)}" if names else "there are none"
            raise BadInputError(f"no token '{name}' to revoke: {there}")
        token = found[0]
        connection.execute(
            update(access_token)
            .where(access_token.c.token_id == token.token_id)
            .values(revoked_at=now())
        )
        told = {"name": token.name, "role": token.role.value}
        append(connection, Event(actor, AuditAction.revoke_token, token.token_id, told))
    return token


def valid_named(connection: Connection, name: str) -> list[Token]:
    """Return the tokens of a name or an id that still open the door."""
    query = select(access_token).where(
        (access_token.c.name == name) | (access_token.c.token_id == name)
    )
    tokens = [as_token(row) for row in connection.execute(query).mappings()]
    return [token for token in tokens if token.is_valid(now())]


def hash_secret(secret: str) -> str:
    """Return what the store keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def as_token(row: RowMapping) -> Token:
    """Return a row without its hash."""
    fields = {name: row[name] for name in Token.__dataclass_fields__}
    return Token(**fields | {"role": Role(row["role"])})
