"""Where a training starts: which recipe, and which first weights."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml import backbone
from ml.backbone import NoDownloadError
from ml.settings import QUICK, SCRATCH, Recipe


@dataclass(frozen=True)
class Start:
    """A base ready to learn on."""

    recipe: Recipe
    base: Any  # a Keras model
    weights_source: str  # as it is recorded: never a path of this machine
    notes: list[str]  # sentences a person should read


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


def describe(weights: Path) -> str:
    """Return a weights file's name and content hash."""
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    return f"{weights.name}, sha256 {digest[:16]}"
