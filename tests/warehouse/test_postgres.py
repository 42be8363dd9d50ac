"""The whole way of a fact with the operational store on PostgreSQL."""

import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import uuid4

import pytest
from factories import a_capture, a_model, an_answer
from sqlalchemy import event, select, text

from etl.pipeline import load
from etl.synthetic import fetch_synthetic
from warehouse.audit import Event, append, verify
from warehouse.build import build
from warehouse.build_log import last_build
from warehouse.captures import Capture, Review
from warehouse.errors import BusyError
from warehouse.facts import record_again, record_prediction, record_review, withdraw
from warehouse.published import connect_live, current
from warehouse.refresh import due
from warehouse.registry import record_model
from warehouse.settings import Settings
from warehouse.store import Store, init_store, open_store
from warehouse.tables import now, prediction, review
from warehouse.tokens import create_token, find_token
from warehouse.vocabulary import BuildReason, Outcome, Role
from warehouse.writer import Entry, PredictionWriter, insert_all, settle

pytestmark = pytest.mark.postgres


@pytest.fixture
def store_kind() -> str:
    return "postgres"


@pytest.fixture
def store(store: Store) -> Store:
    record_model(store, a_model(), [])
    return store


def record(store: Store, frames: int) -> None:
    writer = PredictionWriter(store)
    for age in range(frames):
        frame = a_capture(age_years=age)
        writer.record(frame, an_answer(frame), Event("ana", "diagnose", frame.capture_id))


def until_somebody_waits(store: Store) -> None:
    """Return once a transaction waits for what another one holds."""
    waiting = text("select exists (select from pg_locks where not granted)")
    with store.read() as connection:
        for _ in range(30_000):
            if connection.scalar(waiting):
                return
            threading.Event().wait(0.001)
    raise AssertionError("nobody waits")


def test_a_fact_is_live_at_once_and_the_same_after_the_build(
    settings: Settings, store: Store, tmp_path
):
    load(settings, store, fetch_synthetic(tmp_path / "data", 40))
    assert build(settings).failed == 0
    record(store, 3)
    assert due(settings, store, 3, 3600) is BuildReason.new_facts
    query = "select * from {} order by prediction_id"
    with connect_live(settings) as connection:
        live = connection.sql(query.format("fct_predictions_live")).df()
        assert connection.sql("select count(*) from fct_predictions").fetchone() == (0,)
    assert len(live) == 3
    report = build(settings)
    with connect_live(settings) as connection:
        assert live.equals(connection.sql(query.format("fct_predictions")).df())
        assert live.equals(connection.sql(query.format("fct_predictions_live")).df())
    with current(settings).connect() as connection:
        assert connection.sql("select count(*) from fct_diagnoses").fetchone()[0] > 0
    last = last_build(store)
    assert (last.outcome, last.version) == (Outcome.done, report.version)


def test_two_processes_share_the_store_and_its_audit_chain(settings: Settings, store: Store):
    """Two engines stand for two processes: they share nothing but the server."""
    other = init_store(settings)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: record(each, 20), [store, other]))
    report = verify(other)
    assert (report.is_whole, report.events) == (True, 1 + 40)  # the model, and each answer
    assert find_token(other, create_token(store, "ward 3", Role.viewer)).name == "ward 3"
    other.close()


@pytest.mark.parametrize(
    "write",
    [
        lambda store, frame: record_again(store, frame, an_answer(frame)),
        lambda store, frame: record_review(
            store,
            Review(str(uuid4()), frame.capture_id, now(), "derm-7", "clinician", "mel", "histo"),
        ),
    ],
    ids=["an answer", "a review"],
)
def test_what_is_being_written_to_a_capture_is_withdrawn_with_it(
    store: Store, write: Callable[[Store, Capture], object]
):
    frame = a_capture()
    record_prediction(store, frame, an_answer(frame))
    withdrawals: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool:

        @event.listens_for(store.engine, "commit", once=True)
        def withdraw_meanwhile(_):
            withdrawals.append(pool.submit(withdraw, store, frame.capture_id, print))
            until_somebody_waits(store)

        write(store, frame)
    assert [each.result() for each in withdrawals] == [None]
    with store.read() as connection:
        for table in (prediction, review):
            assert None not in connection.execute(select(table.c.deleted_at)).scalars().all()


def test_two_processes_that_record_the_same_frames_in_another_order_both_end(store: Store):
    frames = sorted((a_capture() for _ in range(2)), key=lambda frame: frame.capture_id)
    rows = [(frame, an_answer(frame), None) for frame in frames]
    first, second, *late = (Entry(*row, is_new_capture=True) for row in [*rows, *reversed(rows)])
    with ThreadPoolExecutor(1) as pool:
        with store.write() as connection:
            insert_all(connection, [first])
            waiting = pool.submit(settle, store, late)
            until_somebody_waits(store)
            insert_all(connection, [second])
        waiting.result()
    assert [entry.stands.result().capture for entry in late] == frames[::-1]


def test_a_database_host_that_died_over_a_statement_is_noticed_within_half_a_minute(store: Store):
    """As the kernel is told: from here no test can pull a plug."""
    with store.read() as connection:
        driver = connection.connection.dbapi_connection
        with socket.socket(fileno=os.dup(driver.fileno())) as wire:
            assert wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            idle, interval, count = (
                wire.getsockopt(socket.IPPROTO_TCP, option)
                for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            )
    assert idle + interval * count <= 30


def test_who_waits_too_long_for_a_lock_is_told_that_another_writes(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("warehouse.store.BUSY_TIMEOUT_SECONDS", 1)
    impatient = open_store(settings)
    before = verify(store).events
    with store.write() as holder:
        append(holder, Event("ana", "diagnose", "held"))  # the chain's lock, until the block ends
        with pytest.raises(BusyError, match="has been writing"):
            record(impatient, 1)
    record(impatient, 1)
    assert verify(store).events == before + 2
    impatient.close()


def test_a_lock_that_is_not_had_is_known_in_whatever_language_the_server_speaks(store: Store):
    said = "raise exception 'Wartezeit für eine Sperre ist abgelaufen' using errcode = '55P03'"
    with pytest.raises(BusyError, match="has been writing"), store.write() as connection:
        connection.exec_driver_sql(f"do $$ begin {said}; end $$")
