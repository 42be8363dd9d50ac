"""
The operational store's tables: everything that happens, recorded once.

Alembic owns their shape in the database and dbt copies them by `updated_at`; a deletion is a
tombstone (`deleted_at`), so that a copy can see it. Timestamps are UTC on every database.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    false,
)

from warehouse.vocabulary import (
    AliasReason,
    BuildReason,
    Confirmation,
    Dataset,
    Decision,
    Diagnosis,
    FileStatus,
    Localization,
    LookReason,
    Outcome,
    QualityCheck,
    Role,
    Sex,
    Split,
    SubgroupKind,
    TrainingStart,
    values,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored as naive UTC: the one form SQLite, PostgreSQL and DuckDB share."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time rather than guess its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"timestamp {value} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time as aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def key(name: str) -> Column[str]:
    """Return a text primary key column."""
    return Column(name, Text, primary_key=True)


def one_of(column: str, vocabulary: type[StrEnum]) -> CheckConstraint:
    """
    Hold a column to a closed list.

    A stray value would not only be wrong: DuckDB's scan of SQLite fails whole on one.
    """
    words = ", ".join(f"'{word}'" for word in values(vocabulary))
    return CheckConstraint(f"{column} in ({words})", name=column)


def stamps() -> list[Any]:
    """Return the two columns by which dbt copies a table incrementally."""
    return [
        Column(
            "updated_at",
            UtcDateTime,
            nullable=False,
            default=now,
            onupdate=now,
            index=True,
        ),
        Column("deleted_at", UtcDateTime),
    ]


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

image = Table(
    "image",
    metadata,
    key("image_id"),
    Column("lesion_id", Text, nullable=False, index=True),
    Column("dx", Text, nullable=False),
    Column("dx_type", Text, nullable=False),
    Column("age_years", Float),
    Column("sex", Text, nullable=False),
    Column("localization", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("load_id", Text, ForeignKey("load_run.load_id"), nullable=False),
    *stamps(),
    one_of("dx", Diagnosis),
    one_of("dx_type", Confirmation),
    one_of("sex", Sex),
    one_of("localization", Localization),
    one_of("dataset", Dataset),
    CheckConstraint("age_years between 0 and 120", name="age_years"),
)

image_file = Table(
    "image_file",
    metadata,
    Column("image_id", Text, ForeignKey("image.image_id"), primary_key=True),
    Column("status", Text, nullable=False),
    Column("uri", Text),
    Column("sha256", Text, index=True),
    Column("bytes", BigInteger),
    Column("width", Integer),
    Column("height", Integer),
    Column("phash", Text),
    Column("message", Text),
    Column("load_id", Text, ForeignKey("load_run.load_id"), nullable=False),
    *stamps(),
    one_of("status", FileStatus),
    CheckConstraint("status = 'missing' or uri is not null", name="uri"),
    CheckConstraint(
        "status <> 'ok' or (sha256 is not null and width > 0 and height > 0)",
        name="usable",
    ),
)

image_change = Table(
    "image_change",
    metadata,
    Column("load_id", Text, ForeignKey("load_run.load_id"), primary_key=True),
    Column("image_id", Text, ForeignKey("image.image_id"), primary_key=True),
    Column("column_name", Text, primary_key=True),
    Column("old_value", Text),
    Column("new_value", Text),
    *stamps(),
)

# What each source says of an image, and which file it has; `image` and `image_file` hold what
# follows from all of them.
image_origin = Table(
    "image_origin",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("source_image_id", Text, primary_key=True),
    Column("image_id", Text, ForeignKey("image.image_id"), nullable=False, index=True),
    Column("lesion_id", Text, nullable=False),
    Column("dx", Text, nullable=False),
    Column("dx_type", Text, nullable=False),
    Column("age_years", Float),
    Column("sex", Text, nullable=False),
    Column("localization", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("uri", Text),
    Column("sha256", Text, index=True),
    Column("bytes", BigInteger),
    Column("width", Integer),
    Column("height", Integer),
    Column("phash", Text),
    Column("message", Text),
    Column("load_id", Text, ForeignKey("load_run.load_id"), nullable=False),
    *stamps(),
    one_of("dx", Diagnosis),
    one_of("dx_type", Confirmation),
    one_of("sex", Sex),
    one_of("localization", Localization),
    one_of("dataset", Dataset),
    one_of("status", FileStatus),
    CheckConstraint("age_years between 0 and 120", name="age_years"),
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

rejected_row = Table(
    "rejected_row",
    metadata,
    Column("load_id", Text, ForeignKey("load_run.load_id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("row", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    *stamps(),
)

capture = Table(
    "capture",
    metadata,
    key("capture_id"),
    Column("captured_at", UtcDateTime, nullable=False, index=True),
    # Of the bytes as uploaded, which a retry sends again. The kept file is made anew without
    # metadata and is named by the hash of what is kept.
    Column("sha256", Text, nullable=False, index=True),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("brightness", Float, nullable=False),
    Column("sharpness", Float, nullable=False),
    Column("has_consent", Boolean, nullable=False),
    Column("uri", Text, index=True),  # the kept file, below the home
    Column("age_years", Float),
    Column("sex", Text, nullable=False),
    Column("localization", Text, nullable=False),
    Column("subject", Text),
    *stamps(),
    Column("lesion_share", Float),
    one_of("sex", Sex),
    one_of("localization", Localization),
    CheckConstraint("age_years between 0 and 120", name="age_years"),
    CheckConstraint("uri is null or has_consent", name="consent"),
    CheckConstraint("lesion_share between 0 and 1", name="lesion_share"),
)

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

prediction = Table(
    "prediction",
    metadata,
    key("prediction_id"),
    Column("capture_id", Text, ForeignKey("capture.capture_id"), nullable=False, index=True),
    Column("model_id", Text, ForeignKey("model.model_id"), nullable=False),
    Column("predicted_at", UtcDateTime, nullable=False),
    Column("dx", Text, nullable=False),
    Column("decision", Text, nullable=False),
    *[Column(f"p_{word}", Float, nullable=False) for word in values(Diagnosis)],
    Column("latency_ms", Float, nullable=False),
    *stamps(),
    # A challenger's answer, recorded to compare and never shown.
    Column("is_shadow", Boolean, nullable=False, default=False, server_default=false()),
    one_of("dx", Diagnosis),
    one_of("decision", Decision),
)

review = Table(
    "review",
    metadata,
    key("review_id"),
    Column("capture_id", Text, ForeignKey("capture.capture_id"), nullable=False, index=True),
    Column("reviewed_at", UtcDateTime, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("dx", Text, nullable=False),
    Column("dx_type", Text, nullable=False),
    *stamps(),
    Column("role", Text, nullable=False, server_default="clinician"),
    one_of("dx", Diagnosis),
    one_of("dx_type", Confirmation),
    one_of("role", Role),
)

capture_lesion = Table(
    "capture_lesion",
    metadata,
    Column("capture_id", Text, ForeignKey("capture.capture_id"), primary_key=True),
    Column("lesion_id", Text, nullable=False),
    Column("stated_by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("stated_at", UtcDateTime, nullable=False),
    *stamps(),
    one_of("role", Role),
)

# An image once published as tune or validation never becomes a lesson, whatever its lesion is
# later said to be and whoever withdraws; a frame of the camera stands here by its hash alone.
held_out_image = Table(
    "held_out_image",
    metadata,
    key("image_id"),
    Column("split_bucket", Integer, nullable=False),
    Column("warehouse_version", Integer, nullable=False),  # that first published it so
    *stamps(),
    CheckConstraint("split_bucket between 0 and 99", name="split_bucket"),
)

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

model_note = Table(
    "model_note",
    metadata,
    key("note_id"),
    Column("model_id", Text, ForeignKey("model.model_id"), nullable=False, index=True),
    Column("noted_at", UtcDateTime, nullable=False),
    Column("noted_by", Text, nullable=False),
    Column("note", Text, nullable=False),
)

saved_question = Table(
    "saved_question",
    metadata,
    key("slug"),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("sql", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

# Secrets' hashes, who did what and free words stay in the store: a published version is read by
# people who may see none of them. These tables have no stamps, because nothing copies them.
NOT_COPIED = frozenset({"access_token", "audit_event", "model_note", "saved_question"})
