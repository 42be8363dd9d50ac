import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from factories import a_capture, a_model, an_answer, count
from postgres import each_store
from sqlalchemy import create_engine, delete, event, exc
from sqlalchemy.exc import IntegrityError, StatementError

from warehouse.audit import Event, verify
from warehouse.captures import UnknownCaptureError
from warehouse.errors import BusyError
from warehouse.facts import ConflictError, find_prediction
from warehouse.registry import record_model
from warehouse.store import Store
from warehouse.tables import audit_event, capture, prediction
from warehouse.writer import Entry, PredictionWriter, settle

store_kind = each_store


@pytest.fixture
def store(store: Store) -> Store:
    record_model(store, a_model(), [])
    with store.write() as connection:  # the events counted here are of answers
        connection.execute(delete(audit_event))
    return store


def an_entry(**changes) -> Entry:
    frame = a_capture()
    answer = an_answer(frame, **changes)
    return Entry(frame, answer, Event("a", "diagnose", answer.prediction_id), is_new_capture=True)


def commits_of(store: Store) -> list[int]:
    """A list that grows by one with each commit of this store."""
    commits: list[int] = []
    event.listen(store.engine, "commit", lambda _: commits.append(1))
    return commits


def test_what_is_recorded_is_found_again_with_the_same_numbers(store: Store):
    frame = a_capture()
    answer = an_answer(frame)
    assert PredictionWriter(store).record(frame, answer).prediction == answer
    assert find_prediction(store, answer.prediction_id).prediction == answer


def test_those_who_wait_share_one_transaction(store: Store):
    commits = commits_of(store)
    batch = [an_entry() for _ in range(20)]
    settle(store, batch)
    assert len(commits) == 1
    assert all(entry.stands.result().prediction == entry.answer for entry in batch)
    assert count(store, prediction) == count(store, capture) == count(store, audit_event) == 20


def test_eight_threads_at_once_get_each_its_own_answer(store: Store):
    writer = PredictionWriter(store)

    def send(_):
        frame = a_capture()
        answer = an_answer(frame)
        said = writer.record(frame, answer, Event("a", "diagnose", answer.prediction_id))
        # Acknowledged is durable: another connection sees it now.
        return said.prediction == answer == find_prediction(store, answer.prediction_id).prediction

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(send, range(200)))
    assert count(store, prediction) == 200
    assert verify(store).is_whole
    assert verify(store).events == 200


def test_the_same_retry_from_eight_threads_is_one_row_and_one_event(store: Store):
    writer = PredictionWriter(store)
    answer_id = an_answer(a_capture()).prediction_id

    def send(_):
        frame = a_capture()
        answer = an_answer(frame, prediction_id=answer_id)
        return writer.record(frame, answer, Event("a", "diagnose", answer_id)).prediction

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(40)))
    assert len(answers) == 1
    assert count(store, prediction) == count(store, audit_event) == 1


def test_a_retry_within_one_batch_gets_the_first_answer_and_another_frame_a_conflict(store: Store):
    first, retry, other = an_entry(), an_entry(), an_entry()
    answer_id = first.answer.prediction_id
    retry.answer = replace(retry.answer, prediction_id=answer_id, latency_ms=99.0)
    other.answer = replace(other.answer, prediction_id=answer_id)
    other.frame = replace(other.frame, sha256="b" * 64)
    settle(store, [first, retry, other])
    assert first.stands.result() == retry.stands.result()
    assert isinstance(other.stands.exception(), ConflictError)
    assert count(store, capture) == 1


def test_one_bad_row_does_not_sink_the_others(store: Store):
    good, unknown_model, bad_word = an_entry(), an_entry(model_id="none"), an_entry(dx="martian")
    no_zone = an_entry()
    no_zone.frame = replace(no_zone.frame, captured_at=good.frame.captured_at.replace(tzinfo=None))
    also_good = an_entry()
    settle(store, [good, unknown_model, bad_word, no_zone, also_good])
    assert good.stands.result().prediction == good.answer
    assert also_good.stands.result().prediction == also_good.answer
    assert isinstance(unknown_model.stands.exception(), IntegrityError)
    assert isinstance(bad_word.stands.exception(), IntegrityError)
    assert isinstance(no_zone.stands.exception(), StatementError)
    assert count(store, capture) == count(store, audit_event) == 2


