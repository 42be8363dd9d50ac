"""What runs while the server does, opened in its order and closed in the reverse."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from api import champion, refresh, retraining
from api.background import repeated
from api.diagnosis import Diagnostician, open_diagnostician
from api.metrics import Metrics
from api.refresh import Refresher
from api.retraining import Retrainer
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import now


@dataclass(frozen=True)
class Engine:
    """The parts of a running server."""

    settings: Settings
    store: Store
    diagnostician: Diagnostician
    refresher: Refresher
    metrics: Metrics
    # What only looks on waits here, not where answers are made; for the write lock, by itself.
    observers: ThreadPoolExecutor
    prober: ThreadPoolExecutor
    started_at: datetime = field(default_factory=now)


@contextmanager
def running(settings: Settings, metrics: Metrics) -> Iterator[Engine]:
    """
    Open the store and the champion; follow the aliases and tend the builds while the block runs.

    Raises:
        NotReadyError: There is no store, or no champion to answer with.
    """
    with closing(open_store(settings)) as store:
        diagnostician = open_diagnostician(settings, store, metrics)
        diagnostician.queue.tell_wait = metrics.queue_seconds.observe
        refresher = Refresher(settings, store)
        retrainer = Retrainer(settings)
        follow = diagnostician.models.follow
        with (
            closing(diagnostician),
            closing(refresher),
            closing(retrainer),
            repeated(follow, champion.POLL_SECONDS, "the models"),
            repeated(refresher.tend, refresh.POLL_SECONDS, "the refresh"),
            repeated(retrainer.tend, retraining.POLL_SECONDS, "the retraining"),
            ThreadPoolExecutor(2, thread_name_prefix="observe") as observers,
            ThreadPoolExecutor(1, thread_name_prefix="probe") as prober,
        ):
            yield Engine(settings, store, diagnostician, refresher, metrics, observers, prober)
