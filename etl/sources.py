"""Recognise the layout of a folder and read it; every layout answers the same four questions."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from etl.metadata import read_csv
from warehouse.errors import BadInputError

METADATA_NAME = "HAM10000_metadata.csv"
PART_NAMES = ("ham10000_images_part_1", "ham10000_images_part_2")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")
# `dataset` is not here: older downloads lack it, and absent means unknown.
REQUIRED_COLUMNS = ("lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization")


class Source(Protocol):
    """One place to load from; a new layout is one more class with these members."""

    @property
    def layout(self) -> str:
        """Name the layout, as the load's record keeps it."""

    @property
    def address(self) -> str:
        """Return where the data stand."""

    @property
    def metadata_name(self) -> str:
        """Name the metadata as a person knows it, for messages."""

    def read_metadata(self) -> pd.DataFrame:
        """Return the rows as `etl.metadata.read_csv` does, whatever their form at the source."""

    def image_ids(self) -> Set[str]:
        """Return the ids that have an image file."""

    def find(self, image_id: str) -> str | None:
        """Return the uri of an image's file, one that fsspec opens, or None."""

    def read(self, uri: str) -> bytes:
        """Return one file's content; OSError where it cannot be read."""


@dataclass(frozen=True)
class KaggleFolder:
    """The public download, unpacked: two folders of images beside one CSV."""

    root: Path
    uris: dict[str, str]
    layout: str = "ham10000-folders"
    metadata_name: str = METADATA_NAME

    @property
    def address(self) -> str:
        """Return the folder."""
        return str(self.root)

    def read_metadata(self) -> pd.DataFrame:
        """Return the rows of the CSV."""
        return read_csv(self.root / METADATA_NAME, REQUIRED_COLUMNS)

    def image_ids(self) -> Set[str]:
        """Return the file names without their endings."""
        return self.uris.keys()

    def find(self, image_id: str) -> str | None:
        """Return the absolute path of an image's file."""
        return self.uris.get(image_id)

    def read(self, uri: str) -> bytes:
        """Return one file's content."""
        return Path(uri).read_bytes()


def recognise_kaggle_folder(path: Path) -> KaggleFolder | None:
    """Return the folder as a source, or None where it is laid out otherwise."""
    if not (path / METADATA_NAME).is_file():
        return None
    # The public download has both folders twice, in capitals and without: the first name wins.
    parts = sorted(part for part in path.iterdir() if part.name.lower() in PART_NAMES)
    if not any(part.is_dir() for part in parts):
        return None
    root = path.resolve()
    return KaggleFolder(root, list_images([root / part.name for part in parts]))


def list_images(folders: list[Path]) -> dict[str, str]:
    """Return image id to path; of two files with one id the first folder's, then name's, wins."""
    uris: dict[str, str] = {}
    for folder in folders:
        for file in sorted(image_files(folder)):
            uris.setdefault(file.stem, str(file))
    return uris


def image_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that are named as images are."""
    for file in folder.iterdir():
        if file.suffix.lower() in IMAGE_SUFFIXES and file.is_file():
            yield file


LAYOUTS: tuple[Callable[[Path], Source | None], ...] = (recognise_kaggle_folder,)


def recognise(path: Path) -> Source:
    """
    Return the source that a path holds.

    Raises:
        BadInputError: There is no such folder, it is empty, or its layout is unknown.
    """
    if not path.exists():
        raise BadInputError(f"{path}: there is no such folder; check the path")
    if not path.is_dir():
        raise BadInputError(f"{path}: not a folder; name the folder that holds {METADATA_NAME}")
    if not any(path.iterdir()):
        raise BadInputError(f"{path}: the folder is empty; name one that holds {METADATA_NAME}")
    for recognise_layout in LAYOUTS:
        source = recognise_layout(path)
        if source is not None:
            return source
    raise BadInputError(
        f"{path}: no known layout; looked for {METADATA_NAME} beside HAM10000_images_part_1 "
        "or HAM10000_images_part_2"
    )
