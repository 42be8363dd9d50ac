"""The page, and whether the server is well."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api.dependencies import DiagnosticianDep
from api.schemas import Health
from warehouse.settings import ROOT

router = APIRouter()

STATIC_DIR = ROOT / "static"


@router.get("/", include_in_schema=False)
async def show_camera() -> FileResponse:
    """Return the camera page."""
    return FileResponse(STATIC_DIR / "index.html")


@router.get("/healthz", tags=["health"])
async def tell_health(diagnostician: DiagnosticianDep) -> Health:
    """Say that the server is up, and which model answers."""
    return Health(status="ok", model=diagnostician.model.model_id, notice=diagnostician.notice)
