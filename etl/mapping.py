"""Read the small YAML that says what somebody else's columns and words mean here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from etl.records import VOCABULARIES
from warehouse.errors import BadInputError
from warehouse.vocabulary import DataName, Diagnosis, Layout, values

Column = Literal["image_id", "lesion_id", "dx", "dx_type", "age", "sex", "localization", "dataset"]
Word = Literal["dx", "dx_type", "sex", "localization", "dataset"]


def listed(value: object) -> object:
    """Take one name for a list of one."""
    return [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(listed)]


class SourceMapping(BaseModel):
    """What docs/sources.md describes, key by key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")
    ids: Literal["own", "shared"] = "own"
    table: str | None = None
    images: Names = ["."]
    columns: dict[Column, str] = {}
    values: dict[Word, dict[str, str]] = {}
    defaults: dict[Word, str] = {}
    leave_out: dict[Word, Names] = {}
    folders: dict[str, Diagnosis] = {}

    @field_validator("name")
    @classmethod
    def is_free(cls, name: str) -> str:
        """Keep the names of the data that are known: a licence goes by them."""
        if name in values(Layout) + values(DataName):
            raise ValueError(f"'{name}' is the name of data that Dermhouse knows; take another")
        return name

    @field_validator("values")
    @classmethod
    def mean_known_words(cls, maps: dict[Word, dict[str, str]]) -> dict[Word, dict[str, str]]:
        """Refuse a word that is not in our lists."""
        for column, words in maps.items():
            for theirs, ours in words.items():
                require_word(f"{column}.{theirs}", column, ours)
        return maps

    @field_validator("defaults")
    @classmethod
    def default_to_known_words(cls, words: dict[Word, str]) -> dict[Word, str]:
        """Refuse a word that is not in our lists."""
        for column, ours in words.items():
            require_word(column, column, ours)
        return words

    @model_validator(mode="after")
    def tells_image_and_diagnosis(self) -> "SourceMapping":
        """Ask for what no image can do without."""
        if self.folders and (self.columns or self.table):
            raise ValueError("folders stands instead of table and columns; leave one of them out")
        told = {"image_id", "dx"} if self.folders else self.columns.keys() | self.defaults.keys()
        for column in ("image_id", "dx", "dx_type"):
            if column not in told | self.defaults.keys():
                place = "defaults" if self.folders or column == "dx_type" else "columns"
                raise ValueError(f"{place}.{column} is missing")
        return self


def require_word(key: str, column: str, word: str) -> None:
    """Raise ValueError where a word is none of the column's."""
    words = values(VOCABULARIES[column])
    if word not in words:
        raise ValueError(f"{key} is '{word}', which is not one of {', '.join(words)}")


def read_mapping(path: Path) -> SourceMapping:
    """
    Return what a mapping says.

    Raises:
        BadInputError: The file cannot be read, is no YAML, or has a key that is not known or
            wrong; the sentence names it.
    """
    try:
        # This loader makes nothing but text, lists and dictionaries: `no` stays a word.
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: cannot be read ({error}); check the path") from None
    except yaml.YAMLError as error:
        raise BadInputError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, Mapping):
        raise BadInputError(f"{path}: no keys; it must have at least name and columns")
    try:
        return SourceMapping.model_validate(content)
    except ValidationError as error:
        told = "; ".join(fault(detail) for detail in error.errors(include_url=False))
        raise BadInputError(f"{path}: {told} (docs/sources.md shows every key)") from None


def fault(error: ErrorDetails) -> str:
    """Say one of pydantic's findings as a person would."""
    place = [str(part) for part in error["loc"] if part != "[key]"]
    key = ".".join(place)
    if error["type"] == "extra_forbidden":
        return f"unknown key '{key}'; the keys are {', '.join(SourceMapping.model_fields)}"
    if error["loc"][-1:] == ("[key]",):
        return f"unknown key '{key}'; {error['msg'].lower()}"
    message = error["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message
