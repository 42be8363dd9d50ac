"""Images a second: our loader, the paper's, and the network that waits for them."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.home import filled_home
from ml.backbone import weighted_base
from ml.backend import keras
from ml.batches import LOADERS, DrawnBatches
from ml.dataset import Examples, load_examples, one_hot
from ml.settings import FULL, Stage
from ml.tuning import Tuning
from warehouse import published
from warehouse.settings import Settings
from warehouse.vocabulary import Split

IMAGES = 640  # of each measurement of the network
ROUNDS = 3  # the best of these counts: whatever else ran only ever slows


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print the rates and their ratios."""
    filled_home(settings, data)
    warehouse = published.current(settings)
    frame = published.read_split(warehouse, Split.train)
    train = load_examples(settings, Split.train, frame, FULL.input_px)
    pixels = np.asarray(train.pixels)  # both loaders from memory
    train = replace(train, pixels=pixels)
    ours, paper = loader_rate(train), paper_rate(pixels, one_hot(train))
    print(f"loader, {LOADERS} threads: {ours:.0f} img/s; ImageDataGenerator: {paper:.0f} img/s")
    print(f"  ratio {ours / paper:.1f}")
    for size in (160, 224):
        alone, fitted = network_rates(train, weights, Stage("measured", size, 1))
        print(f"network at {size} px: {alone:.1f} img/s alone, {fitted:.1f} img/s in the fit")
        print(f"  ratio {fitted / alone:.2f}")


def rate(images: int, work: Callable[[], Any]) -> float:
    """Return images a second, the best of a few rounds."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return images / min(seconds)


def loader_rate(train: Examples) -> float:
    """Return how fast one epoch of batches is made, by as many threads as training has."""
    from concurrent.futures import ThreadPoolExecutor

    batches = DrawnBatches(train, FULL, Stage("measured", FULL.input_px, 1), 0)
    with ThreadPoolExecutor(LOADERS) as pool:
        return rate(
            len(batches.rows), lambda: list(pool.map(batches.__getitem__, range(len(batches))))
        )


def paper_rate(pixels: NDArray[np.uint8], targets: NDArray[np.float32]) -> float:
    """Return how fast Keras's ImageDataGenerator makes the same alterations."""
    import tensorflow as tf

    how = FULL.augmentation
    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=180,
        zoom_range=[1 / how.scale[1], 1 / how.scale[0]],
        width_shift_range=how.offset,
        height_shift_range=how.offset,
        brightness_range=[1 - how.brightness, 1 + how.brightness],
        channel_shift_range=255 * how.colour,
        horizontal_flip=True,
        vertical_flip=True,
        fill_mode="reflect",
    )
    flow = generator.flow(pixels[:IMAGES], targets[:IMAGES], batch_size=32)
    return rate(IMAGES, lambda: [flow[place] for place in range(len(flow))])


def network_rates(train: Examples, weights: Path, stage: Stage) -> tuple[float, float]:
    """Return images a second of a fit on one batch over and over, and of one from the loader."""
    assert FULL.tuning is not None
    recipe = replace(
        FULL, tuning=replace(FULL.tuning, stages=(stage,), epoch_images=IMAGES, warmup_steps=0)
    )
    tuning = Tuning(weighted_base(recipe, weights), None, train, recipe)
    batches = DrawnBatches(train, recipe, stage, 0)
    images, targets = batches[0]
    same = Repeated(images, targets, len(batches))
    tuning.network.fit(same, verbose=0)  # traces the graph
    alone = rate(IMAGES, lambda: tuning.network.fit(same, verbose=0))
    fitted = rate(
        IMAGES, lambda: tuning.network.fit(batches, verbose=0, callbacks=[tuning.average])
    )
    return alone, fitted


class Repeated(keras.utils.PyDataset):  # type: ignore[misc]
    """One batch, many times: nothing is to be loaded."""

    def __init__(self, images: NDArray[np.uint8], targets: Any, length: int) -> None:
        super().__init__()
        self.batch, self.length = (images, targets), length

    def __len__(self) -> int:
        """Return how many batches there are."""
        return self.length

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], Any]:
        """Return the batch."""
        return self.batch
