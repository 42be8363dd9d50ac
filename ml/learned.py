"""What a way of learning comes to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.network import Head
from warehouse.errors import DermhouseError
from warehouse.registry import Epoch


class DivergedError(DermhouseError):
    """The loss became infinite or no number."""


@dataclass(frozen=True)
class Learned:
    """A head, its raw answers to the tune split, and how it came to them."""

    head: Head
    tune_logits: NDArray[np.float32]  # (N, 7), as if every diagnosis were equally common
    epochs: list[Epoch]


def require_finite(epoch: Epoch, learning_rate: float) -> None:
    """
    Refuse an epoch that has gone astray.

    Raises:
        DivergedError: A loss is infinite or no number.
    """
    if not np.isfinite([epoch.train_loss, epoch.tune_loss]).all():
        raise DivergedError(
            f"the loss is {epoch.train_loss} on train and {epoch.tune_loss} on tune in epoch "
            f"{epoch.epoch} of {epoch.stage}; train with a smaller learning_rate than "
            f"{learning_rate:g}"
        )
