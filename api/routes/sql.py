"""The SQL page and what it asks: one query, and the catalogue."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from api.actor import requires
from api.asking import FORMS, AskingDep, FormatDep, QueryLineDep, as_response
from api.faults import READS, faults
from api.routes.pages import STATIC_DIR
from api.sql_schemas import CatalogueWords, SqlAnswer, SqlFault, SqlForm
from warehouse.console.catalogue import read_catalogue
from warehouse.console.pool import Question
from warehouse.roles import Permission

router = APIRouter(tags=["sql"])

MAY_QUERY = [requires(Permission.query)]
REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": SqlFault, "description": "the query is refused, wrong or too much"}
}


@router.get("/sql", include_in_schema=False, dependencies=[requires(Permission.read_facts)])
async def show_sql() -> FileResponse:
    """Return the SQL page."""
    return FileResponse(STATIC_DIR / "sql.html")


@router.post(
    "/sql/",
    dependencies=MAY_QUERY,
    response_model=SqlAnswer,
    responses=FORMS | faults(*READS) | REFUSED,
)
async def answer_sql(form: SqlForm, asking: AskingDep, wanted: FormatDep) -> Response:
    """Answer one SELECT on the newest version, as JSON, CSV, Parquet or Arrow."""
    answer = await asking.answer(Question(form.sql, wanted, form.limit))
    return as_response(answer, wanted, "answer")


@router.get("/sql/catalogue", dependencies=MAY_QUERY, responses=faults(*READS))
async def tell_catalogue(line: QueryLineDep) -> CatalogueWords:
    """List the tables that can be asked, with their columns and what the version says of them."""
    return CatalogueWords.model_validate(await line.run(read_catalogue, line.console))
