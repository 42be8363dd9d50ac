"""Questions: SQL on the published warehouse, and whether all is well."""

import csv
import sys
from dataclasses import asdict
from typing import Annotated

import duckdb
import typer

from cli.options import AsJson
from warehouse.doctor import examine
from warehouse.errors import BadInputError
from warehouse.published import connect_live
from warehouse.settings import Settings
from warehouse.terminal import out, print_json, say, show_table

app = typer.Typer()

FORMS = ("table", "csv", "json")
WAY_IN = "say the query: dermhouse sql 'select * from dim_diagnoses'"


@app.command()
def sql(
    query: Annotated[
        str | None, typer.Argument(help="One query; without it, a prompt or what is piped in.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Ask the published warehouse, with the newest predictions in fct_predictions_live."""
    form = "json" if as_json else form
    if form not in FORMS:
        raise BadInputError(f"--format {form}: choose {', '.join(FORMS)}")
    with connect_live(Settings()) as connection:
        if query is None and sys.stdin.isatty():
            from cli.shell import converse

            converse(Settings(), connection, lambda asked: show(connection, asked, form))
        else:
            show(connection, query or sys.stdin.read(), form)


def show(connection: duckdb.DuckDBPyConnection, query: str, form: str) -> None:
    """Answer one query in a form; BadInputError where it cannot be answered."""
    try:
        answer = connection.execute(query)
        if getattr(answer, "description", None) is None:  # nothing but spaces and comments
            raise BadInputError(WAY_IN)
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
