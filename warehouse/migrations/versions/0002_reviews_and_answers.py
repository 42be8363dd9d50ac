"""
reviews and answers.

Revision: 0002, after 0001.
"""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
