"""
The star as Parquet files that any engine reads, with one file that describes them.

A fact that stands on dates is parted by them (`fct_predictions/date=2026-11-23/…`); everything else
is one file. A fact without rows is one empty file, so that every path in `schema.json`, which names
tables, columns, keys and where each key leads, matches something.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

from warehouse.errors import BadInputError, BusyError
from warehouse.published import PublishedWarehouse

SCHEMA = "schema.json"
LOCK = "export.lock"  # in a draft alone: whose it is, and whether its export still runs
STAR = ("dim_", "fct_")
DAY = "dim_dates"
DATE_KEY = "date_key"
# The folder of a fact without rows: arrow takes no dataset whose only date is none.
NO_DAY = "date=1970-01-01"


@dataclass(frozen=True)
class ColumnNote:
    """One column, with DuckDB's type for it."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class TableNote:
    """One table of the star: where its rows are, and what holds it to the others."""

    name: str
    description: str
    path: str
    partitioned_by: list[str]
    rows: int
    primary_key: list[str]
    foreign_keys: dict[str, str]
    columns: list[ColumnNote]


@dataclass(frozen=True)
class ExportReport:
    """What was written."""

    path: str
    version: int
    tables: int
    rows: int


def export(warehouse: PublishedWarehouse, folder: Path) -> ExportReport:
    """
    Write the star of one version to a new folder, whole or not at all.

    Raises:
        BadInputError: The folder, or one where its draft would stand, is there already, or cannot
            be made.
        BusyError: Another export writes to it now.
    """
    if folder.exists():
        raise BadInputError(f"{folder}: is there; name a new folder")
    with drafted(folder) as draft:
        with warehouse.connect() as connection:
            words = read_dictionary(connection)
            tables = [write_table(connection, name, draft, words) for name in star(connection)]
        told = {"version": warehouse.version, "tables": [asdict(table) for table in tables]}
        (draft / SCHEMA).write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    rows = sum(table.rows for table in tables)
    return ExportReport(str(folder), warehouse.version, len(tables), rows)


@contextmanager
def drafted(folder: Path) -> Iterator[Path]:
    """Yield an empty draft that becomes the folder, or after a fault is gone."""
    draft = folder.with_name(folder.name + ".draft")
    if draft.exists() and not (draft / LOCK).is_file():
        raise BadInputError(f"{draft}: is there and no export's; move it or name another folder")
    lock = FileLock(draft / LOCK, blocking=False)
    try:
        draft.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise BusyError(f"{draft}: another export writes there; wait for it to end") from None
    except OSError as error:
        raise BadInputError(f"{folder}: cannot be made ({error.strerror})") from None
    try:
        clear(draft)  # an export that was killed leaves its own behind
        yield draft
        (draft / LOCK).unlink(missing_ok=True)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    finally:
        lock.release()


def clear(draft: Path) -> None:
    """Remove whatever stands in a draft but its lock."""
    for entry in draft.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != LOCK:
            entry.unlink()


def star(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the dimensions and facts of a version."""
    query = (
        "select table_name from information_schema.tables where table_schema = 'main' order by 1"
    )
    return [name for (name,) in connection.execute(query).fetchall() if name.startswith(STAR)]


def write_table(
    connection: duckdb.DuckDBPyConnection, name: str, folder: Path, words: dict[str, Any]
) -> TableNote:
    """Write one table, and return what is to be said of it."""
    described = connection.execute(f"describe {name}").fetchall()
    columns = [(column, kind) for column, kind, *_ in described]
    is_parted = name.startswith("fct_") and DATE_KEY in dict(columns)
    target = folder / name if is_parted else folder / f"{name}.parquet"
    rows = copy_parted(connection, name, target) if is_parted else copy(connection, name, target)
    keys = words["keys"].get(name, {})
    return TableNote(
        name=name,
        description=words["tables"].get(name, ""),
        path=f"{name}/*/*.parquet" if is_parted else target.name,
        partitioned_by=["date"] if is_parted else [],
        rows=rows,
        primary_key=keys.get("columns", []),
        foreign_keys={
            column: place if "." in place else f"{place}.{column}"
            for column, place in keys.get("references", {}).items()
            if place.startswith(STAR)
        },
        columns=[
            ColumnNote(column, kind, words["columns"].get((name, column), ""))
            for column, kind in columns
        ],
    )


def copy(connection: duckdb.DuckDBPyConnection, name: str, target: Path) -> int:
    """Write a table to one file; return its rows."""
    return written(connection, f"copy {name} to '{quoted(target)}' (format parquet)")


def copy_parted(connection: duckdb.DuckDBPyConnection, name: str, target: Path) -> int:
    """Write a fact to one folder a day, in UTC; the day is in the folder's name."""
    target.mkdir()
    rows = written(
        connection,
        f"copy (select fact.*, day.date_day as date from {name} as fact "
        f"left join {DAY} as day on fact.{DATE_KEY} = day.{DATE_KEY}) to '{quoted(target)}' "
        "(format parquet, partition_by (date), overwrite_or_ignore)",
    )
    if not rows:  # DuckDB writes no file at all
        (target / NO_DAY).mkdir()
        copy(connection, name, target / NO_DAY / "data_0.parquet")
    return rows


def written(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    """Run a copy; return how many rows it wrote."""
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def quoted(path: Path) -> str:
    """Return a path as it stands between SQL's quotes."""
    return str(path).replace("'", "''")


def read_dictionary(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return what the version says of itself: tables, columns and keys; nothing if it is old."""
    try:
        tables = dict(
            connection.execute("select name, description from dictionary.relations").fetchall()
        )
        columns = connection.execute(
            "select relation, name, description from dictionary.columns"
        ).fetchall()
        tests = connection.execute(
            "select relation, about from dictionary.tests "
            "where kind in ('primary_key', 'foreign_keys')"
        ).fetchall()
    except duckdb.CatalogException:
        return {"tables": {}, "columns": {}, "keys": {}}
    keys: dict[str, dict[str, Any]] = {}
    for relation, about in tests:
        keys.setdefault(relation, {}).update(json.loads(about))
    described = {(relation, name): words for relation, name, words in columns}
    return {"tables": tables, "columns": described, "keys": keys}
