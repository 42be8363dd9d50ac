"""Training images drawn by class, cut and altered, batch by batch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.augment import EVEN, augment
from ml.backend import keras
from ml.dataset import Examples, one_hot
from ml.decision import CLASSES
from ml.settings import Recipe, Stage

LOADERS = 2  # threads that alter images while the network learns
QUEUE = 8  # batches made ahead

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Targets = NDArray[np.float32]


@dataclass(frozen=True)
class Draw:
    """How likely each image and each class is to be drawn."""

    image_shares: Floats  # (N,), sum 1
    class_shares: Floats  # (7,), sum 1


def draw_by_class(labels: NDArray[np.intp], power: float) -> Draw:
    """
    Return shares in proportion to a class's images to a power; within a class all are alike.

    power 1 takes images as they come, 0 every class as often as any other.
    """
    counts = np.bincount(labels, minlength=len(CLASSES)).astype(np.float64)
    shares = counts**power / np.sum(counts**power)
    return Draw((shares / counts)[labels], shares)


class DrawnBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """
    One epoch of a stage: batches of images (B, S, S, 3) and targets (B, 7).

    Which images, and how each is altered, follows from the seed, the epoch and the batch's place
    alone, so that a run that was broken off goes on as if it had not been.
    """

    def __init__(self, examples: Examples, recipe: Recipe, stage: Stage, epoch: int) -> None:
        super().__init__(workers=LOADERS, max_queue_size=QUEUE)
        assert recipe.tuning is not None
        self.examples, self.stage, self.how = examples, stage, recipe.augmentation
        self.seed, self.size = [recipe.seed, epoch], recipe.tuning.batch_size
        self.targets, self.mixing = one_hot(examples), recipe.tuning.mixing
        draw = draw_by_class(examples.labels, recipe.tuning.class_power)
        self.rows = np.random.default_rng(self.seed).choice(
            len(examples), size=steps_per_epoch(examples, recipe) * self.size, p=draw.image_shares
        )

    def __len__(self) -> int:
        """Return how many batches there are."""
        return len(self.rows) // self.size

    def __getitem__(self, index: int) -> tuple[Pixels, Targets]:
        """Return one batch."""
        rows = self.rows[index * self.size : (index + 1) * self.size]
        random = np.random.default_rng([*self.seed, index])
        pixels, size = self.examples.pixels, self.stage.input_px
        images = np.stack([augment(pixels[row], self.how, random, size) for row in rows])
        return mix(images, self.targets[rows], self.mixing, random)


def mix(
    images: Pixels, targets: Targets, mixing: float, random: np.random.Generator
) -> tuple[Pixels, Targets]:
    """
    Blend a batch with itself in reverse, images (B, S, S, 3) and targets (B, 7), or leave it be.

    Every other batch is blended, by a share drawn from Beta(mixing, mixing): a network that sees
    blends learns fewer images by heart (Zhang and others, "mixup: Beyond empirical risk
    minimization", ICLR 2018).
    """
    if not mixing or random.random() < EVEN:
        return images, targets
    share = np.float32(random.beta(mixing, mixing))
    blended = share * images + (1 - share) * images[::-1]
    return blended.astype(np.uint8), share * targets + (1 - share) * targets[::-1]


def steps_per_epoch(examples: Examples, recipe: Recipe) -> int:
    """Return how many batches are drawn in an epoch."""
    assert recipe.tuning is not None
    images = recipe.tuning.epoch_images or len(examples)
    return max(1, images // recipe.tuning.batch_size)
