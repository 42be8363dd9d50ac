"""DuckDB's errors as one sentence with a place."""

import json
from dataclasses import dataclass

import duckdb

LONGEST = 400
ALSO_TOLD = ("Candidate", "Did you mean")


class RefusedError(Exception):
    """What was asked is not answered here; the sentence says what is."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a query; the place counts from 1, and is missing where nobody knows it."""

    sentence: str
    line: int | None = None
    column: int | None = None


def tell(error: Exception, sql: str, memory_mb: int) -> Fault:
    """Return what a person is told of an error that a query has raised."""
    if isinstance(error, RefusedError):
        return Fault(str(error))
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return Fault(
            f"the query needs more memory than the console's {memory_mb:,} MB: "
            "ask for fewer rows or columns, or group them first"
        )
    return tell_engine(str(error), sql)


def tell_engine(message: str, sql: str) -> Fault:
    """Return the first line of DuckDB's message, its suggestions, and where it points."""
    told = parse(message)
    first, *rest = told["exception_message"].strip().splitlines() or [message]
    hints = [line.strip() for line in rest if line.strip().startswith(ALSO_TOLD)]
    line, column = place_of(told.get("position"), sql)
    where = f" (line {line}, column {column})" if line else ""
    sentence = ". ".join([first.strip().rstrip("!.") + where, *hints])
    return Fault(sentence[:LONGEST], line, column)


def parse(message: str) -> dict[str, str]:
    """Return DuckDB's error as the fields that it was asked to tell, `errors_as_json`."""
    start = message.find("{")
    if start >= 0:
        try:
            fields = json.loads(message[start:])
        except ValueError:
            fields = None
        if isinstance(fields, dict) and "exception_message" in fields:
            return {str(name): str(value) for name, value in fields.items()}
    _, _, sentence = message.partition("Error: ")
    return {"exception_message": sentence or message}


def place_of(position: str | None, sql: str) -> tuple[int | None, int | None]:
    """Return line and column of a position, which DuckDB counts in bytes."""
    if position is None or not position.isdigit() or int(position) > len(sql.encode()):
        return None, None
    before = sql.encode()[: int(position)].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
