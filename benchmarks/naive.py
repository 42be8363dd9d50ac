"""The server most people would write first: `model.predict` inside the handler."""

from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, File


def create_naive_app(folder: Path) -> FastAPI:
    """Return an app that answers with the Keras model of a model folder."""
    import keras
    import numpy as np
    from PIL import Image

    model: Any = keras.models.load_model(folder / "model.keras", compile=False)
    side = model.input_shape[1]
    app = FastAPI()

    @app.post("/video_frame/")
    async def answer(file: Annotated[bytes, File()]) -> dict[str, list[float]]:
        image = Image.open(BytesIO(file)).convert("RGB").resize((side, side))
        answers = model.predict(np.asarray(image)[None], verbose=0)
        return {"probabilities": answers["probabilities"][0].tolist()}

    return app
