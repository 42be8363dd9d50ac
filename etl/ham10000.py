"""HAM10000 itself: as Kaggle has it, unpacked, and as the Harvard Dataverse gives it, zipped."""

from pathlib import Path

from etl.metadata import read_csv
from etl.places import is_archive, list_images, named
from etl.source import REQUIRED_COLUMNS, Metadata, Source
from warehouse.vocabulary import Layout

METADATA_NAME = "HAM10000_metadata.csv"
# The Dataverse gives the table as it was uploaded, without an ending, or as its own `.tab`.
METADATA_NAMES = (METADATA_NAME, "HAM10000_metadata", "HAM10000_metadata.tab")
PART_NAMES = ("HAM10000_images_part_1", "HAM10000_images_part_2")
LOOKED_FOR = f"{METADATA_NAME} beside {PART_NAMES[0]} or {PART_NAMES[1]}, as folders or zips"


def recognise_ham10000(path: Path) -> Source | None:
    """Return the folder as a source, or None where it is laid out otherwise."""
    root = path.resolve()
    tables = [root / name for name in METADATA_NAMES if (root / name).is_file()]
    places = named(root, PART_NAMES)
    if not tables or not places:
        return None
    # Who has unpacked a part beside its zip means the folder; its zip fills what is not there.
    places.sort(key=lambda place: (is_archive(place), place.name))
    layout = Layout.ham10000_folders if places[0].is_dir() else Layout.ham10000_archives
    table = tables[0]
    return Source(
        layout=layout,
        origin=layout.value,
        address=str(root),
        metadata_name=table.name,
        read_metadata=lambda: Metadata(read_csv(table, REQUIRED_COLUMNS)),
        uris=list_images(places),
    )
