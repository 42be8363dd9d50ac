"""The way back along the champions, and deleting a model for good."""

from pathlib import Path

import pytest
from factories import a_capture, a_model, a_retraining, an_answer
from postgres import both_stores
from sqlalchemy import select

from warehouse.aliases import read_history, roll_back
from warehouse.deletion import NeededModelError, delete_model
from warehouse.errors import NotReadyError
from warehouse.facts import record_prediction, withdraw
from warehouse.looks import Look, VerdictLine, count_looks, read_verdicts, record_lines, record_look
from warehouse.notes import add_note, read_notes
from warehouse.registry import (
    CHAMPION,
    Epoch,
    aliases,
    list_models,
    promote_first,
    record_model,
    resolve,
    set_alias,
)
from warehouse.retrainings import fail_retraining, start_retraining
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import model, training_epoch
from warehouse.vocabulary import AliasReason, LookReason


def with_models(store: Store, *names: str) -> None:
    for name in names:
        record_model(store, a_model(name), [Epoch("head", 1, 1.0, 1.1, 0.4)])


def champions(store: Store, *names: str) -> None:
    with_models(store, *names)
    for name in names:
        set_alias(store, CHAMPION, name)


def a_folder(settings: Settings, name: str) -> Path:
    folder = settings.models_dir / name
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"a graph")
    return folder


@both_stores
def test_every_change_of_the_champion_is_in_its_history(store: Store):
    with_models(store, "one", "two")
    promote_first(store, "one")
    set_alias(store, CHAMPION, "two", AliasReason.judged, "ana")
    set_alias(store, CHAMPION, "two")
    told = [
        (change.model_id, change.previous_model_id, change.reason, change.changed_by)
        for change in read_history(store)
    ]
    assert told == [
        ("one", None, AliasReason.first, "command line"),
        ("two", "one", AliasReason.judged, "ana"),
    ]


def test_a_rollback_goes_one_champion_back_and_a_second_one_further(store: Store):
    champions(store, "one", "two", "three")
    assert roll_back(store).to_model_id == "two"
    assert roll_back(store).to_model_id == "one"
    with pytest.raises(NotReadyError, match="no champion before"):
        roll_back(store)
    assert resolve(store, CHAMPION).model_id == "one"


def test_after_a_rollback_another_champion_may_come_and_go(store: Store):
    champions(store, "one", "two")
    roll_back(store)
    champions(store, "three")
    assert roll_back(store).to_model_id == "one"


def test_a_rollback_passes_over_a_model_that_was_deleted(store: Store, settings: Settings):
    champions(store, "one", "two", "three")
    delete_model(settings, store, "two")
    assert roll_back(store).to_model_id == "one"


def test_a_deleted_model_has_neither_files_nor_rows(store: Store, settings: Settings):
    with_models(store, "one", "two")
    folder = a_folder(settings, "two")
    add_note(store, "two", "tried with a smaller head")
    look = Look(LookReason.judgement, "two", 1, "one")
    record_look(store, look)
    line = VerdictLine("calibration", "holds", 0.1, 0.1, 0.0, None, None, 0.02, 9, is_passed=True)
    record_lines(store, look, [line])
    done = delete_model(settings, store, "two")
    assert (done.rows, done.bytes) == (4, 7)
    assert not folder.exists()
    assert [record.model_id for record in list_models(store)] == ["one"]
    assert read_notes(store, "two") == []
    assert read_verdicts(store, "two") == []
    assert count_looks(store) == 1
    with store.read() as connection:
        epochs = connection.execute(
            select(training_epoch.c.model_id).where(training_epoch.c.deleted_at.is_(None))
        )
        assert epochs.scalars().all() == ["one"]
    with pytest.raises(NotReadyError, match="no model 'two': there are one"):
        resolve(store, "two")


def test_what_is_needed_is_not_deleted(store: Store, settings: Settings):
    champions(store, "one", "two")
    folder = a_folder(settings, "one")
    frame = a_capture()
    record_prediction(store, frame, an_answer(frame, "one"))
    with pytest.raises(NeededModelError, match="two is the champion"):
        delete_model(settings, store, "two")
    with pytest.raises(NeededModelError, match="gave 1 answers that are kept"):
        delete_model(settings, store, "one")
    assert folder.exists()
    withdraw(store, frame.capture_id, lambda _: None)
    delete_model(settings, store, "one")
    assert not folder.exists()
    assert aliases(store) == {CHAMPION: "two"}


def test_what_a_retraining_goes_on_with_is_not_deleted_before_it_has_ended(
    store: Store, settings: Settings
):
    with_models(store, "one", "two")
    one = a_retraining("two", parent_model_id="one")
    start_retraining(store, one)
    for name in ("one", "two"):
        with pytest.raises(NeededModelError, match="a retraining that has not ended needs it"):
            delete_model(settings, store, name)
    fail_retraining(store, one.retraining_id, "the disk was full")
    delete_model(settings, store, "two")


def test_a_deletion_broken_off_before_the_files_is_finished_by_the_next(
    store: Store, settings: Settings
):
    with_models(store, "one")
    delete_model(settings, store, "one")
    folder = a_folder(settings, "one")
    assert delete_model(settings, store, "one").rows == 0
    assert not folder.exists()
    with store.read() as connection:
        assert connection.scalar(select(model.c.deleted_at)) is not None


def test_a_model_that_never_was_is_told(store: Store, settings: Settings):
    with pytest.raises(NotReadyError, match="no model 'none'"):
        delete_model(settings, store, "none")
