"""The page, and whether the server is well."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api.dependencies import DiagnosticianDep
from api.faults import faults
from api.schemas import Health
from warehouse.settings import ROOT

router = APIRouter()

STATIC_DIR = ROOT / "static"


@router.get("/", include_in_schema=False)
async def show_camera() -> FileResponse:
    """Return the camera page."""
    return FileResponse(STATIC_DIR / "index.html")


@router.get("/manifest.webmanifest", include_in_schema=False)
async def show_manifest() -> FileResponse:
    """Return what a phone needs to install the page; few systems know the file's type."""
    return FileResponse(STATIC_DIR / "manifest.webmanifest", media_type="application/manifest+json")


@router.get("/healthz", tags=["health"], responses=faults(401))
async def tell_health(diagnostician: DiagnosticianDep) -> Health:
    """Say that the server is up, and which model answers."""
    return Health(status="ok", model=diagnostician.model.model_id, notice=diagnostician.notice)
