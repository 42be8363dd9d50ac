"""Every act upon models is one event of who did it, on both databases."""

from pathlib import Path

import pytest
from acts import Act, acts
from factories import a_model, a_retraining
from postgres import each_store

from warehouse.aliases import roll_back
from warehouse.audit import verify
from warehouse.deletion import delete_model
from warehouse.looks import Look, VerdictLine, record_lines, record_look
from warehouse.notes import add_note
from warehouse.registry import (
    CHAMPION,
    Evaluation,
    promote_first,
    record_evaluation,
    record_model,
    set_alias,
)
from warehouse.retrainings import finish_retraining, start_retraining
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import LookReason

HOLDS = VerdictLine("calibration", "holds", 0.1, 0.1, 0.0, None, None, 0.02, 9, is_passed=True)


store_kind = each_store


@pytest.fixture
def store(store: Store) -> Store:
    for name in ("one", "two"):
        record_model(store, a_model(name), [], by="ana")
    assert promote_first(store, "one", "ana")
    return store


def test_a_model_is_registered_and_becomes_the_first_champion(store: Store):
    assert not promote_first(store, "two", "ana")  # no act, no event
    assert acts(store) == [
        Act("ana", "register_model", "one"),
        Act("ana", "register_model", "two"),
        Act("ana", "promote", "one"),
    ]
    assert verify(store).is_whole


def test_promoting_and_rolling_back_are_events_and_promoting_the_champion_is_none(store: Store):
    before = len(acts(store))
    for _ in range(2):
        set_alias(store, CHAMPION, "two", by="bea")
    roll_back(store, "cem")
    assert acts(store)[before:] == [Act("bea", "promote", "two"), Act("cem", "promote", "one")]
    assert verify(store).is_whole


@pytest.mark.parametrize(("beaten", "action"), [("one", "promote"), (None, "challenge")])
def test_a_retraining_and_what_its_verdict_does_are_events(
    store: Store, beaten: str | None, action: str
):
    before = len(acts(store))
    one = a_retraining("two", parent_model_id="one")
    start_retraining(store, one, "ana")
    for _ in range(2):  # a retraining that was killed is ended by the next call
        finish_retraining(store, one, beaten, "ana")
    assert acts(store)[before:] == [
        Act("ana", "retrain", one.retraining_id),
        Act("ana", action, "two"),
    ]
    assert verify(store).is_whole


def test_looking_judging_evaluating_noting_and_deleting_are_events(store: Store, tmp_path: Path):
    before = len(acts(store))
    look = Look(LookReason.judgement, "two", 1, "one", looked_by="ana")
    for _ in range(2):
        record_look(store, look)
    record_lines(store, look, [HOLDS])
    record_evaluation(store, "two", Evaluation("ham10000", "tune", [], {}), "ana")
    note = add_note(store, "two", "tried with a smaller head", "ana")
    delete_model(Settings(home=tmp_path), store, "two", "ana")
    assert note.note_id not in [each.subject for each in acts(store)]
    assert acts(store)[before:] == [
        Act("ana", "look", look.look_id),
        Act("ana", "judge", "two"),
        Act("ana", "evaluate", "two"),
        Act("ana", "note_model", "two"),
        Act("ana", "delete_model", "two"),
    ]
    assert verify(store).is_whole
