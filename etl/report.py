"""What one load found and did, as the command line tells it and the store keeps it."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from etl.images import FileProbe
from etl.records import CheckedRows, ImageRecord
from etl.releases import Expectation, compare
from etl.sources import Source
from warehouse.vocabulary import FileStatus

REJECTIONS_TOLD = 10
KEPT = (
    "content_hash",
    "rows",
    "images",
    "files",
    "missing_files",
    "rejected",
    "inserted",
    "updated",
    "unchanged",
    "seconds",
)

Loaded = tuple[ImageRecord, FileProbe]


@dataclass(frozen=True)
class LoadReport:
    """
    One load; every whole number is a count.

    rows = images + rejected; images = inserted + updated + unchanged
    = files + missing_files + undecodable_files, so `files` are the usable ones.
    `unlisted_files` stand in the folders but have no row in the metadata.
    `content_hash` is over the accepted rows and their files, wherever they stand.
    `rejections` tells the first few, one sentence each; all are in `rejected_row`.
    `release` is the known data set most images belong to, `expected` its published counts.
    """

    load_id: str
    layout: str
    source: str
    rows: int
    images: int
    files: int
    missing_files: int
    undecodable_files: int
    unlisted_files: int
    rejected: int
    inserted: int
    updated: int
    unchanged: int
    seconds: float
    content_hash: str
    rejections: tuple[str, ...]
    release: str | None
    expected: tuple[Expectation, ...]

    def run_columns(self) -> dict[str, object]:
        """Return what the load's own row in the store keeps of this."""
        values = asdict(self)
        return {name: values[name] for name in KEPT}


def make_report(
    load_id: str,
    source: Source,
    checked: CheckedRows,
    loaded: Sequence[Loaded],
    counts: Mapping[str, int],
    *,
    seconds: float,
) -> LoadReport:
    """Draw up the report of a load that has been written; `counts` is what became of the images."""
    statuses = Counter(file.status for _, file in loaded)
    release, expected = compare(checked.records, statuses[FileStatus.ok])
    listed = {record.image_id for record in checked.records}
    listed |= {rejection.row["image_id"] for rejection in checked.rejections}
    return LoadReport(
        load_id=load_id,
        layout=source.layout,
        source=source.address,
        rows=len(checked.records) + len(checked.rejections),
        images=len(loaded),
        files=statuses[FileStatus.ok],
        missing_files=statuses[FileStatus.missing],
        undecodable_files=statuses[FileStatus.undecodable],
        unlisted_files=len(source.image_ids() - listed),
        rejected=len(checked.rejections),
        inserted=counts["inserted"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        seconds=round(seconds, 3),
        content_hash=hash_content(loaded),
        rejections=tuple(
            f"{source.metadata_name} line {rejection.line}: {'; '.join(rejection.reasons)}"
            for rejection in checked.rejections[:REJECTIONS_TOLD]
        ),
        release=release,
        expected=expected,
    )


def hash_content(loaded: Sequence[Loaded]) -> str:
    """Return the SHA-256 (hex) of records and file contents, in the order of image ids."""
    digest = hashlib.sha256()
    for record, file in sorted(loaded, key=lambda pair: pair[0].image_id):
        digest.update(f"{record.model_dump_json()} {file.status} {file.sha256}\n".encode())
    return digest.hexdigest()
