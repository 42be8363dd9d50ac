"""Builds of the warehouse and how each went."""

from sqlalchemy import BigInteger, Column, Float, Integer, Table, Text

from warehouse.tables.columns import UtcDateTime, key, metadata, one_of, stamps
from warehouse.vocabulary import BuildReason, Outcome

warehouse_build = Table(
    "warehouse_build",
    metadata,
    key("build_id"),
    Column("reason", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("outcome", Text, nullable=False),
    Column("version", Integer),
    Column("models", Integer),
    Column("tests", Integer),
    Column("failed", Integer),
    Column("message", Text),
    Column("seconds", Float),
    # The audit chain's end when the build began; published versions carry it out of the store.
    Column("audit_sequence", BigInteger),
    Column("audit_hash", Text),
    *stamps(),
    one_of("reason", BuildReason),
    one_of("outcome", Outcome),
)
