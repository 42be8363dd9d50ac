"""Servers in processes of their own, on a free port of loopback: bare apps, or the real one."""

import http.client
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from api.app import create_app
from api.refresh import environment
from benchmarks.naive import create_naive_app
from warehouse.settings import ROOT, Settings

STOP_SECONDS = 30  # for a server that is told to stop, and its build with it

SERVE = "import sys; sys.argv = ['dermhouse', 'serve', '--port', '0', '--json']; "
SERVE += "import dermhouse; dermhouse.main()"


def serve_dermhouse(settings: Settings) -> None:
    """Run the real server; a build beside it would be measured with it."""
    alone = settings.model_copy(update={"refresh_by_server": False})
    uvicorn.run(create_app(alone), port=port_of_child(), log_level="warning")


def serve_naive(folder: Path) -> None:
    """Run the handler most people would write first."""
    uvicorn.run(create_naive_app(folder), port=port_of_child(), log_level="warning")


def port_of_child() -> int:
    """Return the port that the parent chose."""
    return int(os.environ["BENCHMARK_PORT"])


@contextmanager
def served(target: Callable[[], None]) -> Iterator[int]:
    """Run a server in a process of its own; yield its port once it answers."""
    port = free_port()
    os.environ["BENCHMARK_PORT"] = str(port)
    # Not forked: this process has threads of TensorFlow's, whose locks a fork would copy.
    process = multiprocessing.get_context("spawn").Process(target=target)
    process.start()
    try:
        wait_until_up(port, process.is_alive)
        yield port
    finally:
        process.terminate()
        process.join()


@contextmanager
def really_served(settings: Settings) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run `dermhouse serve` over HTTPS; yield its process and port once it listens."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        env=environment(settings),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server did not start: status {process.wait()}")
        yield process, urlsplit(json.loads(line)["address"]).port or 443
    finally:
        process.terminate()  # so that a build of the server's own ends with it
        try:
            process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextmanager
def commanded(command: list[str], port: int, **environment: str) -> Iterator[int]:
    """Run a server by a command; yield its port once it answers."""
    process = subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_up(port, partial(is_running, process))
        yield port
    finally:
        process.terminate()
        process.wait()


def is_running(process: subprocess.Popen[bytes]) -> bool:
    """Return whether a process has not ended."""
    return process.poll() is None


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(port: int, is_alive: Callable[[], bool]) -> None:
    """Return when the server takes connections."""
    while is_alive():
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server ended before it answered")
