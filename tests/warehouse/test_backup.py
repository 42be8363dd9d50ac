import json
import os
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from stat import S_ISDIR, S_ISREG

import pytest
from factories import a_capture, a_model, an_answer
from sqlalchemy import insert, select

from warehouse.backup import backup, copy_store
from warehouse.errors import BadInputError, DermhouseError, NotReadyError
from warehouse.facts import record_prediction
from warehouse.published import connect_live, current
from warehouse.registry import record_model
from warehouse.restore import restore
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tables import capture, prediction
from warehouse.tokens import create_token
from warehouse.vocabulary import Role
from warehouse.writer import PredictionWriter


def kept_frame(settings: Settings) -> Path:
    """A frame kept with consent, as file and as row."""
    path = settings.images_dir / "ab" / "abc.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a frame")
    store = open_store(settings)
    record_model(store, a_model(), [])
    frame = a_capture(has_consent=True, uri=path.relative_to(settings.home).as_posix())
    with store.write() as connection:
        connection.execute(insert(capture).values(vars(frame)))
    store.close()
    return path


def restored(settings: Settings, path: Path) -> Settings:
    new = Settings(home=settings.home.with_name("restored"))
    restore(new, path)
    return new


def damaged(path: Path, name: str) -> Path:
    """The same tar with one byte of one file changed."""
    with tarfile.open(path) as tar:
        member = tar.getmember(name)
    data = bytearray(path.read_bytes())
    data[member.offset_data + member.size // 2] ^= 1
    copy = path.with_name("damaged.tar")
    copy.write_bytes(data)
    return copy


def test_a_restored_home_has_store_models_frames_and_the_current_version(
    built: Settings, tmp_path: Path
):
    kept_frame(built)
    model = built.models_dir / "model-1" / "model.onnx"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"a graph")
    report = backup(built, tmp_path / "home.tar")
    new = restored(built, tmp_path / "home.tar")
    assert report.files == 4
    assert (new.images_dir / "ab" / "abc.jpg").read_bytes() == b"a frame"
    assert (new.models_dir / "model-1" / "model.onnx").read_bytes() == b"a graph"
    assert current(new).path.read_bytes() == current(built).path.read_bytes()
    with connect_live(new) as connection:
        assert connection.sql("select count(*) from dim_images").fetchone()[0] > 0


