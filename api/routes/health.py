"""Whether the server is up, whether it can work, and its meters."""

from fastapi import APIRouter, Response

from api.actor import requires
from api.dependencies import DiagnosticianDep, EngineDep
from api.faults import READS, faults
from api.queue import in_thread
from api.readiness import check_readiness
from api.schemas import Health
from api.status_schemas import Readiness
from warehouse.errors import NotReadyError
from warehouse.roles import Permission

router = APIRouter(tags=["health"])

LOOKS_ON = [requires(Permission.read_facts)]
TEXT = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/healthz", responses=faults(401))
async def tell_health(diagnostician: DiagnosticianDep) -> Health:
    """Say that the server is up, and which model answers."""
    return Health(status="ok", model=diagnostician.model.model_id, notice=diagnostician.notice)


@router.get(
    "/readyz",
    dependencies=LOOKS_ON,
    responses=faults(*READS),
)
async def tell_readiness(engine: EngineDep) -> Readiness:
    """Say whether frames can be answered and recorded now; where not, 503 and why."""
    readiness = await check_readiness(engine)
    if not readiness.is_ready:
        ill = [f"{check.name}: {check.word}" for check in readiness.checks if not check.is_well]
        raise NotReadyError("not ready: " + "; ".join(ill))
    return readiness


@router.get(
    "/metrics",
    dependencies=LOOKS_ON,
    responses=faults(*READS) | {200: {"content": {"text/plain": {}}, "description": "the meters"}},
    response_class=Response,
)
async def tell_metrics(engine: EngineDep) -> Response:
    """Return the meters in Prometheus' text format."""
    meters = await in_thread(engine.observers, engine.metrics.render)
    return Response(meters, media_type=TEXT)
