"""What is to be learnt next: the rules and what they have asked for, and what to review."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.actor import requires
from api.dependencies import SettingsDep, StoreDep
from api.faults import READS, faults
from api.retraining_shapes import (
    ConflictPage,
    QueuePage,
    RetrainingPage,
    as_conflicts,
    as_queue,
    as_retraining_page,
)
from warehouse.conflicts import read_conflicts
from warehouse.published import current
from warehouse.review_queue import read_queue
from warehouse.roles import Permission

router = APIRouter(tags=["models"], dependencies=[requires(Permission.read_facts)])


@router.get("/retrainings/", responses=faults(*READS))
def show_retrainings(settings: SettingsDep, store: StoreDep) -> RetrainingPage:
    """Show whether a retraining is due and by which rules, and how the last ones went."""
    return as_retraining_page(settings, store)


@router.get("/review-queue", responses=faults(*READS))
def list_worth_reviewing(
    settings: SettingsDep, store: StoreDep, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> QueuePage:
    """List the kept frames of which a review would teach the next model most."""
    return as_queue(read_queue(settings, store, limit))


@router.get("/label-conflicts", responses=faults(*READS))
def list_label_conflicts(
    settings: SettingsDep, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> ConflictPage:
    """List the lesions that are said to be several things, and which word counts."""
    return as_conflicts(read_conflicts(current(settings), limit))
