"""What is served is what was trained: the exported graph against Keras, on the same pixels."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from ml import backbone, network
from ml.network import Head
from ml.predictor import ServedGraph
from ml.preprocess import decode
from ml.settings import BACKBONES, QUICK, SCRATCH
from warehouse.errors import BadInputError


def a_head(channels: int) -> Head:
    random = np.random.default_rng(7)
    kernel = random.normal(0, 0.3, (channels, 7)).astype(np.float32)
    return Head(kernel, random.normal(0, 0.3, 7).astype(np.float32))


def exported(base: object, folder: Path, size: int) -> tuple[keras.Model, ServedGraph]:
    served = network.served_network(base, a_head(base.output_shape[-1]), size)
    served.save(folder / "model.keras")
    network.export_onnx(served, folder / "model.onnx")
    reloaded = keras.models.load_model(folder / "model.keras", compile=False)
    return reloaded, ServedGraph((folder / "model.onnx").read_bytes())


@pytest.mark.real
def test_onnx_equals_keras_on_200_real_images(
    real_ham10000: Path, imagenet_weights: Path, tmp_path: Path
):
    served, graph = exported(backbone.weighted_base(QUICK, imagenet_weights), tmp_path, 224)
    paths = sorted(real_ham10000.glob("HAM10000_images_part_*/*.jpg"))[::40][:200]
    pixels = np.stack([decode(path.read_bytes(), 224, 10**7).rgb for path in paths])
    assert len(pixels) == 200
    expected = served.predict(pixels, verbose=0)
    one_by_one = np.concatenate([graph.predict(image[None])[0] for image in pixels])
    assert np.abs(one_by_one - expected["probabilities"]).max() < 1e-4
    _, activation = graph.predict(pixels[:16])
    spread = np.abs(expected["activation"]).max()
    assert np.abs(activation - expected["activation"][:16]).max() < 1e-4 * max(spread, 1)


def test_the_graph_scales_pixels_once_and_answers_shares_and_maps(tmp_path: Path):
    base = backbone.build_base(SCRATCH)
    _, graph = exported(base, tmp_path, 96)
    image = np.random.default_rng(8).integers(0, 255, (2, 96, 96, 3), np.uint8)
    shares, maps = graph.predict(image)
    assert shares.shape == (2, 7)
    assert maps.shape == (2, 3, 3, 7)
    assert shares.sum(axis=1) == pytest.approx([1, 1])
    features = base.predict(image / 127.5 - 1.0, verbose=0).mean(axis=(1, 2))
    head = a_head(features.shape[1])
    logits = features @ head.kernel + head.bias
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert shares == pytest.approx(expected, abs=1e-4)
    assert maps.mean(axis=(1, 2)) == pytest.approx(logits, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", BACKBONES)
def test_every_backbone_learns_on_its_own_name_and_leaves_the_scaling_to_us(name: str):
    base = backbone.build_base(replace(QUICK, backbone=name))
    kinds = {type(layer).__name__ for layer in base.layers}
    assert not kinds & {"Rescaling", "Normalization"}
    pooled = network.pooled_network(base, 64)
    assert pooled.output_shape == (None, base.output_shape[-1])
    assert network.learning_network(base, None, 0.1, learns_scaling=False).output_shape[-1] == 7


def test_weights_of_another_network_are_told(tmp_path: Path):
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    other.save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(BadInputError, match=r"other\.weights\.h5"):
        backbone.weighted_base(QUICK, tmp_path / "other.weights.h5")


@pytest.mark.parametrize("name", ["nowhere.weights.h5", "words.weights.h5"])
def test_weights_that_are_no_weights_are_told(tmp_path: Path, name: str):
    (tmp_path / "words.weights.h5").write_text("these are words")
    with pytest.raises(BadInputError, match=name):
        backbone.weighted_base(QUICK, tmp_path / name)
