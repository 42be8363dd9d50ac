"""A model's card, `card.json` and `card.md`, from what is recorded of it and nothing else."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ml.artifact import describe_lineage, write_card, written
from ml.card_text import render
from ml.evaluation import SKIN_TYPE
from ml.pictures import draw_pictures
from ml.provenance import AND, find_data_sets, in_order, terms_of
from warehouse import published
from warehouse.errors import NotReadyError
from warehouse.figures import read_epochs, read_evaluations
from warehouse.registry import Evaluation, ModelRecord, resolve
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import Split

TEXT = "card.md"

INTENDED_USE = (
    "Research and teaching on dermatoscopic images of single pigmented skin lesions. It says which "
    "of seven diagnoses an image resembles, or that it is uncertain. Not for screening, triage, "
    "treatment or self-examination."
)
LIMITS = (
    "Seven diagnoses only: every other disease is answered as one of them, or as uncertain.",
    f"Skin type: {SKIN_TYPE}.",
    "The prevalence in the data is not that of a practice, and probabilities hold for the data's "
    "alone.",
    "Labels of follow-up and consensus are opinions; those of histology are not free of error.",
    "Thresholds, temperature and the not-assessable gate were fitted on tune, and figures on tune "
    "look better than they are.",
)


def write_model_card(settings: Settings, store: Store, model: str) -> Path:
    """
    Write card.json, card.md and the pictures into a model's folder, and return the text's path.

    model: an id or an alias. Everything is read from the store and from the warehouse version the
    model came from; running it again after a new evaluation brings the card up to date.

    Raises:
        NotReadyError: There is no such model, its folder is gone, or the disk is full.
    """
    record = resolve(store, model)
    folder = settings.models_dir / record.model_id
    if not folder.is_dir():
        raise NotReadyError(
            f"{folder}: the model's folder is gone; restore it, or run `dermhouse train`"
        )
    evaluations = read_evaluations(store, record.model_id)
    epochs = read_epochs(store, record.model_id)
    data = describe_data(settings, record, evaluations)
    more: dict[str, Any] = {
        "intended_use": INTENDED_USE,
        "limits": [*LIMITS, *data_limits(data["data_sets"])],
        "skin_type": SKIN_TYPE,
        "data": data,
        "evaluations": [describe(each) for each in evaluations],
        "epochs": [asdict(epoch) for epoch in epochs],
    }
    with written(folder):
        more["pictures"] = draw_pictures(folder, epochs, choose_judged(evaluations))
        write_card(folder, record, more)
        (folder / TEXT).write_text(render(describe_lineage(record) | more))
    return folder / TEXT


def choose_judged(evaluations: list[Evaluation]) -> Evaluation | None:
    """Return the evaluation that the pictures show: validation, or whatever there is."""
    of_validation = [each for each in evaluations if each.split == Split.validation.value]
    return next(iter([*of_validation, *evaluations]), None)


def describe_data(
    settings: Settings, record: ModelRecord, evaluations: list[Evaluation]
) -> dict[str, Any]:
    """
    Return what the model came from, with the licences of every data set in it.

    Where the version is no longer there, there are no counts, and the data sets are those of its
    figures on tune, which a training records.
    """
    try:
        warehouse = published.find(settings, record.warehouse_version)
        counts, names = published.split_counts(warehouse), find_data_sets(warehouse)
    except NotReadyError:
        told = [each.dataset for each in evaluations if each.split == Split.tune.value]
        counts, names = {}, in_order(name for each in told for name in each.split(AND))
    return {
        "data_sets": names,
        "licence": " ".join(dict.fromkeys(terms_of(each).licence for each in names)),
        "warehouse_version": record.warehouse_version,
        "split_hash": record.split_hash,
        "train_images": record.train_images,
        "images": counts,
    }


def data_limits(names: list[str]) -> list[str]:
    """Return what the data sets themselves leave open, each sentence once."""
    return list(dict.fromkeys(terms_of(name).limit for name in names))


def describe(evaluation: Evaluation) -> dict[str, Any]:
    """Return every recorded figure of one evaluation."""
    return {
        "dataset": evaluation.dataset,
        "split": evaluation.split,
        "metrics": [asdict(each) for each in evaluation.metrics],
        "confusion": [
            {"diagnosis": true, "answered": told, "n": n}
            for (true, told), n in evaluation.confusion.items()
        ],
        "reliability": [asdict(each) for each in evaluation.reliability],
        "subgroups": [asdict(each) for each in evaluation.subgroups],
    }
