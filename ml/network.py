"""Keras 3, naming no backend: the base with its first weights, and the graph that is served."""

import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.backend import keras
from ml.decision import CLASSES
from ml.settings import BACKBONES, Recipe
from warehouse.errors import BadInputError, NotReadyError

DOWNLOAD_TIMEOUT_SECONDS = 10  # Keras sets none: without a network it could wait for ever

# Keras's own 0.999 needs thousands of steps before the moving averages mean anything.
SCRATCH_MOMENTUM = 0.9

Floats = NDArray[np.float32]


class NoDownloadError(NotReadyError):
    """Keras could not bring its ImageNet weights."""


@dataclass(frozen=True)
class Head:
    """A linear classifier over the pooled features of a base."""

    kernel: Floats  # (channels, 7)
    bias: Floats  # (7,)

    def calibrated(self, temperature: float, log_prior: NDArray[np.float64]) -> "Head":
        """Return a head whose logits are divided by a temperature and moved to a prior."""
        bias = (self.bias / temperature + log_prior).astype(np.float32)
        return Head(self.kernel / temperature, bias)


def build_base(recipe: Recipe) -> Any:
    """Return the backbone without first weights: [-1, 1] RGB in, a feature map out."""
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
    except (OSError, ValueError, KeyError) as error:
        other = "could not be loaded" in str(error) or "layer" in str(error).lower()
        reason = "the weights of another network" if other else "not a Keras weights file"
        raise BadInputError(
            f"{weights}: {reason}; {recipe.backbone} needs the .weights.h5 of "
            f"keras.applications.{BACKBONES[recipe.backbone].constructor} without its top"
        ) from None
    return base


def construct(recipe: Recipe, weights: str | None) -> Any:
    """Return a backbone of keras.applications as the recipe sizes it."""
    constructor = getattr(keras.applications, BACKBONES[recipe.backbone].constructor)
    shape = (recipe.input_px, recipe.input_px, 3)
    keras.config.disable_interactive_logging()  # stdout carries results alone
    base = constructor(
        input_shape=shape, alpha=recipe.width, include_top=False, weights=weights, name="base"
    )
    base.trainable = recipe.train_base
    if recipe.train_base:
        for layer in base.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = SCRATCH_MOMENTUM
    return base


def feature_map(base: Any, image: Any) -> Any:
    """Scale uint8 RGB to [-1, 1], the one place where that is done, and run the base."""
    return base(keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="rescale")(image))


def pooled_network(base: Any) -> Any:
    """Return uint8 images (N, S, S, 3) to pooled features (N, channels)."""
    image = image_input(base)
    features = keras.layers.GlobalAveragePooling2D()(feature_map(base, image))
    return keras.Model(image, features)


def served_network(base: Any, head: Head) -> Any:
    """
    Return the graph that is exported: uint8 RGB images (N, S, S, 3) to two outputs.

    `activation` (N, h, w, 7) is the class activation map (Zhou and others, CVPR 2016): the head
    as a 1x1 convolution. Its mean is the logits, because pooling and the head are both linear.
    `probabilities` (N, 7) are their softmax.
    """
    image = image_input(base)
    convolution = keras.layers.Conv2D(len(CLASSES), 1, name="activation")
    activation = convolution(feature_map(base, image))
    logits = keras.layers.GlobalAveragePooling2D(name="logits")(activation)
    probabilities = keras.layers.Softmax(name="probabilities")(logits)
    convolution.set_weights([head.kernel[None, None], head.bias])
    return keras.Model(image, {"activation": activation, "probabilities": probabilities})


def image_input(base: Any) -> Any:
    """Return the input of every whole network: uint8 RGB at the base's size."""
    return keras.Input(base.input_shape[1:], dtype="uint8", name="image")


def export_onnx(network: Any, path: Path) -> None:
    """Write a network as an ONNX graph; its input is called `image`."""
    network(np.zeros((1, *network.input_shape[1:]), dtype=np.uint8))  # the export wants one call
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.export(path, format="onnx", verbose=False)


@contextmanager
def bounded_sockets() -> Iterator[None]:
    """Let no connection of this process wait for ever while a download is tried."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(DOWNLOAD_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
