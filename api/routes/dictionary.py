"""The data dictionary: what dbt says of each relation of the published version, and its lineage."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from api.actor import requires
from api.charts.answers import Reader
from api.faults import READS, faults
from api.routes.analytics import get_reader
from api.routes.pages import STATIC_DIR
from warehouse.errors import NotReadyError
from warehouse.roles import Permission

router = APIRouter(tags=["dictionary"], dependencies=[requires(Permission.read_facts)])

QUESTIONS = {
    "relations": "select * from dictionary.relations order by schema_name, name",
    "columns": "select * from dictionary.columns order by relation, position",
    "tests": "select * from dictionary.tests order by relation, kind, name",
    "lineage": "select * from dictionary.lineage order by downstream, upstream",
    "exposures": "select * from dictionary.exposures order by name",
}
WRITTEN = "select count(*) as tables from duckdb_tables() where schema_name = 'dictionary'"


class Relation(BaseModel):
    """One table or view, and where it stands in the project."""

    name: str
    schema_name: str
    kind: str
    layer: str
    description: str
    materialized: str
    row_count: int | None


class ColumnEntry(BaseModel):
    """One column of a relation, with the type that it has in this version."""

    relation: str
    position: int
    name: str
    type: str
    description: str


class DataTest(BaseModel):
    """One test of a relation; `about` are its arguments, or what a unit test shows."""

    relation: str
    name: str
    kind: str
    about: str | None
    severity: str


class Edge(BaseModel):
    """One relation that another, or an exposure (`exposure:name`), is made from."""

    upstream: str
    downstream: str


class Exposure(BaseModel):
    """Who reads the warehouse, outside of it."""

    name: str
    label: str
    kind: str
    description: str


class Dictionary(BaseModel):
    """Everything that the page shows."""

    version: int
    relations: list[Relation]
    columns: list[ColumnEntry]
    tests: list[DataTest]
    lineage: list[Edge]
    exposures: list[Exposure]


@router.get("/dictionary", include_in_schema=False)
async def show_dictionary() -> FileResponse:
    """Return the dictionary's page."""
    return FileResponse(STATIC_DIR / "dictionary.html")


@router.get("/dictionary/entries", responses=faults(*READS))
def list_entries(reader: Annotated[Reader, Depends(get_reader)], response: Response) -> Dictionary:
    """List every relation of the published version with its columns, tests and lineage."""
    response.headers["cache-control"] = "private, no-cache"
    answer = reader.ask(WRITTEN)
    if not answer.table["tables"][0].as_py():
        raise NotReadyError(
            f"version {answer.version} was published before there was a dictionary; "
            "run `dermhouse build` to publish one with it"
        )
    entries: dict[str, Any] = {
        name: reader.ask(sql).table.to_pylist() for name, sql in QUESTIONS.items()
    }
    return Dictionary(version=answer.version, **entries)
