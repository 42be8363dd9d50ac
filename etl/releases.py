"""What known releases must count to, and a load held against it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from etl.records import ImageRecord
from warehouse.vocabulary import Dataset


@dataclass(frozen=True)
class Expectation:
    """One line of the table: a quantity, what was published, what this load counted."""

    quantity: str
    expected: int
    observed: int


@dataclass(frozen=True)
class Release:
    """One published data set: how to know its images, and its published counts."""

    name: str
    has: Callable[[str], bool]
    counts: Mapping[str, int]


# Tschandl, Rosendahl and Kittler, Sci Data 5, 180161 (2018), and the released metadata itself.
HAM10000 = Release(
    name="HAM10000",
    has=lambda image_id: "ISIC_0024306" <= image_id <= "ISIC_0034320",
    counts={
        "images": 10015,
        "files": 10015,
        "lesions": 7470,
        "dx nv": 6705,
        "dx mel": 1113,
        "dx bkl": 1099,
        "dx bcc": 514,
        "dx akiec": 327,
        "dx vasc": 142,
        "dx df": 115,
        "dx_type histo": 5340,
        "dx_type follow_up": 3704,
        "dx_type consensus": 902,
        "dx_type confocal": 69,
        "sex male": 5406,
        "sex female": 4552,
        "sex unknown": 57,
        "ages missing": 57,
        "lesions with two localizations": 2,
        "lesions with two sources": 9,
    },
)

RELEASES = (HAM10000,)


def compare(
    records: Sequence[ImageRecord], files: int
) -> tuple[str | None, tuple[Expectation, ...]]:
    """Return the release that most records belong to, with its table; None and () for none."""
    for release in RELEASES:
        if sum(release.has(record.image_id) for record in records) * 2 > len(records):
            return release.name, hold_against(release, observe(records) | {"files": files})
    return None, ()


def hold_against(release: Release, observed: Mapping[str, int]) -> tuple[Expectation, ...]:
    """Return the release's quantities that this load can speak of."""
    return tuple(
        Expectation(quantity, expected, observed.get(quantity, 0))
        for quantity, expected in release.counts.items()
        # Without the `dataset` column every source is unknown: no line rather than a false one.
        if quantity != "lesions with two sources" or quantity in observed
    )


def observe(records: Iterable[ImageRecord]) -> Counter[str]:
    """Count the quantities that releases publish."""
    counts: Counter[str] = Counter()
    places: defaultdict[str, set[str]] = defaultdict(set)
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for record in records:
        counts["images"] += 1
        counts["ages missing"] += record.age_years is None
        for column in ("dx", "dx_type", "sex"):
            counts[f"{column} {getattr(record, column)}"] += 1
        places[record.lesion_id].add(record.localization)
        sources[record.lesion_id].add(record.dataset)
    counts["lesions"] = len(places)
    counts["lesions with two localizations"] = sum(len(found) > 1 for found in places.values())
    if set().union(*sources.values()) - {Dataset.unknown}:
        counts["lesions with two sources"] = sum(len(found) > 1 for found in sources.values())
    return counts
