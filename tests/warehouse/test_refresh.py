import fcntl
import os
import time
from collections.abc import Callable

import duckdb
import pytest
from factories import a_capture, a_model, a_retraining, an_answer
from filelock import FileLock
from postgres import both_stores
from sqlalchemy import text

from warehouse.audit import Event, append
from warehouse.build import BuildError, build
from warehouse.build_log import KILLED, last_build, list_builds, recorded, start_record
from warehouse.errors import BadInputError, BusyError, NotReadyError
from warehouse.facts import record_prediction
from warehouse.published import current, versions
from warehouse.refresh import due, refresh
from warehouse.registry import record_model
from warehouse.retention import clean_versions, pinned
from warehouse.retrainings import fail_retraining, start_retraining
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.vocabulary import BuildReason, Outcome

WEEK = 7 * 86_400.0  # seconds; the built home that a suite shares is younger


@pytest.fixture
def store(built: Settings):
    store = open_store(built)
    record_model(store, a_model(), [])
    yield store
    store.close()


def answer_frames(store: Store, frames: int) -> None:
    for _ in range(frames):
        frame = a_capture()
        record_prediction(store, frame, an_answer(frame))


def grow_old(settings: Settings) -> None:
    then = time.time() - 2 * WEEK
    os.utime(current(settings).path, (then, then))


def spoil(store: Store) -> None:
    """Plant a row that no door lets in; the build must fail on it."""
    with store.write() as connection:
        connection.execute(text("pragma ignore_check_constraints = on"))
        connection.execute(
            text("update image set sex = 'martian', updated_at = '2099-01-01 00:00:00.000000'")
        )


def publish_copies(settings: Settings, count: int) -> None:
    from warehouse.build import publish

    for _ in range(count):
        publish(settings)


@both_stores
def test_a_version_is_due_when_enough_facts_are_new(built: Settings, store: Store):
    answer_frames(store, 2)
    assert due(built, store, 3, WEEK) is None
    answer_frames(store, 1)
    assert due(built, store, 3, WEEK) is BuildReason.new_facts


@both_stores
def test_an_old_version_is_due_as_soon_as_anything_changed(built: Settings, store: Store):
    assert due(built, store, 1000, WEEK) is None
    grow_old(built)
    assert due(built, store, 1000, WEEK) is BuildReason.age


@both_stores
def test_what_was_refreshed_is_not_due_again(built: Settings, store: Store):
    answer_frames(store, 3)
    report = refresh(built, store, min_new_facts=3, max_age_s=WEEK)
    assert report.version == current(built).version == 2
    grow_old(built)
    assert refresh(built, store, min_new_facts=1, max_age_s=WEEK) is None
    record = last_build(store)
    assert (record.outcome, record.reason) == (Outcome.done, BuildReason.new_facts)
    assert (record.version, record.models, record.failed) == (2, report.models, 0)


def test_a_failed_build_is_recorded_with_its_cause_and_is_not_tried_at_once(
    built: Settings, store: Store
):
    spoil(store)
    with pytest.raises(BuildError):
        refresh(built, store, min_new_facts=1, max_age_s=WEEK, force=True)
    record = last_build(store)
    assert record.outcome is Outcome.failed
    assert record.failed > 0
    assert "nothing was published" in record.message
    assert current(built).version == 1
    answer_frames(store, 3)
    assert due(built, store, 1, WEEK) is None


def test_only_one_build_runs_at_a_time_and_the_second_is_not_recorded(
    built: Settings, store: Store
):
    before = len(list_builds(store))
    with FileLock(built.warehouse_dir / "build.lock"), pytest.raises(BusyError):
        refresh(built, store, min_new_facts=1, max_age_s=WEEK, force=True)
    assert len(list_builds(store)) == before


@both_stores
def test_a_build_that_was_killed_counts_as_failed_from_when_it_is_noticed(
    built: Settings, store: Store
):
    grow_old(built)
    answer_frames(store, 3)
    start_record(store, BuildReason.asked)
    with FileLock(built.warehouse_dir / "build.lock"):
        assert due(built, store, 1, WEEK) is not None
        assert last_build(store).outcome is Outcome.running
    assert due(built, store, 1, WEEK) is None
    record = last_build(store)
    assert (record.outcome, record.message) == (Outcome.failed, KILLED)
    assert record.finished_at > record.started_at  # the pause is counted from here


def test_a_build_that_was_stopped_may_begin_again_at_once(built: Settings, store: Store):
    answer_frames(store, 3)
    with pytest.raises(KeyboardInterrupt), recorded(store, BuildReason.new_facts):
        raise KeyboardInterrupt
    assert last_build(store).was_stopped
    assert due(built, store, 3, WEEK) is BuildReason.new_facts


@both_stores
def test_a_build_that_was_killed_is_marked_by_the_next_one(built: Settings, store: Store):
    killed = start_record(store, BuildReason.asked)
    start_record(store, BuildReason.asked)
    record = next(build for build in list_builds(store) if build.build_id == killed)
    assert (record.outcome, record.message) == (Outcome.failed, KILLED)


def test_builds_are_facts_of_the_next_version_with_the_end_of_the_audit_chain(
    built: Settings, store: Store
):
    with store.write() as connection:
        append(connection, Event("ana", "review", "capture-1"))
    build(built)
    build(built)
    with current(built).connect() as connection:
        rows = connection.sql(
            "select outcome, version, audit_sequence from fct_warehouse_builds order by started_at"
        ).fetchall()
    # The load; then the model and the review.
    assert rows == [("done", 1, 1), ("done", 2, 3), ("running", None, 3)]


def test_neither_tokens_nor_the_audit_chain_reach_the_warehouse(built: Settings):
    with current(built).connect() as connection:
        names = {
            name for (name,) in connection.sql("select table_name from duckdb_tables").fetchall()
        }
    assert not any("token" in name or "audit_event" in name for name in names)


