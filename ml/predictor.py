"""A model that answers: the exported graph under ONNX Runtime, and its decision rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ml.artifact import Card, read_card, read_graph
from ml.assessable import measure_signals
from ml.context import missing
from ml.preprocess import Frame
from warehouse.errors import NotReadyError
from warehouse.vocabulary import Decision, Diagnosis

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Context = NDArray[np.float32]

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
        self.uses_context = "context" in {each.name for each in self.session.get_inputs()}

    def predict(self, batch: Pixels, context: Context | None = None) -> tuple[Floats, Floats]:
        """
        Return probabilities (N, 7) and activation (N, h, w, 7) of RGB images (N, S, S, 3).

        context: (N, ml.context.WIDTH), read only by a graph that takes it; None: nothing is known.
        """
        given: dict[str, NDArray[Any]] = {"image": batch}
        if self.uses_context:
            given["context"] = missing(len(batch)) if context is None else context
        probabilities, activation = self.session.run(OUTPUTS, given)
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

    @property
    def uses_context(self) -> bool:
        """Return whether age, sex and body site change the answers."""
        return self.graph.uses_context

    def predict(self, batch: Pixels, context: Context | None = None) -> tuple[Floats, Floats]:
        """Return probabilities (N, 7) and activation (N, h, w, 7) of RGB images (N, S, S, 3)."""
        return self.graph.predict(batch, context)

    def answer(self, frame: Frame, context: Context | None = None) -> Answer:
        """Return the answer to one decoded frame; context: (ml.context.WIDTH,)."""
        known = missing(1)[0] if context is None else context
        return self.answer_all([frame], [known])[0]

    def answer_all(self, frames: Sequence[Frame], contexts: Sequence[Context]) -> list[Answer]:
        """Return the answers to decoded frames of input_px, out of one run of the graph."""
        images = np.stack([frame.rgb for frame in frames])
        probabilities, activation = self.predict(images, np.stack(contexts))
        places, is_likely = self.rule.decide(probabilities)
        signals = [measure_signals(*each) for each in zip(frames, activation, strict=True)]
        is_assessable = self.rule.assess(np.stack(signals), len(frames))
        return [
            Answer(
                diagnosis=self.classes[place],
                decision=name_decision(is_assessable[row], is_likely[row]),
                confidence=float(probabilities[row, place]),
                probabilities=tuple(probabilities[row].tolist()),
                activation=activation[row, :, :, place],
            )
            for row, place in enumerate(places)
        ]


def name_decision(is_assessable: np.bool_, is_likely: np.bool_) -> Decision:
    """Return the word for what a person is told."""
    if not is_assessable:
        return Decision.not_assessable
    return Decision.likely if is_likely else Decision.uncertain
