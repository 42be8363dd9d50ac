import hashlib
import os
import time
from pathlib import Path

import pytest
from factories import a_capture, a_model, a_retraining
from postgres import each_store
from sqlalchemy import insert, text

from warehouse import doctor
from warehouse.audit import Event, append_all
from warehouse.build_log import finish_record, recorded, start_record
from warehouse.doctor import Finding, examine
from warehouse.published import current
from warehouse.registry import CHAMPION, record_model, set_alias
from warehouse.retrainings import retraining_lock, start_retraining
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.tables import capture
from warehouse.vocabulary import BuildReason, Outcome

store_kind = each_store


@pytest.fixture
def store(built: Settings):
    store = open_store(built)
    graph = built.models_dir / "model-1" / "model.onnx"
    graph.parent.mkdir(parents=True)
    graph.write_bytes(b"a graph")
    record_model(store, a_model(onnx_sha256=hashlib.sha256(b"a graph").hexdigest()), [])
    set_alias(store, CHAMPION, "model-1")
    yield store
    store.close()


def leave(path: Path, age_s: float = 3600) -> None:
    """Leave a frame that was written so long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a frame")
    then = time.time() - age_s
    os.utime(path, (then, then))


def finding(settings: Settings, subject: str) -> Finding:
    return next(each for each in examine(settings) if each.subject == subject)


def test_a_whole_home_has_nothing_to_mend(built: Settings, store: Store):
    assert [each.word for each in examine(built) if not each.is_well] == []


def test_every_fault_of_a_home_that_is_not_there_is_a_sentence(settings: Settings):
    findings = list(examine(settings))
    assert not findings[0].is_well
    assert all("Traceback" not in each.word for each in findings)


def test_a_failed_build_is_told_with_its_cause(built: Settings, store: Store):
    build_id = start_record(store, BuildReason.asked)
    finish_record(store, build_id, Outcome.failed, message="dbt: fct_x failed")
    found = finding(built, "last build")
    assert not found.is_well
    assert "dbt: fct_x failed" in found.word


def test_a_build_that_was_stopped_is_nothing_to_mend(built: Settings, store: Store):
    with pytest.raises(KeyboardInterrupt), recorded(store, BuildReason.asked):
        raise KeyboardInterrupt
    found = finding(built, "last build")
    assert (found.is_well, found.word.split(",")[0]) == (True, "stopped")


def test_a_broken_audit_chain_is_told_with_its_place(built: Settings, store: Store):
    with store.write() as connection:
        append_all(connection, [Event("ana", "review", "capture-1")] * 3)
        connection.execute(text("update audit_event set actor = 'eve' where sequence = 2"))
    assert "event 2" in finding(built, "audit").word
    assert not finding(built, "audit").is_well


def test_a_version_that_cannot_be_read_is_told(built: Settings, store: Store):
    current(built).path.write_bytes(b"not a database")
    assert not finding(built, "warehouse").is_well


@pytest.mark.parametrize("content", [None, b"another graph"])
def test_a_champion_without_its_own_file_is_told(built: Settings, store: Store, content):
    graph = built.models_dir / "model-1" / "model.onnx"
    graph.unlink()
    if content is not None:
        graph.write_bytes(content)
    assert not finding(built, "champion").is_well


def test_a_kept_file_without_a_capture_is_told(built: Settings, store: Store):
    orphan = built.images_dir / "ab" / "abc.jpg"
    leave(orphan)
    found = finding(built, "kept frames")
    assert not found.is_well
    assert "images/ab/abc.jpg" in found.word


@pytest.mark.parametrize("name", ["abc.jpg", "abc.0123.part"])
def test_a_frame_written_a_moment_ago_may_yet_get_its_row_or_its_name(
    built: Settings, store: Store, name: str
):
    fresh = built.images_dir / "ab" / name
    leave(fresh, age_s=0)
    assert finding(built, "kept frames").is_well
    leave(fresh)
    assert name in finding(built, "kept frames").word


def test_a_frame_withdrawn_while_the_doctor_looks_is_not_missing(
    built: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
):
    kept = built.images_dir / "ab" / "abc.jpg"
    leave(kept)
    frame = a_capture(has_consent=True, uri="images/ab/abc.jpg")
    with store.write() as connection:
        connection.execute(insert(capture).values(vars(frame)))
    match = doctor.match_frames

    def match_as_it_is_withdrawn(settings: Settings) -> tuple[int, set[str], set[str]]:
        kept.unlink(missing_ok=True)
        found = match(settings)
        with store.write() as connection:
            connection.execute(text("update capture set uri = null"))
        return found

    monkeypatch.setattr(doctor, "match_frames", match_as_it_is_withdrawn)
    assert finding(built, "kept frames").is_well


def test_a_kept_frame_without_its_file_is_told(built: Settings, store: Store):
    with store.write() as connection:
        frame = a_capture(has_consent=True, uri="images/ab/abc.jpg")
        connection.execute(insert(capture).values(vars(frame)))
    assert "images/ab/abc.jpg" in finding(built, "kept frames").word


def test_what_a_killed_build_left_is_told_but_a_running_build_is_no_fault(
    built: Settings, store: Store
):
    from filelock import FileLock

    (built.warehouse_dir / "v000009.draft").write_bytes(b"half")
    with FileLock(built.warehouse_dir / "build.lock"):
        assert finding(built, "locks").is_well
    assert "v000009.draft" in finding(built, "locks").word
    (built.warehouse_dir / "v000009.draft").unlink()
    start_record(store, BuildReason.asked)
    assert "killed" in finding(built, "locks").word


def test_a_retraining_that_was_broken_off_is_told_but_a_running_one_is_no_fault(
    built: Settings, store: Store
):
    start_retraining(store, a_retraining())
    with retraining_lock(built):
        assert finding(built, "retraining").is_well
    assert not finding(built, "retraining").is_well
    assert "run `dermhouse retrain`" in finding(built, "retraining").word


def test_a_store_of_newer_code_is_told(built: Settings, store: Store):
    with store.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    assert "newer Dermhouse" in finding(built, "operational store").word


def test_a_postgres_that_does_not_answer_is_told_once_and_what_hangs_on_it_is_left_out(
    built: Settings,
):
    address = "postgresql+psycopg://ana:s3cret@127.0.0.1:1/clinic"  # nobody listens there
    findings = list(examine(built.model_copy(update={"database_url": address})))
    told = [each for each in findings if "does not answer" in each.word]
    assert [each.subject for each in told] == ["operational store"]
    assert "ana:***@127.0.0.1:1/clinic" in told[0].word
    assert "backup" not in told[0].word
    assert [each.subject for each in findings] == ["home", "disk", "operational store", "warehouse"]
