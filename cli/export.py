"""The star taken out of the house."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson
from warehouse.export import export as export_star
from warehouse.published import find
from warehouse.settings import Settings
from warehouse.terminal import print_json, say

app = typer.Typer()


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="The folder to make.")],
    version: Annotated[int | None, typer.Option(help="Of the warehouse; else the newest.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the star to Parquet, with a schema file that describes it."""
    report = export_star(find(Settings(), version), path)
    say(f"{path}: version {report.version}, {report.tables} tables, {report.rows:,} rows")
    if as_json:
        print_json(asdict(report))
