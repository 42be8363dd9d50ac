"""
The one opener of image files: a path, a member of a zip, or anything else that fsspec opens.

A member's uri is fsspec's own, `zip://MEMBER::/path/of/archive.zip`. fsspec would read the
archive's table of contents anew for every member (5,000 of them a part of HAM10000), so archives
stay open here.
"""

import errno
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path

import fsspec

ZIP = "zip://"
SEPARATOR = "::"
OPEN_ARCHIVES = 8
MAX_BYTES = 2**28  # of one file, which is read whole

# A name that is not the UTF-8 it claims to be, and a version of zip that nobody has made yet, too.
DAMAGED = (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError)


class ImageFileError(OSError):
    """A file cannot be read; `strerror` says why in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(errno.EIO, reason)


def member_uri(archive: Path, member: str) -> str:
    """Return the uri of one member of a zip."""
    return f"{ZIP}{member}{SEPARATOR}{archive}"


def read_image_file(uri: str) -> bytes:
    """
    Return the content of one file.

    Raises:
        OSError: The file, its archive or the member is gone, damaged or too large; `strerror` says
            which.
    """
    if uri.startswith(ZIP):
        member, _, archive = uri.removeprefix(ZIP).rpartition(SEPARATOR)
        return read_member(Path(archive), member)
    if "://" not in uri:
        return read_plain(Path(uri))
    with fsspec.open(uri) as file:
        content: bytes = file.read()
    return content


def is_there(uri: str) -> bool:
    """Say whether a local file, or its archive, still stands; a remote one is taken to."""
    if uri.startswith(ZIP):
        return Path(uri.rpartition(SEPARATOR)[2]).is_file()
    return "://" in uri or Path(uri).is_file()


def read_plain(path: Path) -> bytes:
    """Return the content of a file that stands by itself."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ImageFileError(f"{path.name} has {size:,} bytes, too many")
    return path.read_bytes()


def read_member(path: Path, member: str) -> bytes:
    """Return one member's content; its checksum has been compared."""
    archive = open_archive(path)
    try:
        size = archive.getinfo(member).file_size
    except KeyError:
        raise ImageFileError(f"{path.name} has no member {member}") from None
    if size > MAX_BYTES:
        raise ImageFileError(f"{member} in {path.name} unpacks to {size:,} bytes, too many")
    try:
        return archive.read(member)
    # An encrypted member is a RuntimeError, an unknown compression a NotImplementedError of it.
    except (*DAMAGED, zlib.error, EOFError, RuntimeError) as error:
        raise ImageFileError(f"{member} in {path.name} is damaged: {error}") from None


def list_members(path: Path) -> list[str]:
    """
    Return the names of a zip's files in its order.

    Raises:
        OSError: The archive is gone or damaged.
    """
    return [info.filename for info in open_archive(path).infolist() if not info.is_dir()]


def open_archive(path: Path) -> zipfile.ZipFile:
    """Return an archive, open already where it has not changed since."""
    state = path.stat()
    try:
        return keep_open(path, state.st_mtime_ns, state.st_size)
    except DAMAGED as error:
        raise ImageFileError(f"{path.name} is a damaged or unfinished zip: {error}") from None


@lru_cache(maxsize=OPEN_ARCHIVES)
def keep_open(path: Path, _changed_at: int, _size: int) -> zipfile.ZipFile:
    """Open an archive; threads may read from it at once. One pushed out closes when let go."""
    return zipfile.ZipFile(path)
