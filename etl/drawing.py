"""
Draw a lesion as a dermatoscope might show it: a teaching sketch of each diagnosis, not a patient.

Colours are RGB floats from 0 to 255, masks floats from 0 to 1; arrays are height x width (x 3).
A sketch is drawn at half size and enlarged, so that a few milliseconds make one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from warehouse.vocabulary import Diagnosis

# Square and with room around the lesion, so that it can be turned and stay alone in the frame.
HEIGHT, WIDTH = 320, 320
DISGUISED = 0.15

Array = npt.NDArray[np.float32]
Colour = tuple[int, int, int]
Feature = Callable[[Array, Array, np.random.Generator], None]

ROWS, COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)


def draw_lesion(diagnosis: Diagnosis, rng: np.random.Generator) -> Array:
    """Return one lesion on skin, half size, without hair, light or camera."""
    look = LOOKS[diagnosis]
    # Some lesions have another's shape and colours, and only their signs give them away.
    guise = LOOKS[list(LOOKS)[rng.integers(len(LOOKS))]] if chance(rng, DISGUISED) else look
    canvas = draw_skin(rng, look.redness)
    mask = draw_outline(rng, guise)
    colours = [vary(rng, colour) for colour in guise.colours]
    paint(canvas, mask, colours[0])
    for colour in colours[1:]:
        paint(canvas, mask * patches(rng, 35), colour, 0.8)
    for feature in look.features:
        # A textbook lesion shows every sign of its kind; a real one some, and some faintly.
        if chance(rng, look.typical):
            feature(canvas, mask * np.float32(rng.uniform(0.5, 1)), rng)
    return canvas


def draw_skin(rng: np.random.Generator, redness: float) -> Array:
    """Return skin of some tone, lighter towards one side, mottled."""
    tone = np.array([232, 190, 170]) + rng.uniform(0, 1) * np.array([-70, -85, -90])
    tone += np.array([6, -18, -14]) * redness * rng.uniform(0, 1)
    angle = rng.uniform(0, 2 * np.pi)
    slope = (ROWS / HEIGHT - 0.5) * np.sin(angle) + (COLUMNS / WIDTH - 0.5) * np.cos(angle)
    light = 1 + 0.12 * slope + 0.03 * cloud(rng, 40) + 0.015 * cloud(rng, 4)
    skin: Array = light.astype(np.float32)[..., None] * tone.astype(np.float32)
    return skin


def draw_outline(rng: np.random.Generator, look: "Look") -> Array:
    """Return the lesion's mask: an oval whose border wanders as irregularly as the look says."""
    angles = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    radius = np.ones_like(angles)
    for wave in range(2, 9):
        strength = look.irregular * rng.normal() / wave
        radius += strength * np.cos(wave * angles + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.35, 1.7) * rng.uniform(*look.radius)
    stretch = rng.uniform(0.75, 1.0)
    turn = rng.uniform(0, np.pi)
    across, along = radius * np.cos(angles), radius * np.sin(angles) * stretch
    centre = np.array([WIDTH, HEIGHT]) / 2 + rng.normal(0, 10, 2)
    points = np.stack(
        [
            centre[0] + across * np.cos(turn) - along * np.sin(turn),
            centre[1] + across * np.sin(turn) + along * np.cos(turn),
        ],
        axis=1,
    )
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.fillPoly(mask, [points.astype(np.int32)], 1.0)
    return blur(mask, look.soft * rng.uniform(0.7, 1.4))


