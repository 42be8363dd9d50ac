"""
What the build file was made from: the store's tables and the dbt project.

Incremental models hold rows of earlier builds, and the key tests of the largest tables pass over
what an earlier build has tested. Both hold only as long as neither tables nor models change.
"""

import hashlib
from pathlib import Path

from warehouse.settings import Settings
from warehouse.store import head_revision

PARTS = ("dbt_project.yml", "macros", "models", "seeds", "snapshots", "tests")


def was_made_from(settings: Settings) -> str | None:
    """
    Return what the build file was made from, as `describe` said it then.

    None where there is no such file, or where the last build that made it all anew has not passed.
    """
    path = note_path(settings)
    return path.read_text() if path.exists() and settings.build_path.exists() else None


def forget(settings: Settings) -> None:
    """Drop the note, before all is made anew: only a build that passes writes it again."""
    note_path(settings).unlink(missing_ok=True)


def remember(settings: Settings, description: str) -> None:
    """Note what the build file has been made from."""
    note_path(settings).write_text(description)


def note_path(settings: Settings) -> Path:
    """Return the file that says what the build file was made from."""
    return settings.build_path.with_suffix(".made_from")


def describe(settings: Settings) -> str:
    """Return the newest revision of the store's tables and a hash of the dbt project."""
    digest = hashlib.sha256()
    for part in PARTS:
        root = settings.dbt_dir / part
        for path in [root] if root.is_file() else sorted(root.rglob("*.*")):
            digest.update(f"{path.relative_to(settings.dbt_dir)}\n".encode() + path.read_bytes())
    return f"{head_revision()} {digest.hexdigest()}\n"
