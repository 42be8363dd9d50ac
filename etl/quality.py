"""
Measure a load: how many of how many, check by check.

Only shares are measured here. From which share on a check warns or fails stands in the warehouse's
seed `quality_checks`, where it can be changed for loads of long ago too.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from statistics import median
from typing import Any

from etl.images import FileProbe
from etl.records import ImageRecord, Rejection
from warehouse.vocabulary import (
    MALIGNANT,
    Confirmation,
    Dataset,
    FileStatus,
    Localization,
    QualityCheck,
    Sex,
)

SMALLEST_SIDE_PX = 224  # what the network sees
OUTLYING = 4  # times more, or fewer, pixels than the load's median
CHILDHOOD_YEARS = 10

Loaded = tuple[ImageRecord, FileProbe]


@dataclass(frozen=True)
class StoreFindings:
    """What only the whole store can tell, read when the load has been written."""

    repeated_contents: Set[str]  # sha256 of files that several images have
    divided_lesions: Set[str]  # lesions with two diagnoses
    disputed_images: Set[str]  # images of which two sources give two diagnoses


@dataclass(frozen=True)
class Observed:
    """One load, ready to be measured."""

    rejections: Sequence[Rejection]
    left_out: Mapping[str, int]  # rows by reason, the most frequent first
    loaded: Sequence[Loaded]
    resolved: Sequence[Mapping[str, Any]]  # the same images as the store holds them now
    unlisted: Sequence[str]  # files that no row names
    earlier: Mapping[str, int]  # images by diagnosis before this load
    findings: StoreFindings

    @property
    def rows(self) -> int:
        """Return how many rows the metadata has."""
        return len(self.rejections) + sum(self.left_out.values()) + len(self.loaded)

    @property
    def files(self) -> list[Loaded]:
        """Return the images whose file could be decoded."""
        return [pair for pair in self.loaded if pair[1].status is FileStatus.ok]


@dataclass(frozen=True)
class Measurement:
    """One check on one load: `share` of `n`, None where there is nothing to count."""

    check: QualityCheck
    n: int
    share: float | None
    example: str | None

    def columns(self) -> dict[str, object]:
        """Return the row that the store keeps, but for its load."""
        named = {"quality_check": self.check.value, "n": self.n}
        return named | {"share": self.share, "example": self.example}


Counted = tuple[int, Sequence[str]]  # of how many, and which ones


def measure(observed: Observed) -> list[Measurement]:
    """Return every check's measurement."""
    measured = [count_up(check, *count(observed)) for check, count in COUNTS.items()]
    return [*measured, measure_jump(observed)]


def count_up(check: QualityCheck, n: int, found: Sequence[str]) -> Measurement:
    """Return the share of what was found."""
    example = found[0] if found and found[0] else None
    return Measurement(check, n, len(found) / n if n else None, example)


def measure_jump(observed: Observed) -> Measurement:
    """
    Return how far the diagnoses of this load lie from those of all images before it.

    The total variation distance, half the sum of the differences between shares: 0 is the same
    mix, 1 no diagnosis in common. The example is the diagnosis that differs most.
    """
    here = Counter(record.dx.value for record, _ in observed.loaded)
    before = Counter(observed.earlier)
    if not here or not before.total():
        return Measurement(QualityCheck.prevalence_jump, 0, None, None)
    gaps = {
        dx: here[dx] / here.total() - before[dx] / before.total() for dx in sorted(here | before)
    }
    distance = sum(abs(gap) for gap in gaps.values()) / 2
    farthest = max(gaps, key=lambda dx: abs(gaps[dx]))
    # Rounding may leave a hair above 1.
    return Measurement(QualityCheck.prevalence_jump, here.total(), min(distance, 1.0), farthest)


def of_images(holds: Callable[[ImageRecord, FileProbe], bool]) -> Callable[[Observed], Counted]:
    """Return a count over every image, as this source describes it."""
    return lambda seen: (
        len(seen.loaded),
        [record.image_id for record, file in seen.loaded if holds(record, file)],
    )


def of_resolved(holds: Callable[[Mapping[str, Any]], bool]) -> Callable[[Observed], Counted]:
    """Return a count over every image, as all sources together describe it."""
    return lambda seen: (
        len(seen.resolved),
        [str(row["image_id"]) for row in seen.resolved if holds(row)],
    )


def refused_rows(observed: Observed) -> Counted:
    """Count the rows that were refused, for whatever reason."""
    return observed.rows, [rejection.row.get("image_id", "") for rejection in observed.rejections]


