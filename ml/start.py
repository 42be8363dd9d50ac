"""Where a training starts: which recipe, and which first weights."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml import network
from ml.network import NoDownloadError
from ml.settings import QUICK, SCRATCH, Recipe


@dataclass(frozen=True)
class Start:
    """A base ready to learn on."""

    recipe: Recipe
    base: Any  # a Keras model
    weights_source: str  # as it is recorded: never a path of this machine
    notes: list[str]  # sentences a person should read


def choose_start(recipe: Recipe | None, weights: Path | None) -> Start:
    """
    Return the base to learn on.

    Without a recipe it is QUICK, or SCRATCH if there are no weights and Keras can bring none.

    Raises:
        BadInputError: The weights' file cannot be used.
        NoDownloadError: The recipe named wants ImageNet weights, and there are none.
    """
    if weights is not None:
        base = network.weighted_base(recipe or QUICK, weights)
        return Start(recipe or QUICK, base, describe(weights), [])
    if recipe is not None and recipe.train_base:
        return Start(recipe, network.build_base(recipe), "none", [])
    try:
        base = network.imagenet_base(recipe or QUICK)
    except NoDownloadError as error:
        if recipe is not None:
            raise
        note = (
            f"{error}. Training from scratch at {SCRATCH.input_px} px instead: enough for drawn "
            "images, far too little for real skin."
        )
        return Start(SCRATCH, network.build_base(SCRATCH), "none", [note])
    return Start(recipe or QUICK, base, "ImageNet, as downloaded by Keras", [])


def describe(weights: Path) -> str:
    """Return a weights file's name and content hash."""
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    return f"{weights.name}, sha256 {digest[:16]}"
