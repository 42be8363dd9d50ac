"""A folder or a table of one's own, read by what its mapping says."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

import pandas as pd

from etl.mapping import SourceMapping, read_mapping
from etl.metadata import read_csv
from etl.naming import FoundFile, Naming, identify_paths, name_rows
from etl.places import find_images, is_archive
from etl.source import REQUIRED_COLUMNS, Metadata, Source
from warehouse.errors import BadInputError
from warehouse.vocabulary import Layout

TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")


def map_source(path: Path, mapping_path: Path) -> Source:
    """
    Return a folder, or a table with the files beside it, as its mapping describes it.

    Raises:
        BadInputError: The mapping is faulty, or names what is not there, or the table cannot be
            read: which file is which row's is known only with both at hand.
    """
    mapping = read_mapping(mapping_path)
    root = (path if path.is_dir() else path.parent).resolve()
    if mapping.folders:
        return map_folders(root, mapping, mapping_path)
    table = find_table(path, root, mapping, mapping_path)
    files = find_files(root, mapping.images, mapping_path)
    theirs = read_csv(table, list(mapping.columns.values()))
    names = theirs[mapping.columns["image_id"]].str.strip()
    naming = name_rows(names, files, root)
    return make_source(root, mapping, naming.uris, table.name, describe(theirs, mapping, naming))


def make_source(
    root: Path,
    mapping: SourceMapping,
    uris: Mapping[str, str],
    metadata_name: str,
    described: Metadata,
) -> Source:
    """Return a source whose ids are its own, unless the mapping says that others share them."""
    return Source(
        layout=Layout.mapped,
        origin=mapping.name,
        address=str(root),
        metadata_name=metadata_name,
        read_metadata=lambda: described,
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


def find_files(root: Path, names: Iterable[str], mapping_path: Path) -> list[FoundFile]:
    """Return the images of the folders and zips that the mapping names, each file once."""
    found: dict[str, FoundFile] = {}
    for name in names:
        place = root / name
        if not place.is_dir() and not is_archive(place):
            raise BadInputError(f"{mapping_path}: images names {name}, no folder or zip in {root}")
        for inside, uri in find_images(place, is_deep=True):
            path = PurePosixPath(name, inside).as_posix()
            found.setdefault(uri, FoundFile(path, inside, uri))
    return list(found.values())


def describe(theirs: pd.DataFrame, mapping: SourceMapping, naming: Naming) -> Metadata:
    """Return the table's rows under our names, and how many the mapping leaves out."""
    # A column of theirs that has one of our names by chance says nothing unless it is mapped.
    rows = theirs.assign(**dict.fromkeys((*REQUIRED_COLUMNS, "dataset"), ""))
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
    names = list(rows["image_id"])
    faults = [naming.faults.get(name, "") for name in names]
    rows["fault"] = rows["fault"].where(rows["fault"] != "", faults)
    rows["image_id"] = [naming.ids.get(name, name) for name in names]
    rows, is_out = identify(rows, mapping), reasons != ""
    left_out = dict(Counter(reasons[is_out]).most_common())
    return Metadata(rows[~is_out], left_out, set(rows["image_id"][is_out]))


def identify(rows: pd.DataFrame, mapping: SourceMapping) -> pd.DataFrame:
    """Return the rows with ids; an image without a lesion id is a lesion of its own."""
    names = rows["image_id"]
    lesions = rows["lesion_id"].where(rows["lesion_id"] != "", names)
    return rows.assign(
        image_id=[own_id(mapping, name) for name in names],
        lesion_id=[own_id(mapping, name) for name in lesions],
    )


def map_folders(root: Path, mapping: SourceMapping, mapping_path: Path) -> Source:
    """Return folders that are named after diagnoses as a source."""
    found = [
        (file, dx)
        for folder, dx in mapping.folders.items()
        for file in find_files(root, [folder], mapping_path)
    ]
    if not found:
        raise BadInputError(f"{root}: the folders that {mapping_path} names have no images")
    ids = identify_paths(file.path for file, _ in found)
    rows = [
        dict.fromkeys(REQUIRED_COLUMNS, "")
        | {"image_id": ids[file.path], "dx": dx.value}
        | mapping.defaults
        | {"fault": ""}
        for file, dx in found
    ]
    frame = pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="line"))
    uris = {ids[file.path]: file.uri for file, _ in found}
    return make_source(root, mapping, uris, "image", Metadata(identify(frame, mapping)))
