"""The application: settings in, routes out, nothing opened before it starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api.access import AccessMiddleware, HeadersMiddleware, SizeMiddleware
from api.diagnosis import open_diagnostician
from api.faults import add_fault_handlers
from api.routes import captures, frames, page_settings, pages
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store


def create_app(settings: Settings) -> FastAPI:
    """Return the server for one home; the champion is opened when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = open_store(settings)
        diagnostician = open_diagnostician(settings, store, resolve(store, CHAMPION))
        app.state.settings = settings
        app.state.store = store
        app.state.diagnostician = diagnostician
        yield
        diagnostician.close()
        store.close()

    app = FastAPI(title="Dermhouse", lifespan=lifespan, docs_url=None, redoc_url=None)
    for resource in (pages, page_settings, frames, captures):
        app.include_router(resource.router)
    app.mount("/static", StaticFiles(directory=pages.STATIC_DIR), name="static")
    add_fault_handlers(app)
    app.add_middleware(SizeMiddleware, limit=settings.max_upload_bytes)
    app.add_middleware(AccessMiddleware, token=settings.access_token)
    app.add_middleware(HeadersMiddleware)
    return app
