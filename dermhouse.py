"""The command line: each verb is one step of the loop, told in figures."""

import csv
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import duckdb
import typer

from warehouse.build import BuildReport, build
from warehouse.doctor import examine
from warehouse.errors import BadInputError, DermhouseError
from warehouse.live import install_extensions
from warehouse.published import class_counts, connect_live, current
from warehouse.registry import CHAMPION, resolve, set_alias
from warehouse.settings import Settings
from warehouse.store import init_store, open_store
from warehouse.terminal import out, print_json, say, show_table, shown_progress

# Rooms that take long to enter (pandas, Keras, the server) are opened by the verbs that need them.
if TYPE_CHECKING:
    from etl.report import LoadReport
    from ml.evaluation import EvaluationReport
    from ml.training import TrainingReport

app = typer.Typer(
    help="A clinical data warehouse that learns.\n\n"
    "The loop, step by step: fetch, init, load, build, train, serve. "
    "`dermhouse demo` takes them all.\n\n"
    "All state stands under DERMHOUSE_HOME (default: var). "
    "Exit codes: 0 done, 1 failed, 2 bad input, 3 another step must come first, 4 busy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
fetch = typer.Typer(help="Bring a data set into a folder.", no_args_is_help=True)
app.add_typer(fetch, name="fetch")

AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON, the last on stdout.")]
Folder = Annotated[Path, typer.Argument(help="The folder to fill; made if it is not there.")]
Weights = Annotated[
    Path | None, typer.Option(help="ImageNet weights (.weights.h5); else Keras downloads them.")
]
Host = Annotated[
    str | None, typer.Option(help="0.0.0.0 lets a phone on this network in, by a token.")
]
Port = Annotated[int | None, typer.Option(help="Port to serve on.", min=0, max=65535)]


@app.command()
def init(as_json: AsJson = False) -> None:
    """Make the home, its store and DuckDB's scanners; safe to repeat, also after an upgrade."""
    settings = Settings()
    prepare_home(settings)
    say(f"{settings.home.resolve()} is ready. Next: dermhouse load PATH")
    if as_json:
        print_json({"home": str(settings.home.resolve()), "store": settings.operational_url})


@fetch.command()
def kaggle(
    folder: Folder,
    yes: Annotated[bool, typer.Option("--yes", help="The licence is accepted already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Download HAM10000 from Kaggle (3 GB), after showing its licence."""
    from etl.kaggle import LICENCE, fetch_kaggle

    say(LICENCE)
    if not yes:
        typer.confirm("Download under this licence?", abort=True, err=True)
    path = fetch_kaggle(folder)
    say(f"{path} is ready. Next: dermhouse load {path}")
    if as_json:
        print_json({"path": str(path)})


@fetch.command()
def synthetic(
    folder: Folder,
    images: Annotated[int, typer.Option(help="About how many images to draw.", min=1)] = 700,
    seed: Annotated[int, typer.Option(help="The same seed draws the same images.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Draw a small synthetic data set in HAM10000's layout; no network is needed."""
    from etl.synthetic import fetch_synthetic

    with shown_progress() as progress:
        fetch_synthetic(folder, images, seed, progress)
    say(f"{folder}: SYNTHETIC images are drawn. Next: dermhouse load {folder}")
    if as_json:
        print_json({"path": str(folder), "images": images})


@app.command()
def load(
    path: Annotated[Path, typer.Argument(help="A folder in a layout that is known.")],
    as_json: AsJson = False,
) -> None:
    """Load images and their metadata; the same data again changes nothing."""
    report = run_load(Settings(), path)
    if as_json:
        print_json(asdict(report))


@app.command(name="build")
def build_command(
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Copy every row again, not only new ones.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build and test the warehouse with dbt, and publish it as a new version."""
    report = run_build(Settings(), full_refresh)
    if as_json:
        print_json(asdict(report))


@app.command()
def train(weights: Weights = None, as_json: AsJson = False) -> None:
    """Train on the warehouse's balanced split, evaluate, export and register the model."""
    report = run_train(Settings(), weights)
    if as_json:
        print_json(report.as_dict())


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="A model id, or an alias.")] = CHAMPION,
    as_json: AsJson = False,
) -> None:
    """Evaluate a model on ml_validation through its served graph; the figures become facts."""
    from ml.evaluation import evaluate as evaluate_model

    settings = Settings()
    store = open_store(settings)
    with shown_progress() as progress:
        report = evaluate_model(settings, store, model, progress=progress)
    store.close()
    tell_evaluation(report)
    if as_json:
        print_json(report.as_dict())


@app.command()
def promote(
    model: Annotated[str, typer.Argument(help="A model id, or an alias.")], as_json: AsJson = False
) -> None:
    """Make a model the champion, which the server answers with."""
    store = open_store(Settings())
    model_id = resolve(store, model).model_id
    set_alias(store, CHAMPION, model_id)
    store.close()
    say(f"{model_id} is the champion. Next: dermhouse serve")
    if as_json:
        print_json({"alias": CHAMPION, "model_id": model_id})


@app.command()
def serve(host: Host = None, port: Port = None, as_json: AsJson = False) -> None:
    """Serve the camera page and the answers over HTTPS, until interrupted."""
    run_server(settings_with(host=host, port=port), as_json)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One query, e.g. 'select * from dim_diagnoses'.")],
    form: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Ask the published warehouse, with the newest predictions in fct_predictions_live."""
    form = "json" if as_json else form
    if form not in ("table", "csv", "json"):
        raise BadInputError(f"--format {form}: choose table, csv or json")
    with connect_live(Settings()) as connection:
        try:
            answer = connection.execute(query)
            columns, rows = [name for name, *_ in answer.description], answer.fetchall()
        except duckdb.Error as error:
            raise BadInputError(f"the query cannot be answered: {error}") from None
    if form == "table":
        show_table("", columns, rows, to=out)
    elif form == "csv":
        csv.writer(sys.stdout).writerows([columns, *rows])
    else:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look for the common faults, and say what to do about each."""
    findings = list(examine(Settings()))
    for finding in findings:
        say(f"{'ok  ' if finding.is_well else 'MEND'}  {finding.subject}: {finding.word}")
    is_well = all(finding.is_well for finding in findings)
    if as_json:
        print_json({"is_well": is_well, "findings": [asdict(finding) for finding in findings]})
    raise typer.Exit(0 if is_well else 1)


@app.command()
def demo(
    data: Annotated[Path | None, typer.Option(help="HAM10000; else a set is drawn.")] = None,
    weights: Weights = None,
    host: Host = None,
    port: Port = None,
    serves: Annotated[bool, typer.Option("--serve/--no-serve", help="Stop before serving.")] = True,
    as_json: AsJson = False,
) -> None:
    """Take the whole loop: data, load, build, train, build again, serve."""
    started = time.perf_counter()
    settings = settings_with(host=host, port=port)
    prepare_home(settings)
    loaded = run_load(settings, data or drawn_data(settings))
    run_build(settings)
    trained = run_train(settings, weights)
    built = run_build(settings)
    seconds = round(time.perf_counter() - started, 1)
    say(f"\nThe loop took {seconds} s. Ask it: dermhouse sql 'select * from model_performance'")
    if as_json:
        parts = {"load": asdict(loaded), "train": trained.as_dict(), "build": asdict(built)}
        print_json(parts | {"seconds": seconds})
    if serves:
        run_server(settings, as_json=False)


def settings_with(**changes: Any) -> Settings:
    """Read DERMHOUSE_*, then apply what the command line says."""
    return Settings(**{name: value for name, value in changes.items() if value is not None})


def prepare_home(settings: Settings) -> None:
    """Make everything that must be there before the first load."""
    init_store(settings).close()
    settings.warehouse_dir.mkdir(exist_ok=True)
    install_extensions(settings)


def drawn_data(settings: Settings) -> Path:
    """Return the folder of a synthetic data set, drawn unless it is there."""
    from etl.synthetic import fetch_synthetic

    folder = settings.home / "synthetic"
    say("\nNo DATA given: drawing a SYNTHETIC data set in HAM10000's layout")
    with shown_progress() as progress:
        fetch_synthetic(folder, progress=progress)
    return folder


def run_load(settings: Settings, path: Path) -> "LoadReport":
    """Load a folder and tell what was found."""
    from etl.pipeline import load as load_path

    say(f"\nLoad {path}")
    store = open_store(settings)
    with shown_progress() as progress:
        report = load_path(settings, store, path, progress)
    store.close()
    tell_load(report)
    return report


def run_build(settings: Settings, full_refresh: bool = False) -> BuildReport:
    """Build the warehouse and tell what was published."""
    say("\nBuild the warehouse with dbt")
    with shown_progress() as progress:
        report = build(settings, progress, full_refresh)
    say(
        f"version {report.version}: {report.models} models, {report.tests} tests, "
        f"{report.failed} failed, {report.warned} warned, in {report.seconds} s; {report.path}"
    )
    return report


def run_train(settings: Settings, weights: Path | None) -> "TrainingReport":
    """Train on the current version and tell how good the model is."""
    from ml.training import train as train_model

    warehouse = current(settings)
    say(f"\nTrain from warehouse version {warehouse.version}")
    counts = class_counts(warehouse)
    show_table(
        "Training images before and after the balance",
        ["diagnosis", "images", "balanced"],
        counts.itertuples(index=False),
    )
    store = open_store(settings)
    with shown_progress() as progress:
        report = train_model(settings, store, weights=weights, progress=progress)
    store.close()
    for note in report.notes:
        say(note)
    tell_evaluation(report.evaluation)
    say(f"model {report.model_id}, {report.seconds} s" + (", champion" * report.is_champion))
    return report


def run_server(settings: Settings, as_json: bool) -> None:
    """Serve until interrupted, after saying where."""
    from api.server import prepare_server

    server = prepare_server(settings)
    say(f"\nServing on {server.address}  (stop with Ctrl-C)")
    say(
        "The browser will doubt the certificate: it is signed by this installation's own "
        f"authority.\nGo on past the warning, or trust {server.certificate.authority} once."
    )
    if as_json:
        print_json({"address": server.address})
    server.run()


def tell_load(report: "LoadReport") -> None:
    """Tell a load's counts, its rejected rows, and how it stands to a known release."""
    say(
        f"{report.rows:,} rows, {report.files:,} files, {report.missing_files:,} missing, "
        f"{report.undecodable_files} undecodable, {report.rejected} rejected; "
        f"{report.inserted:,} inserted, {report.updated:,} updated, "
        f"{report.unchanged:,} unchanged, in {report.seconds} s"
    )
    if report.unlisted_files:
        say(f"  {report.unlisted_files:,} files stand there that no row names; they were left out")
    for sentence in report.rejections:
        say(f"  rejected: {sentence}")
    if report.expected:
        show_table(
            f"{report.release}: published against loaded",
            ["quantity", "expected", "observed"],
            [(line.quantity, line.expected, line.observed) for line in report.expected],
        )


def tell_evaluation(report: "EvaluationReport") -> None:
    """Tell a model's figures on one split, with their intervals."""
    show_table(
        f"{report.model_id} on {report.split} ({report.n:,} images)",
        ["diagnosis", "metric", "value", "low", "high"],
        [(m.diagnosis, m.metric, m.value, m.low, m.high) for m in report.metrics],
    )


def main() -> None:
    """Run the command line; a fault is one sentence and an exit code, never a traceback."""
    try:
        app()
    except DermhouseError as fault:
        say(f"dermhouse: {fault}")
        sys.exit(fault.exit_code)
    except KeyboardInterrupt:
        say("dermhouse: interrupted; what was finished is kept")
        sys.exit(130)


if __name__ == "__main__":
    main()