def test_every_answer_acknowledged_before_the_backup_is_in_it(built: Settings, tmp_path: Path):
    store = open_store(built)
    record_model(store, a_model(), [])
    writer = PredictionWriter(store)
    acknowledged: list[str] = []
    some, stop = threading.Event(), threading.Event()

    def serve() -> None:
        while not stop.is_set():
            frame = a_capture()
            said = writer.record(frame, an_answer(frame)).prediction
            acknowledged.append(said.prediction_id)
            if len(acknowledged) == 50:
                some.set()

    threads = [threading.Thread(target=serve) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert some.wait(60)
    before = list(acknowledged)
    backup(built, tmp_path / "home.tar")
    stop.set()
    for thread in threads:
        thread.join()
    store.close()
    restored_store = open_store(restored(built, tmp_path / "home.tar"))
    with restored_store.read() as connection:
        there = connection.execute(select(prediction.c.prediction_id)).scalars().all()
    restored_store.close()
    assert set(before) <= set(there)
    assert set(there) <= set(acknowledged)


def test_a_frame_kept_while_a_backup_is_written_is_not_in_it_without_its_row(
    built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def copy_and_keep(source: Path, target: Path) -> None:
        copy_store(source, target)
        kept_frame(built)

    monkeypatch.setattr("warehouse.backup.copy_store", copy_and_keep)
    backup(built, tmp_path / "home.tar")
    new = restored(built, tmp_path / "home.tar")
    assert not new.images_dir.exists()


def test_no_secret_is_in_a_backup(built: Settings, tmp_path: Path):
    store = open_store(built)
    secret = create_token(store, "ward 3", Role.admin)
    store.close()
    built.tls_dir.mkdir()
    (built.tls_dir / "authority.key").write_text("PRIVATE KEY of this test")
    backup(built, tmp_path / "home.tar")
    data = (tmp_path / "home.tar").read_bytes()
    assert b"PRIVATE KEY of this test" not in data
    assert secret.encode() not in data


@pytest.mark.parametrize("name", ["operational.sqlite", "warehouse/v000001.duckdb"])
def test_a_damaged_backup_is_refused_by_name_and_leaves_no_home(
    built: Settings, tmp_path: Path, name: str
):
    backup(built, tmp_path / "home.tar")
    path = damaged(tmp_path / "home.tar", name)
    new = Settings(home=tmp_path / "new")
    with pytest.raises(BadInputError, match=f"damaged at {name}"):
        restore(new, path)
    assert not new.home.exists()


def test_a_cut_off_backup_and_what_is_none_are_refused(built: Settings, tmp_path: Path):
    backup(built, tmp_path / "home.tar")
    data = (tmp_path / "home.tar").read_bytes()
    for name, content in (("half.tar", data[: len(data) // 2]), ("text.tar", b"no tar at all")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInputError, match="no whole backup"):
            restore(Settings(home=tmp_path / "new"), tmp_path / name)
    with pytest.raises(BadInputError, match="no whole backup"):
        restore(Settings(home=tmp_path / "new"), tmp_path / "absent.tar")


@pytest.mark.parametrize("name", ["../outside", "models/../../outside", "/outside", "tls/key"])
def test_a_backup_that_would_write_elsewhere_is_refused(tmp_path: Path, name: str):
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(BadInputError, match="does not belong in a backup"):
        restore(Settings(home=tmp_path / "new"), tmp_path / "evil.tar")
    assert not (tmp_path / "outside").exists()


def test_a_home_that_is_in_use_is_never_written_over(built: Settings, tmp_path: Path):
    backup(built, tmp_path / "home.tar")
    with pytest.raises(BadInputError, match="is not empty"):
        restore(built, tmp_path / "home.tar")


def test_what_a_killed_restore_has_left_in_an_empty_home_is_named(built: Settings, tmp_path: Path):
    backup(built, tmp_path / "home.tar")
    left = tmp_path / "volume" / ".dermhouse-restore-x1"
    (left / "home").mkdir(parents=True)
    new = Settings(home=left.parent)
    with pytest.raises(BadInputError, match=f"^{left}: left by a restore that was broken off"):
        restore(new, tmp_path / "home.tar")
    rmtree(left)
    restore(new, tmp_path / "home.tar")
    assert new.operational_path.exists()


def test_an_empty_home_is_filled_where_it_is(built: Settings, tmp_path: Path):
    """It may be a mounted volume, and what is above it another user's."""
    backup(built, tmp_path / "home.tar")
    new = Settings(home=tmp_path / "above" / "home")
    new.home.mkdir(parents=True)
    new.home.chmod(0o700)
    os.utime(tmp_path / "above", (0, 0))
    before = new.home.stat()
    restore(new, tmp_path / "home.tar")
    assert new.home.stat().st_ino == before.st_ino
    assert new.home.stat().st_mode == before.st_mode
    assert (tmp_path / "above").stat().st_mtime == 0  # nothing came or went there
    assert not list(new.home.glob(".*"))
    assert current(new).path.read_bytes() == current(built).path.read_bytes()
    open_store(new).close()


def test_an_empty_home_stays_empty_where_a_restore_fails(
    built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    backup(built, tmp_path / "home.tar")
    new = Settings(home=tmp_path / "new")
    new.home.mkdir()
    with pytest.raises(BadInputError, match="damaged"):
        restore(new, damaged(tmp_path / "home.tar", "operational.sqlite"))
    assert not list(new.home.iterdir())
    rename = Path.rename

    def fail(path: Path, target: Path) -> Path:
        if target == new.operational_path:
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(DermhouseError, match="could not be restored"):
        restore(new, tmp_path / "home.tar")
    assert not list(new.home.iterdir())


def test_a_home_that_cannot_be_made_is_told_in_a_sentence(built: Settings, tmp_path: Path):
    backup(built, tmp_path / "home.tar")
    new = Settings(home=tmp_path / "home.tar" / "home")
    with pytest.raises(DermhouseError, match="could not be restored there"):
        restore(new, tmp_path / "home.tar")


def test_a_backup_never_overwrites_a_file(built: Settings, tmp_path: Path):
    (tmp_path / "home.tar").write_bytes(b"an older backup")
    with pytest.raises(BadInputError, match="is there already"):
        backup(built, tmp_path / "home.tar")
    assert (tmp_path / "home.tar").read_bytes() == b"an older backup"


@pytest.mark.parametrize("refused", [S_ISREG, S_ISDIR], ids=["the file", "its name"])
def test_a_backup_that_the_disk_did_not_take_is_not_told_as_made(
    built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Callable[[int], bool]
):
    def fail(handle: int) -> None:
        if refused(os.fstat(handle).st_mode):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DermhouseError, match="could not be written"):
        backup(built, tmp_path / "home.tar")
    assert not list(tmp_path.glob("*.draft"))


def test_a_backup_of_newer_code_is_refused(built: Settings, tmp_path: Path):
    with sqlite3.connect(built.operational_path) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(NotReadyError, match="newer Dermhouse"):
        backup(built, tmp_path / "home.tar")


def test_a_postgres_store_is_sent_to_its_own_tools(settings: Settings, tmp_path: Path):
    there = settings.model_copy(update={"database_url": "postgresql+psycopg://u@h/d"})
    for act in (backup, restore):
        with pytest.raises(BadInputError, match="pg_dump"):
            act(there, tmp_path / "home.tar")


def test_the_manifest_names_each_file_with_its_hash(built: Settings, tmp_path: Path):
    store = open_store(built)
    record_model(store, a_model(), [])
    frame = a_capture()
    record_prediction(store, frame, an_answer(frame))
    store.close()
    backup(built, tmp_path / "home.tar")
    with tarfile.open(tmp_path / "home.tar") as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
        names = set(tar.getnames())
    assert {item["name"] for item in manifest["files"]} == names - {"manifest.json"}
    assert all(len(item["sha256"]) == 64 for item in manifest["files"])
