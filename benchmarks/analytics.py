"""
The dashboards' questions on many facts, against the same questions to one flat Parquet file.

    python -m benchmarks.analytics [--facts 10000000] [--data FOLDER] [--home FOLDER] [--rounds 200]

Made-up captures, answers and reviews (as `benchmarks.growth` makes them) are built into a
warehouse, beside the images of a data set, or drawn ones. Of every question that a dashboard asks
the warm 95th percentile is told (a question that is slow has fewer rounds), through the reader that
the server uses, and of those with facts or images behind them the one of the same question by hand
(`benchmarks.flat_file`), as the dashboard opens and once more filtered, where it can be. The build
and each side have a process of their own; of ours the most memory that it held is told too.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from typing import TypeVar

import duckdb

from api.charts.answers import Reader
from benchmarks.drawn import MODEL_ID, a_model, drawn_home
from benchmarks.flat_file import CHOSEN, asked, by_hand, twice, write_flat
from benchmarks.growth import fill
from warehouse.build import build
from warehouse.published import current
from warehouse.registry import CHAMPION, list_models, record_model, set_alias
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.terminal import show_table

FACTS = 10_000_000
ROUNDS = 200
FEWEST, SECONDS = 20, 5.0  # rounds of a question that is slow, once it has taken so long

Result = TypeVar("Result")


def main() -> None:
    """Print the times of every question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=FACTS)
    parser.add_argument("--data", type=Path, default=None, help="HAM10000; else images are drawn")
    parser.add_argument("--home", type=Path, default=None, help="a folder with room; new")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="dermhouse-analytics-") as folder:
        settings = Settings(home=arguments.home or Path(folder))
        measure(settings, arguments.data, arguments.facts, arguments.rounds)


def run(settings: Settings, data: Path, _weights: Path) -> None:
    """Measure ten million facts beside the whole data set."""
    measure(settings, data, FACTS, ROUNDS)


def measure(settings: Settings, data: Path | None, facts: int, rounds: int) -> None:
    """Fill a home, build it, and print one row a question."""
    if data is None:
        drawn_home(settings)
    else:
        from benchmarks.home import filled_home  # brings TensorFlow, which no child needs

        filled_home(settings, data)
    make_champion(settings)
    fill(settings, facts)
    report, built_in = apart(partial(build, settings, full_refresh=True))
    print(f"{facts:,} facts, built in {report.seconds:.1f} s with at most {built_in:,.0f} MiB")
    with current(settings).connect() as connection:
        paths = write_flat(connection, settings.home)
    for name, path in paths.items():
        print(f"{name} as one flat Parquet file: {path.stat().st_size / 2**20:.1f} MiB")
    ours, megabytes = apart(partial(ask_warehouse, settings, rounds))
    theirs, _ = apart(partial(ask_files, paths, rounds))
    show(ours, theirs, rounds)
    print(f"most memory of the process that asked the warehouse: {megabytes:,.0f} MiB")


def make_champion(settings: Settings) -> None:
    """Let the facts' model be the one that is served: dashboards ask of that one."""
    store = open_store(settings)
    if MODEL_ID not in {model.model_id for model in list_models(store)}:
        record_model(store, a_model(), [])
    set_alias(store, CHAMPION, MODEL_ID)
    store.close()


def show(ours: dict[str, float], theirs: dict[str, float], rounds: int) -> None:
    """Print both times of every question and their ratio, and the largest of each."""
    ratios = {name: ours[name] / theirs[name] for name in theirs}
    columns = ["question", "warehouse p95 ms", "flat file p95 ms", "warehouse / file"]
    rows = [(name, ours[name], theirs.get(name, ""), ratios.get(name, "")) for name in ours]
    show_table(f"Warm, up to {rounds} rounds", columns, rows)
    slowest, widest = max(ours, key=ours.__getitem__), max(ratios, key=ratios.__getitem__)
    print(f"slowest: {slowest}, {ours[slowest]:.1f} ms (aim: 150)")
    print(f"furthest from its flat file: {widest}, {ratios[widest]:.2f} times (aim: 1.3)")


def apart(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what a fresh process brought, and the most memory that it or its child held in MiB."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(with_peak, work).result()


def with_peak(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what the work brought and the peak, from Linux's own account; dbt is a child."""
    result = work()
    # Not rusage's word on the process itself: that counts what its parent held when it forked.
    status = Path("/proc/self/status").read_text()
    ours = int(status.split("VmHWM:")[1].split()[0])
    return result, max(ours, getrusage(RUSAGE_CHILDREN).ru_maxrss) / 1024


def ask_warehouse(settings: Settings, rounds: int) -> dict[str, float]:
    """Return the 95th percentile of every question that a dashboard asks."""
    questions = twice(asked({}), asked(CHOSEN))
    with closing(open_store(settings)) as store, closing(Reader(settings, store)) as reader:
        return {name: p95_ms(partial(reader.ask, sql), rounds) for name, sql in questions.items()}


def ask_files(paths: dict[str, Path], rounds: int) -> dict[str, float]:
    """Return the 95th percentile of every question that has a flat file behind it."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        for name, path in paths.items():
            connection.execute(f"create view {name} as from '{path}'")
        return {
            name: p95_ms(partial(read_all, connection, sql), rounds)
            for name, sql in twice(by_hand({}), by_hand(CHOSEN)).items()
        }


def read_all(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    """Return every row of an answer, as the server's reader takes them."""
    return connection.execute(sql).to_arrow_table()


def p95_ms(ask: Callable[[], object], rounds: int) -> float:
    """Return the 95th percentile of the milliseconds of a question, asked twice before."""
    for _ in range(2):
        ask()
    times: list[float] = []
    while len(times) < rounds and (len(times) < FEWEST or sum(times) < SECONDS * 1000):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
