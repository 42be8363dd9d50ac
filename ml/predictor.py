"""A model that answers: the exported graph under ONNX Runtime, and its decision rule."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ml.artifact import Card, read_card, read_graph
from warehouse.errors import NotReadyError
from warehouse.vocabulary import Decision, Diagnosis

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]

OUTPUTS = ["probabilities", "activation"]


@dataclass(frozen=True)
class Answer:
    """What a model says of one image."""

    diagnosis: Diagnosis
    decision: Decision
    confidence: float  # the served probability of the diagnosis
    probabilities: tuple[float, ...]  # (7,) in the order of Diagnosis
    activation: Floats  # (h, w) where the diagnosis was seen; larger is more


class ServedGraph:
    """The exported graph, one thread a run; safe to ask from several threads at once."""

    def __init__(self, graph: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a server's threads are its requests
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(graph, options)

    def predict(self, batch: Pixels) -> tuple[Floats, Floats]:
        """Return probabilities (N, 7) and activation (N, h, w, 7) of RGB images (N, S, S, 3)."""
        probabilities, activation = self.session.run(OUTPUTS, {"image": batch})
        exact = probabilities.astype(np.float64)
        return exact / exact.sum(axis=1, keepdims=True), activation.astype(np.float64)


class Predictor:
    """One registered model: its graph, and how the probabilities are read."""

    classes = tuple(Diagnosis)  # in the order of the probabilities

    def __init__(self, card: Card, graph: ServedGraph) -> None:
        self.graph = graph
        self.input_px = card.input_px
        self.rule = card.decision_rule

    @classmethod
    def open(cls, models_dir: Path, model_id: str) -> "Predictor":
        """
        Open a model's folder after checking its graph against its card.

        Raises:
            NotReadyError: A file is missing or damaged.
        """
        folder = models_dir / model_id
        card = read_card(folder)
        content = read_graph(folder, card)
        try:
            return cls(card, ServedGraph(content))
        except Exception as error:  # ONNX Runtime's own classes share no other parent
            raise NotReadyError(
                f"{folder}: ONNX Runtime {onnxruntime.__version__} cannot run the graph ({error}); "
                "run `dermhouse train`"
            ) from None

    def predict(self, batch: Pixels) -> tuple[Floats, Floats]:
        """Return probabilities (N, 7) and activation (N, h, w, 7) of RGB images (N, S, S, 3)."""
        return self.graph.predict(batch)

    def answer(self, rgb: Pixels) -> Answer:
        """Return the answer to one decoded image (S, S, 3)."""
        probabilities, activation = self.predict(rgb[None])
        (place,), (is_likely,) = self.rule.decide(probabilities)
        return Answer(
            diagnosis=self.classes[place],
            decision=Decision.likely if is_likely else Decision.uncertain,
            confidence=float(probabilities[0, place]),
            probabilities=tuple(map(float, probabilities[0])),
            activation=activation[0, :, :, place],
        )
