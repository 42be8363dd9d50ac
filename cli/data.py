"""Data in: make a home, fetch a data set, load it, build the warehouse."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Folder, opened_store, prepare_home
from warehouse.address import shown_address
from warehouse.build import BuildReport, build
from warehouse.settings import Settings
from warehouse.terminal import print_json, say, show_table, shown_progress

# Rooms that take long to enter (pandas, Keras, the server) are opened by the verbs that need them.
if TYPE_CHECKING:
    from etl.report import LoadReport

app = typer.Typer()
fetch = typer.Typer(help="Bring a data set into a folder.", no_args_is_help=True)
app.add_typer(fetch, name="fetch")


@app.command()
def init(as_json: AsJson = False) -> None:
    """Make the home, its store and DuckDB's scanners; safe to repeat, also after an upgrade."""
    settings = Settings()
    prepare_home(settings)
    say(f"{settings.home.resolve()} is ready. Next: dermhouse load PATH")
    if as_json:
        store = shown_address(settings.operational_url)
        print_json({"home": str(settings.home.resolve()), "store": store})


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
    mapping: Annotated[
        Path | None,
        typer.Option(help="A YAML that says what the columns mean (docs/sources.md)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Load images and their metadata; the same data again changes nothing."""
    report = run_load(Settings(), path, mapping)
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


def run_load(settings: Settings, path: Path, mapping: Path | None = None) -> "LoadReport":
    """Load a folder and tell what was found."""
    from etl.pipeline import load as load_path

    say(f"\nLoad {path}")
    with opened_store(settings) as store, shown_progress() as progress:
        report = load_path(settings, store, path, progress, mapping)
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
    if report.left_out:
        told = ", ".join(f"{count:,} {why}" for why, count in report.left_out_reasons.items())
        say(f"  {report.left_out:,} rows are not for this warehouse and were left out: {told}")
    if report.withdrawn:
        say(f"  {report.withdrawn:,} images of an earlier load are left out now, and taken back")
    if report.shared:
        say(f"  {report.shared:,} images are described by another source too; each counts once")
    for sentence in report.rejections:
        say(f"  rejected: {sentence}")
    if report.standing:
        say(
            f"  {report.standing:,} images of rejected rows stand as an earlier load left them: "
            "mend the rows, or leave them out, and load again"
        )
    if report.expected:
        show_table(
            f"{report.release}: published against loaded",
            ["quantity", "expected", "observed"],
            [(line.quantity, line.expected, line.observed) for line in report.expected],
        )
