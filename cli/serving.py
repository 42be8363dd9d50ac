"""The server: the camera page and the answers."""

import typer

from cli.options import AsJson, Host, Port, settings_with
from warehouse.settings import Settings
from warehouse.terminal import print_json, say

app = typer.Typer()


@app.command()
def serve(host: Host = None, port: Port = None, as_json: AsJson = False) -> None:
    """Serve the camera page and the answers over HTTPS, until interrupted."""
    run_server(settings_with(host=host, port=port), as_json)


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
