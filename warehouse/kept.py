"""Camera frames kept with consent: files below the home, named by the hash of what is kept."""

import hashlib
import os
from pathlib import Path
from uuid import uuid4

from warehouse.errors import NotReadyError
from warehouse.settings import Settings


def frame_uri(settings: Settings, jpeg: bytes) -> str:
    """Return where a frame is kept, below the home: a home may be moved."""
    name = hashlib.sha256(jpeg).hexdigest()
    return f"{settings.images_dir.name}/{name[:2]}/{name}.jpg"


def keep_frame(settings: Settings, jpeg: bytes) -> str:
    """
    Write a frame durably, whole or not at all; return its uri. Safe to repeat.

    Raises:
        NotReadyError: The file cannot be written.
    """
    uri = frame_uri(settings, jpeg)
    path = settings.home / uri
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, jpeg)
    except OSError as error:
        raise NotReadyError(
            f"{path}: the frame cannot be kept ({error.strerror or error}); "
            "make room there, or send it without consent to keep it"
        ) from None
    return uri


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name, then give it its own: nobody ever sees half of it."""
    draft = path.with_suffix(f".{uuid4().hex}.part")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a folder's new names survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_frame(settings: Settings, uri: str) -> bytes | None:
    """Return a kept frame, or None where its file is gone."""
    try:
        return (settings.home / uri).read_bytes()
    except FileNotFoundError:
        return None


def has_frame(settings: Settings, uri: str) -> bool:
    """Return whether a kept frame's file is there."""
    return (settings.home / uri).exists()


def remove_frame(settings: Settings, uri: str) -> None:
    """Remove a kept frame's file for good; safe to repeat."""
    path = settings.home / uri
    path.unlink(missing_ok=True)
    if path.parent.exists():
        sync_folder(path.parent)
