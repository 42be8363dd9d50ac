"""
evaluation facts.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

DECISION = "decision in ('likely', 'uncertain', 'not_assessable')"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("prediction", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_prediction_decision"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_prediction_decision"), DECISION)
    create_reliability_bin()
    create_subgroup_evaluation()


def create_reliability_bin() -> None:
    """Make the table of how often an answer of some confidence is right."""
    op.create_table(
        "reliability_bin",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("bin", sa.Integer(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("mean_confidence", sa.Float(), nullable=False),
        sa.Column("accuracy", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.model_id"], name=op.f("fk_reliability_bin_model_id")
        ),
        sa.PrimaryKeyConstraint(
            "model_id", "dataset", "split", "bin", name=op.f("pk_reliability_bin")
        ),
    )
    op.create_index(op.f("ix_reliability_bin_updated_at"), "reliability_bin", ["updated_at"])


def create_subgroup_evaluation() -> None:
    """Make the table of figures on one group of patients or images."""
    op.create_table(
        "subgroup_evaluation",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("subgroup_kind", sa.Text(), nullable=False),
        sa.Column("subgroup", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "subgroup_kind in ('sex', 'age_band', 'localization', 'source', 'confirmation')",
            name=op.f("ck_subgroup_evaluation_subgroup_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.model_id"], name=op.f("fk_subgroup_evaluation_model_id")
        ),
        sa.PrimaryKeyConstraint(
            "model_id",
            "dataset",
            "split",
            "subgroup_kind",
            "subgroup",
            "metric",
            name=op.f("pk_subgroup_evaluation"),
        ),
    )
    op.create_index(
        op.f("ix_subgroup_evaluation_updated_at"), "subgroup_evaluation", ["updated_at"]
    )
