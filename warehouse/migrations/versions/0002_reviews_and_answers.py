"""
reviews and answers: who reviewed in which role, and how much of a frame the lesion fills.

Revision: 0002, after 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply; both databases add a column with its check in one statement, nothing is copied."""
    op.execute(
        "alter table review add column role text default 'clinician' not null "
        "constraint ck_review_role check (role in ('viewer', 'clinician', 'analyst', 'admin'))"
    )
    op.execute(
        "alter table capture add column lesion_share float "
        "constraint ck_capture_lesion_share check (lesion_share between 0 and 1)"
    )
    op.create_index("ix_capture_captured_at", "capture", ["captured_at"])
    op.create_index("ix_capture_uri", "capture", ["uri"])
