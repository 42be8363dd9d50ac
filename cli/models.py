"""Models: train, describe, promote."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.judging import tell_evaluation, tell_external
from cli.options import AsJson, Model, Quick, Weights, opened_store
from warehouse.errors import BadInputError
from warehouse.published import class_counts, find
from warehouse.registry import CHAMPION, resolve, set_alias
from warehouse.settings import Settings
from warehouse.terminal import print_json, say, show_table, shown_progress

if TYPE_CHECKING:
    from ml.external import ExternalReport
    from ml.registration import TrainingReport
    from ml.training import Plan

app = typer.Typer()


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
    without_source: Annotated[
        str | None, typer.Option(help="Leave a source's lesions out, and judge on them at last.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train on the warehouse, evaluate, export and register; a broken run goes on."""
    from ml.settings import BACKBONES, FULL, QUICK
    from ml.training import Plan

    settings = Settings()
    if like is not None:
        if quick or backbone or without_source:
            raise BadInputError(
                "--like repeats a recorded recipe: leave out --quick, --backbone, --without-source"
            )
        plan = repeated_plan(settings, like, weights)
    else:
        recipe = QUICK if quick else FULL
        if backbone is not None and backbone not in BACKBONES:
            raise BadInputError(f"--backbone {backbone}: choose one of {', '.join(BACKBONES)}")
        chosen = replace(recipe, backbone=backbone or recipe.backbone)
        plan = Plan(replace(chosen, without_source=without_source), weights)
    told = run_train(settings, plan).as_dict()
    if plan.recipe.without_source is not None:
        told["left_out_source"] = run_left_out(settings, told["model_id"]).as_dict()
    if as_json:
        print_json(told)


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


def repeated_plan(settings: Settings, like: str, weights: Path | None) -> "Plan":
    """Return the plan that makes a registered model again."""
    from ml.repeat import plan_like

    with opened_store(settings) as store:
        return plan_like(store, like, weights)


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


def run_left_out(settings: Settings, model_id: str) -> "ExternalReport":
    """Evaluate on the source that a model was trained without; figures and card are renewed."""
    from ml.card import write_model_card
    from ml.held_out_source import evaluate_left_out

    with opened_store(settings) as store, shown_progress() as progress:
        report = evaluate_left_out(settings, store, model_id, progress)
        write_model_card(settings, store, model_id)
    tell_external(report)
    return report


def tell_training(report: "TrainingReport") -> None:
    """Tell how good a new model is, and whether it answers from now on."""
    for note in report.notes:
        say(note)
    tell_evaluation(report.evaluation)
    say(f"model {report.model_id}, {report.seconds} s" + (", champion" * report.is_champion))
