"""What is to be learnt next, over the wire: the rules, the retrainings, what to review."""

from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel

from warehouse.conflicts import Conflict
from warehouse.published import current
from warehouse.registry import CHAMPION, aliases
from warehouse.retrainings import list_retrainings
from warehouse.review_queue import Waiting
from warehouse.rules import known_champion, read_rules
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import Outcome, TrainingStart


class RuleTold(BaseModel):
    """One rule; the value is null where too little has happened to say."""

    name: str
    fired: bool
    value: float | None
    limit: float


class RetrainingTold(BaseModel):
    """One retraining: the rules that asked for it, and what became of its model."""

    model_id: str
    started_at: datetime
    finished_at: datetime | None
    rules: tuple[str, ...]
    start: TrainingStart
    outcome: Outcome
    is_promoted: bool | None
    message: str | None


class RetrainingPage(BaseModel):
    """The rules of this moment, those that have fired first, and the retrainings, newest first."""

    is_current: bool  # whether the version that is read knows the champion of today
    rules: list[RuleTold]
    retrainings: list[RetrainingTold]


class QueueItem(BaseModel):
    """One frame worth reviewing."""

    capture_id: str
    image_url: str
    answered: str
    uncertainty: float
    rarity: float
    diversity: float
    score: float


class QueuePage(BaseModel):
    """The frames worth reviewing next, best first."""

    captures: list[QueueItem]


class ConflictTold(BaseModel):
    """One lesion that is said to be several things; no label where as many say each."""

    lesion_id: str
    words: dict[str, int]
    label: str | None


class ConflictPage(BaseModel):
    """Where words on a lesion differ, those that need another word first."""

    lesions: list[ConflictTold]


def as_conflicts(conflicts: list[Conflict]) -> ConflictPage:
    """Shape the conflicts."""
    return ConflictPage(
        lesions=[ConflictTold.model_validate(each, from_attributes=True) for each in conflicts]
    )


def as_retraining_page(settings: Settings, store: Store) -> RetrainingPage:
    """Shape the rules of the version that is read, and the retrainings."""
    warehouse = current(settings)
    return RetrainingPage(
        is_current=known_champion(warehouse) == aliases(store).get(CHAMPION),
        rules=[
            RuleTold.model_validate(each, from_attributes=True) for each in read_rules(warehouse)
        ],
        retrainings=[
            RetrainingTold.model_validate(each, from_attributes=True)
            for each in list_retrainings(store)
        ],
    )


def as_queue(waiting: list[Waiting]) -> QueuePage:
    """Shape the queue."""
    return QueuePage(
        captures=[
            QueueItem(**asdict(each), image_url=f"/captures/{each.capture_id}/image")
            for each in waiting
        ]
    )
