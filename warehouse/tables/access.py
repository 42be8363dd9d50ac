"""Who may do what, and the chained record of what was done."""

from sqlalchemy import BigInteger, Column, Table, Text

from warehouse.tables.columns import UtcDateTime, key, metadata, one_of
from warehouse.vocabulary import Role

access_token = Table(
    "access_token",
    metadata,
    key("token_id"),
    Column("name", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("secret_sha256", Text, nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    one_of("role", Role),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
