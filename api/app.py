"""The application: settings in, routes out, nothing opened before it starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles

from api.access import add_guards
from api.charts.answers import Reader
from api.condition import read_meters
from api.engine import running
from api.faults import add_fault_handlers
from api.logs import RequestMiddleware
from api.metrics import Metrics
from api.query_line import QueryLine
from api.routes import (
    analytics,
    batch,
    captures,
    dictionary,
    frames,
    health,
    lesions,
    lineage,
    models,
    navigation,
    page_settings,
    pages,
    questions,
    retrainings,
    sign_in,
    sql,
    status,
)
from warehouse.console.pool import Console
from warehouse.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Return the server for one home; the champion is opened when it starts."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with (
            running(settings, metrics) as engine,
            closing(Console(settings, engine.store)) as console,
            closing(QueryLine(console)) as queries,
            closing(Reader(settings, engine.store)) as reader,
        ):
            metrics.read_state(partial(read_meters, engine))
            app.state.engine = engine
            app.state.settings = settings
            app.state.store = engine.store
            app.state.queries = queries
            app.state.reader = reader
            app.state.diagnostician = engine.diagnostician
            yield

    # The description of the routes is a route of ours, which asks for a permission as all do.
    app = FastAPI(title="Dermhouse", lifespan=lifespan, openapi_url=None)
    # Frames first: routes are tried in this order, and none is asked for as often.
    for resource in (
        frames,
        pages,
        navigation,
        sign_in,
        page_settings,
        batch,
        captures,
        lesions,
        models,
        lineage,
        retrainings,
        sql,
        questions,
        analytics,
        dictionary,
        status,
        health,
    ):
        app.include_router(resource.router)
    app.mount("/static", GZipMiddleware(StaticFiles(directory=pages.STATIC_DIR)), name="static")
    add_fault_handlers(app)
    add_guards(app, settings)
    app.add_middleware(RequestMiddleware, metrics=metrics)
    return app
