"""The only writer of captures, predictions and reviews: each fact once, whole or not at all."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from warehouse.captures import (
    Capture,
    Prediction,
    Recorded,
    Review,
    UnknownCaptureError,
    as_capture,
    as_prediction,
    as_review,
    unknown,
)
from warehouse.errors import BadInputError
from warehouse.store import Store
from warehouse.tables import capture, now, prediction, review
from warehouse.vocabulary import Diagnosis, values

__all__ = ["Capture", "Prediction", "Review", "UnknownCaptureError"]

Fact = TypeVar("Fact")


class ConflictError(BadInputError):
    """An id was sent again with something else."""


def record_prediction(store: Store, frame: Capture, answer: Prediction) -> Recorded:
    """
    Write a capture and its answer durably, once; return what stands.

    A retry of an id that is already there changes nothing and returns the first answer.

    Raises:
        ConflictError: The id is there, with another frame or a withdrawn one.
    """

    def write(connection: Connection) -> None:
        connection.execute(insert(capture).values(asdict(frame)))
        connection.execute(insert(prediction).values(as_row(answer)))

    stored = once(store, lambda c: find(c, answer.prediction_id), write)
    if stored is None:
        return Recorded(frame, answer)
    if stored.capture.sha256 != frame.sha256:
        raise used_for_another_frame(answer.prediction_id)
    return stored


def record_again(store: Store, frame: Capture, answer: Prediction) -> Recorded:
    """
    Write one more answer to a capture that is there, once; return what stands.

    Raises:
        ConflictError: The id is there, with another capture.
        UnknownCaptureError: The capture has been withdrawn meanwhile.
    """

    def write(connection: Connection) -> None:
        hold_live(connection, frame.capture_id)
        connection.execute(insert(prediction).values(as_row(answer)))

    stored = once(store, lambda c: find(c, answer.prediction_id), write)
    if stored is None:
        return Recorded(frame, answer)
    if stored.capture.capture_id != frame.capture_id:
        raise used_for_another_frame(answer.prediction_id)
    return stored


def record_review(store: Store, word: Review) -> Review:
    """
    Write a review durably, once; return what stands.

    Raises:
        ConflictError: The id is there, with another word.
        UnknownCaptureError: There is no such capture, or it has been withdrawn.
    """

    def look(connection: Connection) -> Review | None:
        hold_live(connection, word.capture_id)
        row = connection.execute(select(review).where(review.c.review_id == word.review_id))
        found = row.mappings().first()
        return None if found is None else as_review(found)

    stored = once(store, look, lambda c: c.execute(insert(review).values(asdict(word))))
    if stored is None:
        return word
    if replace(stored, reviewed_at=word.reviewed_at) != word:
        raise ConflictError(
            f"review_id {word.review_id} has already been used for another review; "
            "send a new UUID with each new review"
        )
    return stored


def withdraw(store: Store, capture_id: str, remove: Callable[[str], None]) -> None:
    """
    Bury a capture with its answers and reviews; `remove` gets its file, where it has one.

    Safe to repeat. The file goes before the commit: a crash between the two leaves a capture
    without its file, never a file without its capture. What others keep too stays.

    Raises:
        UnknownCaptureError: There never was such a capture.
    """
    with store.write() as connection:
        hold_new_captures(connection)
        query = select(capture.c.uri).where(capture.c.capture_id == capture_id)
        # Whoever holds it live is waited for, so that what they write beneath it is buried too.
        found = connection.execute(query.with_for_update()).first()
        if found is None:
            raise unknown(capture_id)
        buried: dict[str, Any] = {"deleted_at": now()}
        for table in (review, prediction, capture):
            erased = {"has_consent": False, "uri": None, "subject": None}
            connection.execute(
                update(table)
                .where(table.c.capture_id == capture_id, table.c.deleted_at.is_(None))
                .values(buried | (erased if table is capture else {}))
            )
        if found.uri and not connection.scalar(select(exists().where(capture.c.uri == found.uri))):
            remove(found.uri)


def once(
    store: Store,
    look: Callable[[Connection], Fact | None],
    write: Callable[[Connection], object],
) -> Fact | None:
    """Return what is found; else write, and return None."""
    try:
        with store.write() as connection:
            found = look(connection)
            if found is None:
                write(connection)
    except IntegrityError:
        # PostgreSQL lets two retries race past the look-up; the first to commit stands. Not as a
        # reader, who sees one moment alone: the look-up may wait for others' rows.
        with store.write() as connection:
            found = look(connection)
        if found is None:
            raise
    return found


def has_capture(store: Store, capture_id: str) -> bool:
    """Return whether there is a capture, withdrawn ones among them."""
    with store.read() as connection:
        return bool(connection.scalar(select(exists().where(capture.c.capture_id == capture_id))))


def hold_live(connection: Connection, capture_id: str) -> None:
    """Keep a capture from being withdrawn until the transaction ends; raise if it has been."""
    query = select(capture.c.deleted_at).where(capture.c.capture_id == capture_id)
    row = connection.execute(query.with_for_update()).first()
    if row is None or row.deleted_at is not None:
        raise unknown(capture_id)


def hold_new_captures(connection: Connection) -> None:
    """Let nobody add a capture of the same file meanwhile; SQLite's write lock does so already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("lock table capture in share row exclusive mode")


def find_prediction(store: Store, prediction_id: str) -> Recorded | None:
    """Return a recorded answer and its frame, or None; ConflictError if withdrawn."""
    with store.read() as connection:
        return find(connection, prediction_id)


def find(connection: Connection, prediction_id: str) -> Recorded | None:
    """Look one answer up inside a transaction."""
    query = select(prediction).where(prediction.c.prediction_id == prediction_id)
    answer = connection.execute(query).mappings().first()
    if answer is None:
        return None
    query = select(capture).where(capture.c.capture_id == answer["capture_id"])
    frame = connection.execute(query).mappings().one()
    if frame["deleted_at"] is not None:
        raise ConflictError(
            f"prediction_id {prediction_id} belongs to a capture that has been withdrawn; "
            "send a new UUID with a new frame"
        )
    return Recorded(as_capture(frame), as_prediction(answer))


def used_for_another_frame(prediction_id: str) -> ConflictError:
    """Return the error that says so."""
    return ConflictError(
        f"prediction_id {prediction_id} has already been used for another frame; "
        "send a new UUID with each new frame"
    )


def as_row(answer: Prediction) -> dict[str, object]:
    """Spread the probabilities over their seven columns."""
    row: dict[str, object] = dict(vars(answer))  # asdict would copy what is never changed
    del row["probabilities"]
    shares = answer.probabilities
    return row | {f"p_{code}": share for code, share in zip(values(Diagnosis), shares, strict=True)}
