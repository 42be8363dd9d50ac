"""
One file with everything that cannot be made again, taken while the server serves.

In it: a snapshot of the operational store, the models, the frames kept with consent and the current
version, each with its SHA-256. Left out: TLS keys (a restored home makes its own authority), the
build file, caches and DuckDB's scanners (all made anew), and data that were loaded from elsewhere.
Access tokens are in the store as hashes only.
"""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from warehouse.errors import BadInputError, DermhouseError, NotReadyError
from warehouse.kept import sync_folder
from warehouse.live import database_kind
from warehouse.published import current
from warehouse.settings import Settings
from warehouse.store import open_store, schema_revision
from warehouse.tables import now

STORE = "operational.sqlite"
MANIFEST = "manifest.json"
FOLDERS = ("models", "images", "warehouse")
CHUNK = 2**20


@dataclass(frozen=True)
class BackupReport:
    """What went into a backup, or came out of it."""

    path: str
    files: int
    bytes: int
    seconds: float


@dataclass(frozen=True)
class Item:
    """One file of a backup as its manifest names it."""

    name: str
    bytes: int
    sha256: str


class HashingReader:
    """A file that hashes what is read of it, so that the hash is of what the backup holds."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """Read on, and take note."""
        data = self.file.read(size)
        self.digest.update(data)
        return data


def backup(settings: Settings, path: Path) -> BackupReport:
    """
    Write a backup of the home as one tar file; every write acknowledged before is in it.

    When this returns, it is on the disk and survives a power cut.

    Raises:
        BadInputError: The path is taken, or the store is PostgreSQL.
        NotReadyError: There is no store.
    """
    started = time.perf_counter()
    refuse_postgres(settings)
    if path.exists():
        raise BadInputError(f"{path}: is there already; name a new file")
    if not path.parent.is_dir():
        raise BadInputError(f"{path.parent}: there is no such folder; make it first")
    open_store(settings).close()
    draft = path.with_name(path.name + ".draft")
    try:
        with TemporaryDirectory(dir=path.parent, prefix=".dermhouse-backup-") as folder:
            snapshot = Path(folder) / STORE
            copy_store(settings.operational_path, snapshot)
            items = write_tar(settings, snapshot, draft)
            sync_file(draft)
        draft.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise DermhouseError(f"{path}: the backup could not be written ({error})") from None
    finally:
        draft.unlink(missing_ok=True)
    return report(path, items, started)


def refuse_postgres(settings: Settings) -> None:
    """Say what backs a PostgreSQL store up."""
    if database_kind(settings) == "postgres":
        raise BadInputError(
            "the operational store is PostgreSQL, which has its own tools: back it up with "
            "`pg_dump --format=custom`, restore it with `pg_restore`, and copy the home's "
            "`models`, `images` and `warehouse` folders beside it, after the dump"
        )


def copy_store(source: Path, target: Path) -> None:
    """Copy one moment of a SQLite store by its own online backup; writers are not held up."""
    with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(target)) as writer:
        reader.backup(writer)
        # One file, that needs no log beside it.
        writer.execute("pragma journal_mode=delete")


def write_tar(settings: Settings, snapshot: Path, draft: Path) -> list[Item]:
    """Write the snapshot first and the files after it: what the store names is there by then."""
    items = []
    with tarfile.open(draft, "w") as tar:
        for name, path in [(STORE, snapshot), *files_of(settings, snapshot)]:
            try:
                items.append(add_file(tar, name, path))
            except FileNotFoundError:
                continue  # a frame whose consent was withdrawn a moment ago
        manifest = {
            "made_at": now().isoformat(),
            "schema": schema_revision(settings),
            "files": [asdict(item) for item in items],
        }
        data = json.dumps(manifest, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return items


def sync_file(path: Path) -> None:
    """Wait until a file is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def files_of(settings: Settings, snapshot: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of a home beside its store, by the names they have below it."""
    for path in sorted(settings.models_dir.rglob("*")):
        if path.is_file():
            yield path.relative_to(settings.home).as_posix(), path
    for uri in kept_uris(snapshot):
        yield uri, settings.home / uri
    try:
        version = current(settings)
    except NotReadyError:
        return
    yield f"warehouse/{version.path.name}", version.path


def kept_uris(snapshot: Path) -> list[str]:
    """Return the frames that a snapshot names; one kept after it would come without its row."""
    query = "select distinct uri from capture where uri is not null and deleted_at is null"
    with closing(sqlite3.connect(snapshot)) as connection:
        return sorted(uri for (uri,) in connection.execute(query))


def add_file(tar: tarfile.TarFile, name: str, path: Path) -> Item:
    """Add one file, hashed as it goes."""
    with path.open("rb") as file:
        info = tar.gettarinfo(arcname=name, fileobj=file)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        reader = HashingReader(file)
        tar.addfile(info, reader)
    return Item(name, info.size, reader.digest.hexdigest())


def report(path: Path, items: list[Item], started: float) -> BackupReport:
    """Return the figures of a backup or of its return."""
    size = sum(item.bytes for item in items)
    return BackupReport(str(path), len(items), size, round(time.perf_counter() - started, 2))
