"""Learning base and head together: one loop of epochs that can be broken off and gone on with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.average import WeightAverage
from ml.backbone import unfreeze
from ml.backend import JIT, keras
from ml.batches import DrawnBatches, draw_by_class, steps_per_epoch
from ml.calibration import softmax
from ml.checkpoint import Checkpoint
from ml.dataset import Examples
from ml.learned import Learned, require_finite
from ml.network import Head, learning_network
from ml.settings import Recipe, Stage, TuningRecipe
from warehouse.progress import Progress
from warehouse.registry import Epoch

PREDICT_BATCH = 64
LARGEST_GRADIENT = 5.0  # its norm; one odd batch must not undo an epoch
LAST_RATE = 0.01  # share of the highest learning rate that the cosine ends at
WARMUP_PART = 4  # the warm-up takes at most one in so many steps, however few there are

Floats = NDArray[np.float32]


class StepCount(keras.callbacks.Callback):  # type: ignore[misc]
    """Tell a progress of every batch."""

    def __init__(self, before: int, total: int, progress: Progress) -> None:
        super().__init__()
        self.before, self.total, self.progress = before, total, progress

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count the batch."""
        self.progress("train base and head", self.before + batch + 1, self.total)


class Tuning:
    """A network on its way: what learns, the average that is kept, the epochs so far."""

    def __init__(self, base: Any, head: Head | None, train: Examples, recipe: Recipe) -> None:
        assert recipe.tuning is not None
        self.recipe, self.how, self.train = recipe, recipe.tuning, train
        keras.utils.set_random_seed(recipe.seed)
        unfreeze(base, self.how.first_layer, self.how.learns_scaling)
        self.network = learning_network(base, head, self.how.dropout, self.how.learns_scaling)
        self.steps = steps_per_epoch(train, recipe)
        compile_network(
            self.network,
            self.how,
            self.steps,
            draw_by_class(train.labels, self.how.class_power).class_shares,
        )
        self.average = WeightAverage(self.network, self.how.average)
        self.best: list[Floats] = self.kept()
        self.epochs: list[Epoch] = []

    def run_epoch(self, stage: Stage, tune: Examples, progress: Progress) -> None:
        """
        Learn for one epoch, and judge the averaged weights on tune.

        Raises:
            DivergedError: The loss became infinite or no number.
        """
        place = len(self.epochs)
        batches = DrawnBatches(self.train, self.recipe, stage, place)
        count = StepCount(place * self.steps, self.steps * len(planned(self.how)), progress)
        callbacks = [self.average, keras.callbacks.TerminateOnNaN(), count]
        # The rows are drawn at random already; an order of Keras's is in no checkpoint.
        fitted = self.network.fit(batches, verbose=0, shuffle=False, callbacks=callbacks)
        with self.average.swapped_in():
            logits, kept = self.logits(tune), self.kept()
        epoch = Epoch(stage.name, place + 1, float(fitted.history["loss"][0]), *judge(logits, tune))
        require_finite(epoch, self.how.learning_rate)
        self.epochs.append(epoch)
        if best_place(self.epochs) == place:
            self.best = kept

    def logits(self, examples: Examples) -> Floats:
        """Return the network's logits (N, 7) of a split as it stands."""
        pixels = np.asarray(examples.pixels)
        logits: Floats = self.network.predict(pixels, batch_size=PREDICT_BATCH, verbose=0)
        return logits

    def kept(self) -> list[Floats]:
        """Return a copy of what the network answers by, batch normalisation's statistics too."""
        return [np.array(keras.ops.convert_to_numpy(each)) for each in self.network.weights]

    def take_best(self) -> None:
        """Let the network answer as it did after its best epoch."""
        for weight, value in zip(self.network.weights, self.best, strict=True):
            weight.assign(value)

    def state(self) -> dict[str, list[Any]]:
        """Return everything that decides what the next epoch comes to."""
        return {
            "network": [keras.ops.convert_to_numpy(each) for each in self.variables],
            "average": self.average.values,
            "best": self.best,
        }

    def fits(self, state: dict[str, list[Any]]) -> bool:
        """Return whether a state has as many arrays of each kind: an older code's may not."""
        return {name: len(many) for name, many in state.items()} == {
            name: len(many) for name, many in self.state().items()
        }

    def restore(self, state: dict[str, list[Any]], epochs: list[Epoch]) -> None:
        """Take up what `state` gave."""
        for variable, value in zip(self.variables, state["network"], strict=True):
            variable.assign(value)
        self.average.values, self.best = state["average"], state["best"]
        self.average.steps = len(epochs) * self.steps
        self.epochs = list(epochs)

    @property
    def variables(self) -> list[Any]:
        """Return the weights, the states of dropout and the optimizer's memory."""
        return [*self.network.variables, *self.network.optimizer.variables]


