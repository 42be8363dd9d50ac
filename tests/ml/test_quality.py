from pathlib import Path

import cv2
import numpy as np
import pytest

from ml.preprocess import Frame, decode
from ml.quality import Hint, Quality, estimate_lesion_share, measure_quality

SKIN, LESION = (200, 160, 140), (90, 50, 40)


def a_lesion(radius: int, size: int = 224) -> np.ndarray:
    """A round lesion on skin, both with the grain of a sharp picture."""
    picture = np.full((size, size, 3), SKIN, np.uint8)
    cv2.circle(picture, (size // 2, size // 2), radius, LESION, -1)
    grain = np.random.default_rng(1).normal(0, 6, (size, size, 1))
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def test_a_sharp_lit_lesion_that_fills_the_frame_needs_no_hint():
    assert measure_quality(Frame.of(a_lesion(60))).hints == []


@pytest.mark.parametrize(
    ("spoil", "hint"),
    [
        (lambda rgb: cv2.GaussianBlur(rgb, (0, 0), 4), Hint.blurred),
        (lambda rgb: rgb // 4, Hint.too_dark),
        (lambda rgb: 255 - (255 - rgb) // 4, Hint.too_bright),
    ],
)
def test_a_spoilt_frame_gets_its_hint(spoil, hint: Hint):
    assert hint in measure_quality(Frame.of(spoil(a_lesion(60)))).hints


def test_a_sharp_bright_frame_measures_higher_than_a_dull_blurred_one():
    noise = np.random.default_rng(1).integers(100, 255, (224, 224, 3), np.uint8)
    dull = np.full((224, 224, 3), 40, np.uint8)
    sharp, blurred = measure_quality(Frame.of(noise)), measure_quality(Frame.of(dull))
    assert sharp.brightness > blurred.brightness == pytest.approx(40, abs=1)
    assert sharp.sharpness > blurred.sharpness == 0


def test_a_lesion_seen_from_far_is_told():
    assert measure_quality(Frame.of(a_lesion(8))).hints == [Hint.too_far]


@pytest.mark.parametrize("radius", [20, 40, 60, 80])
def test_the_share_is_that_of_the_lesions_area(radius: int):
    expected = np.pi * radius**2 / 224**2
    assert estimate_lesion_share(a_lesion(radius)) == pytest.approx(expected, rel=0.15)


def test_a_frame_of_another_size_is_measured_as_one_of_224():
    large = cv2.resize(a_lesion(60), (448, 448), interpolation=cv2.INTER_NEAREST)
    assert measure_quality(Frame.of(large)) == measure_quality(Frame.of(a_lesion(60)))


def test_a_share_that_was_never_measured_gives_no_hint():
    assert Quality(brightness=120, sharpness=50, lesion_share=None).hints == []


@pytest.mark.real
def test_at_most_two_in_a_hundred_real_frames_get_each_hint(real_ham10000: Path):
    paths = sorted(real_ham10000.glob("HAM10000_images_part_*/*.jpg"))[::20]
    found = [measure_quality(decode(path.read_bytes(), 224, 10**6)).hints for path in paths]
    assert len(found) > 400
    for hint in Hint:
        assert sum(hint in hints for hints in found) <= 0.02 * len(found), hint
