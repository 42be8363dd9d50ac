"""Keras 3, naming no backend: the backbones, and the weights they start from."""

import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from ml.backend import keras
from ml.settings import BACKBONES, Recipe
from warehouse.errors import BadInputError, NotReadyError

DOWNLOAD_TIMEOUT_SECONDS = 10  # Keras sets none: without a network it could wait for ever

# Of batch normalisation that learns: Keras's own 0.999 needs thousands of steps before the
# moving averages mean anything.
MOMENTUM = 0.9


class NoDownloadError(NotReadyError):
    """Keras could not bring its ImageNet weights."""


def build_base(recipe: Recipe) -> Any:
    """Return the backbone with weights drawn by the recipe's seed: [-1, 1] RGB in, a map out."""
    keras.utils.set_random_seed(recipe.seed)
    return construct(recipe, None)


def imagenet_base(recipe: Recipe) -> Any:
    """
    Return the backbone with the ImageNet weights that Keras keeps or downloads.

    Raises:
        NoDownloadError: They are not on this machine and cannot be brought.
    """
    try:
        with bounded_sockets():
            return construct(recipe, "imagenet")
    except Exception as error:  # Keras raises a bare Exception for a failed download
        raise NoDownloadError(
            "Keras could not download the ImageNet weights "
            f"({str(error).rpartition(' -- ')[2]}); name a file with --weights"
        ) from None


def weighted_base(recipe: Recipe, weights: Path) -> Any:
    """
    Return the backbone with the weights of a Keras file (.weights.h5, or the older .h5).

    Raises:
        BadInputError: The file is not there, is no weights file, or is another network's.
    """
    if not weights.is_file():
        raise BadInputError(f"{weights}: there is no such file; name a .weights.h5 file")
    base = construct(recipe, None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns at length of what it raises anyway
            base.load_weights(weights)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        other = "could not be loaded" in str(error) or "layer" in str(error).lower()
        reason = "the weights of another network" if other else "not a Keras weights file"
        raise BadInputError(
            f"{weights}: {reason}; {recipe.backbone} needs the .weights.h5 of "
            f"keras.applications.{BACKBONES[recipe.backbone].constructor} without its top"
        ) from None
    return base


def construct(recipe: Recipe, weights: str | None) -> Any:
    """Return a backbone of keras.applications as the recipe has it, for images of any size."""
    kind = BACKBONES[recipe.backbone]
    options = kind.options | ({"alpha": recipe.width} if kind.has_width else {})
    keras.config.disable_interactive_logging()  # stdout carries results alone
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of weights that are for 224 px, as ours are
        made = getattr(keras.applications, kind.constructor)(
            input_shape=(None, None, 3), include_top=False, weights=weights, **options
        )
    # Not named as it is made: some constructors find their parts, and their weights, by the name.
    base = keras.Model(made.input, made.output, name="base")
    base.trainable = False
    return base


def unfreeze(base: Any, first_layer: int, learns_scaling: bool) -> None:
    """
    Let a base learn from one of its layers on.

    Batch normalisation keeps its statistics unless learns_scaling: batches of 32 alter them for
    the worse (the guide to transfer learning in Keras's documentation says the same).
    """
    base.trainable = True
    for place, layer in enumerate(base.layers):
        is_scaling = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = place >= first_layer and (learns_scaling or not is_scaling)
        if is_scaling and learns_scaling:
            layer.momentum = MOMENTUM


@contextmanager
def bounded_sockets() -> Iterator[None]:
    """Let no connection of this process wait for ever while a download is tried."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(DOWNLOAD_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
