"""Look at a drawn lesion as a camera would: another angle, hairs, dark corners, grain, a mark."""

import cv2
import numpy as np
import numpy.typing as npt

from etl.drawing import Array, chance

WIDTH, HEIGHT = 600, 450
MARK = "SYNTHETIC"

DOWN, RIGHT = np.meshgrid(np.linspace(-1, 1, HEIGHT), np.linspace(-1, 1, WIDTH), indexing="ij")
DISTANCE = np.sqrt((DOWN**2 + RIGHT**2) / 2)
# 0 over most of the frame, rising towards its corners.
CORNERS = (np.clip(DISTANCE - 0.45, 0, 1) ** 1.5).astype(np.float32)[..., None]
HAIRY = 0.4


def photograph(sketch: Array, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return one view of a sketch: RGB, 450 x 600 x 3, marked as synthetic."""
    frame = turn(sketch, rng)
    if chance(rng, HAIRY):
        draw_hairs(frame, rng)
    frame *= np.float32(rng.uniform(0.88, 1.1)) * (1 - np.float32(rng.uniform(0, 0.9)) * CORNERS)
    frame += draw_grain(rng)
    picture = np.clip(frame, 0, 255).astype(np.uint8)
    place = (8, HEIGHT - 10)
    for colour, thickness in (((40, 40, 40), 3), ((235, 235, 235), 1)):
        cv2.putText(
            picture, MARK, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, thickness, cv2.LINE_AA
        )
    return picture


def turn(sketch: Array, rng: np.random.Generator) -> Array:
    """Return the sketch at full size, turned, shifted, nearer or farther, perhaps mirrored."""
    if chance(rng, 0.5):
        sketch = cv2.flip(sketch, 1)
    height, width = sketch.shape[:2]
    zoom = 2 * rng.uniform(0.9, 1.2)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(0, 360), zoom)
    matrix[:, 2] += np.array([WIDTH - width, HEIGHT - height]) / 2 + rng.normal(0, 12, 2)
    frame: Array = cv2.warpAffine(
        sketch, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return frame


def draw_hairs(frame: Array, rng: np.random.Generator) -> None:
    """Draw a few long dark hairs, each a gentle curve across the frame."""
    hairs = np.zeros(frame.shape[:2], np.uint8)
    for _ in range(rng.integers(2, 14)):
        start, middle, end = rng.uniform(-40, (WIDTH + 40, HEIGHT + 40), (3, 2))
        middle = 0.8 * (start + end) / 2 + 0.2 * middle
        along = np.linspace(0, 1, 24)[:, None]
        curve = (1 - along) ** 2 * start + 2 * along * (1 - along) * middle + along**2 * end
        thickness = int(rng.integers(1, 3))
        cv2.polylines(hairs, [curve.astype(np.int32)], False, 255, thickness, cv2.LINE_AA)
    shade = np.array([50, 38, 32], np.float32) * np.float32(rng.uniform(0.6, 1.6))
    covered = hairs > 0
    opacity = np.float32(0.85 / 255) * hairs[covered][:, None]
    frame[covered] += (shade - frame[covered]) * opacity


def draw_grain(rng: np.random.Generator) -> Array:
    """Return the sensor's noise, the same in all three colours."""
    coarse = 5 * rng.standard_normal((HEIGHT // 2, WIDTH // 2), dtype=np.float32)
    grain: Array = cv2.resize(coarse, (WIDTH, HEIGHT))
    return grain[..., None]
