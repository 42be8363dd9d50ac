"""What is worth reviewing next: the mart's order, less what was reviewed or went away since."""

from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select

from warehouse.kept import has_frame
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
    kept = select(capture.c.capture_id, capture.c.uri).where(
        capture.c.uri.is_not(None), capture.c.capture_id.not_in(select(review.c.capture_id))
    )
    with store.read() as connection:
        uris = {row.capture_id: row.uri for row in connection.execute(kept)}
    # A frame that is not there, say after a restore without images, can be shown to nobody.
    seen = (
        row for row in rows if row.capture_id in uris and has_frame(settings, uris[row.capture_id])
    )
    return list(islice(seen, limit))
