"""Training images moved about as a camera would move them: flips, rotation, scale, brightness."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.settings import Augmentation


def augment(
    image: NDArray[np.uint8], how: Augmentation, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Return one altered copy of an RGB image, same shape; the generator alone decides how."""
    return relight(move(image, how, random), how, random)


def move(
    image: NDArray[np.uint8], how: Augmentation, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Flip, rotate and scale about the centre; what enters at the edges is a reflection."""
    if random.random() < 0.5:  # noqa: PLR2004 - one half, a fair coin
        image = np.ascontiguousarray(image[:, ::-1])
    height, width = image.shape[:2]
    centre = ((width - 1) / 2, (height - 1) / 2)
    matrix = cv2.getRotationMatrix2D(centre, random.uniform(0, 360), random.uniform(*how.scale))
    moved: NDArray[np.uint8] = cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return moved


def relight(
    image: NDArray[np.uint8], how: Augmentation, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Change brightness and colour, linearly per channel, clipped to 0..255."""
    gain = random.uniform(1 - how.brightness, 1 + how.brightness)
    colour = random.uniform(1 - how.colour, 1 + how.colour, size=3)
    shift = random.uniform(-how.shift, how.shift)
    levels = np.arange(256)[:, None] * (gain * colour) + shift
    table = np.clip(levels, 0, 255).astype(np.uint8).reshape(1, 256, 3)
    relit: NDArray[np.uint8] = cv2.LUT(image, table)
    return relit
