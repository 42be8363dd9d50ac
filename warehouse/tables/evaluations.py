"""How good each model is, and who looked at validation with what verdict."""

from sqlalchemy import Boolean, CheckConstraint, Column, Float, ForeignKey, Integer, Table, Text

from warehouse.tables.columns import UtcDateTime, key, metadata, one_of, stamps
from warehouse.vocabulary import Diagnosis, LookReason, Split, SubgroupKind, values

evaluation = Table(
    "evaluation",
    metadata,
    Column("model_id", Text, ForeignKey("model.model_id"), primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("split", Text, primary_key=True),
    Column("diagnosis", Text, primary_key=True),
    Column("metric", Text, primary_key=True),
    Column("value", Float, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("n", Integer, nullable=False),
    *stamps(),
    CheckConstraint(
        "diagnosis in (" + ", ".join(f"'{word}'" for word in ["all", *values(Diagnosis)]) + ")",
        name="diagnosis",
    ),
)

confusion = Table(
    "confusion",
    metadata,
    Column("model_id", Text, ForeignKey("model.model_id"), primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("split", Text, primary_key=True),
    Column("dx", Text, primary_key=True),
    Column("predicted_dx", Text, primary_key=True),
    Column("n", Integer, nullable=False),
    *stamps(),
    one_of("dx", Diagnosis),
    one_of("predicted_dx", Diagnosis),
)

reliability_bin = Table(
    "reliability_bin",
    metadata,
    Column("model_id", Text, ForeignKey("model.model_id"), primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("split", Text, primary_key=True),
    Column("bin", Integer, primary_key=True),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("n", Integer, nullable=False),
    Column("mean_confidence", Float, nullable=False),
    Column("accuracy", Float, nullable=False),
    *stamps(),
)

subgroup_evaluation = Table(
    "subgroup_evaluation",
    metadata,
    Column("model_id", Text, ForeignKey("model.model_id"), primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("split", Text, primary_key=True),
    Column("subgroup_kind", Text, primary_key=True),
    Column("subgroup", Text, primary_key=True),
    Column("metric", Text, primary_key=True),
    Column("value", Float, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("n", Integer, nullable=False),
    *stamps(),
    one_of("subgroup_kind", SubgroupKind),
)

validation_look = Table(
    "validation_look",
    metadata,
    key("look_id"),
    Column("looked_at", UtcDateTime, nullable=False),
    Column("looked_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("model_id", Text, ForeignKey("model.model_id"), nullable=False),
    Column("other_model_id", Text),
    Column("warehouse_version", Integer, nullable=False),
    Column("split", Text, nullable=False),
    *stamps(),
    one_of("reason", LookReason),
    one_of("split", Split),
)

verdict_line = Table(
    "verdict_line",
    metadata,
    Column("look_id", Text, ForeignKey("validation_look.look_id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("place", Integer, nullable=False),  # in the verdict, from 1
    Column("challenger", Float),
    Column("champion", Float),
    Column("difference", Float),
    Column("low", Float),
    Column("high", Float),
    Column("bound", Float),  # what the tested figure is held against; null where it is only told
    Column("n", Integer, nullable=False),
    Column("is_passed", Boolean, nullable=False),
    Column("is_decisive", Boolean, nullable=False),
    Column("word", Text, nullable=False),
    *stamps(),
)
