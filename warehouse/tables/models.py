"""Models: how each was trained, which of them the aliases name, and notes on them."""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Integer, Table, Text

from warehouse.tables.columns import UtcDateTime, key, metadata, one_of, stamps
from warehouse.vocabulary import AliasReason

model = Table(
    "model",
    metadata,
    key("model_id"),
    Column("backbone", Text, nullable=False),
    Column("input_px", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("parent_model_id", Text, ForeignKey("model.model_id")),
    Column("warehouse_version", Integer, nullable=False),
    Column("split_hash", Text, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("weights_source", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("decision_rule", Text, nullable=False),
    Column("train_images", Integer, nullable=False),
    Column("onnx_sha256", Text, nullable=False),
    Column("onnx_bytes", BigInteger, nullable=False),
    Column("is_synthetic", Boolean, nullable=False),
    Column("seconds", Float, nullable=False),
    *stamps(),
    Column("reason", Text),  # the rule that asked for it; null where a person did
)

training_epoch = Table(
    "training_epoch",
    metadata,
    Column("model_id", Text, ForeignKey("model.model_id"), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("train_loss", Float, nullable=False),
    Column("tune_loss", Float, nullable=False),
    Column("tune_balanced_accuracy", Float, nullable=False),
    *stamps(),
)

alias = Table(
    "alias",
    metadata,
    key("name"),
    Column("model_id", Text, ForeignKey("model.model_id"), nullable=False),
    *stamps(),
)

alias_change = Table(
    "alias_change",
    metadata,
    key("change_id"),
    Column("name", Text, nullable=False),
    Column("model_id", Text, ForeignKey("model.model_id"), nullable=False),
    Column("previous_model_id", Text),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    *stamps(),
    one_of("reason", AliasReason),
)

model_note = Table(
    "model_note",
    metadata,
    key("note_id"),
    Column("model_id", Text, ForeignKey("model.model_id"), nullable=False, index=True),
    Column("noted_at", UtcDateTime, nullable=False),
    Column("noted_by", Text, nullable=False),
    Column("note", Text, nullable=False),
)