def test_those_for_whom_no_connection_is_free_wait_for_one_once_all_together(store: Store):
    batch = [an_entry() for _ in range(20)]
    crowded = Store(store.url)
    crowded.engine = create_engine(store.url, pool_size=1, max_overflow=0, pool_timeout=0.1)
    with crowded.read():
        settle(crowded, batch)
    crowded.close()
    assert isinstance(batch[0].stands.exception(), exc.TimeoutError)
    assert len({entry.stands.exception() for entry in batch}) == 1  # of one attempt


def test_a_bad_row_is_told_to_its_caller_alone_and_the_writer_goes_on(store: Store):
    writer = PredictionWriter(store)
    frame = a_capture()
    with pytest.raises(IntegrityError):
        writer.record(frame, an_answer(frame, model_id="none"))
    writer.record(frame, an_answer(frame))
    assert count(store, prediction) == 1


def test_another_answer_to_a_capture_needs_the_capture(store: Store):
    writer = PredictionWriter(store)
    frame = a_capture()
    with pytest.raises(UnknownCaptureError):
        writer.record_again(frame, an_answer(frame))
    writer.record(frame, an_answer(frame))
    second = an_answer(frame, dx="mel")
    assert writer.record_again(frame, second).prediction == second
    assert (count(store, capture), count(store, prediction)) == (1, 2)


def test_the_line_of_those_who_wait_has_an_end(store: Store):
    writer = PredictionWriter(store, max_waiting=1)
    may_go = threading.Event()
    writer.thread.submit(may_go.wait, 60)
    first = writer.submit(an_entry())
    frame = a_capture()
    with pytest.raises(BusyError, match="wait to be written"):
        writer.record(frame, an_answer(frame))
    may_go.set()
    assert first.result()
    writer.record(frame, an_answer(frame))  # there is room again
    assert count(store, prediction) == 2


def test_what_was_submitted_is_written_though_its_caller_has_gone(store: Store):
    writer = PredictionWriter(store)
    assert not writer.submit(an_entry()).cancel()
    writer.close()
    assert count(store, prediction) == 1


def test_a_closed_writer_says_so_and_takes_nothing_in(store: Store):
    writer = PredictionWriter(store)
    writer.close()
    for _ in range(2):
        with pytest.raises(BusyError, match="is stopping"):
            writer.submit(an_entry())
    assert count(store, prediction) == 0


def test_nobody_waits_for_good_for_a_writer_that_was_interrupted(store: Store):
    calls = iter([SystemExit, None])

    def coming() -> int:
        if fault := next(calls, None):
            raise fault
        return 0

    writer = PredictionWriter(store, coming=coming)
    with pytest.raises(BusyError, match="interrupted"):
        writer.submit(an_entry()).result(timeout=60)
    assert writer.submit(an_entry()).result(timeout=60)
    assert count(store, prediction) == 1


def test_those_who_are_coming_are_not_waited_for_once_a_commit_is_full(store: Store, monkeypatch):
    monkeypatch.setattr("warehouse.writer.PATIENCE_SECONDS", 3600.0)
    writer = PredictionWriter(store, max_batch=2, coming=lambda: 100)
    both = [writer.submit(an_entry()) for _ in range(2)]
    assert all(stands.result(timeout=60) for stands in both)


def test_who_gathers_during_a_commit_is_written_by_the_next_one(store: Store):
    """The first commit is held until seven more callers stand in line."""
    writer = PredictionWriter(store)
    is_held, may_go = threading.Event(), threading.Event()
    commits: list[int] = []

    @event.listens_for(store.engine, "commit")
    def hold(_):
        commits.append(1)
        if len(commits) == 1:
            is_held.set()
            assert may_go.wait(30)

    def send(_):
        frame = a_capture()
        return writer.record(frame, an_answer(frame))

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(send, 0)
        assert is_held.wait(30)
        others = [pool.submit(send, n) for n in range(7)]
        while len(writer.waiting) < 7:
            threading.Event().wait(0.001)
        may_go.set()
        assert all(call.result() for call in [first, *others])
    assert len(commits) == 2


def test_those_who_are_known_to_come_are_waited_for(store: Store, monkeypatch):
    monkeypatch.setattr("warehouse.writer.PATIENCE_SECONDS", 60.0)
    commits = commits_of(store)
    writer = PredictionWriter(store, coming=lambda: 3)

    def send(_):
        frame = a_capture()
        return writer.record(frame, an_answer(frame))

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(send, range(3)))
    assert len(commits) == 1
