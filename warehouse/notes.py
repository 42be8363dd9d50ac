"""What people note beside a model; notes stay in the store."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select

from warehouse.audit import COMMAND_LINE, Event, append
from warehouse.registry import resolve
from warehouse.store import Store
from warehouse.tables import model_note, now
from warehouse.vocabulary import AuditAction


@dataclass(frozen=True)
class Note:
    """One sentence about a model, and whose it is."""

    note_id: str
    model_id: str
    noted_at: datetime
    noted_by: str
    note: str


def add_note(store: Store, model: str, note: str, by: str = COMMAND_LINE) -> Note:
    """Note something beside a model (an id or an alias); NotReadyError where there is none."""
    added = Note(str(uuid4()), resolve(store, model).model_id, now(), by, note)
    with store.write() as connection:
        connection.execute(insert(model_note).values(asdict(added)))
        told = {"note_id": added.note_id}
        append(connection, Event(by, AuditAction.note_model, added.model_id, told))
    return added


def read_notes(store: Store, model_id: str) -> list[Note]:
    """Return the notes beside a model, oldest first."""
    query = (
        select(model_note)
        .where(model_note.c.model_id == model_id)
        .order_by(model_note.c.noted_at, model_note.c.note_id)
    )
    with store.read() as connection:
        return [Note(**row) for row in connection.execute(query).mappings()]
