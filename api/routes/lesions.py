"""Which lesion a capture shows: stated by a person, so that its captures share one label."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.actor import ActorDep, requires
from api.dependencies import StoreDep
from api.faults import WRITES, faults
from api.schemas import Pseudonym
from warehouse.roles import Permission
from warehouse.sightings import Sighting, lesion_of, state_lesion
from warehouse.tables import now

router = APIRouter(prefix="/captures", tags=["captures"])


class LesionForm(BaseModel):
    """A lesion by a loaded image of it, or by a name of the clinic's own, never a person's."""

    lesion_id: Pseudonym | None = None
    image_id: Annotated[Pseudonym | None, Field(description="stands above lesion_id")] = None


class CaptureLesion(BaseModel):
    """The lesion that a capture shows, and whose word that is."""

    capture_id: str
    lesion_id: str
    stated_by: str


@router.put(
    "/{capture_id}/lesion",
    responses=faults(404, *WRITES),
    dependencies=[requires(Permission.review)],
)
def state_capture_lesion(
    capture_id: UUID, form: LesionForm, store: StoreDep, actor: ActorDep
) -> CaptureLesion:
    """State which lesion a capture shows; a later word takes the place of an earlier one."""
    lesion_id = lesion_of(store, form.image_id) if form.image_id else form.lesion_id
    name = str(capture_id)
    sighting = Sighting(name, lesion_id or f"capture-{name}", actor.who, actor.review_role, now())
    state_lesion(store, sighting)
    return CaptureLesion(
        capture_id=name, lesion_id=sighting.lesion_id, stated_by=sighting.stated_by
    )
