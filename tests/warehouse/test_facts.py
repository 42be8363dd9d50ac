from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from factories import a_capture, a_model, an_answer
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from warehouse.facts import ConflictError, find_prediction, record_prediction
from warehouse.registry import record_model
from warehouse.settings import Settings
from warehouse.store import Store, init_store
from warehouse.tables import capture, metadata, prediction


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Store]:
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        settings = settings.model_copy(update={"database_url": url})
    store = init_store(settings)
    with store.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    record_model(store, a_model(), [])
    yield store
    store.close()


def count(store: Store, table) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


def test_an_answer_is_found_again_with_the_same_numbers(store: Store):
    frame = a_capture()
    answer = an_answer(frame)
    record_prediction(store, frame, answer)
    assert find_prediction(store, answer.prediction_id) == (answer, frame.sha256)


def test_a_retry_is_one_row_and_gets_the_first_answer(store: Store):
    first = a_capture()
    answer = an_answer(first)
    record_prediction(store, first, answer)
    second = a_capture()
    retry = replace(answer, capture_id=second.capture_id, latency_ms=99.0)
    assert record_prediction(store, second, retry) == answer
    assert (count(store, prediction), count(store, capture)) == (1, 1)


def test_an_id_used_for_another_frame_is_refused_and_the_first_stands(store: Store):
    frame = a_capture()
    answer = an_answer(frame)
    record_prediction(store, frame, answer)
    other = a_capture(sha256="b" * 64)
    with pytest.raises(ConflictError, match="already been used for another frame"):
        record_prediction(store, other, replace(answer, capture_id=other.capture_id))
    assert count(store, capture) == 1


def test_the_same_retry_from_eight_threads_is_one_row(store: Store):
    answer_id = an_answer(a_capture()).prediction_id

    def send(_):
        frame = a_capture()
        return record_prediction(store, frame, an_answer(frame, prediction_id=answer_id))

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(24)))
    assert len(answers) == 1
    assert count(store, prediction) == 1


def test_a_capture_is_not_left_behind_when_its_answer_cannot_be_written(store: Store):
    frame = a_capture()
    with pytest.raises(IntegrityError):
        record_prediction(store, frame, an_answer(frame, model_id="no such model"))
    assert count(store, capture) == 0
