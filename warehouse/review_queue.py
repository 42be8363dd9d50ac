"""What is worth reviewing next: the mart's order, less what somebody has reviewed since."""

from dataclasses import dataclass

from sqlalchemy import select

from warehouse.published import current
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import capture, review


@dataclass(frozen=True)
class Waiting:
    """One kept frame that nobody has reviewed, and what a review of it would teach."""

    capture_id: str
    answered: str
    uncertainty: float
    rarity: float
    diversity: float
    score: float


def read_queue(settings: Settings, store: Store, limit: int) -> list[Waiting]:
    """
    Return the first frames of the queue, best first.

    Raises:
        NotReadyError: Nothing has been published.
    """
    query = """
        select capture_id, answered_diagnosis_code, uncertainty, rarity, diversity, score
        from review_queue
        order by place
    """
    with current(settings).connect() as warehouse:
        rows = [Waiting(*row) for row in warehouse.execute(query).fetchall()]
    with store.read() as connection:
        done: set[str] = set(connection.execute(select(review.c.capture_id)).scalars())
        gone = select(capture.c.capture_id).where(capture.c.uri.is_(None))
        done |= set(connection.execute(gone).scalars())
    return [row for row in rows if row.capture_id not in done][:limit]
