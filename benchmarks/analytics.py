"""
The dashboards' questions on many facts, against the same questions to one flat Parquet file.

    python -m benchmarks.analytics [--facts 10000000] [--home FOLDER] [--rounds 20]

Made-up captures and predictions (as `benchmarks.growth` makes them) are built into a warehouse. Of
every chart the warm 95th percentile is told, through the reader that the server uses; of those that
are about the facts also that of the same question to the facts as one Parquet file.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from api.charts.answers import Reader
from api.charts.catalogue import CHARTS, FIGURES, figures_sql
from benchmarks.drawn import drawn_home
from benchmarks.growth import fill
from warehouse.build import build
from warehouse.published import current
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.terminal import show_table

# The same question without the marts: the facts joined with their words, in one file.
FLAT = """
copy (
    select
        predicted_at, capture_id, decision, confidence, latency_ms, is_shadow, has_consent,
        diagnosis_code, localization_code, age_band, sex_code, model_id
    from fct_predictions
    inner join dim_diagnoses using (diagnosis_key)
    inner join dim_localizations using (localization_key)
    inner join dim_patient_groups using (patient_group_key)
    inner join dim_models using (model_key)
) to '{path}' (format parquet)
"""
BY_DAY = "select cast(predicted_at as date) as day, {} from flat where not is_shadow group by all"
SAME_ON_PARQUET = {
    "captures_by_day": BY_DAY.format("count(distinct capture_id), count_if(has_consent)"),
    "latency_by_day": BY_DAY.format("quantile_cont(latency_ms, [0.5, 0.95, 0.99])"),
    "decisions_by_day": BY_DAY.format(
        "count_if(decision = 'likely'), count_if(decision = 'uncertain')"
    ),
    "answers_mix": (
        "select date_trunc('week', predicted_at) as week, diagnosis_code, count(*) "
        "from flat where not is_shadow group by all"
    ),
    # The counts that drift is told from; the index itself costs nothing beside them.
    "drift": BY_DAY.format("localization_code, count(*)"),
    "figures: overview": "select count(*), max(predicted_at) from flat where not is_shadow",
    "figures: use": "select count(distinct capture_id), count_if(has_consent) from flat",
}


def main() -> None:
    """Print the times of every question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=10_000_000)
    parser.add_argument("--home", type=Path, default=None, help="a folder with room; new")
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="dermhouse-analytics-") as folder:
        settings = Settings(home=arguments.home or Path(folder))
        drawn_home(settings)
        fill(settings, arguments.facts)
        report = build(settings, full_refresh=True)
        print(f"{arguments.facts:,} facts, built in {report.seconds:.1f} s")
        show(settings, arguments.rounds)


def show(settings: Settings, rounds: int) -> None:
    """Print one row a question."""
    flat = settings.home / "facts.parquet"
    with current(settings).connect() as connection:
        connection.execute(FLAT.format(path=flat))
    print(f"one flat Parquet file of them: {flat.stat().st_size / 2**20:.1f} MiB")
    questions = {name: chart.sql({}) for name, chart in CHARTS.items()}
    questions |= {f"figures: {board}": figures_sql(board, {}) for board in FIGURES}
    with (
        closing(open_store(settings)) as store,
        closing(Reader(settings, store)) as reader,
        duckdb.connect() as parquet,
    ):
        parquet.execute(f"create view flat as from '{flat}'")
        rows = []
        for name, sql in questions.items():
            ours = p95_ms(partial(reader.ask, sql), rounds)
            same = SAME_ON_PARQUET.get(name)
            theirs = p95_ms(partial(read_all, parquet, same), rounds) if same else None
            rows.append((name, ours, theirs or "", theirs / ours if theirs else ""))
    columns = ["question", "warehouse p95 ms", "flat Parquet p95 ms", "Parquet / warehouse"]
    show_table(f"Warm, {rounds} rounds", columns, rows)


def read_all(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    """Return every row of an answer."""
    return connection.execute(sql).fetchall()


def p95_ms(ask: Callable[[], object], rounds: int) -> float:
    """Return the 95th percentile of the milliseconds of a question, asked twice before."""
    for _ in range(2):
        ask()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
