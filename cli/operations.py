"""Keeping it running: refresh, backup, restore, who may do what, who did what."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson, opened_store
from warehouse.audit import verify
from warehouse.backup import backup as back_up
from warehouse.refresh import refresh as refresh_warehouse
from warehouse.restore import restore as restore_home
from warehouse.retention import clean_versions
from warehouse.settings import Settings
from warehouse.terminal import print_json, say, show_table, shown_progress
from warehouse.tokens import create_token, list_tokens, revoke_token
from warehouse.vocabulary import Role

app = typer.Typer()
token = typer.Typer(help="Access tokens: who may ask the server what.", no_args_is_help=True)
audit = typer.Typer(
    help="The chained record of every act that writes, and of every SQL query.",
    no_args_is_help=True,
)
app.add_typer(token, name="token")
app.add_typer(audit, name="audit")

Name = Annotated[str, typer.Argument(help="Whom the token is for: a pseudonym.")]


@app.command()
def refresh(
    force: Annotated[bool, typer.Option("--force", help="Build even if nothing is due.")] = False,
    as_json: AsJson = False,
) -> None:
    """Build anew if enough facts or time have passed; remove versions that nobody needs."""
    settings = Settings()
    with opened_store(settings) as store, shown_progress() as progress:
        try:
            report = refresh_warehouse(
                settings,
                store,
                min_new_facts=settings.refresh_min_facts,
                max_age_s=settings.refresh_max_age_s,
                force=force,
                progress=progress,
            )
        finally:  # a build that failed may have lacked just the room that old versions take
            cleaned = clean_versions(settings, store, settings.keep_versions)
    say(f"version {report.version} in {report.seconds} s" if report else "nothing is due")
    if as_json:
        built = asdict(report) if report else None
        print_json({"is_due": report is not None, "build": built, "retention": asdict(cleaned)})


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(help="The archive to write (.tar).")],
    as_json: AsJson = False,
) -> None:
    """Write store, models, kept frames and the current version to one archive, while serving."""
    report = back_up(Settings(), path)
    say(f"{report.path}: {report.files} files, {report.bytes:,} bytes, in {report.seconds} s")
    if as_json:
        print_json(asdict(report))


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(help="An archive that `backup` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Fill an empty home from an archive, after checking every file of it."""
    report = restore_home(Settings(), path)
    say(f"{Settings().home.resolve()}: {report.files} files restored. Next: dermhouse init")
    if as_json:
        print_json(asdict(report))


@token.command()
def create(
    name: Name,
    role: Annotated[Role, typer.Option(help="What its bearer may do.")],
    expires: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day, UTC.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token; the secret is shown once, and kept as a hash alone."""
    until = expires.replace(tzinfo=UTC) + timedelta(days=1) if expires else None
    with opened_store(Settings()) as store:
        secret = create_token(store, name, role, until)
    say(f"The token of {name} ({role.value}), to sign in with; it is not shown again:")
    if as_json:
        print_json({"name": name, "role": role.value, "token": secret})
    else:
        typer.echo(secret)


@token.command(name="list")
def list_command(as_json: AsJson = False) -> None:
    """List the tokens, without their secrets."""
    with opened_store(Settings()) as store:
        rows = [asdict(each) for each in list_tokens(store)]
    if rows:
        show_table("", list(rows[0]), [list(row.values()) for row in rows])
    else:
        say("There are no tokens: dermhouse token create NAME --role clinician")
    if as_json:
        print_json(rows)


@token.command()
def revoke(name: Name, as_json: AsJson = False) -> None:
    """End a token, at once for everyone who bears it."""
    with opened_store(Settings()) as store:
        revoke_token(store, name)
    say(f"The token of {name} is revoked.")
    if as_json:
        print_json({"name": name})


@audit.command(name="verify")
def verify_command(as_json: AsJson = False) -> None:
    """Check the chain: no row changed, none taken out."""
    with opened_store(Settings()) as store:
        report = verify(store)
    say(report.word)
    if as_json:
        print_json(asdict(report))
    raise typer.Exit(0 if report.is_whole else 1)
