"""Where a training starts: which recipe, and which first weights."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ml import artifact, backbone
from ml.backbone import NoDownloadError
from ml.backend import keras
from ml.network import Head
from ml.seen import ONWARD
from ml.settings import QUICK, SCRATCH, Recipe
from warehouse.errors import NotReadyError
from warehouse.registry import ModelRecord
from warehouse.settings import Settings

ONWARD_RATE = 1 / 3  # of the learning rate: what was learnt is not to be thrown away


@dataclass(frozen=True)
class Start:
    """A base ready to learn on."""

    recipe: Recipe
    base: Any  # a Keras model
    weights_source: str  # as it is recorded: never a path of this machine
    notes: list[str]  # sentences a person should read
    is_onward: bool = False  # the base has learnt already

    @property
    def learnt_by(self) -> Recipe:
        """Return the recipe to learn by: onward its last stage alone, in smaller steps."""
        tuning = self.recipe.tuning
        if not self.is_onward or tuning is None:
            return self.recipe
        rate = tuning.learning_rate * ONWARD_RATE
        rest = replace(tuning, stages=tuning.stages[-1:], learning_rate=rate)
        return replace(self.recipe, tuning=rest)


def choose_start(recipe: Recipe, weights: Path | None) -> Start:
    """
    Return the base to learn on.

    QUICK gives way to SCRATCH where there are no weights and Keras can bring none: the loop can
    still be tried. A recipe without a head stage starts from nothing.

    Raises:
        BadInputError: The weights' file cannot be used.
        NoDownloadError: The recipe wants ImageNet weights, and there are none.
    """
    if weights is not None:
        base = backbone.weighted_base(recipe, weights)
        return Start(recipe, base, describe(weights), [])
    if recipe.head is None:
        return Start(recipe, backbone.build_base(recipe), "none", [])
    try:
        base = backbone.imagenet_base(recipe)
    except NoDownloadError as error:
        if recipe != QUICK:
            raise
        note = (
            f"{error}. Training from scratch at {SCRATCH.input_px} px instead: enough for drawn "
            "images, far too little for real skin."
        )
        return Start(SCRATCH, backbone.build_base(SCRATCH), "none", [note])
    return Start(recipe, base, "ImageNet, as downloaded by Keras", [])


def onward_start(settings: Settings, parent: ModelRecord, recipe: Recipe) -> Start:
    """
    Return the base of a registered model to learn on from.

    Raises:
        NotReadyError: The model's network is gone.
    """
    base, _ = open_network(settings, parent)
    base.trainable = False
    first = parent.weights_source.partition(ONWARD)[0]
    return Start(recipe, base, f"{first}{ONWARD}{parent.model_id}", [], is_onward=True)


def open_network(settings: Settings, record: ModelRecord) -> tuple[Any, Head]:
    """
    Return the base and the head of a registered model.

    Raises:
        NotReadyError: The model's network is gone, or is damaged.
    """
    path = settings.models_dir / record.model_id / artifact.NETWORK
    try:
        served = keras.models.load_model(path, compile=False)
    except (OSError, ValueError) as error:
        cause = str(error).splitlines()[0]
        raise NotReadyError(
            f"{path}: the network cannot be opened ({cause}); restore it from a backup"
        ) from None
    kernel, bias = served.get_layer("activation").get_weights()
    return served.get_layer("base"), Head(kernel[0, 0], bias)


def describe(weights: Path) -> str:
    """Return a weights file's name and content hash."""
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    return f"{weights.name}, sha256 {digest[:16]}"
