"""The model that a retraining makes: trained as its champion was, on the data of today."""

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from ml.backbone import NoDownloadError
from ml.card import TEXT, write_model_card
from ml.contextual import add_context
from ml.registration import Order, promote_if_good
from ml.settings import FULL, Recipe, read_recipe
from ml.start import choose_start
from ml.training import Plan, train
from warehouse.audit import COMMAND_LINE
from warehouse.errors import NotReadyError
from warehouse.progress import Progress
from warehouse.registry import ModelRecord, list_models, resolve
from warehouse.retrainings import Retraining
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import TrainingStart


@dataclass(frozen=True)
class Wish:
    """What whoever asks for a retraining may say of it."""

    recipe: Recipe = FULL  # where there is no champion to take one from
    weights: Path | None = None  # to start over from; else Keras downloads them
    is_if_due: bool = False
    is_dry: bool = False
    by: str = COMMAND_LINE


NO_WISH = Wish()


def known_models(store: Store) -> set[str]:
    """Return the models there are rows of."""
    return {each.model_id for each in list_models(store)}


def learn_anew(
    settings: Settings, store: Store, one: Retraining, wish: Wish, progress: Progress
) -> None:
    """Train and register the model of a retraining, as its champion was trained."""
    parent = resolve(store, one.parent_model_id) if one.parent_model_id else None
    has_context = parent is not None and "context_strength" in parent.parameters
    order = Order(wish.by, one.model_id, one.reason)
    image_order = replace(order, model_id=f"{one.model_id}-image") if has_context else order
    plan = make_plan(one, parent, replace(wish, weights=wish.weights or settings.weights))
    if image_order.model_id not in known_models(store):
        train(settings, store, replace(plan, order=image_order), progress)
    if has_context:
        assert image_order.model_id is not None
        add_context(settings, store, image_order.model_id, progress, order)


def make_plan(one: Retraining, parent: ModelRecord | None, wish: Wish) -> Plan:
    """
    Return what to train: the champion's recipe, from its network or from first weights.

    Where first weights can neither be read nor brought, learning goes on from the champion.
    """
    recipe = recipe_of(parent, wish.recipe)
    is_onward = one.start is TrainingStart.onward
    if parent is not None and not is_onward and recipe.head is not None:
        try:
            choose_start(recipe, wish.weights)
        except NoDownloadError:
            is_onward = True
    return Plan(
        recipe=recipe,
        weights=wish.weights,
        version=one.warehouse_version,
        parent=one.parent_model_id,
        is_onward=is_onward and parent is not None,
    )


def recipe_of(parent: ModelRecord | None, otherwise: Recipe) -> Recipe:
    """Return the recipe that a model was trained by, or another where it cannot be read."""
    if parent is None:
        return otherwise
    try:
        return read_recipe(parent.parameters)
    except ValidationError:
        return otherwise


def complete(settings: Settings, store: Store, model_id: str, by: str) -> None:
    """Do what a training that was killed after its model's row has left undone."""
    folder = settings.models_dir / model_id
    if not folder.is_dir():
        raise NotReadyError(f"{folder}: the model's folder is gone; restore it from a backup")
    if not (folder / TEXT).exists():
        write_model_card(settings, store, model_id)
    promote_if_good(store, model_id, by)
