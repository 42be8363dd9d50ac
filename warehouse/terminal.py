"""How figures reach a person or a script: bars and tables, or one line of JSON."""

import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

from warehouse.progress import Progress

# Everything told on the way goes to stderr, so that stdout carries results alone.
PLAIN_WIDTH = 200  # of tables that go to a file or a pipe


def make_console(*, stderr: bool) -> Console:
    """Return a console that tells data as they are: `[nv]` is no style, `:cat:` no picture."""
    is_terminal = (sys.stderr if stderr else sys.stdout).isatty()
    width = None if is_terminal else PLAIN_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


err = make_console(stderr=True)
out = make_console(stderr=False)

PLAIN_STEPS = 4  # lines a step on something that is no terminal


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Yield a progress that draws bars on a terminal, and prints a few plain lines elsewhere."""
    if err.is_terminal:
        with Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=err,
            transient=True,
        ) as bars:
            yield drawn(bars)
    else:
        yield printed()


def drawn(bars: Bars) -> Progress:
    """Return a progress with one bar a step."""
    tasks: dict[str, Any] = {}

    def show(step: str, done: int, total: int, /) -> None:
        if step not in tasks:
            tasks[step] = bars.add_task(step, total=total)
        bars.update(tasks[step], completed=done, total=total)

    return show


def printed() -> Progress:
    """Return a progress that prints a line a quarter of the way."""
    told: dict[str, int] = {}

    def show(step: str, done: int, total: int, /) -> None:
        part = PLAIN_STEPS * done // max(total, 1)
        if told.get(step) != part:
            told[step] = part
            say(f"  {step}: {done} of {total}")

    return show


def say(text: str) -> None:
    """Tell a person something that is not the result."""
    err.print(text, soft_wrap=True)


def show_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], to: Console = err
) -> None:
    """Print a table; numbers stand to the right."""
    if title:
        to.print(f"\n{title}")
    table = Table(box=box.SIMPLE_HEAD)
    lines = [[cell(value) for value in row] for row in rows]
    for position, name in enumerate(columns):
        is_number = all(line[position][:1] in "-0123456789" for line in lines)
        table.add_column(name, justify="right" if is_number else "left")
    for line in lines:
        table.add_row(*line)
    to.print(table)


def cell(value: object) -> str:
    """Return a value as a person reads it."""
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def print_json(value: object) -> None:
    """Print the result for a script: one line, the last on stdout."""
    sys.stdout.write(json.dumps(finite(value), default=as_json, allow_nan=False) + "\n")
    sys.stdout.flush()


def finite(value: object) -> object:
    """Return a value with the words for what is no number, as the SQL page has them."""
    if isinstance(value, dict):
        return {str(name): finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def as_json(value: object) -> float | str:
    """Return what JSON has no form for: exact numbers as numbers, the rest as words."""
    return float(value) if isinstance(value, Decimal) else str(value)
