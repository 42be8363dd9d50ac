"""Read a data set that is to be looked at and never loaded; nothing is written anywhere."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from etl.images import FileProbe, probe
from etl.records import ImageRecord, check_rows
from etl.sources import recognise
from warehouse.errors import BadInputError
from warehouse.progress import Progress, silent
from warehouse.vocabulary import FileStatus


@dataclass(frozen=True)
class Unloaded:
    """The usable images of a data set, and what was left out."""

    name: str  # of the folder
    rows: pd.DataFrame  # one an image; the columns that `read_unloaded` names
    rejected_rows: int
    missing_files: int
    undecodable_files: int


def read_unloaded(
    path: Path, max_pixels: int, progress: Progress = silent, mapping: Path | None = None
) -> Unloaded:
    """
    Read rows and probe files as a load does.

    Columns: image_id, lesion_id, diagnosis_code, age_years, sex_code, localization_code,
    source_code, confirmation_code, uri, sha256 (hex).

    Raises:
        BadInputError: The path holds no layout that is known, the mapping does not fit, or there
            is no usable image.
    """
    source = recognise(path, mapping)
    checked = check_rows(source.read_metadata().rows)
    found: list[tuple[ImageRecord, FileProbe]] = []
    for record in sorted(checked.records, key=lambda each: each.image_id):
        found.append((record, probe(source, record.image_id, max_pixels)))
        progress("read", len(found), len(checked.records))
    usable = [describe(*each) for each in found if each[1].status is FileStatus.ok]
    if not usable:
        raise BadInputError(
            f"{path}: {len(checked.records)} rows, but not one image that can be read; "
            "put the image files where this layout has them"
        )
    statuses = [file.status for _, file in found]
    return Unloaded(
        path.resolve().name,
        pd.DataFrame(usable),
        rejected_rows=len(checked.rejections),
        missing_files=statuses.count(FileStatus.missing),
        undecodable_files=statuses.count(FileStatus.undecodable),
    )


def describe(record: ImageRecord, file: FileProbe) -> dict[str, object]:
    """Return one image under the warehouse's names."""
    return {
        "image_id": record.image_id,
        "lesion_id": record.lesion_id,
        "diagnosis_code": record.dx.value,
        "age_years": record.age_years,
        "sex_code": record.sex.value,
        "localization_code": record.localization.value,
        "source_code": record.dataset.value,
        "confirmation_code": record.dx_type.value,
        "uri": file.uri,
        "sha256": file.sha256,
    }
