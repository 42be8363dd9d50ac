"""Read a metadata table, whatever mark parts it: every row with its physical line and shape."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from warehouse.errors import BadInputError

OVERFLOW = "\0overflow"
MARKS = (",", "\t", ";")  # Excel writes semicolons where a comma stands in numbers


def read_csv(path: Path, required: Sequence[str]) -> pd.DataFrame:
    """
    Return the data rows as text, '' where a field is empty, indexed by physical line (header: 1).

    Beside the header's own columns there is `fault`: '' or what is wrong with the row's shape.
    Blank lines are no rows. A row with too many or too few fields never hides its neighbours.

    Raises:
        BadInputError: The file is not text, not CSV, empty, or lacks a required column.
    """
    return read_table(str(path), path.read_bytes(), required)


def read_table(address: str, content: bytes, required: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a table, whether it stands in a folder or in a zip; as `read_csv`."""
    frame = parse(address, read_text(address, content), required)
    missing = [name for name in required if name not in frame.columns]
    if missing:
        raise BadInputError(
            f"{address}: column {', '.join(missing)} is missing; the header must name "
            f"{', '.join(required)}"
        )
    if frame.empty:
        raise BadInputError(
            f"{address}: there is a header but not one row; download the file again"
        )
    return frame


def read_text(path: str, content: bytes) -> str:
    """Return a file's text with Unix line breaks; a byte order mark is dropped."""
    if not content.strip():
        raise BadInputError(f"{path}: the file is empty; download it again")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInputError(
            f"{path} line {line}: not UTF-8 text; save the table as a UTF-8 CSV"
        ) from None
    if "\0" in text:
        raise BadInputError(f"{path}: not text; save the table as a UTF-8 CSV")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(path: str, text: str, required: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a CSV text as `read_csv` promises them."""
    try:
        mark, header = split_header(text.splitlines()[0], required)
    except csv.Error as error:
        raise BadInputError(f"{path}: not a CSV that can be read: {error}") from None
    try:
        # The python engine, because it alone hands over a row that is too long.
        frame = pd.read_csv(
            io.StringIO(text),
            sep=mark,
            names=[*header, OVERFLOW],
            header=None,
            skiprows=1,
            index_col=False,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            engine="python",
            on_bad_lines=lambda row: [*row[: len(header)], mark.join(row[len(header) :])],
        )
    except ValueError as error:  # pandas' own parser errors are ValueErrors too
        raise BadInputError(f"{path}: not a CSV that can be read: {error}") from None
    frame = frame.set_index(physical_lines(path, frame, text))
    frame["fault"] = shape_faults(frame, header)
    return frame.dropna(how="all", subset=header).fillna("").drop(columns=OVERFLOW)


def split_header(line: str, required: Sequence[str]) -> tuple[str, list[str]]:
    """
    Return the mark between a header's names, and the names.

    It is the mark that shows most of the required names, or else parts the line into most.

    Raises:
        csv.Error: The line is no header of a table; a name in it has no end.
    """

    def names(mark: str) -> list[str]:
        return [name.strip() for name in next(csv.reader([line], delimiter=mark), [])] or [""]

    def fit(mark: str) -> tuple[int, int]:
        found = names(mark)
        return len(set(required) & set(found)), len(found)

    mark = max(MARKS, key=fit)
    return mark, names(mark)


def physical_lines(path: str, frame: pd.DataFrame, text: str) -> pd.Index:
    """Return the line each row starts on; a quoted field may hold line breaks."""
    breaks: pd.Series[int] = (
        frame.apply(lambda column: column.str.count("\n")).sum(axis=1).astype(int)
    )
    # Pandas drops in silence what it cannot part into fields; a table is never loaded short.
    if 1 + len(frame) + breaks.sum() != len(text.removesuffix("\n").split("\n")):
        raise BadInputError(
            f"{path}: the rows cannot be told apart; look for a quotation mark that is opened "
            f"and never closed, or for a field of more than {csv.field_size_limit()} characters"
        )
    before = breaks.cumsum().shift(fill_value=0)
    return pd.Index(frame.index + 2 + before, name="line")


def shape_faults(frame: pd.DataFrame, header: list[str]) -> pd.Series:
    """Return for each row '' or in what its number of fields differs from the header's."""
    faults = pd.Series("", index=frame.index)
    faults[frame[header[-1]].isna()] = f"fewer fields than the header's {len(header)}"
    faults[frame[OVERFLOW].notna()] = f"more fields than the header's {len(header)}"
    return faults


def text_rows(rows: pd.DataFrame) -> list[dict[str, str]]:
    """Return each row's fields by column, without the spaces around them."""
    return [
        {str(name): str(text).strip() for name, text in row.items()}
        for row in rows.to_dict("records")
    ]
