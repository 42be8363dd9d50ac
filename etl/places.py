"""Find files in folders and in zips, which are read as they are and never unpacked."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from warehouse.errors import BadInputError
from warehouse.image_files import list_members, member_uri, read_image_file

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")
ARCHIVE_SUFFIX = ".zip"


def named(root: Path, names: Iterable[str]) -> list[Path]:
    """Return the folders and zips of a folder with one of these names, whatever their capitals."""
    wanted = {name.lower() for name in names}
    # The public download has both folders twice, in capitals and without: the first name wins.
    return sorted(
        place
        for place in root.iterdir()
        if (place.is_dir() and place.name.lower() in wanted)
        or (is_archive(place) and place.stem.lower() in wanted)
    )


def is_archive(path: Path) -> bool:
    """Say whether a path is a zip by its name."""
    return path.suffix.lower() == ARCHIVE_SUFFIX and path.is_file()


def list_images(places: Iterable[Path], *, is_deep: bool = False) -> dict[str, str]:
    """
    Return image id to uri; of two files with one id the first place's, then name's, wins.

    Places are folders and zips. Of a folder only its own files count unless `is_deep`; of a zip
    all do.

    Raises:
        BadInputError: A zip is damaged.
    """
    uris: dict[str, str] = {}
    for place in places:
        for name, uri in find_images(place, is_deep=is_deep):
            uris.setdefault(PurePosixPath(name).stem, uri)
    return uris


def find_images(place: Path, *, is_deep: bool) -> list[tuple[str, str]]:
    """Return name, relative to the place, and uri of every image of a folder or zip, by name."""
    found = []
    for name, uri in sorted(list_files(place, is_deep=is_deep)):
        path = PurePosixPath(name)
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith("."):
            found.append((name, uri))
    return found


def list_files(place: Path, *, is_deep: bool) -> Iterator[tuple[str, str]]:
    """Yield name, relative to the place, and uri of every file of a folder or zip."""
    if is_archive(place):
        for member in members(place):
            yield member, member_uri(place, member)
        return
    if not is_deep:
        with os.scandir(place) as entries:
            yield from ((entry.name, entry.path) for entry in entries if entry.is_file())
        return
    for file in place.rglob("*"):
        if file.is_file():
            yield file.relative_to(place).as_posix(), str(file)


def members(archive: Path) -> list[str]:
    """Return the members of a zip; BadInputError where it is damaged."""
    try:
        return list_members(archive)
    except OSError as error:
        raise BadInputError(
            f"{archive}: {error.strerror}; download or copy the archive again"
        ) from None


def find_table(root: Path, name: str) -> str | None:
    """Return the uri of a table that stands in a folder, in one of its own name, or in its zip."""
    for file in (root / name, root / Path(name).stem / name):
        if file.is_file():
            return str(file)
    archive = root / f"{Path(name).stem}{ARCHIVE_SUFFIX}"
    if archive.is_file():
        for member in members(archive):
            if PurePosixPath(member).name == name:
                return member_uri(archive, member)
    return None


def read_file(uri: str) -> bytes:
    """Return a table's content; BadInputError where it cannot be read."""
    try:
        return read_image_file(uri)
    except OSError as error:
        raise BadInputError(f"{uri}: {error.strerror}; download the file again") from None
