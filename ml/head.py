"""Learning a linear head over a base that stays as it is."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml.backend import JIT, keras
from ml.dataset import Examples, one_hot
from ml.decision import CLASSES
from ml.features import FrozenBase, augmented_features, plain_features
from ml.learned import Learned, require_finite
from ml.network import Head
from ml.settings import HeadRecipe, Recipe
from warehouse.progress import Progress, silent
from warehouse.registry import Epoch

STAGE = "head"

# Added to each feature's spread, so that one that hardly ever fires is not blown up.
LEAST_SPREAD = 0.05

Floats = NDArray[np.float32]


class Lessons(NamedTuple):
    """What a frozen base makes of N images, and what they are."""

    features: Floats  # (views, N, channels); the first view is the original
    targets: Floats  # (N, 7)
    weights: NDArray[np.float64]  # (N,)


def learn_head(
    base: Any, train: Examples, tune: Examples, recipe: Recipe, progress: Progress
) -> Learned:
    """
    Train a linear head on the features of a base that stays as it is.

    Raises:
        DivergedError: The loss became infinite or no number.
    """
    how = recipe.head
    assert how is not None
    frozen = FrozenBase(base, recipe.input_px)
    held_out = plain_features(frozen, tune, progress)
    original = plain_features(frozen, train, progress)
    altered = [
        augmented_features(frozen, train, recipe, view, progress) for view in range(1, how.views)
    ]
    return learn_from_features(
        Lessons(np.stack([original, *altered]), one_hot(train), train.weights),
        Lessons(held_out[None], one_hot(tune), tune.weights),
        recipe,
        progress,
    )


def learn_from_features(
    lessons: Lessons, tune: Lessons, recipe: Recipe, progress: Progress = silent
) -> Learned:
    """Train a linear head on features; raises as `learn_head` does."""
    how = recipe.head
    assert how is not None
    views, _, channels = lessons.features.shape
    original = lessons.features[0]
    centre, spread = original.mean(axis=0), original.std(axis=0) + LEAST_SPREAD
    seen = (lessons.features.reshape(-1, channels) - centre) / spread
    held_out = (tune.features[0] - centre) / spread

    keras.utils.set_random_seed(recipe.seed)
    model = keras.Sequential([keras.Input((channels,)), *head_layers(how)])
    compile_head(model, how, steps=-(-len(seen) // how.batch_size))
    epochs = fit_head(
        model,
        (seen, np.tile(lessons.targets, (views, 1)), np.tile(lessons.weights, views)),
        (held_out, tune.targets, tune.weights),
        how,
        progress,
    )
    kernel, bias = model.layers[-1].get_weights()
    # The features' scaling becomes part of the head: the served graph sees them as they are.
    head = Head(kernel / spread[:, None], bias - (centre / spread) @ kernel)
    return Learned(head, head.logits(tune.features[0]), epochs)


class EpochCount(keras.callbacks.Callback):  # type: ignore[misc]
    """Tell a progress of every epoch's end."""

    def __init__(self, total: int, progress: Progress) -> None:
        super().__init__()
        self.total, self.progress = total, progress

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Count the epoch."""
        self.progress("train the head", epoch + 1, self.total)


def head_layers(how: HeadRecipe) -> list[Any]:
    """Return dropout and the linear classifier, which gives logits."""
    return [
        keras.layers.Dropout(how.dropout),
        keras.layers.Dense(len(CLASSES), kernel_initializer="zeros", name="head"),
    ]


def compile_head(model: Any, how: HeadRecipe, steps: int) -> None:
    """Give a model of logits its loss and optimizer; `steps` is the number in an epoch."""
    rate = keras.optimizers.schedules.CosineDecay(how.learning_rate, steps * how.epochs)
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=how.weight_decay),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        # Weighted by inverse class frequency, accuracy is balanced accuracy.
        weighted_metrics=[keras.metrics.CategoricalAccuracy(name="balanced_accuracy")],
        jit_compile=JIT,
    )


def fit_head(
    model: Any,
    seen: tuple[Floats, Floats, NDArray[np.float64]],
    held_out: tuple[Floats, Floats, NDArray[np.float64]],
    how: HeadRecipe,
    progress: Progress,
) -> list[Epoch]:
    """
    Train until the tune loss has not improved for `patience` epochs; keep the best weights.

    seen, held_out: features, targets, weights.

    Raises:
        DivergedError: The loss became infinite or no number.
    """
    features, targets, weights = seen
    history = model.fit(
        features,
        targets,
        sample_weight=weights,
        validation_data=held_out,
        batch_size=how.batch_size,
        epochs=how.epochs,
        verbose=0,
        callbacks=[
            keras.callbacks.EarlyStopping(patience=how.patience, restore_best_weights=True),
            keras.callbacks.TerminateOnNaN(),
            EpochCount(how.epochs, progress),
        ],
    ).history
    figures = zip(
        history["loss"], history["val_loss"], history["val_balanced_accuracy"], strict=True
    )
    epochs = [Epoch(STAGE, place, *map(float, each)) for place, each in enumerate(figures, 1)]
    for epoch in epochs:
        require_finite(epoch, how.learning_rate)
    return epochs
