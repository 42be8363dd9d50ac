"""Training images moved about as a camera would move them: pose, crop, light, colour, focus."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.settings import Augmentation

Image = NDArray[np.uint8]

EVEN = 0.5  # one half, a fair coin
LUMA = np.array([0.299, 0.587, 0.114])  # share of red, green and blue in grey, ITU-R BT.601
BLUR_PX = (0.5, 1.5)  # standard deviation of a blur


def augment(
    image: Image, how: Augmentation, random: np.random.Generator, size: int | None = None
) -> Image:
    """
    Return one altered copy of an RGB image; the generator alone decides how.

    The copy is size x size, or as large as the image.
    """
    moved = move(image, how, random, size or image.shape[0])
    relit = relight(moved, how, random)
    return refocus(relit, random) if random.random() < how.blur else relit


def move(image: Image, how: Augmentation, random: np.random.Generator, size: int) -> Image:
    """Flip, rotate, scale, stretch and shift; what enters at the edges is a reflection."""
    side = image.shape[0]
    scale = np.exp(random.uniform(*np.log(how.scale))) * size / side
    stretch = np.exp(random.uniform(-how.stretch, how.stretch))
    flip = 1 if random.random() < EVEN else -1
    angle = random.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([flip * scale * stretch, scale / stretch])
    centre = (side - 1) / 2 + random.uniform(-how.offset, how.offset, size=2) * side
    shift = (size - 1) / 2 - linear @ centre
    moved: Image = cv2.warpAffine(
        image,
        np.column_stack([linear, shift]),
        (size, size),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return moved


def relight(image: Image, how: Augmentation, random: np.random.Generator) -> Image:
    """Change brightness, contrast, saturation and tint: one linear map of each pixel, clipped."""
    gain = around_one(how.brightness, random) * around_one(how.colour, random, 3)
    contrast, saturation = around_one(how.contrast, random), around_one(how.saturation, random)
    mixed = saturation * np.eye(3) + (1 - saturation) * np.outer(np.ones(3), LUMA)
    mean = image[::8, ::8].reshape(-1, 3).mean(axis=0)
    constant = (1 - contrast) * gain * mean
    relit: Image = cv2.transform(
        image, np.column_stack([contrast * gain[:, None] * mixed, constant])
    )
    return relit


def refocus(image: Image, random: np.random.Generator) -> Image:
    """Blur slightly, as a camera a little out of focus."""
    blurred: Image = cv2.GaussianBlur(image, (0, 0), random.uniform(*BLUR_PX))
    return blurred


def around_one(spread: float, random: np.random.Generator, size: int = 1) -> NDArray[np.float64]:
    """Return factors between 1 - spread and 1 + spread, (size,)."""
    return random.uniform(1 - spread, 1 + spread, size=size)