def refused_ages(observed: Observed) -> Counted:
    """Count the rows that were refused for their age."""
    return observed.rows, [
        rejection.row.get("image_id", "")
        for rejection in observed.rejections
        if any(reason.startswith("age ") for reason in rejection.reasons)
    ]


def left_out_rows(observed: Observed) -> Counted:
    """Count the rows that are not for this warehouse; the example is the commonest reason."""
    return observed.rows, [reason for reason, n in observed.left_out.items() for _ in range(n)]


def unlisted_files(observed: Observed) -> Counted:
    """Count the files that no row names, among all files."""
    listed = sum(file.uri is not None for _, file in observed.loaded)
    return listed + len(observed.unlisted), observed.unlisted


def divided_lesions(observed: Observed) -> Counted:
    """Count the lesions with two diagnoses."""
    lesions = {str(row["lesion_id"]) for row in observed.resolved}
    return len(lesions), sorted(lesions & observed.findings.divided_lesions)


def scattered_lesions(observed: Observed) -> Counted:
    """Count the lesions with two body sites."""
    places: defaultdict[str, set[str]] = defaultdict(set)
    for row in observed.resolved:
        places[row["lesion_id"]].add(row["localization"])
    return len(places), sorted(lesion for lesion, found in places.items() if len(found) > 1)


def small_images(observed: Observed) -> Counted:
    """Count the images with a side shorter than the network sees."""
    files = observed.files
    return len(files), [
        record.image_id
        for record, file in files
        if min(file.width or 0, file.height or 0) < SMALLEST_SIDE_PX
    ]


def outlying_sizes(observed: Observed) -> Counted:
    """Count the images with far more, or far fewer, pixels than this load's median."""
    areas = {record.image_id: area(file) for record, file in observed.files}
    middle = median(areas.values()) if areas else 0
    return len(areas), [
        image_id
        for image_id, pixels in areas.items()
        if pixels * OUTLYING < middle or pixels > middle * OUTLYING
    ]


def is_child(age_years: float | None) -> bool:
    """Say whether an age, 0 among them, is a child's; one that is not recorded is not."""
    return age_years is not None and age_years < CHILDHOOD_YEARS


def area(file: FileProbe) -> int:
    """Return a file's pixels."""
    return (file.width or 0) * (file.height or 0)


def repeated_contents(observed: Observed) -> Counted:
    """Count the images whose file another image has too."""
    files = observed.files
    repeated = observed.findings.repeated_contents
    return len(files), [record.image_id for record, file in files if file.sha256 in repeated]


COUNTS: dict[QualityCheck, Callable[[Observed], Counted]] = {
    QualityCheck.row_refused: refused_rows,
    QualityCheck.age_out_of_range: refused_ages,
    QualityCheck.diagnosis_left_out: left_out_rows,
    QualityCheck.file_undecodable: of_images(lambda _, file: file.status is FileStatus.undecodable),
    QualityCheck.file_missing: of_images(lambda _, file: file.status is FileStatus.missing),
    QualityCheck.file_unlisted: unlisted_files,
    QualityCheck.age_missing: of_resolved(lambda row: row["age_years"] is None),
    QualityCheck.sex_unknown: of_resolved(lambda row: row["sex"] == Sex.unknown),
    QualityCheck.localization_unknown: of_resolved(
        lambda row: row["localization"] == Localization.unknown
    ),
    QualityCheck.source_unknown: of_resolved(lambda row: row["dataset"] == Dataset.unknown),
    QualityCheck.content_repeated: repeated_contents,
    QualityCheck.lesion_with_two_diagnoses: divided_lesions,
    QualityCheck.lesion_with_two_sites: scattered_lesions,
    QualityCheck.diagnosis_disputed: lambda seen: (
        len(seen.resolved),
        [
            str(row["image_id"])
            for row in seen.resolved
            if row["image_id"] in seen.findings.disputed_images
        ],
    ),
    QualityCheck.image_too_small: small_images,
    QualityCheck.size_outlier: outlying_sizes,
    QualityCheck.cancer_in_childhood: of_resolved(
        lambda row: row["dx"] in MALIGNANT and is_child(row["age_years"])
    ),
    QualityCheck.malignancy_without_histology: of_resolved(
        lambda row: row["dx"] in MALIGNANT and row["dx_type"] != Confirmation.histo
    ),
}
