"""
Who did what, when: rows of which each carries a hash of itself and of the row before it.

A row that was changed, or taken from the middle, breaks the chain, and `verify` names the place.
Rows cut off the end leave a chain that is whole; each build therefore notes the chain's end, and
its note is published with the version. What is not detected: rows cut off that are younger than the
last build, and a chain that someone with write access to the store makes anew from some row on,
together with the notes of the builds (the notes in published versions still differ).
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, text
from sqlalchemy.event import listen

from warehouse.store import Store
from warehouse.tables import audit_event, now, warehouse_build
from warehouse.vocabulary import AuditAction

# Who acts without a token. No token can be given these names (warehouse.tokens).
LOCAL = "local"
COMMAND_LINE = "command line"
SERVER = "server"  # by itself, on its schedule
FIRST_HASH = "0" * 64
POSTGRES_LOCK = 0x6465726D  # one number for this chain among a database's advisory locks
PAGE = 5000
MAX_QUERY = 4000  # characters kept of one query
# What may hold a value in SQL: quoted text in either of DuckDB's forms, and comments. Names in
# quotes are known, so that an apostrophe in one opens no text; one that never ends may hide some,
# and so may a comment within a comment, which DuckDB nests.
WRITTEN_OUT = re.compile(
    r'(?P<name>"(?:[^"]|"")*")'
    r"|--[^\n\r]*|/\*(?:(?!/\*|\*/).)*\*/"
    r"|(?P<text>\".*$|/\*.*$|\be'(?:[^'\\]|''|\\.)*(?:'|$)|'(?:[^']|'')*(?:'|$)"
    r"|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|$))",
    re.DOTALL | re.IGNORECASE,
)

# Built once: every commit of a prediction asks.
LAST_EVENT = (
    select(audit_event.c.sequence, audit_event.c.hash)
    .order_by(audit_event.c.sequence.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Event:
    """
    One act; `subject` names what it was done to by its id, `detail` says how in JSON's own types.

    `actor` is a token's name, LOCAL, COMMAND_LINE or SERVER; `action` a word of AuditAction. Never
    patient data: no age, sex, site, image or pseudonym, because no row of the chain can be erased.
    """

    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditReport:
    """What a walk along the chain found; `broken_at` is the number of the first wrong row."""

    events: int
    is_whole: bool
    broken_at: int | None
    word: str


def append(connection: Connection, event: Event) -> None:
    """
    Add one event inside the caller's write transaction: it stands if and only if the act does.

    Call it last in the transaction: from here to the commit, others who write wait.
    """
    append_all(connection, [event])


def append_all(connection: Connection, events: Sequence[Event]) -> None:
    """Add events in their order, inside the caller's write transaction."""
    if not events:
        return
    # SQLite's write transaction has the only write lock already (Store.write).
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": POSTGRES_LOCK})
    sequence, previous = head(connection)
    rows = []
    for number, event in enumerate(events, sequence + 1):
        row = {
            "sequence": number,
            "at": now(),
            "actor": event.actor,
            "action": event.action,
            "subject": event.subject,
            "detail": canonical(event.detail),
            "previous_hash": previous,
        }
        previous = hash_row(row)
        rows.append(row | {"hash": previous})
    connection.execute(insert(audit_event), rows)


