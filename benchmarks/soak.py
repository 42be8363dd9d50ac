"""
Whether the server grows: an hour of frames, questions and builds, its memory and handles watched.

    python -m benchmarks.soak [--minutes 60] [--home HOME]

Clients post frames to the real server over HTTPS while others ask SQL, dashboards, captures and
meters, and the server builds a new version whenever one is due. Once a second its resident memory
and open handles are read. Told are the medians of the first and the last tenth after the warm-up.
Without --home a small home is drawn and trained first.
"""

import argparse
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPSConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from benchmarks.drawn import answering_home
from benchmarks.posting import BUSY, PAUSE_SECONDS, Habit, a_frame, connect, post
from benchmarks.served import really_served
from warehouse.settings import Settings

MINUTES = 60.0
CLIENTS = 4
FRAMES = 40
WARM_UP_SHARE = 0.1  # of the whole, so that every thread and cache is there
EVERY_SECONDS = 1.0
BETWEEN_QUESTIONS_SECONDS = 0.5
SQL = json.dumps({"sql": "select decision, count(*) from fct_predictions_live group by decision"})
QUESTIONS = (
    ("POST", "/sql/", SQL),
    ("GET", "/dashboards/overview/figures", None),
    ("GET", "/charts/captures_by_day", None),
    ("GET", "/charts/captures_by_day/picture.svg", None),
    ("GET", "/captures/?kept=false&limit=50", None),
    ("GET", "/app/status", None),
    ("GET", "/metrics", None),
    ("GET", "/", None),
)


@dataclass
class Watched:
    """What was seen: resident bytes and open handles, once a second, and every answer's status."""

    resident: list[int] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


def main() -> None:
    """Print the growth, and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--home", type=Path, default=None)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="dermhouse-soak-") as folder:
        settings = Settings(home=arguments.home or Path(folder) / "home")
        if arguments.home is None:
            answering_home(settings)
        soak(settings, arguments.minutes * 60)


def soak(settings: Settings, seconds: float) -> None:
    """Load the server for so long; print how much it has grown meanwhile."""
    watched, stop = Watched(), threading.Event()
    with really_served(settings) as (process, port):
        work = [partial(post_on, port, watched)] * CLIENTS + [partial(question_on, port, watched)]
        threads = [threading.Thread(target=repeat, args=(each, stop)) for each in work]
        for thread in threads:
            thread.start()
        watch(process.pid, watched, seconds)
        stop.set()
        for thread in threads:
            thread.join()
    tell(watched, seconds)


def repeat(work: Callable[[threading.Event], None], stop: threading.Event) -> None:
    """Do work on one connection after another until told to stop."""
    while not stop.is_set():
        work(stop)


def post_on(port: int, watched: Watched, stop: threading.Event) -> None:
    """Post frames on one connection, a thousand at most: clients come and go."""
    frames = [a_frame(str(uuid4())) for _ in range(FRAMES)]
    with closing(connect(port)) as connection:
        for turn in range(1000):
            if stop.is_set():
                return
            named = {str(uuid4()): frames[turn % FRAMES]}
            (status,) = post(connection, named, Habit()).values()
            watched.statuses[status] += 1
            if status in BUSY:
                time.sleep(PAUSE_SECONDS)


def question_on(port: int, watched: Watched, stop: threading.Event) -> None:
    """Ask everything that is read, on one connection."""
    with closing(connect(port)) as connection:
        for method, path, body in QUESTIONS:
            watched.statuses[ask(connection, method, path, body)] += 1
            stop.wait(BETWEEN_QUESTIONS_SECONDS)


def ask(connection: HTTPSConnection, method: str, path: str, body: str | None) -> int:
    """Return the status of one question, once its answer is whole."""
    connection.request(method, path, body, {"content-type": "application/json"})
    response = connection.getresponse()
    response.read()
    return response.status


def watch(pid: int, watched: Watched, seconds: float) -> None:
    """Note the memory and handles of a process once a second."""
    folder = Path("/proc") / str(pid)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        lines = (folder / "status").read_text().splitlines()
        (resident,) = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
        watched.resident.append(int(resident) * 1024)
        watched.handles.append(len(list((folder / "fd").iterdir())))
        time.sleep(EVERY_SECONDS)


def tell(watched: Watched, seconds: float) -> None:
    """Print both measures at the start and the end, and the difference in percent."""
    told: dict[str, object] = {"minutes": round(seconds / 60, 1)}
    told["statuses"] = {str(status): count for status, count in watched.statuses.items()}
    measures = (("memory_mib", watched.resident, 2**20), ("handles", watched.handles, 1))
    for name, samples, unit in measures:
        kept = samples[int(len(samples) * WARM_UP_SHARE) :]
        tenth = max(1, len(kept) // 10)
        start, end = (statistics.median(part) / unit for part in (kept[:tenth], kept[-tenth:]))
        growth = 100 * (end - start) / start
        most = max(kept) / unit
        between = f"{start:.0f} at the start, {end:.0f} at the end ({growth:+.1f} %)"
        print(f"{name}: {between}, at most {most:.0f}")
        told[name] = {"start": start, "end": end, "growth_percent": growth, "most": most}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
