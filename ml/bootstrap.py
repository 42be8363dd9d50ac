"""
The 95 % interval of any figure, from resamples of whole lesions.

The interval is the percentile bootstrap over lesion groups, not images: images of one lesion
resemble each other, and resampling them one by one would make the intervals too narrow (Field and
Welsh, Journal of the Royal Statistical Society B 69, 2007).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
SEED = 136
PERCENTILES = (2.5, 97.5)
TOGETHER = 100  # resamples computed at once: enough to be fast, few enough for little memory

Floats = NDArray[np.float64]
Groups = NDArray[np.intp]
Key = tuple[str, str]
Interval = tuple[float | None, float | None]


def bootstrap(
    compute: Callable[[Floats], Mapping[Key, Floats]], groups: Groups
) -> dict[Key, Interval]:
    """
    Return the interval of every figure; None where no resample could be computed.

    compute: weights (B, N), how often each image counts in each sample, to figures (B,).
    groups: (N,) the lesion group of each image.
    """
    parts = [compute(weights) for weights in resamples(groups)]
    return {key: interval(part[key] for part in parts) for key in parts[0]}


def resamples(groups: Groups) -> Iterator[Floats]:
    """Yield how often each image stands in each sample of whole groups, (TOGETHER, N) a time."""
    random = np.random.default_rng(SEED)
    names, places = np.unique(groups, return_inverse=True)
    shares = np.full(len(names), 1 / len(names))
    for _ in range(RESAMPLES // TOGETHER):
        counts = random.multinomial(len(names), shares, size=TOGETHER)
        yield counts[:, places].astype(np.float64)


def interval(parts: Iterable[Floats]) -> Interval:
    """Return the percentiles of one figure over all resamples that have it."""
    values = np.concatenate(list(parts))
    values = values[~np.isnan(values)]
    if not len(values):
        return None, None
    low, high = np.percentile(values, PERCENTILES)
    return float(low), float(high)
