"""Retrainings: which rules asked for one and how it went."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, Text

from warehouse.tables.columns import UtcDateTime, key, metadata, one_of, stamps
from warehouse.vocabulary import Outcome, TrainingStart

# The model is named before it is trained, so that a broken retraining knows what to go on with.
retraining = Table(
    "retraining",
    metadata,
    key("retraining_id"),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("outcome", Text, nullable=False),
    Column("rules", Text, nullable=False),  # those that fired, JSON
    Column("start", Text, nullable=False),
    Column("warehouse_version", Integer, nullable=False),
    Column("split_hash", Text, nullable=False),
    Column("parent_model_id", Text, ForeignKey("model.model_id")),
    Column("model_id", Text, nullable=False, unique=True),
    Column("is_promoted", Boolean),
    Column("message", Text),
    *stamps(),
    one_of("outcome", Outcome),
    one_of("start", TrainingStart),
)
