"""
what serving records.

Revision: 0008, after 0007.
"""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply; nothing yet."""
