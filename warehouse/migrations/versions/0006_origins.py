"""
the origins of one image.

Revision: 0006, after 0005.
"""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply; nothing yet."""
