import os
import resource
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock
from sqlalchemy import text

from warehouse.build import BuildError, build, publish
from warehouse.errors import BusyError, NotReadyError
from warehouse.published import current
from warehouse.settings import ROOT, Settings
from warehouse.store import open_store

RESULTS = "$DERMHOUSE_HOME/dbt/run_results.json"
NOTE = "$DERMHOUSE_HOME/warehouse/build.made_from"


def test_a_build_is_published_under_the_next_number_and_the_old_version_stays(built: Settings):
    first = current(built)
    report = build(built)
    assert (first.version, report.version) == (1, 2)
    assert current(built).path == Path(report.path)
    assert first.path.exists()
    assert report.failed == 0
    assert report.models > 0
    assert report.tests > 0


def test_a_reader_of_the_old_version_is_not_disturbed_by_a_new_one(built: Settings):
    with current(built).connect() as reader:
        before = reader.sql("select count(*) from dim_images").fetchone()
        publish(built)
        assert reader.sql("select count(*) from dim_images").fetchone() == before


def test_building_without_a_store_says_what_to_run(settings: Settings):
    with pytest.raises(NotReadyError, match="run `dermhouse init`"):
        build(settings)


def test_a_second_build_is_told_that_one_is_running(built: Settings):
    with FileLock(built.warehouse_dir / "build.lock"), pytest.raises(BusyError, match="another"):
        build(built)


def test_a_build_beside_a_shell_on_the_build_file_is_told_to_close_it(built: Settings):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=1); input()",
            str(built.build_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"open\n"
    with pytest.raises(BusyError, match="open in another process"):
        build(built)
    holder.communicate(b"\n")
    assert current(built).version == 1


def test_a_test_that_fails_publishes_nothing_and_is_named(built: Settings):
    store = open_store(built)
    with store.write() as connection:
        # One lesion with two diagnoses cannot come through the door; plant it behind the door.
        connection.execute(text("pragma ignore_check_constraints = on"))
        connection.execute(
            text(
                "update image set sex = 'martian', updated_at = '2099-01-01 00:00:00.000000' "
                "where image_id = (select min(image_id) from image)"
            )
        )
    store.close()
    with pytest.raises(BuildError, match="nothing was published"):
        build(built)
    assert current(built).version == 1


def test_a_full_disk_while_publishing_leaves_the_old_version_serving(built: Settings):
    limit = built.build_path.stat().st_size // 2

    def limit_file_size() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    script = (
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from warehouse.build import publish; from warehouse.settings import Settings\n"
        "publish(Settings())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"DERMHOUSE_HOME": str(built.home)},
        cwd=ROOT,
        preexec_fn=limit_file_size,
        capture_output=True,
        text=True,
    )
    assert "the last version goes on serving" in ended.stderr
    assert "BuildError" in ended.stderr
    assert current(built).version == 1
    assert [path.name for path in built.warehouse_dir.glob("v*")] == ["v000001.duckdb"]
    with current(built).connect() as connection:
        assert connection.sql("select count(*) from dim_images").fetchone()[0] > 0


def dbt_is(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Let a build start this shell script in place of Python with dbt."""
    program = folder / "dbt.sh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.parametrize("status", [0, 2])
def test_results_of_dbt_that_are_cut_short_are_told_in_its_own_last_words(
    built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
):
    cut = f"""echo '{{"results": [{{"status": "succ' > {RESULTS}"""
    dbt_is(monkeypatch, tmp_path, f"{cut}\necho 'No space left on device'\nexit {status}")
    with pytest.raises(BuildError, match=r"nothing was published.*\n  No space left on device"):
        build(built)
    assert current(built).version == 1


def test_a_disk_that_is_full_when_the_build_is_noted_is_told_in_a_sentence(
    built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    done = f"""echo '{{"results": []}}' > {RESULTS}"""
    dbt_is(monkeypatch, tmp_path, f"{done}\nln -sf /dev/full {NOTE}")
    with pytest.raises(BuildError, match=r"No space left on device.*nothing was published"):
        build(built)
    assert current(built).version == 1


def test_plain_dbt_run_builds_and_publishes_nothing(built: Settings):
    environment = os.environ | {"DERMHOUSE_HOME": str(built.home)}
    command = [Path(sys.executable).parent / "dbt", "run", "--project-dir", "dbt"]
    command += ["--target-path", built.home / "target", "--log-path", built.home / "target"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert current(built).version == 1
    with duckdb.connect(str(built.build_path)):
        busy = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert busy.returncode != 0
    assert "Conflicting lock is held" in busy.stdout
