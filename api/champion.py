"""
The models that answer, each behind its alias: when an alias moves, the server moves with it.

A request takes the open model once and keeps it to its end. A swap replaces one reference, so the
next request gets the new model, and the old one is freed when the last that holds it has ended.
"""

import logging
import time
from datetime import datetime

from ml.answering import OpenModel, open_model
from warehouse.errors import DermhouseError
from warehouse.registry import CHALLENGER, CHAMPION, aliases, resolve
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import now

POLL_SECONDS = 1.0
# Between two tries at a model that could not be opened: its files may be put right meanwhile.
RETRY_SECONDS = 30.0

logger = logging.getLogger(__name__)


class Seat:
    """One alias and the model that is open for it."""

    def __init__(self, settings: Settings, store: Store, alias: str) -> None:
        self.settings = settings
        self.store = store
        self.alias = alias
        self.model: OpenModel | None = None
        self.since: datetime | None = None
        self.fault: str | None = None  # why the model that the alias names does not answer
        self.swaps = 0
        self.failures = 0
        self.refused: str | None = None
        self.refused_at = 0.0

    @property
    def model_id(self) -> str | None:
        """Return the open model's id."""
        return None if self.model is None else self.model.model_id

    def follow(self, model_id: str | None) -> None:
        """Open what the alias names now; where that fails, the model that was open stays."""
        if model_id == self.model_id:
            self.fault = self.refused = None
        elif model_id is None:
            self.model = self.since = self.fault = self.refused = None
        elif not self.is_pausing(model_id):
            self.try_to_open(model_id)

    def is_pausing(self, model_id: str) -> bool:
        """Return whether this very model could not be opened a moment ago."""
        return model_id == self.refused and time.monotonic() - self.refused_at < RETRY_SECONDS

    def try_to_open(self, model_id: str) -> None:
        """Open a model and swap it in, or say why not."""
        try:
            opened = open_model(self.settings, resolve(self.store, model_id))
        except DermhouseError as error:
            self.refused, self.refused_at = model_id, time.monotonic()
            self.fault = f"the {self.alias} is {model_id}, but it cannot be opened: {error}"
            self.failures += 1
            logger.warning("%s; %s goes on answering", self.fault, self.model_id or "nobody")
            return
        if self.model is not None:
            self.swaps += 1
            logger.info("%s is the %s in place of %s", model_id, self.alias, self.model_id)
        self.model, self.since, self.fault, self.refused = opened, now(), None, None


class Models:
    """The champion, who answers people, and the challenger in its shadow where there is one."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.champion = Seat(settings, store, CHAMPION)
        self.challenger = Seat(settings, store, CHALLENGER)
        self.champion.model = open_model(settings, resolve(store, CHAMPION))
        self.champion.since = now()

    @property
    def current(self) -> OpenModel:
        """Return the model to answer with; ask once a request, and keep it to the end."""
        assert self.champion.model is not None
        return self.champion.model

    def follow(self) -> None:
        """Look where the aliases point and open what is new; cheap while nothing is."""
        named = aliases(self.store)
        self.champion.follow(named.get(CHAMPION, self.current.model_id))
        if self.settings.shadow_challenger:
            rival = named.get(CHALLENGER)
            self.challenger.follow(None if rival == self.current.model_id else rival)
