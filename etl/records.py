"""Validate a row at the door, then the rows against each other."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from warehouse.vocabulary import Confirmation, Dataset, Diagnosis, Localization, Sex, values

OLDEST_YEARS = 120
VOCABULARIES: dict[str, type[StrEnum]] = {
    "dx": Diagnosis,
    "dx_type": Confirmation,
    "sex": Sex,
    "localization": Localization,
    "dataset": Dataset,
}

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
Years = Annotated[float, Field(ge=0, le=OLDEST_YEARS, allow_inf_nan=False)]


class ImageRecord(BaseModel):
    """One image's metadata, named as the `image` table names it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    image_id: Identifier
    lesion_id: Identifier
    dx: Diagnosis
    dx_type: Confirmation
    age_years: Years | None = Field(default=None, alias="age")
    sex: Sex = Sex.unknown
    localization: Localization = Localization.unknown
    dataset: Dataset = Dataset.unknown

    @field_validator("age_years", "sex", "localization", "dataset", mode="before")
    @classmethod
    def empty_is_unknown(cls, value: str, info: ValidationInfo) -> object:
        """Take an empty field as not recorded."""
        return value or cls.model_fields[str(info.field_name)].default


@dataclass(frozen=True)
class Rejection:
    """One row refused, as it stood, and every reason for it."""

    line: int
    row: dict[str, str]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """One image the store holds already."""

    image_id: str
    lesion_id: str
    dx: str


@dataclass(frozen=True)
class CheckedRows:
    """Every row of the metadata, on one side or the other."""

    records: list[ImageRecord]
    rejections: list[Rejection]


def check_rows(rows: pd.DataFrame, known: Iterable[Known] = ()) -> CheckedRows:
    """
    Part the good rows from the bad.

    `rows` is text indexed by line, with a `fault` column (see `etl.metadata.read_csv`). A lesion
    must have one diagnosis over these rows and the known images that they do not restate.
    """
    raw = rows_by_line(rows)
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    records: dict[int, ImageRecord] = {}
    for (line, row), fault in zip(raw.items(), rows["fault"], strict=True):
        outcome = [fault] if fault else check_row(row)
        if isinstance(outcome, ImageRecord):
            records[line] = outcome
        else:
            reasons[line] = outcome
    for rule in (repeated_images(records), divided_lesions(records, known)):
        for line, reason in rule:
            reasons[line].append(reason)
    return CheckedRows(
        records=[record for line, record in records.items() if line not in reasons],
        rejections=[Rejection(line, raw[line], tuple(reasons[line])) for line in sorted(reasons)],
    )


def rows_by_line(rows: pd.DataFrame) -> dict[int, dict[str, str]]:
    """Return each row's fields without the spaces around them."""
    fields = rows.drop(columns="fault").map(str.strip).to_dict("records")
    return {
        int(line): {str(name): str(text) for name, text in row.items()}
        for line, row in zip(rows.index, fields, strict=True)
    }


def check_row(row: Mapping[str, str]) -> ImageRecord | list[str]:
    """Return the row as a record, or every reason why it cannot be one."""
    try:
        return ImageRecord.model_validate(row)
    except ValidationError as error:
        return [reason(detail) for detail in error.errors(include_url=False)]


def reason(error: ErrorDetails) -> str:
    """Say one of pydantic's findings as a person would."""
    column, value = str(error["loc"][0]), error["input"]
    if column in VOCABULARIES:
        return f"{column} '{value}' is not one of {', '.join(values(VOCABULARIES[column]))}"
    if column == "age" and error["type"] in ("greater_than_equal", "less_than_equal"):
        return f"age {value} is not between 0 and {OLDEST_YEARS}"
    if column == "age":
        return f"age '{value}' is not a number"
    return f"{column} '{value}' is not made of letters, digits, '_', '-' and '.' (100 at most)"


def repeated_images(records: Mapping[int, ImageRecord]) -> Iterator[tuple[int, str]]:
    """Yield the rows whose image an earlier row has described; the first one stands."""
    first: dict[str, int] = {}
    for line, record in records.items():
        earlier = first.setdefault(record.image_id, line)
        if earlier != line:
            yield line, f"image_id '{record.image_id}' stands on line {earlier} already"


def divided_lesions(
    records: Mapping[int, ImageRecord], known: Iterable[Known]
) -> Iterator[tuple[int, str]]:
    """Yield every row of a lesion with two diagnoses: nobody can tell here which one is right."""
    restated = {record.image_id for record in records.values()}
    places: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for image in known:
        if image.image_id not in restated:
            places[image.lesion_id].setdefault(image.dx, f"image {image.image_id} loaded before")
    for line, record in records.items():
        places[record.lesion_id].setdefault(record.dx, f"line {line}")
    for line, record in records.items():
        found = places[record.lesion_id]
        if len(found) > 1:
            told = ", ".join(f"{dx} ({place})" for dx, place in sorted(found.items()))
            yield line, f"lesion_id '{record.lesion_id}' has more than one diagnosis: {told}"
