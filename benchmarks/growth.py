"""
What a build costs once there are many facts: the incremental one, and publishing.

    python -m benchmarks.growth [--facts 10000000] [--home FOLDER]

Synthetic captures, predictions and reviews go straight into the SQLite store (its indexes are made
anew afterwards), spread over the year before yesterday. Then: one full build, one incremental build
after 1,000 new facts, and the same on a store that holds almost nothing.
"""

import argparse
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.commits import a_fact
from benchmarks.drawn import MODEL_ID, drawn_home
from warehouse.build import build, publish
from warehouse.facts import record_prediction
from warehouse.published import current
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.terminal import show_table

NEW_FACTS = 1000
CHUNK = 500_000

NUMBERS = """
with recursive numbers (n) as (
    select :first union all select n + 1 from numbers where n + 1 < :end
)
"""
# A text that sorts by time, as the ids of a client that makes UUIDs of version 7 do.
STAMP = "strftime('%Y-%m-%d %H:%M:%S', 'now', '-1 day', ((n - :total) * :step) || ' seconds')"
STAMP += " || '.000000'"
CAPTURES = f"""
insert into capture (
    capture_id, captured_at, sha256, bytes, width, height, brightness, sharpness, lesion_share,
    has_consent, age_years, sex, localization, updated_at
)
{NUMBERS}
select
    printf('capture-%010d', n), {STAMP}, printf('%064x', n), 100000, 600, 450,
    60.0 + n * 37 % 130, 20.0 + n * 61 % 900, (n * 13 % 89) / 100.0, n % 3 = 0,
    n % 90, case n % 2 when 0 then 'female' else 'male' end,
    case n % 5 when 0 then 'face' when 1 then 'trunk' else 'back' end, {STAMP}
from numbers
"""
PREDICTIONS = f"""
insert into prediction (
    prediction_id, capture_id, model_id, predicted_at, dx, decision,
    p_akiec, p_bcc, p_bkl, p_df, p_mel, p_nv, p_vasc, latency_ms, updated_at
)
{NUMBERS}
select
    printf('answer-%010d', n), printf('capture-%010d', n), '{MODEL_ID}', {STAMP},
    case n % 10 when 0 then 'mel' when 1 then 'bkl' when 2 then 'bcc' else 'nv' end,
    case n % 7 when 0 then 'uncertain' else 'likely' end,
    0.01, 0.02, 0.03, 0.04, 0.2, 0.6, 0.1, 7.5 + n * 17 % 90 / 10.0, {STAMP}
from numbers
"""
# Of every fiftieth capture, now and then with another word than the answer's.
REVIEWS = f"""
insert into review (
    review_id, capture_id, reviewed_at, reviewer, dx, dx_type, role, updated_at
)
{NUMBERS}
select
    printf('review-%010d', n), printf('capture-%010d', n), {STAMP}, 'a dermatologist',
    case n % 4 when 0 then 'mel' else 'nv' end, 'histo', 'clinician', {STAMP}
from numbers
where n % 50 = 0
"""


def main() -> None:
    """Print the times of both stores and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=10_000_000)
    parser.add_argument("--home", type=Path, default=None, help="a folder with room; new")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="dermhouse-growth-") as folder:
        base = arguments.home or Path(folder)
        small = measure(Settings(home=base / "small"), 0)
        large = measure(Settings(home=base / "large"), arguments.facts)
    columns = ["quantity", "almost empty", f"{arguments.facts:,} facts", "ratio"]
    rows = [
        (name, small[name], large[name], large[name] / small[name] if small[name] else "")
        for name in large
    ]
    show_table(f"A build after {NEW_FACTS:,} new facts", columns, rows)


def measure(settings: Settings, facts: int) -> dict[str, float]:
    """Return the seconds and gigabytes of one store, in the order they were measured."""
    drawn_home(settings)
    with timed() as seconds:
        fill(settings, facts)
    figures = {"filling s": seconds[0], "store GB": gigabytes(settings.operational_path)}
    figures["full build s"] = build(settings, full_refresh=True).seconds
    record_new(settings)
    before = count_facts(settings)
    figures["incremental build s"] = build(settings).seconds
    assert count_facts(settings) == before + NEW_FACTS
    print_slowest(settings)
    with timed() as seconds:
        publish(settings)
    figures["publishing s"] = seconds[0]
    figures["version GB"] = gigabytes(current(settings).path)
    return figures


def fill(settings: Settings, facts: int) -> None:
    """Insert facts in bulk; durable at the end and not before."""
    with closing(sqlite3.connect(settings.operational_path)) as connection:
        connection.execute("pragma synchronous = off")
        query = "select name, sql from sqlite_master where type = 'index' and sql is not null "
        query += "and tbl_name in ('capture', 'prediction', 'review')"
        indexes = connection.execute(query).fetchall()
        for name, _ in indexes:
            connection.execute(f"drop index {name}")
        step = 365 * 86400 / max(facts, 1)
        for first in range(0, facts, CHUNK):
            bounds = {"first": first, "end": min(first + CHUNK, facts)}
            for statement in (CAPTURES, PREDICTIONS, REVIEWS):
                connection.execute(statement, bounds | {"total": facts, "step": step})
            connection.commit()
        for _, statement in indexes:
            connection.execute(statement)
        connection.commit()
        connection.execute("pragma wal_checkpoint(truncate)")


def record_new(settings: Settings) -> None:
    """Record new facts the way the server does."""
    store = open_store(settings)
    for _ in range(NEW_FACTS):
        record_prediction(store, *a_fact())
    store.close()


def count_facts(settings: Settings) -> int:
    """Return how many predictions the current version has."""
    with current(settings).connect() as connection:
        row = connection.execute("select count(*) from fct_predictions").fetchone()
    return int(row[0]) if row else 0


def print_slowest(settings: Settings) -> None:
    """Print the nodes of the last build that took longest."""
    results = json.loads((settings.home / "dbt" / "run_results.json").read_text())["results"]
    slowest = sorted(results, key=lambda node: -node["execution_time"])[:8]
    rows = [(node["unique_id"].split(".", 2)[2], node["execution_time"]) for node in slowest]
    show_table("Slowest nodes of the incremental build", ["node", "seconds"], rows)


def gigabytes(path: Path) -> float:
    """Return a file's size."""
    return path.stat().st_size / 2**30


@contextmanager
def timed() -> Iterator[list[float]]:
    """Yield a list that holds the block's seconds once it has ended."""
    seconds: list[float] = []
    started = time.perf_counter()
    yield seconds
    seconds.append(time.perf_counter() - started)


if __name__ == "__main__":
    main()