class AuditedStore(Store):
    """
    The same store, whose writes append an event: `record_review(AuditedStore(store, event), …)`.

    The event stands in the transaction of the act. One that changed no row, as a retry's, appends
    none.
    """

    def __init__(self, store: Store, event: Event) -> None:
        self.url = store.url
        self.engine = store.engine
        self.event = event

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a write transaction as a store does; append the event at its end."""
        changed: list[int] = []
        with super().write() as connection:

            def note(
                _connection: Any, cursor: Any, _sql: Any, _given: Any, told: Any, _: Any
            ) -> None:
                if (told.isinsert or told.isupdate or told.isdelete) and cursor.rowcount:
                    changed.append(cursor.rowcount)

            listen(connection, "after_cursor_execute", note)
            yield connection
            if changed:
                append(connection, self.event)


def record_query(store: Store, actor: str, sql: str) -> None:
    """
    Add that someone asked a query, before it runs; `actor` is Actor.who or COMMAND_LINE.

    The row keeps the query without the values written out in it, which may name a person, and
    without comments; its `subject` is the SHA-256 of the whole, by which a query can be recognised.
    """
    digest = hashlib.sha256(sql.encode()).hexdigest()
    shape = without_values(sql)[:MAX_QUERY]
    with store.write() as connection:
        append(connection, Event(actor, AuditAction.query, digest, {"sql": shape}))


def without_values(sql: str) -> str:
    """Return a query with every quoted text as `'…'`, without comments, on one line."""
    bare = WRITTEN_OUT.sub(lambda found: found["name"] or ("'…'" if found["text"] else " "), sql)
    return " ".join(bare.split())


def head(connection: Connection) -> tuple[int, str]:
    """Return the number and the hash of the last event; zero and zeros where there is none."""
    row = connection.execute(LAST_EVENT).first()
    return (0, FIRST_HASH) if row is None else (row.sequence, row.hash)


def hash_row(row: dict[str, Any] | RowMapping) -> str:
    """Return the SHA-256 of a row's canonical JSON, its predecessor's hash included."""
    names = ("sequence", "actor", "action", "subject", "detail", "previous_hash")
    told: dict[str, Any] = {name: row[name] for name in names}
    moment: datetime = row["at"]
    told["at"] = moment.isoformat(timespec="microseconds")
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def canonical(value: dict[str, Any]) -> str:
    """Return the one way to write a value as JSON: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def verify(store: Store) -> AuditReport:
    """Walk along the whole chain; report the first row that is not as it was written."""
    with store.read() as connection:
        marks = noted_ends(connection)
        number, previous = 0, FIRST_HASH
        for row in walk(connection):
            fault = fault_of(row, number + 1, previous, marks)
            if fault:
                return AuditReport(number, is_whole=False, broken_at=number + 1, word=fault)
            number, previous = row["sequence"], row["hash"]
    if marks and max(marks) > number:
        word = (
            f"rows {number + 1} to {max(marks)} are gone from the end: a build noted event "
            f"{max(marks)}; restore the store from a backup"
        )
        return AuditReport(number, is_whole=False, broken_at=number + 1, word=word)
    return AuditReport(number, is_whole=True, broken_at=None, word=f"{number:,} events, none amiss")


def fault_of(row: RowMapping, number: int, previous: str, marks: dict[int, str]) -> str | None:
    """Return what is wrong with the row that should have this number, in a sentence."""
    found = row["sequence"]
    if found != number:
        return f"event {number} is gone: event {found} follows event {number - 1}"
    if row["previous_hash"] != previous:
        return f"event {number} does not follow event {number - 1}: one of them was replaced"
    if row["hash"] != hash_row(row):
        return (
            f"event {number} ({row['action']} by {row['actor']}) was changed after it was written"
        )
    if marks.get(number, row["hash"]) != row["hash"]:
        return f"event {number} is not the one that a build noted: the chain was made anew"
    return None


def walk(connection: Connection) -> Iterator[RowMapping]:
    """Yield the events in order, a page at a time."""
    last = -1
    while True:
        query = (
            select(audit_event)
            .where(audit_event.c.sequence > last)
            .order_by(audit_event.c.sequence)
            .limit(PAGE)
        )
        rows = connection.execute(query).mappings().all()
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1]["sequence"]


def noted_ends(connection: Connection) -> dict[int, str]:
    """Return the ends of the chain that builds noted: an event's number and its hash."""
    query = select(warehouse_build.c.audit_sequence, warehouse_build.c.audit_hash).where(
        warehouse_build.c.audit_sequence > 0
    )
    return {row.audit_sequence: row.audit_hash for row in connection.execute(query)}
