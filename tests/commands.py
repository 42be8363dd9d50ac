"""The command line as a person runs it: a process, its exit code, its two streams."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.settings import ROOT

PROGRAM = Path(sys.executable).parent / "dermhouse"


@dataclass(frozen=True)
class Ended:
    code: int
    stdout: str
    stderr: str

    @property
    def result(self) -> Any:
        return json.loads(self.stdout.splitlines()[-1])


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"DERMHOUSE_HOME": str(home)}


def dermhouse(home: Path, *arguments: object) -> Ended:
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)],
        env=environment(home),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def interrupted(home: Path, *arguments: object) -> Ended:
    """Run a verb, and press Ctrl-C once it tells how far it has come."""
    running = subprocess.Popen(
        # What a shell runs in the background would ignore Ctrl-C.
        ["env", "--default-signal=INT", PROGRAM, *map(str, arguments)],
        env=environment(home),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    first = running.stderr.readline()
    running.send_signal(signal.SIGINT)
    stdout, rest = running.communicate(timeout=60)
    return Ended(running.returncode, stdout, first + rest)


@dataclass(frozen=True)
class Serving:
    """A real server that listens."""

    address: str
    process: subprocess.Popen[str]


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Yield the address of a real server, which is interrupted as a person would at the end."""
    with server_of(environment(home)) as server:
        yield server.address


@contextmanager
def server_of(environment: dict[str, str]) -> Iterator[Serving]:
    """Yield a real server of some settings."""
    server = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0", "--json"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield Serving(json.loads(server.stdout.readline())["address"], server)
    finally:
        server.terminate()
        server.communicate(timeout=60)
