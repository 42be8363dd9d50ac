"""Frames that show no skin lesion, by family: what a camera sees when nobody aims it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.predictor import Predictor
from ml.preprocess import Frame
from warehouse.vocabulary import Decision

Pixels = NDArray[np.uint8]
Draw = Callable[[int, np.random.Generator], Pixels]

WORDS = ("patient", "seen", "again", "after", "three", "months", "the", "margins", "were", "clear")
SKIN = (np.array([120, 70, 50]), np.array([245, 205, 185]))  # RGB, from dark to pale


@dataclass(frozen=True)
class Family:
    """One kind of frame; `draw` takes the side in px and a generator, and gives RGB."""

    name: str
    draw: Draw


def draw_family(family: Family, count: int, size: int, seed: int) -> Pixels:
    """Return frames of one family, (count, size, size, 3); the same seed draws the same."""
    random = np.random.default_rng([seed, *family.name.encode()])
    return np.stack([family.draw(size, random) for _ in range(count)])


def black(size: int, random: np.random.Generator) -> Pixels:
    """Return a covered lens: black, with the noise of a sensor."""
    return noisy(np.zeros((size, size, 3)), random.uniform(0, 6), random)


def white(size: int, random: np.random.Generator) -> Pixels:
    """Return an overexposed frame."""
    return noisy(np.full((size, size, 3), 255.0), random.uniform(0, 6), random)


def wall(size: int, random: np.random.Generator) -> Pixels:
    """Return one colour, lit evenly but for a sensor's noise."""
    return noisy(np.ones((size, size, 3)) * any_colour(random), random.uniform(0, 8), random)


def gradient(size: int, random: np.random.Generator) -> Pixels:
    """Return a smooth change from one colour to another, in any direction."""
    angle = random.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[:size, :size] / (size - 1) - 0.5
    along = np.clip(rows * np.sin(angle) + columns * np.cos(angle) + 0.5, 0, 1)[..., None]
    first, second = any_colour(random), any_colour(random)
    return noisy(first + along * (second - first), random.uniform(0, 6), random)


