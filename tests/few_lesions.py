"""A HAM10000 of a few real lesions, laid out anew: some with their files, some to be captured."""

import csv
from collections import Counter
from collections.abc import Callable
from hashlib import md5
from pathlib import Path

SALT = "dermhouse-1078873"

Row = dict[str, str]
# From a diagnosis and a side to how many of its lesions are loaded.
Wanted = Callable[[str, str], int]


def side(lesion_id: str) -> str:
    bucket = int(md5(f"{SALT}:{lesion_id}".encode()).hexdigest()[:8], 16) % 100
    return "train" if bucket < 70 else "tune" if bucket < 80 else "validation"


def choose(rows: list[Row], wanted: Wanted) -> tuple[list[Row], list[Row]]:
    """One image a lesion, in the order of their ids: those that are loaded, and the rest."""
    counts: Counter[tuple[str, str]] = Counter()
    loaded, rest, seen = [], [], set()
    for row in sorted(rows, key=lambda row: row["image_id"]):
        if row["lesion_id"] in seen:
            continue
        seen.add(row["lesion_id"])
        place = row["dx"], side(row["lesion_id"])
        counts[place] += 1
        (loaded if counts[place] <= wanted(*place) else rest).append(row)
    return loaded, rest


def lay_out(
    source: Path, folder: Path, wanted: Wanted, captured: Callable[[list[Row]], list[Row]]
) -> tuple[dict[str, Path], list[Row]]:
    """
    Write a HAM10000 of the wanted lesions; the captured of the rest stand in it without a file.

    Returns every file by its image, and the rows to capture.
    """
    files = {path.stem: path for path in source.glob("HAM10000_images_part_*/*.jpg")}
    with (source / "HAM10000_metadata.csv").open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["image_id"] in files]
    loaded, rest = choose(rows, wanted)
    unseen = captured(rest)
    images = folder / "HAM10000_images_part_1"
    images.mkdir(parents=True)
    for row in loaded:
        (images / f"{row['image_id']}.jpg").symlink_to(files[row["image_id"]])
    with (folder / "HAM10000_metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([*loaded, *unseen])
    return files, unseen
