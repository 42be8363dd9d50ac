"""The status page, and what it shows."""

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from api.actor import requires
from api.condition import gather_status
from api.dependencies import EngineDep
from api.faults import READS, faults
from api.queue import in_thread
from api.readiness import check_readiness
from api.status_schemas import ServerStatus
from warehouse.roles import Permission
from warehouse.settings import ROOT

router = APIRouter(tags=["status"], dependencies=[requires(Permission.read_facts)])


@router.get("/status", include_in_schema=False)
async def show_status() -> FileResponse:
    """Return the status page."""
    return FileResponse(ROOT / "static" / "status.html")


@router.get("/app/status", responses=faults(*READS))
async def tell_status(engine: EngineDep, response: Response) -> ServerStatus:
    """Return how the server is: models, line, builds, versions, store."""
    response.headers["cache-control"] = "no-store"
    readiness = await check_readiness(engine)
    return await in_thread(engine.observers, gather_status, engine, readiness)
