"""The activation map that is served with an answer is Grad-CAM's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ml import context, network
from ml.backbone import build_base
from ml.network import Head
from ml.predictor import ServedGraph
from ml.settings import SCRATCH

SIZE = 96


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory):
    random = np.random.default_rng(7)
    base = build_base(SCRATCH)
    kernel = random.normal(0, 0.3, (base.output_shape[-1], 7)).astype(np.float32)
    bias = random.normal(0, 0.3, 7).astype(np.float32)
    model = network.served_network(base, Head(kernel, bias), SIZE)
    path = tmp_path_factory.mktemp("served") / "model.onnx"
    network.export_onnx(model, path)
    return base, model, ServedGraph(path.read_bytes())


def grad_cam(base: keras.Model, model: keras.Model, image: np.ndarray, place: int) -> np.ndarray:
    """
    Grad-CAM on a logit (Selvaraju and others, ICCV 2017), without the final ReLU.

    The feature map's channels are summed, each times the mean gradient of the logit by it.
    """
    features = tf.Variable(base(image.astype(np.float32)[None] / 127.5 - 1.0, training=False))
    with tf.GradientTape() as tape:
        activation = model.get_layer("activation")(features)
        logit = model.get_layer("logits")(activation)[0, place]
    weights = tf.reduce_mean(tape.gradient(logit, features), axis=(1, 2))
    return np.asarray(tf.reduce_sum(features[0] * weights[0], axis=-1))


@pytest.mark.parametrize("place", range(7))
def test_the_served_map_is_grad_cam_up_to_one_factor_and_the_bias(served, place: int):
    base, model, graph = served
    images = np.random.default_rng(place).integers(0, 255, (3, SIZE, SIZE, 3), np.uint8)
    _, maps = graph.predict(images)
    bias = float(model.get_layer("activation").get_weights()[1][place])
    for image, served_map in zip(images, maps[..., place], strict=True):
        expected = grad_cam(base, model, image, place)
        cells = expected.size  # the mean pool gives every cell one such share of the gradient
        assert served_map - bias == pytest.approx(cells * expected, abs=1e-3)


def test_a_graph_with_a_context_answers_without_one_as_if_nothing_were_known(tmp_path):
    random = np.random.default_rng(3)
    base = build_base(SCRATCH)
    channels = base.output_shape[-1]
    head = Head(
        random.normal(0, 0.3, (channels, 7)).astype(np.float32),
        np.zeros(7, np.float32),
        random.normal(0, 1, (context.WIDTH, 7)).astype(np.float32),
    )
    network.export_onnx(network.served_network(base, head, SIZE), tmp_path / "model.onnx")
    graph = ServedGraph((tmp_path / "model.onnx").read_bytes())
    assert graph.uses_context
    images = random.integers(0, 255, (2, SIZE, SIZE, 3), np.uint8)
    known = np.stack([context.encode(70.0, "male", "back"), context.encode(None, "unknown", "ear")])
    alone, map_alone = graph.predict(images)
    nothing, _ = graph.predict(images, context.missing(2))
    told, map_told = graph.predict(images, known)
    assert (alone == nothing).all()
    assert np.abs(told - alone).max() > 0.01
    assert (map_told == map_alone).all()
    expected = np.log(alone) + known @ head.context_kernel
    shares = np.exp(expected) / np.exp(expected).sum(axis=1, keepdims=True)
    assert told == pytest.approx(shares, abs=1e-4)
