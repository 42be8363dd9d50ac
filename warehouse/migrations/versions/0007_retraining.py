"""
labels from use, retrainings, looks at validation, verdicts, and the history of aliases.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# An alias that stands already gets the row by which it would have come to stand.
FIRST_CHANGES = """
insert into alias_change
    (change_id, name, model_id, changed_at, changed_by, reason, updated_at)
select 'before-0007-' || name, name, model_id, updated_at, 'migration 0007', 'first', updated_at
from alias
"""


def upgrade() -> None:
    """Apply; a column is added in place, nothing is copied."""
    op.add_column("model", sa.Column("reason", sa.Text(), nullable=True))
    create_held_out_image()
    create_alias_change()
    create_capture_lesion()
    create_model_note()
    create_retraining()
    create_validation_look()
    create_verdict_line()
    op.execute(FIRST_CHANGES)


def create_held_out_image() -> None:
    """Make the memory of what was once tune or validation."""
    op.create_table(
        "held_out_image",
        sa.Column("image_id", sa.Text(), nullable=False),
        sa.Column("split_bucket", sa.Integer(), nullable=False),
        sa.Column("warehouse_version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "split_bucket between 0 and 99", name=op.f("ck_held_out_image_split_bucket")
        ),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_held_out_image")),
    )
    op.create_index(
        op.f("ix_held_out_image_updated_at"), "held_out_image", ["updated_at"], unique=False
    )


def create_alias_change() -> None:
    """Make the history of aliases; an alias that stands already is its own first row."""
    op.create_table(
        "alias_change",
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("previous_model_id", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "reason in ('first', 'asked', 'judged', 'rolled_back', 'challenged')",
            name=op.f("ck_alias_change_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.model_id"], name=op.f("fk_alias_change_model_id")
        ),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_alias_change")),
    )
    op.create_index(
        op.f("ix_alias_change_updated_at"), "alias_change", ["updated_at"], unique=False
    )


def create_capture_lesion() -> None:
    """Make what people state of which lesion a capture shows."""
    op.create_table(
        "capture_lesion",
        sa.Column("capture_id", sa.Text(), nullable=False),
        sa.Column("lesion_id", sa.Text(), nullable=False),
        sa.Column("stated_by", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("stated_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "role in ('viewer', 'clinician', 'analyst', 'admin')",
            name=op.f("ck_capture_lesion_role"),
        ),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["capture.capture_id"], name=op.f("fk_capture_lesion_capture_id")
        ),
        sa.PrimaryKeyConstraint("capture_id", name=op.f("pk_capture_lesion")),
    )
    op.create_index(
        op.f("ix_capture_lesion_updated_at"), "capture_lesion", ["updated_at"], unique=False
    )


def create_model_note() -> None:
    """Make what people note beside a model."""
    op.create_table(
        "model_note",
        sa.Column("note_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.model_id"], name=op.f("fk_model_note_model_id")
        ),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_model_note")),
    )
    op.create_index(op.f("ix_model_note_model_id"), "model_note", ["model_id"], unique=False)


def create_retraining() -> None:
    """Make the record of retrainings, why each ran and how it ended."""
    op.create_table(
        "retraining",
        sa.Column("retraining_id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("warehouse_version", sa.Integer(), nullable=False),
        sa.Column("split_hash", sa.Text(), nullable=False),
        sa.Column("parent_model_id", sa.Text(), nullable=True),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("is_promoted", sa.Boolean(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "outcome in ('running', 'done', 'failed')", name=op.f("ck_retraining_outcome")
        ),
        sa.CheckConstraint("start in ('onward', 'over')", name=op.f("ck_retraining_start")),
        sa.ForeignKeyConstraint(
            ["parent_model_id"], ["model.model_id"], name=op.f("fk_retraining_parent_model_id")
        ),
        sa.PrimaryKeyConstraint("retraining_id", name=op.f("pk_retraining")),
        sa.UniqueConstraint("model_id", name=op.f("uq_retraining_model_id")),
    )
    op.create_index(op.f("ix_retraining_updated_at"), "retraining", ["updated_at"], unique=False)


def create_validation_look() -> None:
    """Make the record of looks at validation."""
    op.create_table(
        "validation_look",
        sa.Column("look_id", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(), nullable=False),
        sa.Column("looked_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("other_model_id", sa.Text(), nullable=True),
        sa.Column("warehouse_version", sa.Integer(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "reason in ('training', 'evaluation', 'comparison', 'judgement')",
            name=op.f("ck_validation_look_reason"),
        ),
        sa.CheckConstraint(
            "split in ('train', 'tune', 'validation')", name=op.f("ck_validation_look_split")
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.model_id"], name=op.f("fk_validation_look_model_id")
        ),
        sa.PrimaryKeyConstraint("look_id", name=op.f("pk_validation_look")),
    )
    op.create_index(
        op.f("ix_validation_look_updated_at"), "validation_look", ["updated_at"], unique=False
    )


def create_verdict_line() -> None:
    """Make a verdict's lines."""
    op.create_table(
        "verdict_line",
        sa.Column("look_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("challenger", sa.Float(), nullable=True),
        sa.Column("champion", sa.Float(), nullable=True),
        sa.Column("difference", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("bound", sa.Float(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("is_decisive", sa.Boolean(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["look_id"], ["validation_look.look_id"], name=op.f("fk_verdict_line_look_id")
        ),
        sa.PrimaryKeyConstraint("look_id", "name", name=op.f("pk_verdict_line")),
    )
    op.create_index(
        op.f("ix_verdict_line_updated_at"), "verdict_line", ["updated_at"], unique=False
    )
