"""Which pages this server has, for the header that every page shares."""

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.routing import Match

from api.actor import requires
from api.faults import READS, faults
from warehouse.roles import Permission

router = APIRouter(tags=["page"])

# In the order of the header. A page is shown once its route exists.
PAGES = {
    "camera": "/",
    "analytics": "/analytics",
    "sql": "/sql",
    "dictionary": "/dictionary",
    "models": "/models",
    "status": "/status",
}


class PageLink(BaseModel):
    """One page of the header: its word in the page's catalogue (`navigation.…`), its address."""

    name: str
    path: str


@router.get("/app/pages", dependencies=[requires(Permission.read_facts)], responses=faults(*READS))
async def list_pages(request: Request) -> list[PageLink]:
    """List the pages that this server serves."""
    return [
        PageLink(name=name, path=path) for name, path in PAGES.items() if is_served(request, path)
    ]


def is_served(request: Request, path: str) -> bool:
    """Return whether a route answers to this path."""
    scope = dict(request.scope) | {"path": path, "raw_path": path.encode(), "method": "GET"}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
