"""The data dictionary: what dbt says of each relation, its lineage on to models, and its words."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from api.actor import requires
from api.charts.answers import Reader
from api.dependencies import StoreDep
from api.faults import READS, faults
from api.routes.analytics import get_reader
from api.routes.pages import STATIC_DIR
from warehouse.errors import NotReadyError
from warehouse.registry import list_models
from warehouse.roles import Permission
from warehouse.store import Store

router = APIRouter(tags=["dictionary"], dependencies=[requires(Permission.read_facts)])

QUESTIONS = {
    "relations": "select * from dictionary.relations order by schema_name, name",
    "columns": "select * from dictionary.columns order by relation, position",
    "tests": "select * from dictionary.tests order by relation, kind, name",
    "lineage": "select * from dictionary.lineage order by downstream, upstream",
    "exposures": "select * from dictionary.exposures order by name",
}
# What is defined once in a seed; a version may be older than the seed.
SEEDS = {
    "terms": (
        "terminology",
        "select * from terminology order by diagnosis_code, system, code, name",
    ),
    "metrics": ("metric_definitions", "select * from metric_definitions order by name"),
}
LEARNS = "ml"  # an exposure of this kind makes models
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
    """
    What something is made from.

    An end is a relation, an exposure (`exposure:name`) or a trained model (`model:id`).
    """

    upstream: str
    downstream: str


class Exposure(BaseModel):
    """Who reads the warehouse, outside of it."""

    name: str
    label: str
    kind: str
    description: str
    maturity: str | None = None
    owner: str | None = None
    url: str | None = None


class Term(BaseModel):
    """One term of another terminology for a diagnosis; `source` is where its code was looked up."""

    diagnosis_code: str
    system: str
    code: str | None
    name: str
    match: str
    is_many_to_one: bool
    is_verified: bool
    source: str | None
    note: str | None


class Metric(BaseModel):
    """One metric by which models are judged, or that the dashboards show."""

    code: str
    name: str
    unit: str
    better: str | None
    applies_to: str
    definition: str
    source: str | None


class Dictionary(BaseModel):
    """Everything that the page shows."""

    version: int
    relations: list[Relation]
    columns: list[ColumnEntry]
    tests: list[DataTest]
    lineage: list[Edge]
    exposures: list[Exposure]
    terms: list[Term]
    metrics: list[Metric]


@router.get("/dictionary", include_in_schema=False)
async def show_dictionary() -> FileResponse:
    """Return the dictionary's page."""
    return FileResponse(STATIC_DIR / "dictionary.html")


@router.get("/dictionary/entries", responses=faults(*READS))
def list_entries(
    reader: Annotated[Reader, Depends(get_reader)], store: StoreDep, response: Response
) -> Dictionary:
    """List every relation of the published version, its lineage, its readers and its words."""
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
    names = {relation["name"] for relation in entries["relations"]}
    for name, (seed, sql) in SEEDS.items():
        entries[name] = reader.ask(sql).table.to_pylist() if seed in names else []
    entries["lineage"] += trace_models(entries["exposures"], store)
    return Dictionary(version=answer.version, **entries)


def trace_models(exposures: list[dict[str, Any]], store: Store) -> list[dict[str, str]]:
    """Return an edge from whatever learns to every model that was trained, newest first."""
    return [
        {"upstream": f"exposure:{exposure['name']}", "downstream": f"model:{model.model_id}"}
        for exposure in exposures
        if exposure["kind"] == LEARNS
        for model in list_models(store)
    ]
