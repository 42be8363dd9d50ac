"""Which lesion a capture shows, as a person states it."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from warehouse.audit import Event, append
from warehouse.errors import BadInputError
from warehouse.facts import hold_live
from warehouse.store import Store
from warehouse.tables import capture_lesion, image
from warehouse.vocabulary import AuditAction


@dataclass(frozen=True)
class Sighting:
    """
    One capture shows one lesion: a loaded one, or one by a name of the clinic's own.

    Captures of one lesion share its label, and stand in one split with every image of it.
    """

    capture_id: str
    lesion_id: str
    stated_by: str
    role: str
    stated_at: datetime


def state_lesion(store: Store, sighting: Sighting) -> None:
    """
    Record which lesion a capture shows; a later word takes the place of an earlier one.

    Raises:
        UnknownCaptureError: There is no such capture, or it has been withdrawn.
    """
    here = capture_lesion.c.capture_id == sighting.capture_id
    with store.write() as connection:
        hold_live(connection, sighting.capture_id)
        row = asdict(sighting) | {"deleted_at": None}
        if connection.execute(update(capture_lesion).where(here).values(row)).rowcount == 0:
            connection.execute(insert(capture_lesion).values(row))
        # Not which lesion: a clinic's own name for one may say where it sits ("left arm 3").
        event = Event(sighting.stated_by, AuditAction.state_lesion, sighting.capture_id)
        append(connection, event)


def lesion_of(store: Store, image_id: str) -> str:
    """
    Return the lesion of a loaded image.

    Raises:
        BadInputError: There is no such image.
    """
    with store.read() as connection:
        lesion_id = find_lesion(connection, image_id)
    if lesion_id is None:
        raise BadInputError(f"image {image_id}: there is none; name an image that was loaded")
    return lesion_id


def find_lesion(connection: Connection, image_id: str) -> str | None:
    """Look a loaded image's lesion up inside a transaction."""
    query = select(image.c.lesion_id).where(
        image.c.image_id == image_id, image.c.deleted_at.is_(None)
    )
    return connection.scalar(query)
