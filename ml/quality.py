"""How good a frame is: three measures, and what a person should do better before capturing."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.preprocess import Frame

MEASURED_PX = 224  # sharpness is comparable only between images of one size
SHARE_PX = 56  # hair and noise are averaged away, a lesion is not
BORDER = np.flatnonzero(np.pad(np.zeros((SHARE_PX - 8, SHARE_PX - 8)), 4, constant_values=1))


class Hint(StrEnum):
    """What is wrong with a frame; each can be mended by whoever holds the camera."""

    blurred = "blurred"
    too_dark = "too_dark"
    too_bright = "too_bright"
    too_far = "too_far"


# Each limit with the share of real frames below or above it (every second of the 8,510 files of
# HAM10000, 224 px; of the 42 originals of 600x450 only too_far flags one), and of spoilt ones.
LEAST_SHARPNESS = 12.0  # 0.6 %; blurred by a Gaussian of 1 px 88 %, of 2 px 99.9 %
# 0.0 %, the darkest is 89; at a quarter of the light 100 %. Lower than those frames ask for:
# they show light skin, and dark skin in good light must not be called too dark.
LEAST_BRIGHTNESS = 60.0
MOST_BRIGHTNESS = 210.0  # 0.4 %; at 1.5 times the light 66 %
LEAST_LESION_SHARE = 0.025  # 1.4 %; from 4 times as far 64 %, from 6 times 99 %


@dataclass(frozen=True)
class Quality:
    """The three measures of one frame; `lesion_share` is None where it was never measured."""

    brightness: float  # mean luma, 0..255
    sharpness: float  # variance of the Laplacian at 224 px
    lesion_share: float | None  # 0..1

    @property
    def hints(self) -> list[Hint]:
        """Return what could be better, in the order of Hint."""
        share = 1.0 if self.lesion_share is None else self.lesion_share
        is_wrong = {
            Hint.blurred: self.sharpness < LEAST_SHARPNESS,
            Hint.too_dark: self.brightness < LEAST_BRIGHTNESS,
            Hint.too_bright: self.brightness > MOST_BRIGHTNESS,
            Hint.too_far: share < LEAST_LESION_SHARE,
        }
        return [hint for hint, wrong in is_wrong.items() if wrong]


def measure_quality(frame: Frame) -> Quality:
    """Measure a decoded square frame of any size."""
    if frame.rgb.shape[0] != MEASURED_PX:
        square = (MEASURED_PX, MEASURED_PX)
        frame = Frame.of(cv2.resize(frame.rgb, square, interpolation=cv2.INTER_AREA))
    return Quality(cv2.mean(frame.luma)[0], frame.detail**2, estimate_lesion_share(frame.rgb))


def estimate_lesion_share(rgb: NDArray[np.uint8]) -> float:
    """
    Return the share of the frame whose colour is not that of its border.

    The border's median colour in CIELAB stands for skin; Otsu's threshold (IEEE Trans. SMC 9,
    1979) parts the distances from it. It says how large the odd part is, not that it is a lesion.
    """
    half = cv2.resize(rgb, (2 * SHARE_PX, 2 * SHARE_PX), interpolation=cv2.INTER_AREA)
    small = cv2.resize(half, (SHARE_PX, SHARE_PX), interpolation=cv2.INTER_AREA)  # halving is fast
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    away = lab - np.median(lab[BORDER], axis=0).astype(np.float32)
    distance = np.sqrt(np.einsum("ij,ij->i", away, away))
    # Doubled, so that steps smaller than one grey level of 255 still part.
    levels = np.minimum(2 * distance, 255).astype(np.uint8)
    _, odd = cv2.threshold(levels, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return cv2.mean(odd)[0]