@pytest.mark.parametrize("place", [0, 1], ids=["schema", "project"])
def test_another_schema_or_project_makes_the_next_build_copy_everything_again(
    built: Settings, place: int
):
    note = built.warehouse_dir / "build.made_from"
    was = note.read_text()
    note.write_text(was.replace(was.split()[place], "another"))
    with duckdb.connect(str(built.build_path)) as connection:
        connection.execute("""
            update raw.raw_operational__image
            set age_years = 999, updated_at = updated_at + interval 1 day
        """)  # so that an incremental build would pass them over
    build(built)
    with current(built).connect() as connection:
        rows = connection.sql("select max(age_years) from fct_diagnoses").fetchall()
    assert rows[0][0] < 999
    assert note.read_text() == was


@pytest.mark.parametrize("is_file_lost", [False, True], ids=["failed", "file lost"])
def test_a_fault_older_than_the_last_good_build_is_found_until_a_full_refresh_has_passed(
    built: Settings, store: Store, is_file_lost: bool
):
    answer_frames(store, 1)
    good = build(built)
    with store.write() as connection:  # with stamps that an incremental build passes over
        connection.execute(text("pragma ignore_check_constraints = on"))
        connection.execute(text("update prediction set dx = 'perhaps'"))
        for table in ("prediction", "capture", "model"):
            connection.execute(text(f"update {table} set updated_at = '2020-01-01 00:00:00'"))
    if is_file_lost:
        built.build_path.unlink()
    else:
        with pytest.raises(BuildError, match="stg_operational__predictions_closed_lists"):
            build(built, full_refresh=True)
    with pytest.raises(BuildError, match="stg_operational__predictions_closed_lists"):
        build(built)
    assert current(built).version == good.version


@both_stores
def test_old_versions_go_but_those_that_a_model_names_stay(built: Settings, store: Store):
    publish_copies(built, 4)
    report = clean_versions(built, store, keep=2)
    # The model of these tests was trained from version 1.
    assert (report.removed, report.kept) == ([2, 3], [1, 4, 5])
    assert report.freed_bytes > 0
    assert [version.version for version in versions(built)] == [1, 4, 5]


@both_stores
def test_the_version_of_a_retraining_that_was_broken_off_stays_until_it_has_ended(
    built: Settings, store: Store
):
    publish_copies(built, 3)
    one = a_retraining(warehouse_version=2)
    start_retraining(store, one)
    assert clean_versions(built, store, keep=1).kept == [1, 2, 4]
    fail_retraining(store, one.retraining_id, "the disk was full")
    assert clean_versions(built, store, keep=1).kept == [1, 4]


def test_the_current_version_stays_however_old(built: Settings, store: Store):
    publish_copies(built, 3)
    (built.warehouse_dir / "current").write_text("v000002.duckdb\n")
    assert clean_versions(built, store, keep=1).kept == [1, 2, 4]


def test_a_reader_of_a_removed_version_reads_on(built: Settings, store: Store):
    publish_copies(built, 2)
    with versions(built)[1].connect() as reader:
        clean_versions(built, store, keep=1)
        assert not versions(built)[1].path.exists() or versions(built)[1].version == 3
        assert reader.sql("select count(*) from dim_images").fetchone()[0] > 0


def test_a_pinned_version_stays_until_it_is_let_go(built: Settings, store: Store):
    publish_copies(built, 2)
    second = versions(built)[1]
    with pinned(second), second.connect() as training:
        assert clean_versions(built, store, keep=1).removed == []
        assert training.sql("select count(*) from ml_train").fetchone()[0] > 0
    assert clean_versions(built, store, keep=1).removed == [2]


def just_before_the_lock(monkeypatch: pytest.MonkeyPatch, kind: int, act: Callable[[], object]):
    """Let something happen at the last moment before a version is locked in this way."""
    lock = fcntl.flock

    def overtaken(descriptor: int, asked: int) -> None:
        if asked == kind:
            monkeypatch.setattr(fcntl, "flock", lock)
            act()
        lock(descriptor, asked)

    monkeypatch.setattr(fcntl, "flock", overtaken)


def test_a_version_that_a_model_names_at_the_last_moment_stays(
    built: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
):
    publish_copies(built, 2)
    trained = a_model("model-2", warehouse_version=2)
    exclusive = fcntl.LOCK_EX | fcntl.LOCK_NB
    just_before_the_lock(monkeypatch, exclusive, lambda: record_model(store, trained, []))
    assert clean_versions(built, store, keep=1).removed == []
    assert versions(built)[1].path.exists()


def test_a_version_that_goes_at_the_last_moment_is_not_pinned(
    built: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
):
    publish_copies(built, 2)
    second = versions(built)[1]
    just_before_the_lock(monkeypatch, fcntl.LOCK_SH, lambda: clean_versions(built, store, keep=1))
    for _ in range(2):  # gone while it was being pinned, and before
        with pytest.raises(NotReadyError, match="has just been cleaned up"), pinned(second):
            pass
    assert not second.path.exists()


def test_a_half_copy_of_a_killed_build_is_removed_but_not_while_one_runs(
    built: Settings, store: Store
):
    draft = built.warehouse_dir / "v000009.draft"
    draft.write_bytes(b"half")
    with FileLock(built.warehouse_dir / "build.lock"):
        clean_versions(built, store, keep=1)
        assert draft.exists()
    clean_versions(built, store, keep=1)
    assert not draft.exists()


def test_keeping_no_version_is_refused(built: Settings, store: Store):
    with pytest.raises(BadInputError, match="1 or more"):
        clean_versions(built, store, keep=0)
