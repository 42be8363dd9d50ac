"""The whole way of a fact with the operational store on PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from factories import a_capture, a_model, an_answer
from sqlalchemy import delete

from etl.pipeline import load
from etl.synthetic import fetch_synthetic
from warehouse.audit import Event, append, verify
from warehouse.build import build
from warehouse.build_log import last_build
from warehouse.errors import BusyError
from warehouse.published import connect_live, current
from warehouse.refresh import due
from warehouse.registry import record_model
from warehouse.settings import Settings
from warehouse.store import Store, init_store, open_store
from warehouse.tables import metadata
from warehouse.tokens import create_token, find_token
from warehouse.vocabulary import BuildReason, Outcome, Role
from warehouse.writer import PredictionWriter

pytestmark = pytest.mark.postgres


@pytest.fixture
def there(settings: Settings, postgres_url: str) -> Settings:
    return settings.model_copy(update={"database_url": postgres_url})


@pytest.fixture
def store(there: Settings) -> Iterator[Store]:
    store = init_store(there)
    with store.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    record_model(store, a_model(), [])
    yield store
    store.close()


def record(store: Store, frames: int) -> None:
    writer = PredictionWriter(store)
    for age in range(frames):
        frame = a_capture(age_years=age)
        writer.record(frame, an_answer(frame), Event("ana", "diagnose", frame.capture_id))


def test_a_fact_is_live_at_once_and_the_same_after_the_build(
    there: Settings, store: Store, tmp_path
):
    load(there, store, fetch_synthetic(tmp_path / "data", 40))
    assert build(there).failed == 0
    record(store, 3)
    assert due(there, store, 3, 3600) is BuildReason.new_facts
    query = "select * from {} order by prediction_id"
    with connect_live(there) as connection:
        live = connection.sql(query.format("fct_predictions_live")).df()
        assert connection.sql("select count(*) from fct_predictions").fetchone() == (0,)
    assert len(live) == 3
    report = build(there)
    with connect_live(there) as connection:
        assert live.equals(connection.sql(query.format("fct_predictions")).df())
        assert live.equals(connection.sql(query.format("fct_predictions_live")).df())
    with current(there).connect() as connection:
        assert connection.sql("select count(*) from fct_diagnoses").fetchone()[0] > 0
    last = last_build(store)
    assert (last.outcome, last.version) == (Outcome.done, report.version)


def test_two_processes_share_the_store_and_its_audit_chain(there: Settings, store: Store):
    """Two engines stand for two processes: they share nothing but the server."""
    other = init_store(there)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: record(each, 20), [store, other]))
    report = verify(other)
    assert (report.is_whole, report.events) == (True, 1 + 40)  # the model, and each answer
    assert find_token(other, create_token(store, "ward 3", Role.viewer)).name == "ward 3"
    other.close()


def test_who_waits_too_long_for_a_lock_is_told_that_another_writes(
    there: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("warehouse.store.BUSY_TIMEOUT_SECONDS", 1)
    impatient = open_store(there)
    before = verify(store).events
    with store.write() as holder:
        append(holder, Event("ana", "diagnose", "held"))  # the chain's lock, until the block ends
        with pytest.raises(BusyError, match="has been writing"):
            record(impatient, 1)
    record(impatient, 1)
    assert verify(store).events == before + 2
    impatient.close()