def tune_all(
    start: tuple[Any, Head | None],
    examples: tuple[Examples, Examples],
    recipe: Recipe,
    checkpoint: Checkpoint,
    progress: Progress,
) -> Learned:
    """
    Train base and head together, stage by stage; the base keeps the best averaged weights.

    start: the base, and the head to start from. examples: train, and the tune split that decides
    when to stop. A state that the checkpoint holds is gone on from, unless an older code wrote it.

    Raises:
        DivergedError: The loss became infinite or no number.
        NotReadyError: The state of an epoch cannot be written.
    """
    train, tune = examples
    tuning = Tuning(*start, train, recipe)
    saved = checkpoint.load()
    if saved is not None and tuning.fits(saved[0]):
        tuning.restore(*saved)
    for stage in planned(tuning.how)[len(tuning.epochs) :]:
        if has_stalled(tuning.epochs, tuning.how.patience):
            break
        tuning.run_epoch(stage, tune, progress)
        checkpoint.save(tuning.state(), tuning.epochs)
    tuning.take_best()
    head = Head(*tuning.network.layers[-1].get_weights())
    return Learned(head, tuning.logits(tune), tuning.epochs)


def planned(how: TuningRecipe) -> list[Stage]:
    """Return the stage of every epoch, if none is left out."""
    return [stage for stage in how.stages for _ in range(stage.epochs)]


def best_place(epochs: list[Epoch]) -> int:
    """Return which epoch had the least tune loss, from 0; the later of two alike."""
    losses = [epoch.tune_loss for epoch in epochs]
    return len(losses) - 1 - int(np.argmin(losses[::-1]))


def has_stalled(epochs: list[Epoch], patience: int) -> bool:
    """Return whether the tune loss has not improved for `patience` epochs."""
    return bool(epochs) and len(epochs) - 1 - best_place(epochs) >= patience


def judge(logits: Floats, tune: Examples) -> tuple[float, float]:
    """Return log loss and accuracy of logits (N, 7), every diagnosis counting the same."""
    chances = softmax(logits.astype(np.float64))[np.arange(len(logits)), tune.labels]
    is_right = logits.argmax(axis=1) == tune.labels
    weights = tune.weights / tune.weights.sum()
    return float(-weights @ np.log(np.maximum(chances, 1e-15))), float(weights @ is_right)


def compile_network(
    network: Any, how: TuningRecipe, steps: int, class_shares: NDArray[np.float64]
) -> None:
    """
    Give the network its loss and optimizer; `steps` is the number in an epoch.

    The loss adds the log of how often each class is drawn to the logits, so that the logits alone
    are those of a world in which every diagnosis is equally common (logit adjustment: Menon and
    others, "Long-tail learning via logit adjustment", ICLR 2021).
    """
    shift = np.log(class_shares).astype(np.float32)

    def adjusted_loss(target: Any, logits: Any) -> Any:
        adjusted = keras.ops.add(logits, shift)
        return keras.losses.categorical_crossentropy(target, adjusted, from_logits=True)

    network.compile(
        optimizer=keras.optimizers.AdamW(
            schedule(how, steps * len(planned(how))),
            weight_decay=how.weight_decay,
            clipnorm=LARGEST_GRADIENT,
        ),
        loss=adjusted_loss,
        jit_compile=JIT,
    )
    network.optimizer.build(network.trainable_variables)


def schedule(how: TuningRecipe, total: int) -> Any:
    """Return the learning rate by step, of `total`: up to its highest, then down by a cosine."""
    warmup = min(how.warmup_steps, total // WARMUP_PART)
    return keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else how.learning_rate,
        max(1, total - warmup),
        alpha=LAST_RATE,
        warmup_target=how.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
