"""The same training under other Keras backends, handed back to TensorFlow."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest

from ml.network import export_onnx
from ml.predictor import ServedGraph

SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from ml.backend import keras
from ml import backbone, context, network
from ml.checkpoint import Checkpoint
from ml.dataset import Examples
from ml.settings import SCRATCH, Stage, TuningRecipe
from ml.tuning import tune_all

folder = Path(sys.argv[1])
how = TuningRecipe(stages=(Stage("small", 32, 1),), batch_size=14, warmup_steps=1)
recipe = replace(SCRATCH, input_px=32, tuning=how)
random = np.random.default_rng(1)
labels = np.tile(np.arange(7), 8)
ones = np.ones(len(labels))
examples = Examples("train", labels, random.integers(0, 255, (56, 32, 32, 3), np.uint8), labels,
                    labels, ones, ones > 0, context.missing(56))
base = backbone.build_base(recipe)
before = [np.array(each) for each in base.get_weights()]
learned = tune_all((base, None), (examples, examples), recipe, Checkpoint(folder / "run"),
                   lambda *_: None)
assert any((one != two).any() for one, two in zip(before, base.get_weights(), strict=True))
served = network.served_network(base, learned.head, 32)
served.save(folder / "model.keras")
np.savez(folder / "answers.npz", pixels=examples.pixels,
         probabilities=np.asarray(served.predict(examples.pixels, verbose=0)["probabilities"]))
print(keras.backend.backend())
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_model_trained_elsewhere_answers_the_same_under_tensorflow(backend: str, tmp_path: Path):
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    environment = os.environ | {"KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": ""}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.strip().endswith(backend)
    model = keras.models.load_model(tmp_path / "model.keras", compile=False)
    answers = np.load(tmp_path / "answers.npz")
    here = model.predict(answers["pixels"], verbose=0)["probabilities"]
    assert np.abs(here - answers["probabilities"]).max() < 1e-3
    export_onnx(model, tmp_path / "model.onnx")
    graph = ServedGraph((tmp_path / "model.onnx").read_bytes())
    assert np.abs(graph.predict(answers["pixels"])[0] - here).max() < 1e-3
