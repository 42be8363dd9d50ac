"""The page and what installs it, and the description of the routes."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse

from api.actor import requires
from warehouse.roles import Permission
from warehouse.settings import ROOT

router = APIRouter()

STATIC_DIR = ROOT / "static"


@router.get("/", include_in_schema=False, dependencies=[requires(Permission.read_facts)])
async def show_camera() -> FileResponse:
    """Return the camera page."""
    return FileResponse(STATIC_DIR / "index.html")


@router.get(
    "/openapi.json", include_in_schema=False, dependencies=[requires(Permission.read_facts)]
)
async def describe_api(request: Request) -> JSONResponse:
    """Return the description of every route."""
    return JSONResponse(request.app.openapi())


@router.get("/manifest.webmanifest", include_in_schema=False)
async def show_manifest() -> FileResponse:
    """Return what a phone needs to install the page; few systems know the file's type."""
    return FileResponse(STATIC_DIR / "manifest.webmanifest", media_type="application/manifest+json")
