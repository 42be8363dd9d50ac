"""What one load found and did, as the command line tells it and the store keeps it."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from etl.quality import Loaded, Observed, StoreFindings
from etl.records import CheckedRows
from etl.releases import Expectation, compare
from etl.source import Metadata, Source
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
    "left_out",
)


@dataclass
class Progressed:
    """What a load has done so far."""

    loaded: list[Loaded] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)  # as the store holds them now
    counts: Counter[str] = field(default_factory=Counter)
    shared: int = 0  # images that other sources describe too
    withdrawn: int = 0  # images of an earlier load that the source leaves out now


@dataclass(frozen=True)
class LoadReport:
    """
    One load; every whole number is a count.

    rows = images + rejected + left_out; images = inserted + updated + unchanged
    = files + missing_files + undecodable_files, so `files` are the usable ones.
    `unlisted_files` stand in the folders but have no row in the metadata.
    `left_out_reasons` parts the rows that are not for this warehouse by why.
    `withdrawn` images were loaded from this source before, and it leaves them out now;
    `standing` ones were too, and stand as they were because their row is refused now.
    `shared` images are described by other sources too: they are one image with several origins.
    `content_hash` is over the accepted rows and their files, wherever they stand.
    `rejections` tells the first few, one sentence each; all are in `rejected_row`.
    `release` is the known data set most images belong to, `expected` its published counts.
    """

    load_id: str
    layout: str
    origin: str
    source: str
    rows: int
    images: int
    files: int
    missing_files: int
    undecodable_files: int
    unlisted_files: int
    rejected: int
    left_out: int
    left_out_reasons: dict[str, int]
    withdrawn: int
    standing: int
    shared: int
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
    metadata: Metadata,
    checked: CheckedRows,
    done: Progressed,
    *,
    standing: int,
    seconds: float,
) -> LoadReport:
    """Draw up the report of a load that has been written."""
    statuses = Counter(file.status for _, file in done.loaded)
    release, expected = compare(checked.records, statuses[FileStatus.ok])
    left_out = sum(metadata.left_out.values())
    return LoadReport(
        load_id=load_id,
        layout=source.layout.value,
        origin=source.origin,
        source=source.address,
        rows=len(checked.records) + len(checked.rejections) + left_out,
        images=len(done.loaded),
        files=statuses[FileStatus.ok],
        missing_files=statuses[FileStatus.missing],
        undecodable_files=statuses[FileStatus.undecodable],
        unlisted_files=len(find_unlisted(source, metadata, checked)),
        rejected=len(checked.rejections),
        left_out=left_out,
        left_out_reasons=dict(metadata.left_out),
        withdrawn=done.withdrawn,
        standing=standing,
        shared=done.shared,
        inserted=done.counts["inserted"],
        updated=done.counts["updated"],
        unchanged=done.counts["unchanged"],
        seconds=round(seconds, 3),
        content_hash=hash_content(done.loaded),
        rejections=tuple(
            f"{source.metadata_name} line {rejection.line}: {'; '.join(rejection.reasons)}"
            for rejection in checked.rejections[:REJECTIONS_TOLD]
        ),
        release=release,
        expected=expected,
    )


def observe_load(
    source: Source,
    metadata: Metadata,
    checked: CheckedRows,
    done: Progressed,
    earlier: Mapping[str, int],
    findings: StoreFindings,
) -> Observed:
    """Return a load that has been written as the quality checks want it."""
    return Observed(
        rejections=checked.rejections,
        left_out=metadata.left_out,
        loaded=done.loaded,
        resolved=done.images,
        unlisted=find_unlisted(source, metadata, checked),
        earlier=earlier,
        findings=findings,
    )


def find_unlisted(source: Source, metadata: Metadata, checked: CheckedRows) -> list[str]:
    """Return the ids of files that no row names; the files of rows left out have their row."""
    listed = {record.image_id for record in checked.records}
    listed |= {rejection.row["image_id"] for rejection in checked.rejections}
    return sorted(source.image_ids() - listed - metadata.left_out_ids)


def hash_content(loaded: Sequence[Loaded]) -> str:
    """Return the SHA-256 (hex) of records and file contents, in the order of image ids."""
    digest = hashlib.sha256()
    for record, file in sorted(loaded, key=lambda pair: pair[0].image_id):
        digest.update(f"{record.model_dump_json()} {file.status} {file.sha256}\n".encode())
    return digest.hexdigest()
