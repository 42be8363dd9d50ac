"""Whether a frame shows a skin lesion at all, judged by how usual it is among those of tune."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.preprocess import Frame, detail_of

COLOUR_PX, SHAPE_PX = 32, 96
REFUSED = 0.02  # largest share of tune lesions that may be refused
FEWEST = 200  # lesions; fewer do not tell what is usual, and nothing is refused
RIDGE = 1e-3  # on the correlations, so that they can be inverted

SIGNALS = (
    *("lightness", "green_red", "blue_yellow"),  # mean colour, CIELAB
    *("lightness_spread", "green_red_spread", "blue_yellow_spread"),  # log
    *("fine_detail", "medium_detail", "coarse_detail"),  # log spread of the Laplacian
    *(f"logit_{place}" for place in range(7)),
)

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]


def measure_signals(frame: Frame, activation: Floats) -> Floats:
    """
    Return how one frame looks, and what the network makes of it, in the order of SIGNALS.

    activation: (h, w, 7), whose mean is the image's logits.
    """
    small = cv2.resize(frame.rgb, (COLOUR_PX, COLOUR_PX), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    mean, spread = cv2.meanStdDev(lab)
    medium = cv2.resize(frame.luma, (SHAPE_PX, SHAPE_PX), interpolation=cv2.INTER_AREA)
    coarse = np.ascontiguousarray(lab[..., 0])
    details = [frame.detail, detail_of(medium), detail_of(coarse)]
    logits = activation.mean(axis=(0, 1))
    return np.concatenate([mean[:, 0], np.log1p(spread[:, 0]), np.log1p(details), logits])


@dataclass(frozen=True)
class Gate:
    """
    The usual signals of a lesion, and how far from them a frame may be.

    The distance is Mahalanobis's. After Lee and others, "A simple unified framework for detecting
    out-of-distribution samples", NeurIPS 2018, over few signals in place of all features.
    """

    mean: tuple[float, ...]  # (16,) in the order of SIGNALS
    spread: tuple[float, ...]  # (16,)
    precision: tuple[tuple[float, ...], ...]  # (16, 16) inverse of the correlations
    limit: float  # largest distance, squared, that is taken for a lesion

    @cached_property  # every served frame reads it
    def arrays(self) -> tuple[Floats, Floats, Floats]:
        """The mean (16,), the spread (16,) and the precision (16, 16)."""
        return np.asarray(self.mean), np.asarray(self.spread), np.asarray(self.precision)

    def distances(self, signals: Floats) -> Floats:
        """Return the squared distances (N,) of frames, signals (N, 16)."""
        mean, spread, precision = self.arrays
        usual = (signals - mean) / spread
        return np.asarray(np.sum(usual @ precision * usual, axis=1))

    def accepts(self, signals: Floats) -> NDArray[np.bool_]:
        """Return which frames are taken for lesions, (N,)."""
        return np.asarray(self.distances(signals) <= self.limit)

    def as_dict(self) -> dict[str, Any]:
        """Return the gate as it is written beside a model."""
        return {
            "signals": dict(zip(SIGNALS, zip(self.mean, self.spread, strict=True), strict=True)),
            "precision": [list(row) for row in self.precision],
            "limit": self.limit,
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "Gate":
        """Read what `as_dict` wrote; KeyError, TypeError or ValueError where it did not."""
        pairs = [value["signals"][name] for name in SIGNALS]
        mean, spread = zip(*pairs, strict=True)
        precision = tuple(tuple(map(float, row)) for row in value["precision"])
        return cls(tuple(map(float, mean)), tuple(map(float, spread)), precision, value["limit"])


def fit_gate(signals: Floats) -> Gate | None:
    """
    Fit a gate to the tune split's signals (N, 16), or return None where there are too few.

    At most REFUSED of these lesions are refused. No frame without a lesion is looked at.
    """
    if len(signals) < FEWEST:
        return None
    mean, spread = signals.mean(axis=0), signals.std(axis=0) + 1e-6
    correlations = np.corrcoef(((signals - mean) / spread).T)
    precision = np.linalg.inv((1 - RIDGE) * correlations + RIDGE * np.eye(len(mean)))
    rows = tuple(tuple(map(float, row)) for row in precision)
    gate = Gate(tuple(map(float, mean)), tuple(map(float, spread)), rows, np.inf)
    distances = np.sort(gate.distances(signals))
    limit = distances[len(distances) - 1 - int(REFUSED * len(distances))]
    return Gate(gate.mean, gate.spread, gate.precision, float(limit))
