"""
New versions without anyone asking: the server starts `dermhouse refresh` when a build is due.

The build has a process of its own at low priority, so that answers do not wait for it and a build
that falls over takes nothing with it. Builds that follow each other share a dbt that is kept warm
beside them, for as long as they do. The build's lock lets one run at a time across processes, and
the store records how each ended; readers find the new version with their next query.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from warehouse.build_log import last_build
from warehouse.dbt_run import dbt_environment
from warehouse.refresh import due
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.warm import WARM_DBT, Warm

POLL_SECONDS = 2.0
LOOK_SECONDS = 20.0  # between two looks whether a build is due
NICENESS = 10
BUSY = 4  # another process builds already
PATIENCE_SECONDS = 10.0  # for a build that is told to end
WARM_SECONDS = 900.0  # after the last build; a loaded dbt takes some 300 MB

COMMAND = [sys.executable, "-c", "import dermhouse; dermhouse.main()", "refresh", "--json"]

logger = logging.getLogger(__name__)


class Refresher:
    """Keeps the warehouse fresh; at most one build of its own at a time."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.process: subprocess.Popen[str] | None = None
        self.warm = Warm(environment(settings) | dbt_environment(settings), NICENESS)
        self.ended_at = time.monotonic()
        self.fault: str | None = None  # of the last build, where the store has no record of it
        self.looked_at = time.monotonic()

    @property
    def is_building(self) -> bool:
        """Return whether a build of this server runs."""
        return self.process is not None

    def tend(self) -> None:
        """Start a build when one is due, and note how it ended; never wait for it."""
        if self.process is not None:
            self.note_end(self.process)
            return
        if time.monotonic() - self.ended_at > WARM_SECONDS:
            self.warm.close()
        if self.settings.refresh_by_server and self.is_time() and self.is_due():
            self.start()

    def is_time(self) -> bool:
        """Return whether to look again."""
        if time.monotonic() - self.looked_at < min(LOOK_SECONDS, self.settings.refresh_max_age_s):
            return False
        self.looked_at = time.monotonic()
        return True

    def is_due(self) -> bool:
        """Return whether enough facts or time have passed."""
        settings = self.settings
        why = due(settings, self.store, settings.refresh_min_facts, settings.refresh_max_age_s)
        return why is not None

    def start(self) -> None:
        """Start a build in a process group of its own, behind everything else on the machine."""
        ask, told = self.warm.ends()
        self.process = subprocess.Popen(  # noqa: S603 - the command is our own
            COMMAND,
            env=environment(self.settings) | {WARM_DBT: f"{ask},{told}"},
            pass_fds=(ask, told),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        with suppress(AttributeError, OSError):  # a system that knows no priorities
            os.setpriority(os.PRIO_PROCESS, self.process.pid, NICENESS)
        logger.info("a new version is due: building")

    def note_end(self, process: subprocess.Popen[str]) -> None:
        """Note how the build went, once it has ended."""
        if process.poll() is None:
            return
        told = process.communicate()[1].strip()
        self.process = None
        self.ended_at = time.monotonic()
        if process.returncode in (0, BUSY):
            self.fault = None
            logger.info("the build has ended")
            return
        self.fault = told.splitlines()[-1] if told else f"ended with {process.returncode}"
        last = last_build(self.store)
        logger.warning("the build failed: %s", (last and last.message) or self.fault)

    def close(self) -> None:
        """Interrupt a build that runs; it records that, and the last version stands."""
        self.end_build()
        self.warm.close()

    def end_build(self) -> None:
        """Interrupt the build, and end it where it does not listen."""
        if self.process is None:
            return
        for word in (signal.SIGINT, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, word)
            with suppress(subprocess.TimeoutExpired):
                self.process.communicate(timeout=PATIENCE_SECONDS)
                break
        self.process = None


def environment(settings: Settings) -> dict[str, str]:
    """Return an environment in which a process reads these settings; lists stand there as JSON."""
    told = settings.model_dump(mode="json", exclude_defaults=True)
    return os.environ | {
        f"DERMHOUSE_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in told.items()
    }
