"""The command line: each verb is one step of the loop, told in figures."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from warehouse.errors import DermhouseError
from warehouse.settings import Settings

out = Console()
err = Console(stderr=True)

app = typer.Typer(
    help="A clinical data warehouse that learns.\n\n"
    "The loop: fetch → init → load → build → train → serve; `dermhouse demo` takes every step.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
fetch = typer.Typer(help="Bring a data set to a folder: kaggle, or synthetic.", no_args_is_help=True)
app.add_typer(fetch, name="fetch")

AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON, the last on stdout.")]
Weights = Annotated[
    Path | None, typer.Option(help="ImageNet weights (.weights.h5); default: Keras downloads them.")
]
Host = Annotated[str, typer.Option(help="0.0.0.0 lets a phone on this network in, with a token.")]
Port = Annotated[int, typer.Option(help="The port to serve on.", min=0, max=65535)]


def settings_now(**changes: Any) -> Settings:
    """Read DERMHOUSE_* and apply what the command line says."""
    return Settings(**{name: value for name, value in changes.items() if value is not None})
