"""Questions: SQL on the published warehouse, and whether all is well."""

import csv
import sys
from dataclasses import asdict
from typing import Annotated

import duckdb
import typer
from sqlalchemy.exc import DBAPIError

from cli.options import AsJson, opened_store
from warehouse.audit import COMMAND_LINE, record_query
from warehouse.doctor import examine
from warehouse.errors import BadInputError, NotReadyError
from warehouse.published import current
from warehouse.settings import Settings
from warehouse.store import Store
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
    """
    Ask the published warehouse, with the newest predictions in fct_predictions_live.

    Each query is noted in the audit chain before it runs, without the values written in it.
    """
    from warehouse.console.tail import lay_tail

    form = "json" if as_json else form
    if form not in FORMS:
        raise BadInputError(f"--format {form}: choose {', '.join(FORMS)}")
    settings = Settings()
    with opened_store(settings) as store, current(settings).connect() as connection:
        # This process writes the store, so DuckDB must not attach it.
        lay_tail(connection, store)
        if query is None and sys.stdin.isatty():
            from cli.shell import converse

            converse(settings, connection, lambda asked: answer(store, connection, asked, form))
        else:
            answer(store, connection, query or sys.stdin.read(), form)


def answer(store: Store, connection: duckdb.DuckDBPyConnection, query: str, form: str) -> None:
    """
    Note a query, then answer it from the version and what the store holds at this moment.

    Raises:
        NotReadyError: It cannot be noted, and is therefore not asked.
        BadInputError: It cannot be answered.
    """
    from warehouse.console.tail import is_asked, lay_tail

    try:
        record_query(store, COMMAND_LINE, query)
    except DBAPIError as fault:
        raise NotReadyError(
            f"{store.engine.url!r}: the query is not asked, because the audit chain there cannot "
            f"note it ({fault.orig}); free the disk, or ask as who may write to it"
        ) from None
    if is_asked(query):
        lay_tail(connection, store)
    show(connection, query, form)


def show(connection: duckdb.DuckDBPyConnection, query: str, form: str) -> None:
    """Answer one query in a form; BadInputError where it cannot be answered."""
    try:
        found = connection.execute(query)
        if getattr(found, "description", None) is None:  # nothing but spaces and comments
            raise BadInputError(WAY_IN)
        columns, rows = [name for name, *_ in found.description], found.fetchall()
    except duckdb.Error as error:
        raise BadInputError(f"the query cannot be answered: {error}") from None
    if form == "table":
        show_table("", columns, rows, to=out)
    elif form == "csv":
        csv.writer(sys.stdout).writerows([columns, *rows])
    else:
        from warehouse.console.formats import distinct

        names = distinct(columns)  # an object holds a name once
        print_json([dict(zip(names, row, strict=True)) for row in rows])


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
