"""The served graph against the bare network: its size, its time, and what eight bits would do."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from benchmarks.home import trained_home
from ml.artifact import GRAPH
from ml.backbone import weighted_base
from ml.backend import keras
from ml.dataset import Examples, load_examples
from ml.decision import CLASSES, force
from ml.evaluation import ask
from ml.network import export_onnx, feature_map, image_input
from ml.predictor import Predictor, ServedGraph
from ml.settings import QUICK
from warehouse import published
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import Split

RUNS = 300  # of each graph, turn and turn about
CALIBRATION_IMAGES = 200


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print sizes in MB, times of one frame in ms and their ratio, and int8 on tune."""
    trained_home(settings, data, weights)
    store = open_store(settings)
    model_id = resolve(store, CHAMPION).model_id
    store.close()
    warehouse = published.current(settings)
    tune, train = (
        load_examples(settings, split, published.read_split(warehouse, split), QUICK.input_px)
        for split in (Split.tune, Split.train)
    )
    with TemporaryDirectory() as folder:
        graphs = {
            "served": settings.models_dir / model_id / GRAPH,
            "bare MobileNetV2": write_bare(weights, Path(folder) / "bare.onnx"),
        }
        graphs["served, int8"] = write_int8(graphs["served"], Path(folder) / "int8.onnx", train)
        times = interleaved_ms([open_session(path) for path in graphs.values()], tune.pixels)
        for (name, path), spent in zip(graphs.items(), times, strict=True):
            size_mb = path.stat().st_size / 1e6
            print(f"{name}: {size_mb:.1f} MB, {spent:.2f} ms, {spent / times[1]:.3f} of bare")
        rule = Predictor.open(settings.models_dir, model_id).rule
        for name in ("served", "served, int8"):
            print(f"{name} on tune: {judge(graphs[name], tune, rule.offsets)}")


def write_bare(weights: Path, path: Path) -> Path:
    """Write MobileNetV2 with a dense layer for seven classes, and no activation map."""
    image = image_input(QUICK.input_px)
    pooled = keras.layers.GlobalAveragePooling2D()(
        feature_map(weighted_base(QUICK, weights), image)
    )
    answer = keras.layers.Dense(len(CLASSES), activation="softmax")(pooled)
    export_onnx(keras.Model(image, answer), path)
    return path


def write_int8(graph: Path, path: Path, train: Examples) -> Path:
    """Write a graph in eight bits, its ranges taken from training images."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

    class TrainingImages(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            rows = np.random.default_rng(0).choice(len(train), CALIBRATION_IMAGES, replace=False)
            self.images: Iterator[Any] = iter([train.pixels[row : row + 1] for row in rows])

        def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
            image = next(self.images, None)
            return None if image is None else {"image": image}

    quantize_static(graph, path, TrainingImages(), QuantFormat.QDQ, per_channel=True)
    return path


def open_session(path: Path) -> Any:
    """Return a graph as the server opens it: one thread."""
    return ServedGraph(path.read_bytes()).session


def interleaved_ms(
    sessions: list[onnxruntime.InferenceSession], pixels: NDArray[np.uint8]
) -> list[float]:
    """Return each session's median time for one image."""
    spent: list[list[float]] = [[] for _ in sessions]
    for place in range(RUNS):
        image = {"image": pixels[place % len(pixels)][None]}
        for session, times in zip(sessions, spent, strict=True):
            started = time.perf_counter()
            session.run(None, image)
            times.append((time.perf_counter() - started) * 1000)
    return [statistics.median(times) for times in spent]


def judge(path: Path, tune: Examples, offsets: tuple[float, ...]) -> str:
    """Return a graph's balanced accuracy on tune under the model's own rule."""
    answers = force(ask(ServedGraph(path.read_bytes()), tune).probabilities, offsets)
    recalls = [np.mean(answers[tune.labels == place] == place) for place in range(len(CLASSES))]
    return f"balanced accuracy {np.mean(recalls):.3f}"
