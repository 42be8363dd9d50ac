"""A load keeps what is good, records what is not, and says truly what it did."""

import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
from postgres import each_store
from sqlalchemy import select
from tinyham import HEADER, ROWS, write_image, write_rows

from etl.pipeline import load
from warehouse.errors import BadInputError, BusyError
from warehouse.settings import ROOT
from warehouse.store import Store, init_store
from warehouse.tables import image, image_change, image_file, load_run, rejected_row

store_kind = each_store


def rows(store: Store, table, *columns: str) -> list[tuple]:
    picked = [table.c[name] for name in columns] or list(table.c)
    with store.read() as connection:
        return [
            tuple(row) for row in connection.execute(select(*picked).order_by(*table.primary_key))
        ]


def changes(store: Store, load_id: str) -> dict[tuple[str, str], tuple[str, str]]:
    found = rows(
        store, image_change, "load_id", "image_id", "column_name", "old_value", "new_value"
    )
    return {(name, column): (old, new) for load, name, column, old, new in found if load == load_id}


def test_the_first_load_inserts_everything_and_counts_it(settings, store, folder):
    report = load(settings, store, folder)
    assert (report.rows, report.images, report.rejected) == (4, 4, 0)
    assert (report.files, report.missing_files, report.undecodable_files) == (3, 1, 0)
    assert (report.inserted, report.updated, report.unchanged) == (4, 0, 0)
    assert rows(store, image_file, "image_id", "status") == [
        ("I_1", "ok"),
        ("I_2", "ok"),
        ("I_3", "ok"),
        ("I_4", "missing"),
    ]
    assert rows(store, image, "dx", "age_years", "sex")[3] == ("df", None, "unknown")


def test_the_load_is_on_record(settings, store, folder):
    report = load(settings, store, folder)
    (run,) = rows(store, load_run, "load_id", "outcome", "rows", "inserted", "content_hash")
    assert run == (report.load_id, "done", 4, 4, report.content_hash)


def test_the_same_data_again_change_nothing(settings, store, folder):
    first = load(settings, store, folder)
    before = rows(store, image), rows(store, image_file)
    second = load(settings, store, folder)
    assert (second.inserted, second.updated, second.unchanged) == (0, 0, 4)
    assert second.content_hash == first.content_hash
    assert (rows(store, image), rows(store, image_file)) == before
    assert rows(store, image_change) == []


def test_a_changed_row_is_updated_and_the_change_is_on_the_loads_record(settings, store, folder):
    load(settings, store, folder)
    write_rows(folder, *ROWS[:2], ROWS[2].replace("60.0", "65.0"), ROWS[3])
    report = load(settings, store, folder)
    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 3)
    assert changes(store, report.load_id) == {("I_3", "age_years"): ("60.0", "65.0")}


def test_only_what_changed_is_stamped_anew(settings, store, folder):
    first = load(settings, store, folder)
    write_rows(folder, *ROWS[:2], ROWS[2].replace("face", "ear"), ROWS[3])
    second = load(settings, store, folder)
    stamped = dict(rows(store, image, "image_id", "load_id"))
    assert stamped == dict.fromkeys(["I_1", "I_2", "I_4"], first.load_id) | {"I_3": second.load_id}
    assert {load_id for (load_id,) in rows(store, image_file, "load_id")} == {first.load_id}


def test_a_changed_image_is_updated(settings, store, folder, part):
    load(settings, store, folder)
    write_image(part / "I_1.jpg", 99)
    report = load(settings, store, folder)
    assert (report.updated, report.unchanged) == (1, 3)
    assert ("I_1", "sha256") in changes(store, report.load_id)


def test_a_file_that_has_appeared_is_an_update(settings, store, folder, part):
    load(settings, store, folder)
    write_image(part / "I_4.jpg", 4)
    report = load(settings, store, folder)
    assert (report.files, report.missing_files, report.updated) == (4, 0, 1)
    assert changes(store, report.load_id)["I_4", "status"] == ("missing", "ok")


def test_a_folder_that_moved_is_an_update_of_the_uris_alone(settings, store, folder, tmp_path):
    first = load(settings, store, folder)
    moved = folder.rename(tmp_path / "moved")
    report = load(settings, store, moved)
    assert (report.updated, report.unchanged) == (3, 1)
    assert {column for _, column in changes(store, report.load_id)} == {"uri"}
    assert report.content_hash == first.content_hash


def test_a_bad_row_is_kept_with_its_line_and_stops_no_other(settings, store, folder):
    write_rows(folder, *ROWS, "L_9,I_9,melanoma,histo,-3,male,back,unknown")
    report = load(settings, store, folder)
    assert (report.rows, report.images, report.rejected) == (5, 4, 1)
    ((line, row, reasons),) = rows(store, rejected_row, "line", "row", "reasons")
    assert line == 6
    assert json.loads(row)["dx"] == "melanoma"
    assert reasons == (
        "dx 'melanoma' is not one of akiec, bcc, bkl, df, mel, nv, vasc; "
        "age -3 is not between 0 and 120"
    )
    assert report.rejections == (f"HAM10000_metadata.csv line 6: {reasons}",)