def noise(size: int, random: np.random.Generator) -> Pixels:
    """Return random pixels, coarse or fine, in colour or grey."""
    cells = int(random.choice([size, size // 2, size // 4, size // 8]))
    grain = random.integers(0, 256, (cells, cells, int(random.choice([1, 3]))))
    grown = cv2.resize(grain.astype(np.uint8), (size, size), interpolation=cv2.INTER_NEAREST)
    return np.ascontiguousarray(np.broadcast_to(grown.reshape(size, size, -1), (size, size, 3)))


def text_page(size: int, random: np.random.Generator) -> Pixels:
    """Return dark words on light paper, seen from near or far."""
    page = np.full((size, size, 3), random.uniform(200, 255, 3).astype(np.uint8))
    scale = random.uniform(0.25, 0.9) * size / 224
    step = max(int(32 * scale), 6)
    ink = tuple(map(float, random.uniform(0, 80, 3)))
    for row in range(step, size + step, step):
        words = " ".join(random.choice(WORDS, 12))
        place = (int(random.integers(-20, 10)), row)
        cv2.putText(page, words, place, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 1, cv2.LINE_AA)
    return noisy(page, random.uniform(0, 6), random)


def stripes(size: int, random: np.random.Generator) -> Pixels:
    """Return stripes or a checkerboard in two colours, as of cloth or tiles."""
    angle, period = random.uniform(0, np.pi), random.uniform(6, 50) * size / 224
    rows, columns = np.mgrid[:size, :size]
    turned = rows * np.sin(angle) + columns * np.cos(angle)
    across = rows * np.cos(angle) - columns * np.sin(angle)
    is_first = np.sin(2 * np.pi * turned / period) > 0
    if random.random() < 0.5:  # noqa: PLR2004 - one half, a fair coin
        is_first ^= np.sin(2 * np.pi * across / period) > 0
    frame = np.where(is_first[..., None], any_colour(random), any_colour(random))
    return noisy(frame, random.uniform(0, 6), random)


def face(size: int, random: np.random.Generator) -> Pixels:
    """Return a drawn face before a wall: skin, hair, eyes, brows, nose and mouth."""
    frame = np.full((size, size, 3), any_colour(random).astype(np.uint8))
    skin = SKIN[0] + random.random() * (SKIN[1] - SKIN[0])
    dark = random.uniform(0, 90, 3)
    unit = size * random.uniform(0.28, 0.42)
    x, y = size * random.uniform(0.4, 0.6), size * random.uniform(0.45, 0.6)

    def oval(dx: float, dy: float, width: float, height: float, colour: Any) -> None:
        centre = (int(x + dx * unit), int(y + dy * unit))
        axes = (max(int(width * unit), 1), max(int(height * unit), 1))
        cv2.ellipse(frame, centre, axes, 0, 0, 360, tuple(map(float, colour)), -1, cv2.LINE_AA)

    oval(0, -0.25, 0.95, 1.15, dark)
    oval(0, 0, 0.8, 1.05, skin)
    for side in (-0.32, 0.32):
        oval(side, -0.35, 0.18, 0.04, dark)
        oval(side, -0.15, 0.15, 0.08, np.full(3, 245.0))
        oval(side, -0.15, 0.07, 0.07, dark)
    oval(0, 0.15, 0.1, 0.2, skin * 0.88)
    oval(0, 0.55, 0.3, 0.08, np.array([170.0, 70.0, 75.0]))
    blurred = cv2.GaussianBlur(frame, (0, 0), random.uniform(0.5, 2.0) * size / 224)
    return noisy(blurred, random.uniform(0, 6), random)


def bare_skin(size: int, random: np.random.Generator) -> Pixels:
    """Return skin without a lesion: its tone, its fine relief, light from one side."""
    tone = SKIN[0] + random.random() * (SKIN[1] - SKIN[0])
    light = np.linspace(-1, 1, size)[None, :, None] * random.uniform(0, 15)
    relief = cv2.GaussianBlur(random.normal(0, 1, (size, size)), (0, 0), random.uniform(1, 3))
    relief *= random.uniform(1, 5) / relief.std()
    return noisy(tone + light + relief[..., None], 2, random)


def photograph(size: int, random: np.random.Generator) -> Pixels:
    """Return a part of one of scikit-learn's sample photographs: a flower, a pagoda."""
    from sklearn.datasets import load_sample_image  # noqa: PLC0415 - the server needs none

    whole = load_sample_image(str(random.choice(["flower.jpg", "china.jpg"])))
    side = int(random.integers(120, whole.shape[0]))
    top = int(random.integers(0, whole.shape[0] - side))
    left = int(random.integers(0, whole.shape[1] - side))
    part = whole[top : top + side, left : left + side]
    resized: Pixels = cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA)
    return resized


def any_colour(random: np.random.Generator) -> NDArray[np.float64]:
    """Return one RGB colour, 0..255."""
    return random.uniform(0, 255, 3)


def noisy(frame: NDArray[Any], spread: float, random: np.random.Generator) -> Pixels:
    """Add a sensor's noise and return 8-bit pixels."""
    return np.clip(frame + random.normal(0, spread, frame.shape), 0, 255).astype(np.uint8)


FAMILIES = tuple(
    Family(draw.__name__, draw)
    for draw in (
        *(black, white, wall, gradient, noise, text_page, stripes, face),
        *(bare_skin, photograph),
    )
)

BLURS = (4, 8, 16)  # px of a 224 px frame, the Gaussian's standard deviation


def blurred(lesions: Pixels, blur: float) -> Pixels:
    """Return lesions (N, S, S, 3) out of focus, as `blurred` by so many px of 224."""
    spread = blur * lesions.shape[1] / 224
    return np.stack([cv2.GaussianBlur(each, (0, 0), spread) for each in lesions])


def measure_refusals(predictor: Predictor, lesions: Pixels, count: int = 50) -> dict[str, float]:
    """
    Return the share of frames answered as not assessable, by family.

    lesions: (N, S, S, 3) real ones, told as they are, and blurred by each of BLURS.
    """
    size = predictor.input_px
    frames = {family.name: draw_family(family, count, size, seed=1) for family in FAMILIES}
    frames |= {"lesions": lesions}
    frames |= {f"lesions, blur {blur} px": blurred(lesions, blur) for blur in BLURS}
    return {
        name: float(np.mean([is_refused(predictor, rgb) for rgb in images]))
        for name, images in frames.items()
    }


def is_refused(predictor: Predictor, rgb: Pixels) -> bool:
    """Return whether a frame (S, S, 3) is answered as not assessable."""
    return predictor.answer(Frame.of(rgb)).decision is Decision.not_assessable
