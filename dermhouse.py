"""The command line: each verb is one step of the loop, told in figures."""

import sys

import typer
from sqlalchemy.exc import SQLAlchemyError

from cli import (
    data,
    demo,
    export,
    judging,
    models,
    operations,
    questions,
    retraining,
    scoring,
    serving,
)
from warehouse.errors import DermhouseError
from warehouse.settings import Settings
from warehouse.store import cause_of
from warehouse.terminal import say

INTERRUPTED = 130  # what Typer makes of Ctrl-C, without a word

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
for room in (
    data,
    models,
    judging,
    retraining,
    scoring,
    serving,
    questions,
    export,
    operations,
    demo,
):
    app.add_typer(room.app)


def main() -> None:
    """Run the command line; a fault is one sentence and an exit code, never a traceback."""
    try:
        app()
    except DermhouseError as fault:
        say(f"dermhouse: {fault}")
        sys.exit(fault.exit_code)
    except SQLAlchemyError as fault:
        # Its first line alone: those that follow hold the statement and what it was given.
        cause = cause_of(fault, Settings().operational_url)
        say(f"dermhouse: the operational store failed ({cause}); `dermhouse doctor` says more")
        sys.exit(DermhouseError.exit_code)
    except OSError as fault:
        say(f"dermhouse: {tell_of_system(fault)}")
        sys.exit(DermhouseError.exit_code)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            say("dermhouse: interrupted; what was finished is kept")
        raise


def tell_of_system(fault: OSError) -> str:
    """Return the sentence for what the system refused: the place, its own words, the way out."""
    word = fault.strerror or str(fault)
    if not fault.filename:
        return f"the system failed ({word}); `dermhouse doctor` says more"
    return (
        f"{fault.filename}: {word}; see that the path is right, that this account may use it, "
        "and that its disk has room"
    )


if __name__ == "__main__":
    main()
