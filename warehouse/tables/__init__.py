"""
The operational store's tables: everything that happens, recorded once.

Alembic owns their shape in the database and dbt copies them by `updated_at`; a deletion is a
tombstone (`deleted_at`), so that a copy can see it. Timestamps are UTC on every database. Each
subject has its module; everyone else imports from here, where the metadata is whole.
"""

from warehouse.tables.access import access_token, audit_event
from warehouse.tables.builds import warehouse_build
from warehouse.tables.captures import capture, capture_lesion, prediction, review
from warehouse.tables.columns import UtcDateTime, metadata, now
from warehouse.tables.evaluations import (
    confusion,
    evaluation,
    reliability_bin,
    subgroup_evaluation,
    validation_look,
    verdict_line,
)
from warehouse.tables.images import held_out_image, image, image_change, image_file, image_origin
from warehouse.tables.loads import load_run, quality_measurement, rejected_row
from warehouse.tables.models import alias, alias_change, model, model_note, training_epoch
from warehouse.tables.questions import saved_question
from warehouse.tables.retrainings import retraining

# Secrets' hashes, who did what and free words stay in the store: a published version is read by
# people who may see none of them. These tables have no stamps, because nothing copies them.
NOT_COPIED = frozenset({"access_token", "audit_event", "model_note", "saved_question"})

__all__ = [
    "NOT_COPIED",
    "UtcDateTime",
    "access_token",
    "alias",
    "alias_change",
    "audit_event",
    "capture",
    "capture_lesion",
    "confusion",
    "evaluation",
    "held_out_image",
    "image",
    "image_change",
    "image_file",
    "image_origin",
    "load_run",
    "metadata",
    "model",
    "model_note",
    "now",
    "prediction",
    "quality_measurement",
    "rejected_row",
    "reliability_bin",
    "retraining",
    "review",
    "saved_question",
    "subgroup_evaluation",
    "training_epoch",
    "validation_look",
    "verdict_line",
    "warehouse_build",
]
