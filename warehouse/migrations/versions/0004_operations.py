"""
operations: shadow answers, the record of builds, access tokens and the audit chain.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply; a column is added in place, nothing is copied."""
    op.add_column(
        "prediction",
        sa.Column("is_shadow", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    create_warehouse_build()
    create_access_token()
    create_audit_event()


def create_warehouse_build() -> None:
    """Make the record of builds and how they ended."""
    op.create_table(
        "warehouse_build",
        sa.Column("build_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("models", sa.Integer(), nullable=True),
        sa.Column("tests", sa.Integer(), nullable=True),
        sa.Column("failed", sa.Integer(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("audit_sequence", sa.BigInteger(), nullable=True),
        sa.Column("audit_hash", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "reason in ('asked', 'new_facts', 'age')", name=op.f("ck_warehouse_build_reason")
        ),
        sa.CheckConstraint(
            "outcome in ('running', 'done', 'failed')", name=op.f("ck_warehouse_build_outcome")
        ),
        sa.PrimaryKeyConstraint("build_id", name=op.f("pk_warehouse_build")),
    )
    op.create_index(op.f("ix_warehouse_build_updated_at"), "warehouse_build", ["updated_at"])


def create_access_token() -> None:
    """Make the table of who may come in; only a hash of each secret is kept."""
    op.create_table(
        "access_token",
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "role in ('viewer', 'clinician', 'analyst', 'admin')",
            name=op.f("ck_access_token_role"),
        ),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("secret_sha256", name="uq_access_token_secret_sha256"),
    )
    op.create_index(op.f("ix_access_token_name"), "access_token", ["name"])


def create_audit_event() -> None:
    """Make the table of who did what, each row chained to the one before."""
    op.create_table(
        "audit_event",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_event")),
    )
