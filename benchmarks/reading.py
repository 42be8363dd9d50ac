"""People who ask SQL while everything else goes on."""

import multiprocessing
from multiprocessing.synchronize import Event

from warehouse.published import connect_live
from warehouse.settings import Settings

BETWEEN_QUERIES_S = 0.05


class Readers:
    """
    People who query, each in a process of their own.

    In one process with the builder they would break SQLite's locks: DuckDB brings its own copy of
    SQLite, and a file's locks belong to the process (sqlite.org/howtocorrupt.html, 2.2.1).
    """

    def __init__(self, settings: Settings, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.stop = context.Event()
        self.told: multiprocessing.Queue[tuple[int, list[str]]] = context.Queue()
        given = (settings, self.stop, self.told)
        self.processes = [context.Process(target=query_on, args=given) for _ in range(count)]
        for process in self.processes:
            process.start()

    def end(self) -> tuple[int, list[str]]:
        """Let them finish; return how many queries were answered, and what went wrong."""
        self.stop.set()
        told = [self.told.get() for _ in self.processes]
        for process in self.processes:
            process.join()
        return sum(count for count, _ in told), [error for _, errors in told for error in errors]


def query_on(
    settings: Settings, stop: Event, told: "multiprocessing.Queue[tuple[int, list[str]]]"
) -> None:
    """Open the newest version with its live tail and count, again and again; any error counts."""
    queries = 0
    errors: list[str] = []
    while not stop.is_set():
        try:
            with connect_live(settings) as connection:
                for _ in range(5):
                    connection.sql(
                        "select decision, count(*) from fct_predictions_live group by decision"
                    ).fetchall()
                    queries += 1
        except Exception as error:
            errors.append(f"reader: {error}")
        stop.wait(BETWEEN_QUERIES_S)
    told.put((queries, errors))
