from concurrent.futures import ThreadPoolExecutor

import pytest
from postgres import each_store
from sqlalchemy import delete, insert, select, text, update

from warehouse.audit import (
    AuditedStore,
    Event,
    append,
    append_all,
    record_query,
    verify,
    without_values,
)
from warehouse.build_log import start_record
from warehouse.store import Store
from warehouse.tables import access_token, audit_event, now
from warehouse.vocabulary import BuildReason

store_kind = each_store


def fill(store: Store, events: int) -> None:
    with store.write() as connection:
        append_all(connection, [Event("ana", "review", f"capture-{n}") for n in range(events)])


def tamper(store: Store, statement) -> None:
    with store.write() as connection:
        connection.execute(statement)


def test_an_empty_chain_is_whole(store: Store):
    assert verify(store).is_whole
    assert verify(store).events == 0


def test_events_are_kept_in_their_order_each_with_the_hash_of_the_one_before(store: Store):
    fill(store, 3)
    with store.read() as connection:
        rows = connection.execute(select(audit_event).order_by(audit_event.c.sequence)).all()
    assert [row.sequence for row in rows] == [1, 2, 3]
    assert [row.previous_hash for row in rows[1:]] == [row.hash for row in rows[:-1]]
    assert verify(store).is_whole


def test_an_event_goes_with_the_act_it_tells_of(store: Store):
    with pytest.raises(RuntimeError), store.write() as connection:
        append(connection, Event("ana", "review", "capture-1"))
        raise RuntimeError
    assert verify(store).events == 0


def test_eight_threads_write_one_unbroken_chain(store: Store):
    def act(number: int) -> None:
        with store.write() as connection:
            append(connection, Event("ana", "review", f"capture-{number}", {"n": number}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(80)))
    report = verify(store)
    assert (report.is_whole, report.events) == (True, 80)


def test_what_is_written_through_an_audited_store_is_one_event_and_what_is_not_is_none(
    store: Store,
):
    audited = AuditedStore(store, Event("ana", "withdraw", "token-1"))
    row = {
        "token_id": "1",
        "name": "a",
        "role": "viewer",
        "secret_sha256": "x",
        "created_at": now(),
    }
    with audited.write() as connection:
        connection.execute(
            insert(access_token), [row, row | {"token_id": "2", "secret_sha256": "y"}]
        )
        connection.execute(update(access_token).values(name="b"))
    assert verify(store).events == 1
    with audited.write() as connection:
        connection.execute(select(access_token).with_for_update())
        connection.execute(update(access_token).where(access_token.c.name == "a").values(name="c"))
    assert verify(store).events == 1
    with pytest.raises(RuntimeError), audited.write() as connection:
        connection.execute(delete(access_token))
        raise RuntimeError
    assert verify(store).events == 1


def test_a_query_is_recorded_by_its_hash_and_without_what_it_asks_for(store: Store):
    record_query(store, "ana", "select * from fct_reviews where reviewer = 'Dr Somebody'")
    with store.read() as connection:
        row = connection.execute(select(audit_event)).one()
    assert (row.actor, row.action, len(row.subject)) == ("ana", "query", 64)
    assert row.detail == """{"sql":"select * from fct_reviews where reviewer = '…'"}"""
    assert verify(store).is_whole


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        ("select 'it''s', \"a b\", 7", "select '…', \"a b\", 7"),
        ("select E'it\\'s Ana' -- Ana", "select '…'"),
        ("select $$Ana$$, $x$A $$ na$x$", "select '…', '…'"),
        ("select 1 /* Ana */\n  from t", "select 1 from t"),
        ("select /* a /* b */ it's */ x from t where y = 'Ana'", "select '…'"),
        ("select 1 /* Ana", "select 1 '…'"),
        ("select -- it's\r y from t where x = 'Ana'", "select y from t where x = '…'"),
        ("select 'Ana", "select '…'"),
        ("select '--' || 'Ana'", "select '…' || '…'"),
        ("select $1 + $2", "select $1 + $2"),
        (
            """select "Ana's age" from t where x = 'Ana'""",
            """select "Ana's age" from t where x = '…'""",
        ),
        ("""select "a ""b's", 'Ana'""", """select "a ""b's", '…'"""),
        ("""select '"', 'Ana "'""", "select '…', '…'"),
        ("""select "it's, x from t where y = 'Ana'""", "select '…'"),
        ("""select "b"" it's, x from t where y = 'Ana'""", """select "b"'…'"""),
    ],
)
def test_no_value_of_a_query_is_kept(sql: str, kept: str):
    assert without_values(sql) == kept


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "eve"},
        {"action": "sign_in"},
        {"subject": "capture-9"},
        {"detail": '{"n":2}'},
        {"at": text("'2020-01-01 00:00:00'")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_event_is_named(store: Store, change):
    fill(store, 5)
    tamper(store, update(audit_event).where(audit_event.c.sequence == 3).values(change))
    report = verify(store)
    assert (report.is_whole, report.broken_at) == (False, 3)
    assert "was changed" in report.word


def test_an_event_taken_from_the_middle_is_named(store: Store):
    fill(store, 5)
    tamper(store, delete(audit_event).where(audit_event.c.sequence == 3))
    assert verify(store).broken_at == 3


def test_events_cut_off_the_end_are_missed_where_a_build_had_noted_the_end(store: Store):
    fill(store, 5)
    start_record(store, BuildReason.asked)
    tamper(store, delete(audit_event).where(audit_event.c.sequence > 3))
    report = verify(store)
    assert (report.is_whole, report.broken_at) == (False, 4)
    assert "gone from the end" in report.word


def test_a_chain_made_anew_differs_from_what_a_build_noted(store: Store):
    fill(store, 3)
    start_record(store, BuildReason.asked)
    tamper(store, delete(audit_event))
    fill(store, 4)
    assert verify(store).broken_at == 3
