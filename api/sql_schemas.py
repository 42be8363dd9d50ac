"""What goes over the wire where SQL is asked."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas import Fault

# PostgreSQL keeps no zero byte in a text.
WRITTEN = r"^[^\x00]*$"
Sql = Annotated[str, StringConstraints(min_length=1, max_length=50_000, pattern=WRITTEN)]
Title = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
Description = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=WRITTEN)
]
Slug = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Limit = Annotated[int, Field(ge=1, description="most rows wanted; the server has a limit too")]


class SqlForm(BaseModel):
    """One query."""

    sql: Sql
    limit: Limit = 1000


class SqlAnswer(BaseModel):
    """A result; each row holds its values in the order of `columns`."""

    columns: list[str]
    types: list[str] = Field(description="DuckDB's own words")
    rows: list[list[Any]]
    row_count: int
    is_truncated: bool = Field(description="whether there are more rows than were wanted")
    elapsed_ms: float
    version: int = Field(description="of the warehouse")


class SqlFault(Fault):
    """What is wrong with a query, and where; the place counts from 1."""

    line: int | None = None
    column: int | None = None


class ColumnWords(BaseModel):
    """One column of the catalogue."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    type: str
    description: str


class TableWords(BaseModel):
    """One table of the catalogue."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    description: str
    columns: list[ColumnWords]


class CatalogueWords(BaseModel):
    """What can be asked: the star of one version."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    tables: list[TableWords]


class SavedForm(BaseModel):
    """A question to save."""

    title: Title
    description: Description = ""
    sql: Sql


class SavedCard(BaseModel):
    """A saved question."""

    slug: str
    title: str
    description: str
    sql: str
    author: str | None = Field(description="null where it came with the installation")
    saved_at: datetime | None
    is_built_in: bool
    is_mine: bool = Field(description="whether whoever asks may change and delete it")


class SavedList(BaseModel):
    """Every saved question, those of the installation first."""

    questions: list[SavedCard]
