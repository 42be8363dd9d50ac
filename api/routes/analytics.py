"""Dashboards: which there are, their numbers and charts, and everything behind a chart."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import pyarrow.csv
import pyarrow.parquet
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from api.actor import requires
from api.charts.answers import Reader
from api.charts.bundle import bundle_name, bundle_path
from api.charts.catalogue import (
    Board,
    Filter,
    Filters,
    charts_of,
    figures_sql,
    filters_of,
    find_chart,
)
from api.charts.look import DEFAULT_QUANTITY, Language, Look, Theme
from api.charts.pictures import as_png, as_svg, embed_locale, plain, rows_of, specification
from api.dependencies import SettingsDep
from api.faults import READS, faults
from api.routes.pages import STATIC_DIR
from warehouse.roles import Permission

router = APIRouter(tags=["analytics"], dependencies=[requires(Permission.read_facts)])

DAY_FRESH = {"cache-control": "public, max-age=31536000, immutable"}
REVALIDATED = {"cache-control": "private, no-cache"}
Code = Annotated[str | None, Field(max_length=120, pattern=r"^[^\x00]*$")]


class ChartQuery(BaseModel):
    """What a chart is filtered for, and how it looks."""

    model_config = ConfigDict(extra="forbid")

    diagnosis_code: Code = None
    localization_code: Code = None
    age_band: Code = None
    sex_code: Code = None
    source_code: Code = None
    confirmation_code: Code = None
    model_id: Code = None
    quantity: Code = None
    theme: Theme = Theme.light
    language: Language = Language.en

    @property
    def filters(self) -> Filters:
        """Return the filters that are set."""
        given = {one: getattr(self, one.value) for one in Filter}
        return {one: value for one, value in given.items() if value is not None}

    def look(self, picks: Filter | None) -> Look:
        """Return how the chart looks; what is picked in it stands out."""
        picked = self.filters.get(picks) if picks else None
        quantity = self.quantity or DEFAULT_QUANTITY
        return Look(self.theme, self.language, picked, quantity, self.diagnosis_code)


class BoardEntry(BaseModel):
    """One dashboard: the names of its charts, in their order, and what it can be filtered for."""

    name: Board
    charts: list[str]
    filters: list[Filter]


class Boards(BaseModel):
    """All dashboards, and the script that draws them."""

    boards: list[BoardEntry]
    script: str


class Figure(BaseModel):
    """One number at the head of a dashboard; `of_all` is what it is a part of."""

    figure: str
    value: int
    of_all: int | None


class Figures(BaseModel):
    """The numbers of a dashboard, their SQL, and from which version they are."""

    figures: list[Figure]
    sql: str
    version: int
    built_at: datetime | None


class ChartAnswer(BaseModel):
    """One chart: its Vega-Lite, its rows for whoever reads a table, its SQL and its version."""

    name: str
    version: int
    sql: str
    picks: Filter | None
    columns: list[str]
    rows: list[dict[str, Any]]
    vega_lite: dict[str, Any]
    locale: dict[str, Any]


async def get_reader(request: Request) -> Reader:
    """Return the one that the app's lifespan opened."""
    reader: Reader = request.app.state.reader
    return reader


ReaderDep = Annotated[Reader, Depends(get_reader)]
QueryDep = Annotated[ChartQuery, Query()]


@router.get("/analytics", include_in_schema=False)
@router.get("/analytics/{board}", include_in_schema=False)
async def show_analytics(board: Board = Board.overview) -> FileResponse:  # noqa: ARG001
    """Return the dashboards' page; its script reads which one from the address."""
    return FileResponse(STATIC_DIR / "analytics.html")


@router.get("/dashboards/", responses=faults(*READS))
def list_dashboards() -> Boards:
    """List the dashboards."""
    boards = [
        BoardEntry(
            name=board,
            charts=[chart.name for chart in charts_of(board)],
            filters=filters_of(board),
        )
        for board in Board
    ]
    return Boards(boards=boards, script=f"/dashboards/scripts/{bundle_name()}")


