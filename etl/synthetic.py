"""Make a small drawn data set in HAM10000's layout, so that everything can be tried without it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from PIL import Image

from etl.camera import photograph
from etl.drawing import draw_lesion
from etl.ham10000 import METADATA_NAME
from warehouse.errors import BadInputError
from warehouse.progress import Progress, silent
from warehouse.threads import mapped
from warehouse.vocabulary import Confirmation, Dataset, Diagnosis, Localization, Sex

Choice = TypeVar("Choice")

DEFAULT_IMAGES = 700
DEFAULT_SEED = 1
# Found by trying: with the default seed, each of the warehouse's splits gets at least five lesions
# of each diagnosis (of 160 images, one).
PLAN_STREAM = 12639
JPEG_QUALITY = 90
THREADS = 2
PARTS = ("HAM10000_images_part_1", "HAM10000_images_part_2")
OPENING = "Synthetic: drawn by `dermhouse fetch synthetic`"
README = f"""\
{OPENING}, seed {{seed}}, {{images}} images.

These are sketches, not photographs: no patient, no diagnosis, no medical meaning. They have the
layout of HAM10000, so that loading, building, training and serving can be tried without it.
Every image bears the mark SYNTHETIC, every row `synthetic` as its dataset.
"""


@dataclass(frozen=True)
class Kind:
    """How the patients of one diagnosis tend to be; `share` is its part of the images."""

    share: float
    age_years: float
    confirmations: dict[Confirmation, float]


HISTO, FOLLOW_UP, CONSENSUS, CONFOCAL = Confirmation
# Nevi lead as in HAM10000, but the rare ones are less rare, so that each split has some of each.
KINDS = {
    Diagnosis.nv: Kind(0.36, 45, {HISTO: 0.35, FOLLOW_UP: 0.5, CONSENSUS: 0.14, CONFOCAL: 0.01}),
    Diagnosis.mel: Kind(0.15, 60, {HISTO: 1.0}),
    Diagnosis.bkl: Kind(0.14, 64, {HISTO: 0.7, CONSENSUS: 0.25, CONFOCAL: 0.05}),
    Diagnosis.bcc: Kind(0.11, 66, {HISTO: 1.0}),
    Diagnosis.akiec: Kind(0.09, 66, {HISTO: 1.0}),
    Diagnosis.vasc: Kind(0.08, 51, {HISTO: 0.15, CONSENSUS: 0.85}),
    Diagnosis.df: Kind(0.07, 52, {HISTO: 0.45, CONSENSUS: 0.55}),
}
IMAGES_PER_LESION = {1: 0.78, 2: 0.16, 3: 0.06}
SITES = {
    Localization.back: 0.24,
    Localization.lower_extremity: 0.22,
    Localization.trunk: 0.15,
    Localization.upper_extremity: 0.12,
    Localization.abdomen: 0.1,
    Localization.face: 0.08,
    Localization.chest: 0.05,
    Localization.neck: 0.03,
    Localization.unknown: 0.01,
}
SEXES = {Sex.male: 0.53, Sex.female: 0.46, Sex.unknown: 0.01}
AGE_MISSING = 0.01


@dataclass(frozen=True)
class Row:
    """One line of the metadata, in HAM10000's columns."""

    lesion_id: str
    image_id: str
    dx: str
    dx_type: str
    age: str
    sex: str
    localization: str
    dataset: str = Dataset.synthetic.value


def fetch_synthetic(
    directory: Path,
    images: int = DEFAULT_IMAGES,
    seed: int = DEFAULT_SEED,
    progress: Progress = silent,
) -> Path:
    """
    Draw about `images` images of 600 x 450 pixels into a folder and return it, ready for `load`.

    The same seed gives the same files, byte for byte, with the same library versions.

    Raises:
        BadInputError: The folder holds something that was not drawn here.
    """
    rows = plan(images, seed)
    prepare(directory, README.format(seed=seed, images=len(rows)))
    folders = [directory / PARTS[2 * i // len(rows)] for i in range(len(rows))]
    with mapped(THREADS, write_image, folders, rows, repeat(seed)) as drawn:
        for done, _ in enumerate(drawn, start=1):
            progress("draw", done, len(rows))
    # Last, so that a folder half drawn is never taken for a whole one.
    frame = pd.DataFrame([asdict(row) for row in rows])
    frame.to_csv(directory / METADATA_NAME, index=False)
    return directory


def prepare(directory: Path, note: str) -> None:
    """Make the folder and leave the note in it; an earlier drawing is cleared, nothing else is."""
    readme = directory / "README.txt"
    if directory.exists():
        if not directory.is_dir():
            raise BadInputError(f"{directory}: not a folder; name one that is empty or new")
        drawn = readme.is_file() and readme.read_text(errors="replace").startswith(OPENING)
        if any(directory.iterdir()) and not drawn:
            raise BadInputError(f"{directory}: not an empty folder; name one that is empty or new")
    for part in PARTS:
        (directory / part).mkdir(parents=True, exist_ok=True)
        for old in (directory / part).glob("SYN_*.jpg"):
            old.unlink()
    (directory / METADATA_NAME).unlink(missing_ok=True)
    readme.write_text(note)


def plan(images: int, seed: int) -> list[Row]:
    """Return the rows: lesions of every diagnosis in mixed order, some with several images."""
    rng = np.random.default_rng([seed, PLAN_STREAM])
    sizes: list[tuple[Diagnosis, int]] = []
    for diagnosis, kind in KINDS.items():
        left = max(1, round(kind.share * images))
        while left > 0:
            size = min(left, pick(rng, IMAGES_PER_LESION))
            sizes.append((diagnosis, size))
            left -= size
    rows: list[Row] = []
    for serial, index in enumerate(rng.permutation(len(sizes)), start=1):
        diagnosis, size = sizes[index]
        lesion = plan_lesion(rng, serial, diagnosis)
        rows += [replace(lesion, image_id=f"SYN_{len(rows) + i:07d}") for i in range(1, size + 1)]
    return rows


def plan_lesion(rng: np.random.Generator, serial: int, diagnosis: Diagnosis) -> Row:
    """Return what the images of one lesion share."""
    kind = KINDS[diagnosis]
    age = float(np.clip(5 * round(rng.normal(kind.age_years, 14) / 5), 5, 85))
    return Row(
        lesion_id=f"SYN_L{serial:06d}",
        image_id="",
        dx=diagnosis.value,
        dx_type=pick(rng, kind.confirmations).value,
        age="" if rng.random() < AGE_MISSING else str(age),
        sex=pick(rng, SEXES).value,
        localization=pick(rng, SITES).value,
    )


def pick(rng: np.random.Generator, odds: Mapping[Choice, float]) -> Choice:
    """Return one of the choices by its odds, which need not sum to one."""
    weights = np.array(list(odds.values()))
    return list(odds)[rng.choice(len(weights), p=weights / weights.sum())]


def write_image(folder: Path, row: Row, seed: int) -> None:
    """Draw one image: the lesion is its lesion's, the view its own."""
    lesion = draw_lesion(Diagnosis(row.dx), np.random.default_rng([seed, 1, number(row.lesion_id)]))
    view = photograph(lesion, np.random.default_rng([seed, 2, number(row.image_id)]))
    Image.fromarray(view).save(folder / f"{row.image_id}.jpg", quality=JPEG_QUALITY)


def number(name: str) -> int:
    """Return the number that ends a name."""
    return int(name[-6:])
