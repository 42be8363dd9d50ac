"""The only writer of captures and predictions: both in one transaction, or neither."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from warehouse.errors import BadInputError
from warehouse.store import Store
from warehouse.tables import capture, prediction
from warehouse.vocabulary import Diagnosis, values


class ConflictError(BadInputError):
    """A prediction id was sent again with another frame."""


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


def record_prediction(store: Store, frame: Capture, answer: Prediction) -> Prediction:
    """
    Write a capture and its answer durably, once; return the answer that stands.

    A retry of an id that is already there changes nothing and returns the first answer.

    Raises:
        ConflictError: The id is there, with another frame.
    """
    try:
        with store.write() as connection:
            stored = find(connection, answer.prediction_id)
            if stored is None:
                connection.execute(insert(capture).values(asdict(frame)))
                connection.execute(insert(prediction).values(as_row(answer)))
    except IntegrityError:
        # PostgreSQL lets two retries race past the look-up; the first to commit stands.
        with store.read() as connection:
            stored = find(connection, answer.prediction_id)
        if stored is None:
            raise
    if stored is None:
        return answer
    kept, sha256 = stored
    if sha256 != frame.sha256:
        raise ConflictError(
            f"prediction_id {answer.prediction_id} has already been used for another frame; "
            "send a new UUID with each new frame"
        )
    return kept


def find_prediction(store: Store, prediction_id: str) -> tuple[Prediction, str] | None:
    """Return a recorded answer and its frame's SHA-256, or None."""
    with store.read() as connection:
        return find(connection, prediction_id)


def find(connection: Connection, prediction_id: str) -> tuple[Prediction, str] | None:
    """Look one answer up inside a transaction."""
    query = (
        select(prediction, capture.c.sha256)
        .join(capture, capture.c.capture_id == prediction.c.capture_id)
        .where(prediction.c.prediction_id == prediction_id)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    names = [name for name in Prediction.__dataclass_fields__ if name != "probabilities"]
    probabilities = tuple(row[f"p_{code}"] for code in values(Diagnosis))
    return Prediction(**{name: row[name] for name in names}, probabilities=probabilities), row[
        "sha256"
    ]


def as_row(answer: Prediction) -> dict[str, object]:
    """Spread the probabilities over their seven columns."""
    row = asdict(answer)
    shares = row.pop("probabilities")
    return row | {f"p_{code}": share for code, share in zip(values(Diagnosis), shares, strict=True)}
