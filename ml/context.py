"""Age, sex and body site as numbers; what is not known is all zeros."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from warehouse.vocabulary import Localization, Sex

# Between two knots an age is shared out by its distance to each, so that a linear model over
# them can bend at every knot.
AGE_KNOTS = (0.0, 20.0, 40.0, 60.0, 80.0)
SEXES = [sex.value for sex in Sex if sex is not Sex.unknown]
SITES = [site.value for site in Localization if site is not Localization.unknown]
WIDTH = len(AGE_KNOTS) + len(SEXES) + len(SITES)
FIELD_STARTS = (len(AGE_KNOTS), len(AGE_KNOTS) + len(SEXES))  # of sex and of site; age is first

Floats = NDArray[np.float32]


@lru_cache(4096)  # every served frame asks for one, and most alike
def encode(age_years: float | None, sex: str, localization: str) -> Floats:
    """Return one context, (WIDTH,), read-only."""
    places = np.arange(len(AGE_KNOTS))
    place = -np.inf  # far from every knot
    if age_years is not None and not np.isnan(age_years):
        place = float(np.interp(age_years, AGE_KNOTS, places))
    shares = np.clip(1 - np.abs(places - place), 0, 1)
    words = [sex == each for each in SEXES] + [localization == each for each in SITES]
    context = np.concatenate([shares, words]).astype(np.float32)
    context.setflags(write=False)
    return context


def encode_all(rows: Iterable[tuple[float | None, str, str]]) -> Floats:
    """Return the contexts (N, WIDTH) of rows of age in years, sex and localization."""
    return np.array([encode(*row) for row in rows], dtype=np.float32).reshape(-1, WIDTH)


def missing(count: int) -> Floats:
    """Return the contexts (count, WIDTH) of whom nothing is known."""
    return np.zeros((count, WIDTH), dtype=np.float32)
