"""The server is killed while clients post, dbt builds and people query: nothing told is lost."""

import json
import subprocess
import sys

import pytest
from postgres import both_stores

from warehouse.settings import ROOT, Settings


@pytest.mark.slow
@both_stores
def test_what_was_acknowledged_survives_the_kill_of_the_server(trained: Settings):
    command = [sys.executable, "-m", "benchmarks.chaos", "--runs", "2", "--longest", "2"]
    command += ["--home", str(trained.home)]
    command += ["--database-url", trained.database_url] if trained.database_url else []
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    verdict = json.loads(ended.stdout.splitlines()[-1])
    assert (verdict["lost"], verdict["doubled"], verdict["not_in_fact"]) == (0, 0, 0)
    assert verdict["without_file"] == 0
    assert list(trained.images_dir.rglob("*.jpg"))
    assert (verdict["refused"], verdict["reader_errors"], verdict["build_errors"]) == (0, 0, 0)
    assert min(verdict["acknowledged"], verdict["queries"], verdict["builds"]) > 0
