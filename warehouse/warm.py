"""
A dbt that the server keeps warm: started once, asked by one build after the other.

Loading dbt and reading the project takes longer than the models do. The server holds the process;
each build is a process of its own, which inherits two ends of its pipes and is told of them in
DERMHOUSE_WARM_DBT. Where the warm process has ended, a build starts a dbt of its own.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from typing import Any
from uuid import uuid4

WARM_DBT = "DERMHOUSE_WARM_DBT"
COMMAND = [sys.executable, "-m", "warehouse.warm_dbt"]


class Warm:
    """The server's end: the process, started when it is first needed."""

    def __init__(self, environment: dict[str, str], niceness: int) -> None:
        self.environment, self.niceness = environment, niceness
        self.process: subprocess.Popen[bytes] | None = None

    def ends(self) -> tuple[int, int]:
        """Return where to ask and where to be told, for a build to inherit."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(  # noqa: S603 - the command is our own
                COMMAND,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            with suppress(AttributeError, OSError):  # a system that knows no priorities
                os.setpriority(os.PRIO_PROCESS, self.process.pid, self.niceness)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        return self.process.stdin.fileno(), self.process.stdout.fileno()

    def close(self) -> None:
        """End it, also in the middle of a build: the build file is whole after each node."""
        if self.process is None:
            return
        self.process.kill()
        self.process.communicate()
        self.process = None


def ask_warm(request: dict[str, Any]) -> dict[str, Any] | None:
    """
    Ask the warm dbt for a build; return nodes and message, or None where there is none.

    An answer that nobody waited for (its build was interrupted) is passed over.
    """
    if WARM_DBT not in os.environ:
        return None
    ask, told = (int(end) for end in os.environ[WARM_DBT].split(","))
    name = str(uuid4())
    try:
        with os.fdopen(os.dup(ask), "w") as writer:
            writer.write(json.dumps(request | {"name": name}) + "\n")
        with os.fdopen(os.dup(told)) as reader:
            for line in reader:
                answer: dict[str, Any] = json.loads(line)
                if answer["name"] == name:
                    return answer
    except (OSError, ValueError):  # it has ended: before it was asked, or within its answer
        pass
    return None
