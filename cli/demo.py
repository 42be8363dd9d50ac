"""The whole loop in one verb."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.data import run_build, run_load
from cli.models import run_train
from cli.options import AsJson, Host, Port, Weights, opened_store, prepare_home, settings_with
from cli.serving import run_server
from warehouse.settings import Settings
from warehouse.tables import now
from warehouse.terminal import print_json, say, shown_progress
from warehouse.tokens import create_token, list_tokens, revoke_token
from warehouse.vocabulary import Role

app = typer.Typer()

DEMO = "demo"


@app.command()
def demo(
    data: Annotated[Path | None, typer.Option(help="HAM10000; else a set is drawn.")] = None,
    weights: Weights = None,
    host: Host = None,
    port: Port = None,
    serves: Annotated[bool, typer.Option("--serve/--no-serve", help="Stop before serving.")] = True,
    as_json: AsJson = False,
) -> None:
    """Take the whole loop: data, load, build, train the quick recipe, build again, serve."""
    from ml.training import Plan

    started = time.perf_counter()
    settings = settings_with(host=host, port=port)
    prepare_home(settings)
    loaded = run_load(settings, data or drawn_data(settings))
    run_build(settings)
    trained = run_train(settings, Plan(weights=weights))
    built = run_build(settings)
    seconds = round(time.perf_counter() - started, 1)
    say(f"\nThe loop took {seconds} s. Ask it: dermhouse sql 'select * from model_performance'")
    if as_json:
        parts = {"load": asdict(loaded), "train": trained.as_dict(), "build": asdict(built)}
        print_json(parts | {"seconds": seconds})
    if serves:
        tell_token(settings)
        run_server(settings, as_json=False)


def tell_token(settings: Settings) -> None:
    """Make a token and say it, where this server asks for one; the last demo's has then ended."""
    from api.access.hosts import asks_tokens
    from api.server import address

    if not asks_tokens(settings):
        return
    with opened_store(settings) as store:
        if any(token.name == DEMO and token.is_valid(now()) for token in list_tokens(store)):
            revoke_token(store, DEMO)
        secret = create_token(store, DEMO, Role.admin)
    say(
        f"\nOthers can reach this server, so it asks for a token. The demo's, an admin's:\n{secret}"
    )
    if settings.port:
        say(f"Or open this address once:\n{address(settings, settings.port)}sign-in#{secret}")


def drawn_data(settings: Settings) -> Path:
    """Return the folder of a synthetic data set, drawn unless it is there."""
    from etl.synthetic import fetch_synthetic

    folder = settings.home / "synthetic"
    say("\nNo DATA given: drawing a SYNTHETIC data set in HAM10000's layout")
    with shown_progress() as progress:
        fetch_synthetic(folder, progress=progress)
    return folder
