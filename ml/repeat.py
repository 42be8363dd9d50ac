"""Training a model again from what was recorded of it."""

from pathlib import Path

from pydantic import ValidationError

from ml.seen import ONWARD
from ml.settings import read_recipe
from ml.start import describe
from ml.training import Plan
from warehouse.errors import BadInputError, NotReadyError
from warehouse.registry import resolve
from warehouse.store import Store

FROM_NOTHING = "none"
DOWNLOADED = "ImageNet, as downloaded by Keras"


def plan_like(store: Store, model: str, weights: Path | None) -> Plan:
    """
    Return the plan that makes a registered model again: its recipe, its data, its first weights.

    model: an id or an alias.

    Raises:
        NotReadyError: There is no such model, or this code cannot read its recipe.
        BadInputError: The weights are not those that the model started from.
    """
    record = resolve(store, model)
    if "context_strength" in record.parameters:
        raise BadInputError(
            f"--like {record.model_id}: it is {record.parent_model_id} with a context; repeat that "
            "one, then run `dermhouse add-context` on the result"
        )
    try:
        recipe = read_recipe(record.parameters, is_exact=True)
    except ValidationError:
        raise NotReadyError(
            f"{record.model_id}: its recipe is of another version of Dermhouse; run this with "
            f"version {record.code_version}"
        ) from None
    first, _, forebear = record.weights_source.partition(ONWARD)
    source = describe(weights) if weights else None
    needs_file = not forebear and first not in (FROM_NOTHING, DOWNLOADED)
    if source != (record.weights_source if needs_file else None):
        wanted = f"--weights with {record.weights_source}" if needs_file else "no --weights"
        raise BadInputError(
            f"--like {record.model_id}: it started from {record.weights_source}; give {wanted}"
        )
    parent = forebear or record.model_id
    return Plan(recipe, weights, record.warehouse_version, parent, is_onward=bool(forebear))
