"""A result as the bytes that are asked for: JSON, CSV, Parquet or Arrow."""

import io
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

MOST_EXACT = 2**53  # whole numbers beyond are words in JSON: a browser would round them


@dataclass(frozen=True)
class Result:
    """Rows as they were fetched; `types` are DuckDB's own words."""

    table: pa.Table
    types: list[str]
    is_truncated: bool
    elapsed_ms: float
    version: int

    @property
    def names(self) -> list[str]:
        """Return the columns' names, each once: files need that, DuckDB does not."""
        return distinct(self.table.column_names)

    @property
    def told(self) -> dict[str, Any]:
        """Return everything about the result but its rows."""
        return {
            "columns": self.names,
            "types": self.types,
            "row_count": self.table.num_rows,
            "is_truncated": self.is_truncated,
            "elapsed_ms": self.elapsed_ms,
            "version": self.version,
        }


def distinct(names: Sequence[str]) -> list[str]:
    """Return names with `_1`, `_2` … where they repeat, as DuckDB's own tables have them."""
    seen: dict[str, int] = {}
    made: list[str] = []
    for name in names:
        count = seen.get(name.lower(), 0)
        seen[name.lower()] = count + 1
        made.append(f"{name}_{count}" if count else name)
    return made


def write_json(result: Result) -> bytes:
    """Return one object, with the rows as arrays in the order of `columns`."""
    rows = as_rows(result.table)
    return json.dumps(result.told | {"rows": rows}, ensure_ascii=False, allow_nan=False).encode()


def write_objects(result: Result) -> bytes:
    """Return one object, with each row as an object of its own."""
    names = result.names
    rows = [dict(zip(names, row, strict=True)) for row in as_rows(result.table)]
    return json.dumps(result.told | {"rows": rows}, ensure_ascii=False, allow_nan=False).encode()


def write_csv(result: Result) -> bytes:
    """Return comma-separated values with a header, in UTF-8."""
    sink = io.BytesIO()
    pa.csv.write_csv(worded(result, is_simple), sink)
    return sink.getvalue()


def write_parquet(result: Result) -> bytes:
    """Return one Parquet file."""
    sink = io.BytesIO()
    pa.parquet.write_table(worded(result, has_parquet_form), sink, compression="zstd")
    return sink.getvalue()


def write_arrow(result: Result) -> bytes:
    """Return an Arrow IPC stream."""
    sink = io.BytesIO()
    table = result.table.rename_columns(result.names)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


WRITERS: dict[str, Callable[[Result], bytes]] = {
    "json": write_json,
    "objects": write_objects,
    "csv": write_csv,
    "parquet": write_parquet,
    "arrow": write_arrow,
}


def is_simple(kind: pa.DataType) -> bool:
    """Return whether a type is one value of a kind that every reader of CSV knows."""
    is_odd = pa.types.is_nested(kind) or pa.types.is_interval(kind) or pa.types.is_binary(kind)
    return not (is_odd or pa.types.is_dictionary(kind) or isinstance(kind, pa.BaseExtensionType))


def has_parquet_form(kind: pa.DataType) -> bool:
    """Return whether Parquet knows a type."""
    is_odd = pa.types.is_interval(kind) or pa.types.is_union(kind)
    return not (is_odd or isinstance(kind, pa.BaseExtensionType))


def worded(result: Result, is_kept: Callable[[pa.DataType], bool]) -> pa.Table:
    """Return the rows with every column in words that is not kept as it is."""
    columns = [
        column if is_kept(column.type) else pa.array(map(as_word, cells(column)), pa.string())
        for column in result.table.columns
    ]
    return pa.table(columns, names=result.names)


def as_word(value: object) -> str | None:
    """Return a value as text."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def as_rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """Return rows of values that JSON has a form for."""
    return list(zip(*(cells(column) for column in table.columns), strict=True))


def cells(column: pa.ChunkedArray) -> list[Any]:
    """Return one column's values; what Python's calendar cannot hold, in Arrow's words."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = pc.cast(column, pa.timestamp("us", kind.tz), safe=False)
    values: list[Any]
    try:
        values = column.to_pylist()
    except (OverflowError, ValueError):
        values = pc.cast(column, pa.string()).to_pylist()
    is_plain = pa.types.is_string(kind) or pa.types.is_boolean(kind)
    return values if is_plain else as_list(values)


def as_cell(value: Any) -> Any:
    """Return a value that JSON has a form for, as near to itself as that allows."""
    return CELLS.get(type(value), str)(value)


def as_is(value: Any) -> Any:
    """Return a value that JSON knows."""
    return value


def as_whole(value: int) -> int | str:
    """Return a whole number, or its digits where it has too many."""
    return value if abs(value) <= MOST_EXACT else str(value)


def as_float(value: float) -> float | str:
    """Return a number, or the word for what is none."""
    return value if math.isfinite(value) else str(value)


def as_exact(value: Decimal) -> int | float | str:
    """Return an exact number as JSON's: whole where its type is."""
    return as_whole(int(value)) if value.as_tuple().exponent == 0 else float(value)


def as_list(values: Iterable[Any]) -> list[Any]:
    """Return a list of cells."""
    return [as_cell(value) for value in values]


CELLS: dict[type, Callable[[Any], Any]] = {
    type(None): as_is,
    bool: as_is,
    str: as_is,
    int: as_whole,
    float: as_float,
    Decimal: as_exact,
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    bytes: bytes.hex,
    dict: lambda value: {str(name): as_cell(each) for name, each in value.items()},
    list: as_list,
    tuple: as_list,
    pa.MonthDayNano: as_list,
}
