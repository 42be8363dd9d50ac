"""
Kill the server again and again while clients post, dbt builds and people query; lose nothing.

    python -m benchmarks.chaos --runs 100 [--home HOME] [--longest SECONDS] [--database-url URL]

Each run starts the real server over HTTPS on a home with a champion, lets clients post frames with
ids of their own (by one or in batches, some with consent), builds in a loop, reads with SQL, and
kills the server (SIGKILL) at a random moment. A client that got no answer sends the same ids again
to the next server. At the end every acknowledged id must be in the store exactly once, every kept
frame must have its file, every build must have passed, and no reader may have failed. Without
--home a small home is drawn and trained first. The store is SQLite in the home, or the PostgreSQL
database that --database-url names: the home's own, or an empty one without --home.
"""

import argparse
import json
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from benchmarks.drawn import answering_home
from benchmarks.posting import Habit, Posted, post_on
from benchmarks.reading import Readers
from benchmarks.served import really_served
from warehouse.build import build
from warehouse.build_log import list_builds
from warehouse.doctor import match_frames
from warehouse.published import current
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tables import prediction
from warehouse.vocabulary import Outcome

CLIENTS = (Habit(), Habit(has_consent=True), Habit(4), Habit(4, has_consent=True))
READERS = 2


@dataclass
class Seen:
    """What everybody saw, over all runs."""

    posted: Posted = field(default_factory=Posted)
    queries: int = 0
    reader_errors: list[str] = field(default_factory=list)
    builds: int = 0
    build_errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """What must hold, counted; a run passes when nothing is lost, doubled or failed."""

    runs: int
    acknowledged: int
    resent: int
    lost: int
    doubled: int
    not_in_fact: int
    without_file: int
    refused: int
    queries: int
    reader_errors: int
    builds: int
    build_errors: int

    @property
    def has_passed(self) -> bool:
        """Return whether everything held, and something was tried."""
        faults = (self.lost, self.doubled, self.not_in_fact, self.without_file, self.refused)
        failed = (self.reader_errors, self.build_errors)
        return self.acknowledged > 0 and not any(faults + failed)


def main() -> None:
    """Run as often as asked and print one line of JSON; exit 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=6.0, help="seconds of one life")
    parser.add_argument("--database-url", default=None, help="PostgreSQL; default: SQLite")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="dermhouse-chaos-") as folder:
        settings = Settings(
            home=arguments.home or Path(folder) / "home", database_url=arguments.database_url
        )
        if arguments.home is None:
            answering_home(settings)
        chance = random.Random(arguments.seed)
        verdict, seen = torment(settings, arguments.runs, chance, arguments.longest)
    for error in (seen.posted.refused + seen.reader_errors + seen.build_errors)[:10]:
        print(error, file=sys.stderr)
    print(json.dumps(vars(verdict) | {"has_passed": verdict.has_passed}))
    sys.exit(0 if verdict.has_passed else 1)


def torment(
    settings: Settings, runs: int, chance: random.Random, longest_s: float
) -> tuple[Verdict, Seen]:
    """Run, kill and start again; then build once more and compare what was said with what is."""
    seen, stop = Seen(), threading.Event()
    builder = threading.Thread(target=build_on, args=(settings, seen, stop))
    readers = Readers(settings, READERS)
    builder.start()
    try:
        waiting: list[list[str]] = [[] for _ in CLIENTS]
        for run in range(runs):
            waiting = one_life(settings, seen, waiting, chance.uniform(0.0, longest_s))
            print(
                f"run {run + 1} of {runs}: {len(seen.posted.acknowledged)} acknowledged", flush=True
            )
    finally:
        stop.set()
        builder.join()
        seen.queries, seen.reader_errors = readers.end()
    return judge(settings, seen, runs), seen


def one_life(
    settings: Settings, seen: Seen, waiting: list[list[str]], seconds: float
) -> list[list[str]]:
    """Serve, post, kill after some seconds; return each client's ids that nobody acknowledged."""
    # The loop beside it builds already.
    alone = settings.model_copy(update={"refresh_by_server": False})
    with really_served(alone) as (process, port):
        unanswered: list[list[str]] = [[] for _ in CLIENTS]
        clients = [
            threading.Thread(
                target=post_on, args=(port, seen.posted, before_it, after_it, 0.0, habit)
            )
            for before_it, after_it, habit in zip(waiting, unanswered, CLIENTS, strict=True)
        ]
        before = len(seen.posted.acknowledged)
        for client in clients:
            client.start()
        # A life counts from its first answer: a server that is killed before has nothing to lose.
        while len(seen.posted.acknowledged) == before and any(map(alive, clients)):
            time.sleep(0.05)
        time.sleep(seconds)
        if process.poll() is not None:
            raise RuntimeError(f"the server ended by itself, with status {process.returncode}")
        process.kill()
        for client in clients:
            client.join()
    return unanswered


def alive(thread: threading.Thread) -> bool:
    """Return whether a thread runs."""
    return thread.is_alive()


def build_on(settings: Settings, seen: Seen, stop: threading.Event) -> None:
    """Build again and again; any error counts."""
    while not stop.is_set():
        try:
            build(settings)
        except Exception as error:
            seen.build_errors.append(f"build: {error}")
        seen.builds += 1


def judge(settings: Settings, seen: Seen, runs: int) -> Verdict:
    """Compare what clients were told with the store and with the fact of one last build."""
    build(settings)
    ids = set(seen.posted.acknowledged)
    store = open_store(settings)
    with store.read() as connection:
        query = select(prediction.c.prediction_id, func.count()).group_by(
            prediction.c.prediction_id
        )
        counts = {row[0]: row[1] for row in connection.execute(query)}
    failed = sum(build.outcome is not Outcome.done for build in list_builds(store, 10**6))
    store.close()
    with current(settings).connect() as warehouse:
        rows = warehouse.sql("select prediction_id from fct_predictions").fetchall()
    facts = [name for (name,) in rows]
    return Verdict(
        runs=runs,
        acknowledged=len(ids),
        resent=seen.posted.resent,
        lost=sum(name not in counts for name in ids),
        doubled=sum(count > 1 for count in counts.values()) + len(facts) - len(set(facts)),
        not_in_fact=len(ids - set(facts)),
        without_file=len(match_frames(settings)[2]),
        refused=len(seen.posted.refused),
        queries=seen.queries,
        reader_errors=len(seen.reader_errors),
        builds=seen.builds,
        build_errors=max(len(seen.build_errors), failed),
    )


if __name__ == "__main__":
    main()
