"""A verdict promotes nobody where a person has chosen another champion meanwhile."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from factories import a_model, a_retraining
from postgres import both_stores
from sqlalchemy import Connection, text

from warehouse.registry import (
    CHALLENGER,
    CHAMPION,
    aliases,
    point,
    promote_first,
    record_model,
    set_alias,
)
from warehouse.retrainings import Retraining, finish_retraining, start_retraining
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.vocabulary import AliasReason

CHOSEN = {CHAMPION: "chosen", CHALLENGER: "trained"}


@pytest.fixture
def judged(store: Store) -> Retraining:
    for name in ("first", "trained", "chosen"):
        record_model(store, a_model(name), [])
    promote_first(store, "first")
    one = a_retraining("trained", parent_model_id="first")
    start_retraining(store, one)
    return one


class Overtaken(Store):
    """A store in which a person promotes a model just before anything else is written."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        person = Store(self.url)
        set_alias(person, CHAMPION, "chosen", by="ana")
        person.close()
        with super().write() as connection:
            yield connection


@both_stores
def test_a_promotion_just_before_the_verdict_stands(store: Store, judged: Retraining):
    overtaken = Overtaken(store.url)
    assert not finish_retraining(overtaken, judged, beaten="first", by="server")
    assert aliases(store) == CHOSEN
    overtaken.close()


def is_waited_for(store: Store) -> bool:
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    with store.read() as connection:
        return bool(connection.scalar(text(waiting)))


@both_stores
def test_a_verdict_promotes_over_the_model_it_is_about_and_over_no_other(
    store: Store, judged: Retraining
):
    set_alias(store, CHAMPION, "chosen", by="ana")
    assert not finish_retraining(store, judged, beaten="first", by="server")
    assert finish_retraining(store, judged, beaten="chosen", by="server")
    assert aliases(store) == {CHAMPION: "trained"}


@pytest.mark.postgres
@pytest.mark.parametrize("store_kind", ["postgres"])
def test_a_verdict_waits_for_a_promotion_that_is_not_committed_yet(
    settings: Settings, store: Store, judged: Retraining
):
    other = open_store(settings)
    with ThreadPoolExecutor(1) as pool:
        with store.write() as connection:
            point(connection, CHAMPION, "chosen", AliasReason.asked, "ana")
            finishing = pool.submit(finish_retraining, other, judged, beaten="first", by="server")
            while not is_waited_for(store):
                threading.Event().wait(0.02)
        assert not finishing.result()
    assert aliases(store) == CHOSEN
    other.close()
