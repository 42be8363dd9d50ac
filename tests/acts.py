"""What the audit chain of a store says was done."""

from typing import NamedTuple

from sqlalchemy import select

from warehouse.store import Store
from warehouse.tables import audit_event


class Act(NamedTuple):
    actor: str
    action: str
    subject: str


def acts(store: Store) -> list[Act]:
    columns = (audit_event.c.actor, audit_event.c.action, audit_event.c.subject)
    with store.read() as connection:
        rows = connection.execute(select(*columns).order_by(audit_event.c.sequence))
        return [Act(*row) for row in rows]
