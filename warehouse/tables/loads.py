"""Loads: each run, the rows it refused, and how good what it brought is."""

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Integer, Table, Text

from warehouse.tables.columns import UtcDateTime, key, metadata, one_of, stamps
from warehouse.vocabulary import Outcome, QualityCheck

load_run = Table(
    "load_run",
    metadata,
    key("load_id"),
    Column("source", Text, nullable=False),
    Column("layout", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("outcome", Text, nullable=False),
    Column("content_hash", Text),
    Column("rows", Integer),
    Column("images", Integer),
    Column("files", Integer),
    Column("missing_files", Integer),
    Column("rejected", Integer),
    Column("inserted", Integer),
    Column("updated", Integer),
    Column("unchanged", Integer),
    Column("seconds", Float),
    Column("message", Text),
    *stamps(),
    Column("left_out", Integer),
    one_of("outcome", Outcome),
)

rejected_row = Table(
    "rejected_row",
    metadata,
    Column("load_id", Text, ForeignKey("load_run.load_id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("row", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    *stamps(),
)

# Measured once, when a load ends; thresholds are the warehouse's, so that a new one judges old
# loads too.
quality_measurement = Table(
    "quality_measurement",
    metadata,
    Column("load_id", Text, ForeignKey("load_run.load_id"), primary_key=True),
    Column("quality_check", Text, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("share", Float),
    Column("example", Text),
    *stamps(),
    one_of("quality_check", QualityCheck),
    CheckConstraint("share between 0 and 1", name="share"),
    CheckConstraint("n > 0 or share is null", name="n"),
)