def network(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw a pigment network: a honeycomb of brown lines."""
    step = rng.uniform(6, 9)
    bend = 2.5 * cloud(rng, 25)
    lines = np.sin((COLUMNS + bend) * 2 * np.pi / step) * np.sin((ROWS - bend) * 2 * np.pi / step)
    paint(canvas, mask * above(-np.abs(lines), -0.3), vary(rng, (70, 42, 30)), 0.45)


def dark_blotches(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw off-centre patches, nearly black."""
    paint(canvas, mask * patches(rng, 22), vary(rng, (38, 26, 26)), 0.85)


def blue_veil(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw a blue-white haze over a part."""
    paint(canvas, mask * patches(rng, 30), vary(rng, (110, 120, 150)), 0.7)


def milia(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw white cysts and dark pits."""
    paint(canvas, mask * spots(rng, 25, (1, 3)), vary(rng, (240, 225, 195)), 0.85)
    paint(canvas, mask * spots(rng, 20, (2, 4)), vary(rng, (75, 50, 35)), 0.75)


def ridges(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw a waxy, furrowed surface."""
    furrows = np.sin(7 * cloud(rng, 14))
    paint(canvas, mask * above(furrows, 0.4), vary(rng, (95, 65, 45)), 0.4)


def vessels(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw branching red vessels."""
    lines = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(rng.integers(5, 10)):
        draw_wander(lines, rng, length=70, thickness=int(rng.integers(1, 3)))
    paint(canvas, np.clip(mask * 1.2, 0, 1) * blur(lines, 0.6), vary(rng, (175, 40, 50)), 0.85)


def ovoid_nests(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw blue-grey islands."""
    paint(canvas, mask * spots(rng, 9, (4, 9)), vary(rng, (95, 95, 120)), 0.75)


def scales(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw white-yellow scales over redness."""
    paint(canvas, mask * patches(rng, 8), vary(rng, (238, 220, 190)), 0.65)


def strawberry(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw red dots between pale follicles."""
    paint(canvas, mask * spots(rng, 60, (1, 3)), vary(rng, (185, 60, 60)), 0.6)


def lacunae(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw red and purple lakes with sharp borders."""
    paint(canvas, mask * spots(rng, 22, (6, 13)), vary(rng, (150, 20, 45)), 0.8)
    paint(canvas, mask * spots(rng, 10, (5, 10)), vary(rng, (85, 25, 70)), 0.8)


def white_scar(canvas: Array, mask: Array, rng: np.random.Generator) -> None:
    """Draw a white patch in the middle."""
    middle = blur(above(blur(mask, 12), 0.75 * mask.max()), 6) * mask.max()
    paint(canvas, middle, vary(rng, (240, 220, 212)), 0.85)


@dataclass(frozen=True)
class Look:
    """How one diagnosis tends to look; radius and softness in pixels of the half-size sketch."""

    colours: tuple[Colour, ...]
    features: tuple[Feature, ...]
    radius: tuple[float, float]
    irregular: float
    soft: float
    redness: float = 0.2
    typical: float = 0.85


LOOKS = {
    Diagnosis.akiec: Look(
        ((205, 120, 105), (215, 150, 125)), (scales, strawberry), (45, 80), 0.35, 9, redness=1.0
    ),
    Diagnosis.bcc: Look(
        ((215, 150, 140), (200, 125, 125)), (vessels, ovoid_nests), (40, 75), 0.25, 5, redness=0.7
    ),
    Diagnosis.bkl: Look(((160, 120, 85), (135, 95, 65)), (ridges, milia), (45, 85), 0.22, 1.5),
    Diagnosis.df: Look(
        ((190, 135, 110), (170, 110, 85)), (network, white_scar), (35, 60), 0.12, 7, redness=0.4
    ),
    Diagnosis.mel: Look(
        ((105, 65, 50), (70, 45, 40), (150, 95, 75)), (dark_blotches, blue_veil), (50, 95), 0.4, 3
    ),
    Diagnosis.nv: Look(((135, 88, 62), (115, 72, 52)), (network,), (30, 70), 0.12, 4),
    Diagnosis.vasc: Look(
        ((185, 55, 65), (150, 35, 60)), (lacunae,), (30, 60), 0.2, 2.5, redness=0.6
    ),
}


def paint(
    canvas: Array, mask: npt.NDArray[np.floating], colour: Array, strength: float = 1.0
) -> None:
    """Blend a colour into the canvas where the mask says."""
    canvas += (colour - canvas) * (strength * mask)[..., None].astype(np.float32)


def chance(rng: np.random.Generator, odds: float) -> bool:
    """Return True as often as the odds, between 0 and 1, say."""
    return bool(rng.random() < odds)


def above(field: Array, level: float) -> Array:
    """Return a mask of where a field exceeds a level."""
    return (field > level).astype(np.float32)


def vary(rng: np.random.Generator, colour: Colour) -> Array:
    """Return a colour near this one: brighter or darker, and a little off in hue."""
    return (np.array(colour) * rng.uniform(0.85, 1.15) + rng.normal(0, 5, 3)).astype(np.float32)


def cloud(rng: np.random.Generator, grain: float) -> Array:
    """Return smooth noise of unit variance; `grain` is the size of its features in pixels."""
    shape = (int(HEIGHT / grain) + 3, int(WIDTH / grain) + 3)
    coarse = rng.standard_normal(shape).astype(np.float32)
    fine: Array = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return fine


def patches(rng: np.random.Generator, grain: float) -> Array:
    """Return a mask of soft patches that cover a third."""
    return blur(above(cloud(rng, grain), 0.35), grain / 8)


def spots(rng: np.random.Generator, count: int, radii: tuple[int, int]) -> Array:
    """Return a mask of about `count` round spots near the middle, radii in pixels."""
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(rng.integers(count // 2, count * 3 // 2 + 1)):
        x, y = rng.normal((WIDTH / 2, HEIGHT / 2), 32)
        cv2.circle(mask, (int(x), int(y)), int(rng.integers(*radii)), 1.0, -1)
    return blur(mask, 0.7)


def draw_wander(mask: Array, rng: np.random.Generator, length: int, thickness: int) -> None:
    """Draw one line that starts near the middle and wanders, steps of four pixels."""
    turns = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.25, length // 4))
    steps = 4 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    points = rng.normal((WIDTH / 2, HEIGHT / 2), 28) + np.cumsum(steps, axis=0)
    cv2.polylines(mask, [points.astype(np.int32)], False, 1.0, thickness)


def blur(mask: Array, sigma: float) -> Array:
    """Return a mask with soft borders; sigma in pixels."""
    blurred: Array = cv2.GaussianBlur(mask, (0, 0), sigma)
    return blurred
