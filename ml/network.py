"""The graphs around a base: pooled features, what learns, what is served."""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml import context
from ml.backend import keras
from ml.decision import CLASSES

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """A linear classifier over the pooled features of a base, and over a context if it has one."""

    kernel: Floats  # (channels, 7)
    bias: Floats  # (7,)
    context_kernel: Floats | None = None  # (context.WIDTH, 7)

    def logits(self, features: Floats) -> Floats:
        """Return the logits (N, 7) of pooled features (N, channels), of nobody in particular."""
        return features @ self.kernel + self.bias

    def calibrated(self, temperature: float, log_prior: NDArray[np.float64]) -> "Head":
        """Return a head whose logits are divided by a temperature and moved to a prior."""
        bias = (self.bias / temperature + log_prior).astype(np.float32)
        return replace(self, kernel=self.kernel / np.float32(temperature), bias=bias)


def feature_map(base: Any, image: Any, training: bool | None = None) -> Any:
    """Scale uint8 RGB to [-1, 1], the one place where that is done, and run the base."""
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="rescale")(image)
    return base(scaled, training=training)


def pooled_network(base: Any, size: int) -> Any:
    """Return uint8 images (N, size, size, 3) to pooled features (N, channels)."""
    image = image_input(size)
    features = keras.layers.GlobalAveragePooling2D()(feature_map(base, image))
    return keras.Model(image, features)


def learning_network(base: Any, head: Head | None, dropout: float, learns_scaling: bool) -> Any:
    """Return uint8 images of any size to logits (N, 7); its last layer is the head."""
    image = image_input(None)
    # Layers that keep their statistics must not be told that they are in training.
    features = feature_map(base, image, training=None if learns_scaling else False)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    dense = keras.layers.Dense(len(CLASSES), kernel_initializer="zeros", name="head")
    network = keras.Model(image, dense(keras.layers.Dropout(dropout)(pooled)))
    if head is not None:
        dense.set_weights([head.kernel, head.bias])
    return network


def served_network(base: Any, head: Head, size: int) -> Any:
    """
    Return the graph that is exported: uint8 RGB images (N, size, size, 3) to two outputs.

    `activation` (N, h, w, 7) is the class activation map (Zhou and others, CVPR 2016): the head
    as a 1x1 convolution. Its mean is the image's logits, because pooling and the head are both
    linear. `probabilities` (N, 7) are their softmax, after the logits of a `context`
    (N, context.WIDTH), a second input, have been added where the head has one.
    """
    image = inputs = image_input(size)
    convolution = keras.layers.Conv2D(len(CLASSES), 1, name="activation")
    activation = convolution(feature_map(base, image))
    logits = keras.layers.GlobalAveragePooling2D(name="logits")(activation)
    convolution.set_weights([head.kernel[None, None], head.bias])
    if head.context_kernel is not None:
        known = keras.Input((context.WIDTH,), dtype="float32", name="context")
        dense = keras.layers.Dense(len(CLASSES), use_bias=False, name="context_logits")
        logits = keras.layers.Add()([logits, dense(known)])
        inputs = [image, known]
        dense.set_weights([head.context_kernel])
    probabilities = keras.layers.Softmax(name="probabilities")(logits)
    return keras.Model(inputs, {"activation": activation, "probabilities": probabilities})


def image_input(size: int | None) -> Any:
    """Return the input of every whole network: uint8 RGB, square."""
    return keras.Input((size, size, 3), dtype="uint8", name="image")


def export_onnx(network: Any, path: Path) -> None:
    """Write a network as an ONNX graph; its inputs are called `image` and `context`."""
    one = [np.zeros((1, *each.shape[1:]), dtype=each.dtype) for each in network.inputs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network(one if len(one) > 1 else one[0])  # the export wants one call
        network.export(path, format="onnx", verbose=False)
