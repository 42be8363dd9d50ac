"""
A second model out of a first: age, sex and body site speak beside the image.

What they say is learnt from the metadata alone and added to the image's logits, as if both were
independent given the diagnosis (Bayes's rule). How loud they may speak is fitted on tune, because
they are not quite independent. The image's part stays as it was, and so does its activation map.
"""

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from ml import context
from ml.calibration import log_loss, log_prior
from ml.dataset import Examples
from ml.decision import CLASSES
from ml.evaluation import ask
from ml.predictor import Predictor
from ml.registration import ASKED, Candidate, Order, TrainingReport, register_model
from ml.settings import read_recipe
from ml.start import Start, open_network
from ml.training import leave_out_met, load_splits, read_splits
from warehouse import published
from warehouse.errors import BadInputError
from warehouse.progress import Progress, silent
from warehouse.registry import ModelRecord, resolve
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import now
from warehouse.vocabulary import Split

HIDDEN = 0.5  # share of the known fields that are hidden from each copy of a training row
COPIES = 4  # of each training row: the camera often knows only some of the fields
STRENGTHS = np.linspace(0, 1.5, 31)
TEMPERATURES = np.geomspace(0.5, 2, 61)

Floats = NDArray[np.float64]


def add_context(
    settings: Settings,
    store: Store,
    model: str,
    progress: Progress = silent,
    order: Order = ASKED,
) -> TrainingReport:
    """
    Register a model that is another one with a context as its second input.

    model: an id or an alias. It stays as it is; the new one names it as its parent.

    Raises:
        NotReadyError: There is no such model, or its files or its warehouse version are gone.
        BadInputError: The model has a context already.
    """
    began, clock = now(), time.perf_counter()
    parent = resolve(store, model)
    require_image_alone(parent)
    recipe = read_recipe(parent.parameters)
    warehouse = published.find(settings, parent.warehouse_version)
    whole = read_splits(warehouse, recipe.is_balanced, recipe.without_source)
    frames, told = leave_out_met(settings, store, whole, parent)
    examples = load_splits(settings, frames, recipe, progress)
    train, tune = examples[Split.train], examples[Split.tune]
    kernel = fit_context(train, recipe.seed)
    graph = Predictor.open(settings.models_dir, parent.model_id).graph
    image = np.log(ask(graph, tune, progress).probabilities)
    temperature, strength = fit_strength(image, kernel, tune)
    base, head = open_network(settings, parent)
    prior = log_prior(tune.labels, len(CLASSES))
    image_alone = replace(head, bias=(head.bias - prior).astype(np.float32))
    candidate = Candidate(
        Start(recipe, base, parent.weights_source, [*told]),
        replace(
            image_alone.calibrated(temperature, prior),
            context_kernel=(strength * kernel).astype(np.float32),
        ),
        warehouse,
        parameters=parent.parameters
        | {"context_strength": strength, "context_temperature": temperature},
        parent=parent.model_id,
        began=began,
        clock=clock,
        order=order,
    )
    return register_model(settings, store, candidate, examples, progress)


def require_image_alone(parent: ModelRecord) -> None:
    """Raise BadInputError where a model has a context: its image's part alone can take one."""
    if "context_strength" in parent.parameters:
        raise BadInputError(
            f"{parent.model_id}: it has a context already; name the model that it was made from: "
            f"`dermhouse add-context {parent.parent_model_id}`"
        )


def fit_context(train: Examples, seed: int) -> Floats:
    """
    Return what a context says of each diagnosis, as logits (context.WIDTH, 7).

    Every diagnosis counts the same, and a context of which nothing is known says nothing. Each row
    is learnt from several times with some of its fields hidden.
    """
    random = np.random.default_rng(seed)
    rows = np.tile(train.context, (COPIES, 1))
    fields = np.split(np.arange(context.WIDTH), context.FIELD_STARTS)
    for columns in fields:
        is_hidden = random.random(len(rows)) < HIDDEN
        rows[np.ix_(is_hidden, columns)] = 0.0
    fitted = LogisticRegression(fit_intercept=False, class_weight="balanced", max_iter=500)
    fitted.fit(rows, np.tile(train.labels, COPIES))
    return np.asarray(fitted.coef_.T, dtype=np.float64)


def fit_strength(image: Floats, kernel: Floats, tune: Examples) -> tuple[float, float]:
    """
    Return the temperature of the image's logits and the strength of the context's.

    image: the parent's log probabilities (N, 7) on tune. Both have the least log loss there; the
    served graph adds the prevalence, as the parent's does.
    """
    prior = log_prior(tune.labels, len(CLASSES))
    told = tune.context @ kernel
    losses = {
        (temperature, strength): log_loss(
            (image - prior) / temperature + strength * told + prior, tune.labels
        )
        for temperature in TEMPERATURES
        for strength in STRENGTHS
    }
    temperature, strength = min(losses, key=losses.__getitem__)
    return float(temperature), float(strength)
