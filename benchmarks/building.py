"""
What a build costs on the whole data set, and what a refresh beside the server does.

Whole is `dbt build` from the command line with every model and every test, unit tests included. A
refresh is what the server starts when it is due, after some new facts: the first one loads dbt, the
others find it warm. Counted is also what the project leaves undescribed or without a tested key.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from shutil import copytree, ignore_patterns
from threading import Event

from api.refresh import Refresher
from benchmarks.commits import a_fact
from benchmarks.drawn import a_model
from benchmarks.home import filled_home
from warehouse.build_log import last_build
from warehouse.dbt_run import dbt_environment, project_arguments
from warehouse.facts import record_prediction
from warehouse.published import current
from warehouse.registry import record_model
from warehouse.settings import Settings
from warehouse.store import Store, open_store

NEW_FACTS = 100
WARM_ROUNDS = 5
UNDESCRIBED = {
    "relations without a description": "select count(*) from dictionary.relations "
    "where description = ''",
    "columns without a description": "select count(*) from dictionary.columns "
    "where description = ''",
    "relations without a tested key": "select count(*) from dictionary.relations "
    "where name not in (select relation from dictionary.tests where kind = 'primary_key')",
}


def run(settings: Settings, data: Path, _weights: Path) -> None:
    """Print the seconds of whole builds and of refreshes, in a copy of the filled home."""
    filled_home(settings, data)
    copy = Settings(home=settings.home / "building")
    copytree(settings.home, copy.home, ignore=ignore_patterns("building", "cache"))
    for name in ("from nothing", "again"):
        seconds = build_whole(copy, is_first=name == "from nothing")
        print(f"dbt build with every test, {name}: {seconds:.1f} s (aim: 40)")
    store = open_store(copy)
    record_model(store, a_model(), [])
    refresh_by_server(copy, store)
    store.close()
    with current(copy).connect() as connection:
        for name, sql in UNDESCRIBED.items():
            row = connection.execute(sql).fetchone()
            print(f"{name}: {row[0] if row else 0}")


def build_whole(settings: Settings, *, is_first: bool) -> float:
    """Return the seconds of one `dbt build`, from an empty build file where it is the first."""
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "build"]
    command += [*project_arguments(settings), *(["--full-refresh"] if is_first else [])]
    started = time.perf_counter()
    subprocess.run(command, check=True, env=os.environ | dbt_environment(settings))
    return time.perf_counter() - started


def refresh_by_server(settings: Settings, store: Store) -> None:
    """Print the seconds of one cold and some warm refreshes, from its start until it is noted."""
    due = settings.model_copy(update={"refresh_min_facts": NEW_FACTS})
    refresher = Refresher(due, store)
    before = current(settings).version
    seconds = [refresh(refresher, store) for _ in range(1 + WARM_ROUNDS)]
    refresher.close()
    last = last_build(store)
    assert last is not None
    assert last.version == before + len(seconds), last.message
    print(f"refresh by the server, {NEW_FACTS} new facts, dbt not loaded: {seconds[0]:.1f} s")
    print(
        f"the same, warm: {statistics.median(seconds[1:]):.1f} s, at most {max(seconds[1:]):.1f} s "
        f"(aim: 5; {last.models} tables made, {last.tests} tests run)"
    )


def refresh(refresher: Refresher, store: Store) -> float:
    """Record facts, start a build, and wait for its end."""
    for _ in range(NEW_FACTS):
        record_prediction(store, *a_fact())
    started = time.perf_counter()
    refresher.start()
    while refresher.is_building:
        refresher.tend()
        Event().wait(0.02)
    return time.perf_counter() - started
