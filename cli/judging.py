"""How good models are: evaluate one, compare two."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from cli.options import AsJson, Model, opened_store
from warehouse.errors import BadInputError
from warehouse.progress import Progress
from warehouse.registry import CHAMPION
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.terminal import print_json, say, show_table, shown_progress

if TYPE_CHECKING:
    from ml.evaluation import EvaluationReport
    from ml.external import ExternalReport, Outside

app = typer.Typer()


class Told(Protocol):
    """Any report that a script can have."""

    def as_dict(self) -> dict[str, Any]:
        """Return the report for a script."""


@app.command()
def evaluate(
    model: Model = CHAMPION,
    external: Annotated[
        Path | None, typer.Option(help="A data set that is not loaded; nothing is recorded.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="What its columns mean, as for `load` (docs/sources.md).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate a model through its served graph, on ml_validation or on an outside data set."""
    settings = Settings()
    if mapping is not None and external is None:
        raise BadInputError("--mapping says what the columns of --external PATH mean: name that")
    with opened_store(settings) as store, shown_progress() as progress:
        if external is None:
            report: Told = evaluate_inside(settings, store, model, progress)
        else:
            outside = read_outside(settings, external, mapping, progress)
            report = evaluate_outside(settings, store, model, outside, progress)
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
        told = compare_models(settings, store, (model, other), progress=progress)
    for warning in told.warnings:
        say(warning)
    show_table(
        f"{model} and {other} on validation ({told.n:,} images): first less second",
        ["diagnosis", "metric", "first", "second", "difference", "low", "high"],
        [tuple(asdict(each).values()) for each in told.differences],
    )
    if as_json:
        print_json([asdict(each) for each in told.differences])


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
    settings: Settings, store: Store, model: str, outside: "Outside", progress: Progress
) -> "ExternalReport":
    """Evaluate on a data set that was never loaded, less the images the model was trained on."""
    from ml.external import evaluate_external

    report = evaluate_external(settings, store, model, outside, progress)
    tell_external(report)
    return report


def read_outside(
    settings: Settings, path: Path, mapping: Path | None, progress: Progress
) -> "Outside":
    """Read a data set that stays outside, and tell what of it cannot be used."""
    from etl.unloaded import read_unloaded
    from ml.external import Outside

    found = read_unloaded(path, settings.max_image_pixels, progress, mapping)
    say(
        f"{path}: {found.rejected_rows} rows rejected, {found.missing_files} files missing, "
        f"{found.undecodable_files} undecodable"
    )
    return Outside(found.name, found.rows)


def tell_external(report: "ExternalReport") -> None:
    """Tell a model's figures on images outside its training, and what was left out of them."""
    for warning in report.warnings:
        say(warning)
    tell_evaluation(report.evaluation)


def tell_evaluation(report: "EvaluationReport") -> None:
    """Tell a model's figures on one split, with their intervals, and what was left out."""
    for warning in report.warnings:
        say(warning)
    show_table(
        f"{report.model_id} on {report.split} ({report.n:,} images)",
        ["diagnosis", "metric", "value", "low", "high"],
        [(m.diagnosis, m.metric, m.value, m.low, m.high) for m in report.metrics],
    )
    say(f"Skin type: {report.as_dict()['skin_type']}")
