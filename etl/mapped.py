"""A folder or a table of one's own, read by what its mapping says."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pandas as pd

from etl.mapping import SourceMapping, read_mapping
from etl.metadata import read_csv
from etl.places import IMAGE_SUFFIXES, is_archive, list_images
from etl.source import REQUIRED_COLUMNS, Metadata, Source
from warehouse.errors import BadInputError
from warehouse.vocabulary import Layout

TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")


def map_source(path: Path, mapping_path: Path) -> Source:
    """
    Return a folder, or a table with the files beside it, as its mapping describes it.

    Raises:
        BadInputError: The mapping is faulty, or names what is not there.
    """
    mapping = read_mapping(mapping_path)
    root = (path if path.is_dir() else path.parent).resolve()
    if mapping.folders:
        return map_folders(root, mapping, mapping_path)
    table = find_table(path, root, mapping, mapping_path)
    uris = list_images(find_places(root, mapping.images, mapping_path), is_deep=True)
    return make_source(root, mapping, uris, table.name, lambda: read_rows(table, mapping))


def make_source(
    root: Path,
    mapping: SourceMapping,
    uris: Mapping[str, str],
    metadata_name: str,
    read: Callable[[], Metadata],
) -> Source:
    """Return a source whose ids are its own, unless the mapping says that others share them."""
    return Source(
        layout=Layout.mapped,
        origin=mapping.name,
        address=str(root),
        metadata_name=metadata_name,
        read_metadata=read,
        uris={own_id(mapping, image_id): uri for image_id, uri in uris.items()},
    )


def own_id(mapping: SourceMapping, name: str) -> str:
    """Return an id that no other source's `001` can be taken for."""
    return name if mapping.ids == "shared" or not name else f"{mapping.name}.{name}"


def find_table(path: Path, root: Path, mapping: SourceMapping, mapping_path: Path) -> Path:
    """Return the table: the path itself, the one that is named, or the only one there is."""
    if path.is_file():
        return path.resolve()
    if mapping.table:
        if not (root / mapping.table).is_file():
            raise BadInputError(f"{mapping_path}: table names {mapping.table}, not in {root}")
        return root / mapping.table
    tables = sorted(file for file in root.iterdir() if file.suffix.lower() in TABLE_SUFFIXES)
    if len(tables) != 1:
        told = ", ".join(file.name for file in tables) or "none"
        raise BadInputError(f"{root}: which table? there is {told}; say `table:` in {mapping_path}")
    return tables[0]


def find_places(root: Path, names: list[str], mapping_path: Path) -> list[Path]:
    """Return the folders and zips that the mapping names."""
    places = [root / name for name in names]
    for name, place in zip(names, places, strict=True):
        if not place.is_dir() and not is_archive(place):
            raise BadInputError(f"{mapping_path}: images names {name}, no folder or zip in {root}")
    return places


def read_rows(table: Path, mapping: SourceMapping) -> Metadata:
    """Return the table's rows under our names, and how many the mapping leaves out."""
    theirs = read_csv(table, list(mapping.columns.values()))
    rows = theirs.assign(**dict.fromkeys(REQUIRED_COLUMNS, ""))
    for column, name in mapping.columns.items():
        rows[column] = theirs[name].str.strip()
    reasons = pd.Series("", index=rows.index)
    for column, words in mapping.leave_out.items():
        is_out = rows[column].isin(words)
        reasons = reasons.mask(is_out, column + " '" + rows[column] + "'")
    for column, meanings in mapping.values.items():
        rows[column] = rows[column].replace(meanings)
    for column, word in mapping.defaults.items():
        told = rows.get(column, pd.Series("", index=rows.index))
        rows[column] = told.mask(told == "", word)
    rows, is_out = identify(rows, mapping), reasons != ""
    left_out = dict(Counter(reasons[is_out]).most_common())
    return Metadata(rows[~is_out], left_out, set(rows["image_id"][is_out]))


def identify(rows: pd.DataFrame, mapping: SourceMapping) -> pd.DataFrame:
    """Return the rows with ids; an image without a lesion id is a lesion of its own."""
    names = rows["image_id"].map(stem)
    lesions = rows["lesion_id"].where(rows["lesion_id"] != "", names)
    return rows.assign(
        image_id=[own_id(mapping, name) for name in names],
        lesion_id=[own_id(mapping, name) for name in lesions],
    )


def stem(name: str) -> str:
    """Return an image's id from what may be the name, or the path, of its file."""
    path = PurePosixPath(name)
    return path.stem if path.suffix.lower() in IMAGE_SUFFIXES else name


def map_folders(root: Path, mapping: SourceMapping, mapping_path: Path) -> Source:
    """Return folders that are named after diagnoses as a source."""
    uris: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    places = find_places(root, list(mapping.folders), mapping_path)
    for place, dx in zip(places, mapping.folders.values(), strict=True):
        for name, uri in list_images([place], is_deep=True).items():
            uris[name] = uri
            row = dict.fromkeys(REQUIRED_COLUMNS, "") | {"image_id": name, "dx": dx.value}
            rows.append(row | mapping.defaults | {"fault": ""})
    if not rows:
        raise BadInputError(f"{root}: the folders that {mapping_path} names have no images")
    frame = pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="line"))
    described = Metadata(identify(frame, mapping))
    return make_source(root, mapping, uris, "image", lambda: described)
