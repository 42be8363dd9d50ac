"""The loop's way round: when to train again, who wins, and the way back."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Model, Quick, Weights, opened_store
from warehouse.aliases import roll_back
from warehouse.audit import COMMAND_LINE, SERVER
from warehouse.deletion import delete_model as delete
from warehouse.looks import Verdict, count_looks
from warehouse.notes import add_note
from warehouse.settings import Settings
from warehouse.terminal import print_json, say, show_table, shown_progress

if TYPE_CHECKING:
    from ml.retraining import RetrainingReport

app = typer.Typer()


@app.command()
def retrain(
    is_if_due: Annotated[
        bool, typer.Option("--if-due", help="Only if a rule of the warehouse has fired.")
    ] = False,
    is_dry: Annotated[
        bool, typer.Option("--dry-run", help="Say what is due and why, and train nothing.")
    ] = False,
    weights: Weights = None,
    quick: Quick = False,
    is_by_server: Annotated[
        bool,
        # Names nobody: whoever has the command line can write to the store without it.
        typer.Option("--by-server", help="Note in the audit chain that the server asked."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a challenger on today's data and judge it; it answers from now on if it passes."""
    from ml.challenger import Wish
    from ml.retraining import retrain as train_again
    from ml.settings import FULL, QUICK

    by = SERVER if is_by_server else COMMAND_LINE
    wish = Wish(QUICK if quick else FULL, weights, is_if_due, is_dry, by)
    settings = Settings()
    with opened_store(settings) as store, shown_progress() as progress:
        report = train_again(settings, store, wish, progress)
    tell_retraining(report)
    if as_json:
        print_json(report.as_dict())


@app.command()
def judge(model: Model, as_json: AsJson = False) -> None:
    """Judge MODEL beside the champion, line by line; nobody is promoted by it."""
    from ml.verdict import judge_challenger

    settings = Settings()
    with opened_store(settings) as store, shown_progress() as progress:
        verdict = judge_challenger(settings, store, model, progress=progress)
        looks = count_looks(store)
    tell_verdict(verdict)
    say(f"This was look {looks} at validation: each makes the next worth a little less.")
    if as_json:
        lines = [asdict(line) for line in verdict.lines]
        print_json({"is_passed": verdict.is_passed, "failing": verdict.failing, "lines": lines})


@app.command()
def rollback(as_json: AsJson = False) -> None:
    """Make the champion before this one the champion again."""
    with opened_store(Settings()) as store:
        done = roll_back(store)
    say(f"{done.to_model_id} is the champion again; {done.from_model_id} is not")
    if as_json:
        print_json(asdict(done))


@app.command()
def delete_model(
    model: Annotated[str, typer.Argument(help="The model's id; an alias is refused.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a model for good: its files, and every row about it."""
    if not yes:
        typer.confirm(f"Delete {model} for good?", abort=True, err=True)
    settings = Settings()
    with opened_store(settings) as store:
        done = delete(settings, store, model)
    say(f"{model} is deleted: {done.rows} rows, {done.bytes:,} bytes")
    if as_json:
        print_json(asdict(done))


@app.command()
def note(
    model: Model,
    text: Annotated[str, typer.Argument(help="A sentence to stand beside the model.")],
    as_json: AsJson = False,
) -> None:
    """Note something beside a model."""
    with opened_store(Settings()) as store:
        added = add_note(store, model, text)
    say(f"noted beside {added.model_id}")
    if as_json:
        print_json({"note_id": added.note_id, "model_id": added.model_id})


@app.command()
def export_model(
    model: Model,
    folder: Annotated[Path, typer.Argument(help="A folder to make.")],
    as_json: AsJson = False,
) -> None:
    """Write a model as a folder that MLflow serves, with the rule and the card beside it."""
    from ml.mlflow_folder import export_folder

    settings = Settings()
    with opened_store(settings) as store:
        model_id = export_folder(settings, store, model, folder)
    say(f"{folder} holds {model_id}")
    if as_json:
        print_json({"model_id": model_id, "path": str(folder)})


@app.command()
def import_model(
    folder: Annotated[Path, typer.Argument(help="A folder that export-model wrote.")],
    as_json: AsJson = False,
) -> None:
    """Register a model from a folder; it answers nobody until it is promoted."""
    from ml.mlflow_folder import import_folder

    settings = Settings()
    with opened_store(settings) as store:
        model_id = import_folder(settings, store, folder)
    say(f"{model_id} is registered. Next: dermhouse judge {model_id}")
    if as_json:
        print_json({"model_id": model_id})


def tell_retraining(report: "RetrainingReport") -> None:
    """Tell the rules, the verdict, and who is the champion now."""
    show_table(
        "Rules",
        ["rule", "fired", "value", "limit"],
        [(rule.name, rule.fired, rule.value, rule.limit) for rule in report.rules],
    )
    say(f"{'due' if report.is_due else 'not due'}: {report.word}")
    if report.verdict is not None:
        tell_verdict(report.verdict)
    if report.model_id is not None:
        place = "champion" if report.is_promoted else "challenger"
        say(f"{report.model_id} is the {place}")


def tell_verdict(verdict: Verdict) -> None:
    """Tell a verdict line by line."""
    show_table(
        f"{verdict.look.model_id} beside {verdict.look.other_model_id}",
        ["line", "holds", "decides", "word"],
        [(line.name, line.is_passed, line.is_decisive, line.word) for line in verdict.lines],
    )
    failing = ", ".join(verdict.failing)
    say("passed" if verdict.is_passed else f"refused by {failing}")