@router.get("/dashboards/scripts/{name}", include_in_schema=False)
def send_script(name: str, settings: SettingsDep) -> Response:
    """Return the script that draws charts; its name changes with its content."""
    headers = DAY_FRESH if name == bundle_name() else REVALIDATED
    packed = {"content-encoding": "gzip", **headers}
    return FileResponse(bundle_path(settings), media_type="text/javascript", headers=packed)


@router.get("/dashboards/{board}/figures", responses=faults(404, *READS))
def tell_figures(board: Board, query: QueryDep, reader: ReaderDep, response: Response) -> Figures:
    """Tell the numbers at the head of a dashboard."""
    response.headers.update(REVALIDATED)
    built_at = reader.built_at()
    sql = figures_sql(board, query.filters)
    answer = reader.ask(sql)
    figures = [Figure(**row) for row in answer.table.to_pylist()]
    return Figures(figures=figures, sql=sql, version=answer.version, built_at=built_at)


@router.get("/charts/{name}", responses=faults(404, *READS))
def draw_chart(name: str, query: QueryDep, reader: ReaderDep, response: Response) -> ChartAnswer:
    """Answer a chart's question, and say how to draw it."""
    response.headers.update(REVALIDATED)
    chart, sql = find_chart(name), find_chart(name).sql(query.filters)
    answer, look = reader.ask(sql), query.look(chart.picks)
    return ChartAnswer(
        name=name,
        version=answer.version,
        sql=sql,
        picks=chart.picks,
        columns=answer.table.column_names,
        rows=rows_of(answer.table, look),
        vega_lite=specification(chart, answer.table, look),
        locale=embed_locale(look.language),
    )


@router.get("/charts/{name}/data.csv", response_class=Response, responses=faults(404, *READS))
def send_csv(name: str, query: QueryDep, reader: ReaderDep) -> Response:
    """Return a chart's rows as CSV."""
    sink = io.BytesIO()
    pyarrow.csv.write_csv(plain(ask(name, query, reader)), sink)
    return named(sink.getvalue(), f"{name}.csv", "text/csv")


@router.get("/charts/{name}/data.parquet", response_class=Response, responses=faults(404, *READS))
def send_parquet(name: str, query: QueryDep, reader: ReaderDep) -> Response:
    """Return a chart's rows as Parquet, with their types."""
    sink = io.BytesIO()
    pyarrow.parquet.write_table(ask(name, query, reader), sink)
    return named(sink.getvalue(), f"{name}.parquet", "application/vnd.apache.parquet")


@router.get("/charts/{name}/picture.svg", response_class=Response, responses=faults(404, *READS))
def send_svg(name: str, query: QueryDep, reader: ReaderDep) -> Response:
    """Return a chart as SVG."""
    return named(picture(as_svg, name, query, reader), f"{name}.svg", "image/svg+xml")


@router.get("/charts/{name}/picture.png", response_class=Response, responses=faults(404, *READS))
def send_png(name: str, query: QueryDep, reader: ReaderDep) -> Response:
    """Return a chart as PNG."""
    return named(picture(as_png, name, query, reader), f"{name}.png", "image/png")


def ask(name: str, query: ChartQuery, reader: Reader) -> Any:
    """Return the rows behind a chart."""
    return reader.ask(find_chart(name).sql(query.filters)).table


def picture(draw: Callable[..., str | bytes], name: str, query: ChartQuery, reader: Reader) -> Any:
    """Return a chart drawn by one of the two ways."""
    chart = find_chart(name)
    return draw(chart, ask(name, query, reader), query.look(chart.picks), query.filters)


def named(content: str | bytes, name: str, kind: str) -> Response:
    """Return a file to save under a name."""
    disposition = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=REVALIDATED | disposition)
