"""
The served graph under BentoML: decoded and answered as the server does, and recorded nowhere.

It runs in an environment of its own (benchmarks.bento) and imports nothing of this project. The
options are those that answered most of what was tried on two cores.
"""

import os
from typing import Any

import bentoml
import numpy as np
import onnxruntime
from PIL import Image, ImageOps

GRAPH = os.environ["BENCHMARK_GRAPH"]
OUTPUTS = ["probabilities", "activation"]


@bentoml.service(
    workers=1, threads=2, traffic={"timeout": 120}, logging={"access": {"enabled": False}}
)
class Lesions:
    """One session, one thread a run; its threads are the requests under way."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(GRAPH, options)
        self.side = int(self.session.get_inputs()[0].shape[1])

    @bentoml.api(route="/video_frame/")  # type: ignore[untyped-decorator]
    def answer(self, file: Image.Image) -> dict[str, Any]:
        """Return the probabilities of one frame."""
        probabilities, _ = self.session.run(OUTPUTS, {"image": self.decode(file)[None]})
        return {"probabilities": probabilities[0].tolist()}

    def decode(self, image: Image.Image) -> Any:
        """Return the frame's central 4:3 as (side, side, 3), in the steps of ml.preprocess."""
        image.draft("RGB", (self.side, self.side))
        upright = ImageOps.exif_transpose(image).convert("RGB")
        width, height = upright.size
        wide, high = min(width, height * 4 / 3), min(height, width * 3 / 4)
        left, top = (width - wide) / 2, (height - high) / 2
        box = (left, top, left + wide, top + high)
        size = (self.side, self.side)
        return np.asarray(upright.resize(size, Image.Resampling.BILINEAR, box=box))