def test_a_bad_file_is_recorded_and_stops_no_other(settings, store, folder, part):
    (part / "I_2.jpg").write_bytes(b"")
    report = load(settings, store, folder)
    assert (report.files, report.missing_files, report.undecodable_files) == (2, 1, 1)
    assert ("I_2", "undecodable", "the file is empty") in rows(
        store, image_file, "image_id", "status", "message"
    )
    assert load(settings, store, folder).unchanged == 4


def test_files_without_a_row_are_counted(settings, store, folder, part):
    write_image(part / "I_77.jpg", 77)
    write_rows(folder, *ROWS, "L_9,I_1,nv,histo,5,male,back,unknown")
    assert load(settings, store, folder).unlisted_files == 1


def test_the_smallest_pixel_limit_is_the_settings_own(settings, store, folder):
    small = settings.model_copy(update={"max_image_pixels": 1000})
    assert load(small, store, folder).undecodable_files == 3


def test_an_older_download_has_unknown_sources(settings, store, folder):
    older = [line.rsplit(",", 1)[0] for line in (HEADER, *ROWS)]
    write_rows(folder, *older[1:], header=older[0])
    assert load(settings, store, folder).rejected == 0
    assert {dataset for (dataset,) in rows(store, image, "dataset")} == {"unknown"}


def test_bad_metadata_leave_no_trace_in_the_store(settings, store, folder):
    write_rows(folder)
    with pytest.raises(BadInputError):
        load(settings, store, folder)
    assert rows(store, load_run) == []


def test_a_second_load_beside_the_first_is_refused(settings, store, folder):
    seen = []

    def start_another(*_: object) -> None:
        with pytest.raises(BusyError, match="another load is running"):
            load(settings, store, folder)
        seen.append("refused")

    load(settings, store, folder, start_another)
    assert seen
    assert len(rows(store, load_run)) == 1


def test_a_load_that_broke_is_failed_and_frees_the_lock(settings, store, folder):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(settings, store, folder, interrupt)
    assert rows(store, load_run, "outcome", "message") == [("failed", "KeyboardInterrupt")]
    assert load(settings, store, folder).images == 4


KILLED_LOAD = """
import os, signal, sys
from pathlib import Path
import etl.pipeline
from warehouse.settings import Settings
from warehouse.store import open_store

etl.pipeline.BATCH_IMAGES = 2

def die_half_way(step, done, total):
    if done:
        os.kill(os.getpid(), signal.SIGKILL)

settings = Settings()
etl.pipeline.load(settings, open_store(settings), Path(sys.argv[1]), die_half_way)
"""


def test_a_killed_load_is_finished_by_the_next_one(settings, store, folder):
    settings = settings.model_copy(
        update={"database_url": store.url if store.url.startswith("postgresql") else None}
    )
    environment = {"DERMHOUSE_HOME": str(settings.home), "PYTHONPATH": str(ROOT)}
    if settings.database_url:
        environment["DERMHOUSE_DATABASE_URL"] = settings.database_url
    command = [sys.executable, "-c", KILLED_LOAD, str(folder)]
    killed = subprocess.run(command, env=environment, cwd=folder, check=False)
    assert killed.returncode == -9
    assert rows(store, load_run, "outcome") == [("running",)]
    assert len(rows(store, image)) == len(rows(store, image_file)) == 2

    report = load(settings, store, folder)
    assert (report.inserted, report.unchanged) == (2, 2)
    assert sorted(rows(store, load_run, "outcome")) == [("done",), ("failed",)]


def test_a_copy_elsewhere_is_told_from_its_origin_by_uri_alone(settings, store, folder, tmp_path):
    load(settings, store, folder)
    assert load(settings, store, copytree(folder, tmp_path / "copy")).updated == 3


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("store_kind", ["sqlite"])
def test_ham10000_loads_to_its_published_counts_and_again_unchanged(settings, real_ham10000: Path):
    store = init_store(settings)
    report = load(settings, store, real_ham10000)
    assert (report.rows, report.images, report.rejected) == (10_015, 10_015, 0)
    assert (report.files, report.missing_files, report.unlisted_files) == (8_510, 1_505, 0)
    assert report.release == "HAM10000"
    differing = [line.quantity for line in report.expected if line.expected != line.observed]
    assert differing == ["files"]

    again = load(settings, store, real_ham10000)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 10_015)
    assert again.seconds < report.seconds
    store.close()
