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
        self.values: list[Floats] = self.current()

    def current(self) -> list[Floats]:
        """Return a copy of the weights as they stand."""
        weights = self.network.trainable_variables
        return [np.array(keras.ops.convert_to_numpy(each)) for each in weights]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Take the weights of a step in."""
        self.steps += 1
        if self.steps % EVERY:
            return
        looks = self.steps // EVERY
        kept = min(self.momentum**EVERY, (1 + looks) / (10 + looks))
        pairs = zip(self.values, self.current(), strict=True)
        self.values = [kept * value + (1 - kept) * weight for value, weight in pairs]

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """Let the network answer with its averaged weights."""
        last = self.current()
        self.assign(self.values)
        try:
            yield
        finally:
            self.assign(last)

    def assign(self, values: list[Floats]) -> None:
        """Give the network these weights."""
        for weight, value in zip(self.network.trainable_variables, values, strict=True):
            weight.assign(value)
