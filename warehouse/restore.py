"""A home made from a backup: whole, looked at, and nowhere else than where it was asked for."""

import hashlib
import json
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, BinaryIO

from warehouse.backup import (
    CHUNK,
    FOLDERS,
    MANIFEST,
    STORE,
    BackupReport,
    Item,
    refuse_postgres,
    report,
)
from warehouse.errors import BadInputError, DermhouseError
from warehouse.live import install_extensions
from warehouse.settings import Settings
from warehouse.store import open_store

DRAFT = ".dermhouse-restore-"  # begins the name of a folder that a restore unpacks into


def restore(settings: Settings, path: Path) -> BackupReport:
    """
    Make a home from a backup, whole or not at all; the home must not be there, or be empty.

    Raises:
        BadInputError: The home is in use, or the file is no whole backup.
        NotReadyError: The backup is of a newer Dermhouse.
    """
    started = time.perf_counter()
    refuse_postgres(settings)
    try:
        items = fill_home(settings, path)
    except OSError as error:
        raise DermhouseError(
            f"{settings.home}: the backup could not be restored there ({error})"
        ) from None
    install_extensions(settings)
    return report(path, items, started)


def fill_home(settings: Settings, path: Path) -> list[Item]:
    """Unpack a backup under another name, look at it, then give it the home's; return its items."""
    home = settings.home
    is_there = home.exists()
    if is_there:
        refuse_used(home)
    # What is above a home that is there may be another user's, or on another disk.
    place = home if is_there else home.absolute().parent
    place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place, prefix=DRAFT) as folder:
        draft = settings.model_copy(update={"home": Path(folder) / "home"})
        items = unpack(path, draft.home)
        check_store(draft, path)
        point_to_version(draft)
        if is_there:
            move_in(draft.home, home)
        else:
            draft.home.rename(home)
    return items


def refuse_used(home: Path) -> None:
    """Raise BadInputError where a home holds anything, or is no folder."""
    found = list(home.iterdir()) if home.is_dir() else [home]
    drafts = [each for each in found if each.name.startswith(DRAFT)]
    if found and found == drafts:
        raise BadInputError(
            f"{drafts[0]}: left by a restore that was broken off; where none is running, delete it "
            "and run this again"
        )
    if found:
        raise BadInputError(
            f"{home}: is not empty; name a new home with DERMHOUSE_HOME, nothing is overwritten"
        )


def move_in(draft: Path, home: Path) -> None:
    """Move what a draft holds into an empty home; out of it again where something cannot be."""
    # The store last: without it nobody takes the folder for a home.
    entries = sorted(draft.iterdir(), key=lambda entry: entry.name == STORE)
    try:
        for entry in entries:
            entry.rename(home / entry.name)
    except BaseException:
        for entry in entries:
            with suppress(FileNotFoundError):
                (home / entry.name).rename(entry)
        raise


def unpack(path: Path, home: Path) -> list[Item]:
    """Unpack a backup into a new folder; return its items once every hash is as it should be."""
    try:
        with tarfile.open(path) as tar:
            found = {item.name: item for item in extract_all(tar, home)}
        manifest = json.loads((home / MANIFEST).read_bytes())
        named = {item["name"]: Item(**item) for item in manifest["files"]}
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{path}: no whole backup ({error}); take another one") from None
    (home / MANIFEST).unlink()
    found.pop(MANIFEST)
    wrong = sorted(name for name in found.keys() | named if found.get(name) != named.get(name))
    if wrong or STORE not in named:
        raise BadInputError(
            f"{path}: damaged at {wrong[0] if wrong else STORE}; nothing was restored, "
            "take another backup"
        )
    return list(named.values())


def extract_all(tar: tarfile.TarFile, home: Path) -> Iterator[Item]:
    """Write the plain files that a backup may hold, below the home and nowhere else."""
    for member in tar:
        parts = PurePosixPath(member.name).parts
        is_known = member.name in (STORE, MANIFEST) or parts[:1] in [(name,) for name in FOLDERS]
        source = tar.extractfile(member) if member.isreg() and is_known else None
        if source is None or ".." in parts:
            raise ValueError(f"'{member.name}' does not belong in a backup")
        target = home / member.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            yield Item(member.name, member.size, copy_hashed(source, file))


def copy_hashed(source: IO[bytes], target: BinaryIO) -> str:
    """Copy a file; return the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    while data := source.read(CHUNK):
        digest.update(data)
        target.write(data)
    return digest.hexdigest()


def check_store(draft: Settings, path: Path) -> None:
    """Open the restored store as the server would, after SQLite's own look at every page."""
    try:
        with closing(sqlite3.connect(draft.operational_path)) as connection:
            (word,) = connection.execute("pragma integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        word = str(error)
    if word != "ok":
        raise BadInputError(f"{path}: its store is damaged ({word}); take another backup")
    open_store(draft).close()


def point_to_version(draft: Settings) -> None:
    """Let `current` name the version that came with the backup, if there is one."""
    for version in draft.warehouse_dir.glob("v[0-9]*.duckdb"):
        (draft.warehouse_dir / "current").write_text(version.name + "\n")
