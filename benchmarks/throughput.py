"""Images a second: our loader, the paper's, and the network that waits for them."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
from ml.tuning import StepCount, Tuning
from warehouse import published
from warehouse.progress import silent
from warehouse.settings import Settings
from warehouse.vocabulary import Split

ROUNDS = 5  # of each pair, turn and turn about: whatever else runs slows both
PAPER_IMAGES = 640  # of one measurement of ImageDataGenerator
STEPS = 24  # of one measurement of the network; a fit's own start weighs little among them


@dataclass(frozen=True)
class Work:
    """Something that handles so many images whenever it is called."""

    name: str
    images: int
    do: Callable[[], Any]


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print the rates and their ratios."""
    filled_home(settings, data)
    warehouse = published.current(settings)
    frame = published.read_split(warehouse, Split.train)
    train = load_examples(settings, Split.train, frame, FULL.input_px)
    train = replace(train, pixels=np.asarray(train.pixels).copy())  # both loaders from memory
    compare(our_loader(train), papers_loader(train))
    assert FULL.tuning is not None
    for size in sorted({stage.input_px for stage in FULL.tuning.stages}):
        compare(*fits(train, weights, Stage("measured", size, 1)))


def compare(one: Work, other: Work) -> None:
    """Print both rates, and the ratio: the median of rounds that ran side by side."""
    rounds = [turns(one, other, is_first=place % 2 == 0) for place in range(ROUNDS)]
    for work, rates in zip((one, other), zip(*rounds, strict=True), strict=True):
        print(f"{work.name}: {statistics.median(rates):.1f} img/s")
    ratios = [mine / theirs for mine, theirs in rounds]
    spread = f"{min(ratios):.2f} to {max(ratios):.2f} in {ROUNDS} rounds"
    print(f"  ratio {statistics.median(ratios):.2f} ({spread})")


def turns(one: Work, other: Work, *, is_first: bool) -> tuple[float, float]:
    """Return both rates, one right after the other; a drift hits either as often first."""
    if is_first:
        return rate(one), rate(other)
    theirs = rate(other)
    return rate(one), theirs


def rate(work: Work) -> float:
    """Return images a second."""
    started = time.perf_counter()
    work.do()
    return work.images / (time.perf_counter() - started)


def our_loader(train: Examples) -> Work:
    """Make one epoch of batches, by as many threads as training has."""
    batches = DrawnBatches(train, FULL, Stage("measured", FULL.input_px, 1), 0)

    def load() -> None:
        with ThreadPoolExecutor(LOADERS) as pool:
            for _ in pool.map(batches.__getitem__, range(len(batches))):
                pass

    return Work(f"loader, {LOADERS} threads, {FULL.input_px} px", len(batches.rows), load)


def papers_loader(train: Examples) -> Work:
    """Let Keras's ImageDataGenerator make the same alterations."""
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
    images, targets = train.pixels[:PAPER_IMAGES], one_hot(train)[:PAPER_IMAGES]
    flow = generator.flow(images, targets, batch_size=32)
    return Work(
        "ImageDataGenerator", len(images), lambda: [flow[place] for place in range(len(flow))]
    )


def fits(train: Examples, weights: Path, stage: Stage) -> tuple[Work, Work]:
    """Return training as it is done, and the same steps over one batch that is always there."""
    assert FULL.tuning is not None
    images = STEPS * FULL.tuning.batch_size
    recipe = replace(FULL, tuning=replace(FULL.tuning, stages=(stage,), epoch_images=images))
    tuning = Tuning(weighted_base(recipe, weights), None, train, recipe)
    batches = DrawnBatches(train, recipe, stage, 0)
    ready = Repeated(*batches[0], STEPS)
    callbacks = [tuning.average, keras.callbacks.TerminateOnNaN(), StepCount(0, STEPS, silent)]

    def fit() -> None:
        tuning.network.fit(batches, verbose=0, callbacks=callbacks)

    def fit_ready() -> None:
        tuning.network.fit(ready, verbose=0)

    fit_ready()  # traces the graph
    name = f"{stage.input_px} px"
    return Work(f"fit at {name}", images, fit), Work(f"network alone at {name}", images, fit_ready)


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
