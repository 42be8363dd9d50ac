"""What a model refuses, what needs no image to be guessed, which frames are told to be poor."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.home import filled_home, trained_home
from ml.dataset import load_examples
from ml.nonlesions import blurred, measure_refusals
from ml.predictor import Predictor
from ml.preprocess import Frame
from ml.quality import MEASURED_PX, Hint, measure_quality
from ml.shortcuts import audit_shortcuts
from warehouse import published
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import Split

LESIONS = 200  # of tune, to spoil: each is shown in every way

Pixels = NDArray[np.uint8]


def run_refusals(settings: Settings, data: Path, weights: Path) -> None:
    """Print the share of each family of frames that the champion calls not assessable."""
    trained_home(settings, data, weights)
    store = open_store(settings)
    champion = resolve(store, CHAMPION)
    store.close()
    predictor = Predictor.open(settings.models_dir, champion.model_id)
    print(f"{champion.model_id}, recipe {champion.parameters['name']}")
    lesions = some(read_pixels(settings, Split.tune, predictor.input_px))
    for name, share in measure_refusals(predictor, lesions).items():
        print(f"refused {share:6.1%} of {name}")


def run_shortcuts(settings: Settings, data: Path, _weights: Path) -> None:
    """Print how far metadata alone leads: what a model may see, and what it must not."""
    filled_home(settings, data)
    for shortcut in audit_shortcuts(published.current(settings)):
        for metric in shortcut.metrics:
            print(
                f"{', '.join(shortcut.columns)} alone on {shortcut.split}: {metric.diagnosis} "
                f"{metric.metric} {metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]"
            )


def run_hints(settings: Settings, data: Path, _weights: Path) -> None:
    """Print the share of frames that get each hint: of all there are, and of spoilt ones."""
    filled_home(settings, data)
    frames = np.concatenate([read_pixels(settings, split, MEASURED_PX) for split in Split])
    for hint, share in hinted(frames).items():
        print(f"{hint}: {share:.2%} of {len(frames):,} frames of the three splits")
    lesions = some(frames)
    for name, hint, spoil in SPOILT:
        print(f"{hint}: {hinted(spoil(lesions))[hint]:.1%} of {len(lesions)} frames {name}")


def read_pixels(settings: Settings, split: Split, size: int) -> Pixels:
    """Return the images of a split, (N, size, size, 3)."""
    frame = published.read_split(published.current(settings), split)
    pixels: Pixels = load_examples(settings, split, frame, size).pixels
    return pixels


def some(frames: Pixels) -> Pixels:
    """Return LESIONS of the frames, always the same."""
    chosen = np.random.default_rng(0).choice(len(frames), min(LESIONS, len(frames)), replace=False)
    return np.asarray(frames[np.sort(chosen)])


def hinted(frames: Pixels) -> dict[Hint, float]:
    """Return the share of frames (N, S, S, 3) that get each hint."""
    found = [measure_quality(Frame.of(rgb)).hints for rgb in frames]
    return {hint: sum(hint in hints for hints in found) / len(found) for hint in Hint}


def lit(frames: Pixels, gain: float) -> Pixels:
    """Return frames in another light."""
    seen: Pixels = np.clip(frames * np.float32(gain), 0, 255).astype(np.uint8)
    return seen


def farther(frames: Pixels, times: int) -> Pixels:
    """Return frames seen from so many times as far, amid plain skin of their edges' colour."""
    size = frames.shape[1]
    side = size // times
    start = (size - side) // 2
    seen = np.empty_like(frames)
    for rgb, far in zip(frames, seen, strict=True):
        edges = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
        far[:] = np.median(edges, axis=0)
        small = cv2.resize(rgb, (side, side), interpolation=cv2.INTER_AREA)
        far[start : start + side, start : start + side] = small
    return seen


SPOILT: tuple[tuple[str, Hint, Callable[[Pixels], Pixels]], ...] = (
    ("blurred by 1 px", Hint.blurred, partial(blurred, blur=1)),
    ("blurred by 2 px", Hint.blurred, partial(blurred, blur=2)),
    ("in a quarter of the light", Hint.too_dark, partial(lit, gain=0.25)),
    ("in 1.5 times the light", Hint.too_bright, partial(lit, gain=1.5)),
    ("from 4 times as far", Hint.too_far, partial(farther, times=4)),
    ("from 6 times as far", Hint.too_far, partial(farther, times=6)),
)
