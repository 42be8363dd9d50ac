"""Averaged weights: steadier than the last ones, and better on images not seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.backend import keras

EVERY = 4  # steps between two looks: averaging each one costs more and changes nothing

Floats = NDArray[np.float32]


class WeightAverage(keras.callbacks.Callback):  # type: ignore[misc]
    """
    The exponential moving average of what learns (Polyak and Juditsky, SIAM J. Control 30, 1992).

    It forgets faster in the first steps, so that the first weights do not weigh on it. Batch
    normalisation's own moving averages are left as they are.
    """

    def __init__(self, network: Any, momentum: float) -> None:
        super().__init__()
        self.network, self.momentum, self.steps = network, momentum, 0
        self.values: list[Floats] = weights_of(network)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Take the weights of a step in."""
        self.steps += 1
        if self.steps % EVERY:
            return
        looks = self.steps // EVERY
        kept = min(self.momentum**EVERY, (1 + looks) / (10 + looks))
        # Asked by the name `model`, Keras brings the weights up to date under JAX too.
        pairs = zip(self.values, weights_of(self.model), strict=True)
        self.values = [kept * value + (1 - kept) * weight for value, weight in pairs]

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """Let the network answer with its averaged weights."""
        last = weights_of(self.network)
        self.assign(self.values)
        try:
            yield
        finally:
            self.assign(last)

    def assign(self, values: list[Floats]) -> None:
        """Give the network these weights."""
        for weight, value in zip(self.network.trainable_variables, values, strict=True):
            weight.assign(value)


def weights_of(network: Any) -> list[Floats]:
    """Return a copy of what learns, as it stands."""
    return [np.array(keras.ops.convert_to_numpy(each)) for each in network.trainable_variables]
