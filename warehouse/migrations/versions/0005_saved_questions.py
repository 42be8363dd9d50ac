"""
saved questions, and who asked what.

Revision: 0005, after 0004.
"""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply; nothing yet."""
