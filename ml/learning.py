"""The two ways to learn: a head over a frozen base, or everything from nothing."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml import network
from ml.augment import augment
from ml.backend import keras
from ml.dataset import Examples
from ml.decision import CLASSES
from ml.features import FrozenBase, augmented_features, plain_features
from ml.network import Head
from ml.settings import Recipe
from warehouse.errors import DermhouseError
from warehouse.progress import Progress
from warehouse.registry import Epoch

Floats = NDArray[np.float32]

# Added to each feature's spread, so that one that hardly ever fires is not blown up.
LEAST_SPREAD = 0.05


class DivergedError(DermhouseError):
    """The loss became infinite or no number."""


@dataclass(frozen=True)
class Learned:
    """A head, its raw answers to the tune split, and how it came to them."""

    head: Head
    tune_logits: Floats  # (N, 7)
    epochs: list[Epoch]


def learn_head(
    base: Any, train: Examples, tune: Examples, recipe: Recipe, progress: Progress
) -> Learned:
    """Train a linear head on the features of a base that stays as it is."""
    frozen = FrozenBase(base)
    tune_features = plain_features(frozen, tune, progress)
    original = plain_features(frozen, train, progress)
    altered = [
        augmented_features(frozen, train, recipe, view, progress) for view in range(1, recipe.views)
    ]
    centre, spread = original.mean(axis=0), original.std(axis=0) + LEAST_SPREAD
    seen = (np.concatenate([original, *altered]) - centre) / spread
    held_out = (tune_features - centre) / spread

    keras.utils.set_random_seed(recipe.seed)
    model = keras.Sequential([keras.Input((seen.shape[1],)), *head_layers(recipe)])
    targets = np.tile(one_hot(train), (recipe.views, 1))
    compile_classifier(model, recipe, steps=math.ceil(len(seen) / recipe.batch_size))
    epochs = fit(
        model,
        {"x": seen, "y": targets, "sample_weight": np.tile(train.weights, recipe.views)},
        (held_out, one_hot(tune), tune.weights),
        recipe,
        progress,
    )
    kernel, bias = model.layers[-1].get_weights()
    # The features' scaling becomes part of the head: the served graph sees them as they are.
    head = Head(kernel / spread[:, None], bias - (centre / spread) @ kernel)
    return Learned(head, tune_features @ head.kernel + head.bias, epochs)


def learn_all(
    base: Any, train: Examples, tune: Examples, recipe: Recipe, progress: Progress
) -> Learned:
    """Train base and head together on images altered anew in every epoch."""
    keras.utils.set_random_seed(recipe.seed)
    pooled = network.pooled_network(base)
    outputs = pooled.output
    layers = head_layers(recipe)
    for layer in layers:
        outputs = layer(outputs)
    model = keras.Model(pooled.input, outputs)
    batches = AlteredBatches(train, recipe)
    compile_classifier(model, recipe, steps=len(batches))
    held_out = np.asarray(tune.pixels)
    epochs = fit(
        model,
        {"x": batches},
        (held_out, one_hot(tune), tune.weights),
        recipe,
        progress,
    )
    tune_logits = model.predict(held_out, batch_size=recipe.batch_size, verbose=0)
    return Learned(Head(*layers[-1].get_weights()), tune_logits, epochs)


class AlteredBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """A split in batches, in an order and with alterations of each epoch's own."""

    def __init__(self, examples: Examples, recipe: Recipe) -> None:
        super().__init__()
        self.examples = examples
        self.recipe = recipe
        self.targets = one_hot(examples)
        self.epoch = -1
        self.on_epoch_end()

    def __len__(self) -> int:
        """Return how many batches there are in an epoch."""
        return math.ceil(len(self.examples) / self.recipe.batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], Floats, NDArray[np.float64]]:
        """Return one batch: images, targets, weights."""
        size = self.recipe.batch_size
        rows = self.order[index * size : (index + 1) * size]
        random = np.random.default_rng([self.recipe.seed, self.epoch, index])
        how = self.recipe.augmentation
        images = [augment(self.examples.pixels[row], how, random) for row in rows]
        return np.stack(images), self.targets[rows], self.examples.weights[rows]

    def on_epoch_end(self) -> None:
        """Shuffle for the next epoch."""
        self.epoch += 1
        random = np.random.default_rng([self.recipe.seed, self.epoch])
        self.order = random.permutation(len(self.examples))


class EpochProgress(keras.callbacks.Callback):  # type: ignore[misc]
    """Tell a progress of every epoch's end."""

    def __init__(self, step: str, total: int, progress: Progress) -> None:
        super().__init__()
        self.step, self.total, self.progress = step, total, progress

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Count the epoch."""
        self.progress(self.step, epoch + 1, self.total)


def head_layers(recipe: Recipe) -> list[Any]:
    """Return dropout and the linear classifier, which gives logits."""
    return [
        keras.layers.Dropout(recipe.dropout),
        keras.layers.Dense(len(CLASSES), kernel_initializer="zeros", name="head"),
    ]


def one_hot(examples: Examples) -> Floats:
    """Return the labels as (N, 7)."""
    return np.eye(len(CLASSES), dtype=np.float32)[examples.labels]


def compile_classifier(model: Any, recipe: Recipe, steps: int) -> None:
    """Give a model of logits its loss and optimizer; `steps` is the number in an epoch."""
    rate = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps * recipe.epochs)
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        # Weighted by inverse class frequency, accuracy is balanced accuracy.
        weighted_metrics=[keras.metrics.CategoricalAccuracy(name="balanced_accuracy")],
        jit_compile=False,  # XLA is ten times slower on a processor
    )


def fit(
    model: Any,
    seen: dict[str, Any],
    held_out: tuple[Any, Any, Any],
    recipe: Recipe,
    progress: Progress,
) -> list[Epoch]:
    """
    Train until the tune loss has not improved for `patience` epochs; keep the best weights.

    Raises:
        DivergedError: The loss became infinite or no number.
    """
    history = model.fit(
        **seen,
        validation_data=held_out,
        batch_size=None if isinstance(seen["x"], keras.utils.PyDataset) else recipe.batch_size,
        epochs=recipe.epochs,
        verbose=0,
        callbacks=[
            keras.callbacks.EarlyStopping(patience=recipe.patience, restore_best_weights=True),
            keras.callbacks.TerminateOnNaN(),
            EpochProgress(f"train {recipe.name}", recipe.epochs, progress),
        ],
    ).history
    figures = zip(
        history["loss"], history["val_loss"], history["val_balanced_accuracy"], strict=True
    )
    epochs = [Epoch(recipe.name, place, *map(float, each)) for place, each in enumerate(figures, 1)]
    for epoch in epochs:
        if not np.isfinite([epoch.train_loss, epoch.tune_loss]).all():
            raise DivergedError(
                f"the loss is {epoch.train_loss} on train and {epoch.tune_loss} on tune in epoch "
                f"{epoch.epoch}; train with a smaller learning_rate than {recipe.learning_rate:g}"
            )
    return epochs
