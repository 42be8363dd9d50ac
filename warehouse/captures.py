"""Captures as they stand in the store, with their answers and reviews; withdrawn ones are gone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Table, exists, select

from warehouse.errors import BadInputError
from warehouse.store import Store
from warehouse.tables import capture, prediction, review
from warehouse.vocabulary import Decision, Diagnosis, values

Row = Mapping[Any, Any]


class UnknownCaptureError(BadInputError):
    """There is no such capture, or it has been withdrawn."""


@dataclass(frozen=True)
class Capture:
    """One camera frame; `uri` only where the person consented to its being kept."""

    capture_id: str
    captured_at: datetime
    sha256: str
    bytes: int
    width: int
    height: int
    brightness: float
    sharpness: float
    has_consent: bool
    lesion_share: float | None = None
    uri: str | None = None
    age_years: float | None = None
    sex: str = "unknown"
    localization: str = "unknown"
    subject: str | None = None


@dataclass(frozen=True)
class Prediction:
    """One model's answer to one capture; probabilities in the order of `Diagnosis`."""

    prediction_id: str
    capture_id: str
    model_id: str
    predicted_at: datetime
    dx: str
    decision: str
    probabilities: tuple[float, ...]
    latency_ms: float
    is_shadow: bool = False  # a challenger's, recorded to compare and never shown

    @property
    def confidence(self) -> float:
        """Return the probability of the diagnosis."""
        return self.probabilities[values(Diagnosis).index(self.dx)]


@dataclass(frozen=True)
class Review:
    """One person's confirmation or correction of a capture, and how it was confirmed."""

    review_id: str
    capture_id: str
    reviewed_at: datetime
    reviewer: str
    role: str
    dx: str
    dx_type: str


class Recorded(NamedTuple):
    """An answer and its frame as they stand in the store."""

    capture: Capture
    prediction: Prediction


@dataclass(frozen=True)
class Card:
    """One capture with everything that was said of it, newest first."""

    capture: Capture
    answers: tuple[Prediction, ...]
    reviews: tuple[Review, ...]


@dataclass(frozen=True)
class Wanted:
    """Which captures to list; a diagnosis or decision is that of the newest answer."""

    limit: int
    is_kept: bool = True  # False lists those without a file too
    before: datetime | None = None
    diagnosis: Diagnosis | None = None
    decision: Decision | None = None
    is_reviewed: bool | None = None
    prediction_id: str | None = None  # the capture that this answer is of


def read_card(store: Store, capture_id: str) -> Card:
    """
    Return one capture with its answers and reviews.

    Raises:
        UnknownCaptureError: There is no such capture, or it has been withdrawn.
    """
    query = select(capture).where(
        capture.c.capture_id == capture_id, capture.c.deleted_at.is_(None)
    )
    with store.read() as connection:
        cards = as_cards(connection, connection.execute(query).mappings())
    if not cards:
        raise unknown(capture_id)
    return cards[0]


def list_cards(store: Store, wanted: Wanted) -> list[Card]:
    """Return the captures wanted, newest first."""
    query = (
        select(capture)
        .where(*conditions(wanted))
        .order_by(capture.c.captured_at.desc(), capture.c.capture_id.desc())
        .limit(wanted.limit)
    )
    with store.read() as connection:
        return as_cards(connection, connection.execute(query).mappings())


def conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return what a wanted capture fulfils."""
    found: list[ColumnElement[bool]] = [capture.c.deleted_at.is_(None)]
    if wanted.is_kept:
        found.append(capture.c.uri.is_not(None))
    if wanted.before is not None:
        found.append(capture.c.captured_at < wanted.before)
    if wanted.diagnosis is not None:
        found.append(newest_answer("dx") == wanted.diagnosis.value)
    if wanted.decision is not None:
        found.append(newest_answer("decision") == wanted.decision.value)
    if wanted.is_reviewed is not None:
        is_reviewed = exists().where(review.c.capture_id == capture.c.capture_id)
        found.append(is_reviewed if wanted.is_reviewed else ~is_reviewed)
    if wanted.prediction_id is not None:
        answered = select(prediction.c.capture_id).where(
            prediction.c.prediction_id == wanted.prediction_id
        )
        found.append(capture.c.capture_id == answered.scalar_subquery())
    return found


def newest_answer(column: str) -> ScalarSelect[Any]:
    """Return a column of a capture's newest answer, as a subquery."""
    return (
        select(prediction.c[column])
        .where(prediction.c.capture_id == capture.c.capture_id, ~prediction.c.is_shadow)
        .order_by(prediction.c.predicted_at.desc(), prediction.c.prediction_id.desc())
        .limit(1)
        .scalar_subquery()
    )


def as_cards(connection: Connection, rows: Iterable[Row]) -> list[Card]:
    """Return captures with what hangs on them, by two more queries however many they are."""
    frames = [as_capture(row) for row in rows]
    ids = [frame.capture_id for frame in frames]
    answers, reviews = defaultdict(list), defaultdict(list)
    for row in hanging_on(connection, prediction, "predicted_at", ids):
        if not row["is_shadow"]:
            answers[row["capture_id"]].append(as_prediction(row))
    for row in hanging_on(connection, review, "reviewed_at", ids):
        reviews[row["capture_id"]].append(as_review(row))
    return [Card(f, tuple(answers[f.capture_id]), tuple(reviews[f.capture_id])) for f in frames]


def hanging_on(
    connection: Connection, table: Table, moment: str, capture_ids: list[str]
) -> Iterable[Row]:
    """Return the rows of captures, newest first."""
    query = (
        select(table)
        .where(table.c.capture_id.in_(capture_ids), table.c.deleted_at.is_(None))
        .order_by(table.c[moment].desc(), *[key.desc() for key in table.primary_key])
    )
    return connection.execute(query).mappings()


def as_capture(row: Row) -> Capture:
    """Return a row of `capture`."""
    return Capture(**{field.name: row[field.name] for field in fields(Capture)})


def as_prediction(row: Row) -> Prediction:
    """Return a row of `prediction`, its seven columns as one tuple."""
    names = [field.name for field in fields(Prediction) if field.name != "probabilities"]
    probabilities = tuple(row[f"p_{code}"] for code in values(Diagnosis))
    return Prediction(**{name: row[name] for name in names}, probabilities=probabilities)


def as_review(row: Row) -> Review:
    """Return a row of `review`."""
    return Review(**{field.name: row[field.name] for field in fields(Review)})


def is_kept(store: Store, uri: str) -> bool:
    """Return whether a capture that lives names this kept frame."""
    named = exists().where(capture.c.uri == uri, capture.c.deleted_at.is_(None))
    with store.read() as connection:
        return bool(connection.scalar(select(named)))


def unknown(capture_id: str) -> UnknownCaptureError:
    """Return the error that says so."""
    return UnknownCaptureError(
        f"capture {capture_id}: there is none, or it has been withdrawn; list those there are"
    )
