"""Captures of the camera: what was answered, what reviewers said, which lesion each shows."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    Table,
    Text,
    false,
)

from warehouse.tables.columns import UtcDateTime, key, metadata, one_of, stamps
from warehouse.vocabulary import Confirmation, Decision, Diagnosis, Localization, Role, Sex, values

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
