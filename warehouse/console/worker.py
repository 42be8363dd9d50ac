"""
The worker: one process, one published version, no files and no network; it answers one at a time.

Run by warehouse.console.pool as `python -m warehouse.console.worker`. It never loads a database
scanner: with one loaded, `sqlite_scan('path', 'table')` reads files even where external access is
off. What it must know of the operational store comes through the pipe, as Arrow.
"""

import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa

from warehouse.console import cage, wire
from warehouse.console.formats import WRITERS, Result
from warehouse.console.gate import check
from warehouse.console.words import RefusedError, tell

BATCH_ROWS = 20_000
# The engine is beyond use after these: the process ends, and the next query gets a fresh one.
BEYOND_USE = (duckdb.FatalException, duckdb.InternalException)

LOCKED = (
    "set temp_directory = ''",
    "set max_temp_directory_size = '0B'",
    "set autoload_known_extensions = false",
    "set autoinstall_known_extensions = false",
    "set allow_community_extensions = false",
    "set allow_persistent_secrets = false",
    "set python_enable_replacements = false",
    "set enable_external_access = false",
    "set errors_as_json = true",
    "set timezone = 'UTC'",
    "set lock_configuration = true",
)


def open_locked(path: str, memory_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    """Return a version's file, read-only, with nothing left that a query could turn on."""
    config: dict[str, Any] = {"memory_limit": f"{memory_mb}MB", "threads": threads}
    connection = duckdb.connect(path, read_only=True, config=config)
    for statement in LOCKED:
        connection.execute(statement)
    return connection


class Worker:
    """One connection, and what it takes to answer on it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, given: dict[str, Any]) -> None:
        self.connection = connection
        self.memory_mb: int = given["memory_mb"]
        self.max_bytes: int = given["max_bytes"]
        self.version: int = given["version"]
        self.is_beyond_use = False

    def answer(self, asked: dict[str, Any], fresh: bytes) -> wire.Message:
        """Answer one query; what goes wrong is told, never raised."""
        sql = asked["sql"]
        try:
            check(self.connection, sql)
            if fresh:
                self.take(asked["table"], fresh)
            result = self.fetch(sql, asked["max_rows"])
            body = WRITERS[asked["form"]](result)
        except duckdb.InterruptException:
            return {"is_stopped": True}, b""
        except (RefusedError, duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
            self.is_beyond_use = isinstance(error, BEYOND_USE)
            return {"fault": asdict(tell(error, sql, self.memory_mb))}, b""
        return {"told": result.told}, body

    def take(self, table: str, fresh: bytes) -> None:
        """Put rows that came through the pipe where the views made at the start read them."""
        rows = pa.ipc.open_stream(fresh).read_all()
        self.connection.register("came", rows)
        try:
            self.connection.execute(f"delete from {table}")
            self.connection.execute(f"insert into {table} by name select * from came")
        finally:
            self.connection.unregister("came")

    def fetch(self, sql: str, max_rows: int) -> Result:
        """Run a query and take its rows, up to the limits of rows and bytes."""
        started = time.perf_counter()
        running = self.connection.execute(sql)
        types = [str(column[1]) for column in running.description or []]
        reader = running.to_arrow_reader(BATCH_ROWS)
        table, is_truncated = collect(reader, max_rows, self.max_bytes)
        reader.close()
        elapsed_ms = round((time.perf_counter() - started) * 1000, 1)
        return Result(table, types, is_truncated, elapsed_ms, self.version)


def collect(reader: pa.RecordBatchReader, max_rows: int, max_bytes: int) -> tuple[pa.Table, bool]:
    """Return the first rows of a reader, and whether there are more."""
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in reader:
        left = max_rows - rows
        if batch.num_rows > left or size + batch.nbytes > max_bytes:
            share = max(0, max_bytes - size) / max(1, batch.nbytes)
            batches.append(batch.slice(0, min(left, int(batch.num_rows * min(1, share)))))
            return pa.Table.from_batches(batches, reader.schema), True
        batches.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
    return pa.Table.from_batches(batches, reader.schema), False


def messages(stream: BinaryIO, connection: duckdb.DuckDBPyConnection) -> Iterator[wire.Message]:
    """Yield the queries; a stop reaches the one that runs, and the parent's end is this one's."""
    asked: queue.SimpleQueue[wire.Message] = queue.SimpleQueue()

    def listen() -> None:
        while (message := wire.read(stream)) is not None:
            if message[0].get("stop"):
                connection.interrupt()
            else:
                asked.put(message)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        yield asked.get()


def main() -> None:
    """Open the version that the first message names, shut the cage, then answer."""
    # What a library might print must not come between the messages.
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    first = wire.read(sys.stdin.buffer)
    if first is None:
        return
    given = first[0]
    connection = open_locked(given["path"], given["memory_mb"], given["threads"])
    for statement in given["statements"]:
        connection.execute(statement)
    row = connection.execute(given["watermark"]).fetchone()
    cage.limit(given["memory_mb"])
    is_shut = cage.shut()
    send(pipe, {"watermark": row and row[0], "is_shut": is_shut})
    worker = Worker(connection, given)
    for asked, fresh in messages(sys.stdin.buffer, connection):
        send(pipe, *worker.answer(asked, fresh))
        if worker.is_beyond_use:
            os._exit(1)


def send(pipe: Any, head: dict[str, Any], body: bytes = b"") -> None:
    """Write one message whole."""
    for part in wire.pack(head, body):
        left = memoryview(part)
        while left:
            left = left[pipe.write(left) :]


if __name__ == "__main__":
    main()
