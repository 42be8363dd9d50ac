"""Draw several charts at the same moment in a process that has drawn none; say what went wrong."""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

from api.charts.answers import Reader
from api.charts.catalogue import Board, Chart, charts_of
from api.charts.look import Look
from api.charts.pictures import rows_of, specification
from warehouse.settings import Settings
from warehouse.store import open_store

charts = [*charts_of(Board.overview), *charts_of(Board.diagnoses)]
together = Barrier(len(charts))


def draw(reader: Reader, chart: Chart) -> str:
    together.wait(60)
    try:
        table = reader.ask(chart.sql({})).table
        rows_of(table, Look())
        specification(chart, table, Look())
    except Exception as error:
        return f"{chart.name}: {error}\n"
    return ""


settings = Settings(home=Path(sys.argv[1]))
with (
    closing(open_store(settings)) as store,
    closing(Reader(settings, store)) as reader,
    ThreadPoolExecutor(len(charts)) as pool,
):
    sys.stdout.writelines(pool.map(lambda chart: draw(reader, chart), charts))
