"""One place to load from: what every layout comes down to."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field

import pandas as pd

from warehouse.image_files import read_image_file
from warehouse.vocabulary import Layout

# HAM10000's own columns; whatever a source calls them, rows have these names from here on.
REQUIRED_COLUMNS = ("lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization")


@dataclass(frozen=True)
class Metadata:
    """
    A source's rows as text under REQUIRED_COLUMNS (and perhaps `dataset`), indexed by line.

    `fault` is '' or why the row cannot be one (see `etl.metadata.read_csv`). `left_out` counts the
    rows that are no fault but not for this warehouse, by reason; they are not among the rows.
    """

    rows: pd.DataFrame
    left_out: Mapping[str, int] = field(default_factory=dict)
    left_out_ids: Set[str] = frozenset()


@dataclass(frozen=True)
class Source:
    """
    Rows and files of one data set; a new layout is one more function that makes this.

    `origin` names who says what the rows say: the layout, or a mapping's own name.
    """

    layout: Layout
    origin: str
    address: str
    metadata_name: str
    read_metadata: Callable[[], Metadata]
    uris: Mapping[str, str]  # by image id

    def image_ids(self) -> Set[str]:
        """Return the ids that have an image file."""
        return self.uris.keys()

    def find(self, image_id: str) -> str | None:
        """Return the uri of an image's file, one that `warehouse.image_files` opens, or None."""
        return self.uris.get(image_id)

    def read(self, uri: str) -> bytes:
        """Return one file's content; OSError where it cannot be read."""
        return read_image_file(uri)
