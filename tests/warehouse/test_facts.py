from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from factories import a_capture, a_model, an_answer, count
from postgres import each_store
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from warehouse.captures import Review, UnknownCaptureError, Wanted, list_cards, read_card
from warehouse.facts import (
    ConflictError,
    find_prediction,
    record_again,
    record_prediction,
    record_review,
    withdraw,
)
from warehouse.registry import record_model
from warehouse.store import Store
from warehouse.tables import capture, now, prediction, review

store_kind = each_store


@pytest.fixture
def store(store: Store) -> Store:
    record_model(store, a_model(), [])
    return store


def test_an_answer_is_found_again_with_the_same_numbers(store: Store):
    frame = a_capture()
    answer = an_answer(frame)
    record_prediction(store, frame, answer)
    assert find_prediction(store, answer.prediction_id) == (frame, answer)


def test_a_retry_is_one_row_and_gets_the_first_answer(store: Store):
    first = a_capture()
    answer = an_answer(first)
    record_prediction(store, first, answer)
    second = a_capture()
    retry = replace(answer, capture_id=second.capture_id, latency_ms=99.0)
    assert record_prediction(store, second, retry) == (first, answer)
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


def a_review(capture_id: str, **changes: str) -> Review:
    word = Review(str(uuid4()), capture_id, now(), "derm-7", "clinician", "mel", "histo")
    return replace(word, **changes)


def kept_capture(store: Store, uri: str):
    frame = a_capture(has_consent=True, uri=uri)
    record_prediction(store, frame, an_answer(frame))
    return frame


def test_one_more_answer_to_a_capture_is_one_row_beside_the_first(store: Store):
    frame = kept_capture(store, "images/aa/a.jpg")
    again = an_answer(frame)
    assert [record_again(store, frame, again) for _ in range(2)] == [(frame, again)] * 2
    (card,) = list_cards(store, Wanted(limit=10))
    assert card.capture == frame
    assert card.answers[0] == again
    assert (count(store, capture), count(store, prediction)) == (1, 2)
    other = kept_capture(store, "images/bb/b.jpg")
    with pytest.raises(ConflictError, match="another frame"):
        record_again(store, other, replace(again, capture_id=other.capture_id))


def test_the_same_review_from_eight_threads_is_one_row(store: Store):
    frame = kept_capture(store, "images/aa/a.jpg")
    word = a_review(frame.capture_id)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: record_review(store, word), range(24))) == {word}
    assert read_card(store, frame.capture_id).reviews == (word,)
    with pytest.raises(ConflictError, match="another review"):
        record_review(store, replace(word, dx="nv"))


def test_a_withdrawn_capture_takes_everything_with_it_and_its_file_once_nobody_keeps_it(
    store: Store,
):
    first, second = (kept_capture(store, "images/aa/a.jpg") for _ in range(2))
    record_review(store, a_review(first.capture_id))
    removed: list[str] = []
    for _ in range(2):
        withdraw(store, first.capture_id, removed.append)
    assert removed == []
    assert [card.capture for card in list_cards(store, Wanted(limit=10))] == [second]
    with pytest.raises(UnknownCaptureError):
        read_card(store, first.capture_id)
    with pytest.raises(UnknownCaptureError):
        record_review(store, a_review(first.capture_id))
    with pytest.raises(UnknownCaptureError):
        record_again(store, first, an_answer(first))
    with store.read() as connection:
        assert connection.execute(select(review.c.deleted_at)).scalar_one() is not None
    withdraw(store, second.capture_id, removed.append)
    assert removed == ["images/aa/a.jpg"]


def test_a_capture_whose_file_cannot_be_removed_is_not_withdrawn(store: Store):
    frame = kept_capture(store, "images/aa/a.jpg")

    def refuse(uri: str) -> None:
        raise PermissionError(uri)

    with pytest.raises(PermissionError):
        withdraw(store, frame.capture_id, refuse)
    assert read_card(store, frame.capture_id).capture == frame


def test_a_capture_that_never_was_cannot_be_withdrawn(store: Store):
    with pytest.raises(UnknownCaptureError, match="there is none"):
        withdraw(store, "no such capture", print)
