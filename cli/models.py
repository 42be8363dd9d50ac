"""Models: train, evaluate, promote."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from cli.options import AsJson, Model, Quick, Weights, opened_store
from warehouse.errors import BadInputError
from warehouse.progress import Progress
from warehouse.published import class_counts, find
from warehouse.registry import CHAMPION, resolve, set_alias
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.terminal import print_json, say, show_table, shown_progress

if TYPE_CHECKING:
    from ml.evaluation import EvaluationReport
    from ml.external import ExternalReport
    from ml.registration import TrainingReport
    from ml.training import Plan

app = typer.Typer()


class Told(Protocol):
    """Any report that a script can have."""

    def as_dict(self) -> dict[str, Any]:
        """Return the report for a script."""


@app.command()
def train(
    weights: Weights = None,
    quick: Quick = False,
    backbone: Annotated[
        str | None, typer.Option(help="Another network of Keras, e.g. efficientnetv2-b0.")
    ] = None,
    like: Annotated[
        str | None, typer.Option(help="Repeat this model's training: its recipe, its data.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train on the warehouse, evaluate, export and register; a broken run goes on."""
    from ml.repeat import plan_like
    from ml.settings import BACKBONES, FULL, QUICK
    from ml.training import Plan

    settings = Settings()
    if backbone is not None and backbone not in BACKBONES:
        raise BadInputError(f"--backbone {backbone}: choose one of {', '.join(BACKBONES)}")
    if like is not None:
        with opened_store(settings) as store:
            plan = plan_like(store, like, weights)
    else:
        recipe = QUICK if quick else FULL
        plan = Plan(replace(recipe, backbone=backbone or recipe.backbone), weights)
    report = run_train(settings, plan)
    if as_json:
        print_json(report.as_dict())


@app.command()
def add_context(model: Model = CHAMPION, as_json: AsJson = False) -> None:
    """Register a second model: MODEL, with age, sex and body site as a second input."""
    from ml.contextual import add_context as add_context_to

    settings = Settings()
    with opened_store(settings) as store, shown_progress() as progress:
        report = add_context_to(settings, store, model, progress)
    tell_training(report)
    if as_json:
        print_json(report.as_dict())


@app.command()
def evaluate(
    model: Model = CHAMPION,
    external: Annotated[
        Path | None, typer.Option(help="A data set that is not loaded; nothing is recorded.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate a model through its served graph, on ml_validation or on an outside data set."""
    settings = Settings()
    with opened_store(settings) as store, shown_progress() as progress:
        if external is None:
            report: Told = evaluate_inside(settings, store, model, progress)
        else:
            report = evaluate_outside(settings, store, model, external, progress)
    if as_json:
        print_json(report.as_dict())


@app.command()
def compare(
    model: Model,
    other: Annotated[str, typer.Argument(help="The model to compare it with.")] = CHAMPION,
    as_json: AsJson = False,
) -> None:
    """Compare two models on the same validation images: differences with paired intervals."""
    from ml.comparison import compare_models

    settings = Settings()
    with opened_store(settings) as store, shown_progress() as progress:
        differences = compare_models(settings, store, (model, other), progress=progress)
    show_table(
        f"{model} and {other} on validation: first less second",
        ["diagnosis", "metric", "first", "second", "difference", "low", "high"],
        [tuple(asdict(each).values()) for each in differences],
    )
    if as_json:
        print_json([asdict(each) for each in differences])


@app.command()
def card(model: Model = CHAMPION, as_json: AsJson = False) -> None:
    """Write a model's card anew from what is recorded: card.md, card.json and pictures."""
    from ml.card import write_model_card

    settings = Settings()
    with opened_store(settings) as store:
        path = write_model_card(settings, store, model)
    say(f"{path} is written")
    if as_json:
        print_json({"path": str(path)})


@app.command()
def promote(model: Model, as_json: AsJson = False) -> None:
    """Make a model the champion, which the server answers with."""
    with opened_store(Settings()) as store:
        model_id = resolve(store, model).model_id
        set_alias(store, CHAMPION, model_id)
    say(f"{model_id} is the champion. Next: dermhouse serve")
    if as_json:
        print_json({"alias": CHAMPION, "model_id": model_id})


def evaluate_inside(
    settings: Settings, store: Store, model: str, progress: Progress
) -> "EvaluationReport":
    """Evaluate on the warehouse's validation split; figures and card are renewed."""
    from ml.card import write_model_card
    from ml.evaluation import evaluate as evaluate_model

    report = evaluate_model(settings, store, model, progress=progress)
    write_model_card(settings, store, report.model_id)
    tell_evaluation(report)
    return report


def evaluate_outside(
    settings: Settings, store: Store, model: str, path: Path, progress: Progress
) -> "ExternalReport":
    """Evaluate on a data set that was never loaded, less the images the model was trained on."""
    from etl.unloaded import read_unloaded
    from ml.external import Outside, evaluate_external

    found = read_unloaded(path, settings.max_image_pixels, progress)
    outside = Outside(found.name, found.rows)
    report = evaluate_external(settings, store, model, outside, progress)
    say(
        f"{path}: {found.rejected_rows} rows rejected, {found.missing_files} files missing, "
        f"{found.undecodable_files} undecodable"
    )
    for warning in report.warnings:
        say(warning)
    tell_evaluation(report.evaluation)
    return report


def run_train(settings: Settings, plan: "Plan") -> "TrainingReport":
    """Train by a plan and tell how good the model is."""
    from ml.training import train as train_model

    warehouse = find(settings, plan.version)
    say(f"\nTrain from warehouse version {warehouse.version}")
    counts = class_counts(warehouse)
    show_table(
        "Training images before and after the balance",
        ["diagnosis", "images", "balanced"],
        counts.itertuples(index=False),
    )
    with opened_store(settings) as store, shown_progress() as progress:
        report = train_model(settings, store, plan, progress)
    tell_training(report)
    return report


def tell_training(report: "TrainingReport") -> None:
    """Tell how good a new model is, and whether it answers from now on."""
    for note in report.notes:
        say(note)
    tell_evaluation(report.evaluation)
    say(f"model {report.model_id}, {report.seconds} s" + (", champion" * report.is_champion))


def tell_evaluation(report: "EvaluationReport") -> None:
    """Tell a model's figures on one split, with their intervals."""
    show_table(
        f"{report.model_id} on {report.split} ({report.n:,} images)",
        ["diagnosis", "metric", "value", "low", "high"],
        [(m.diagnosis, m.metric, m.value, m.low, m.high) for m in report.metrics],
    )
    say(f"Skin type: {report.as_dict()['skin_type']}")
