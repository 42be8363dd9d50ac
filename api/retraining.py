"""
Retraining without anyone asking: the server starts `dermhouse retrain --if-due` now and then.

Off unless `retrain_every_s` says how often, counted from the last word of the newest, so that a
server that is often started anew asks no less. The training has a process of its own behind
everything else on the machine; its lock lets one run at a time, what it makes is judged before
anybody is answered by it, and one that is broken off goes on the next time.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from api.refresh import environment
from warehouse.settings import Settings

POLL_SECONDS = 5.0
NICENESS = 19
BUSY = 4  # another process retrains already
PATIENCE_SECONDS = 10.0

COMMAND = [sys.executable, "-c", "import dermhouse; dermhouse.main()"]
COMMAND += ["retrain", "--if-due", "--by-server", "--json"]

logger = logging.getLogger(__name__)


class Retrainer:
    """Starts a retraining as often as the settings say; at most one of its own at a time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self.fault: str | None = None

    @property
    def log(self) -> Path:
        """Return the file that the newest retraining tells its steps to."""
        return self.settings.training_dir / "retraining.log"

    def tend(self) -> None:
        """Start a retraining when it is time, and note how it ended; never wait for it."""
        if self.process is not None:
            self.note_end(self.process)
        elif self.is_time():
            self.start()

    def is_time(self) -> bool:
        """Return whether to ask the rules again."""
        every = self.settings.retrain_every_s
        return every is not None and time.time() - self.asked_at() >= every

    def asked_at(self) -> float:
        """Return when the rules were last asked, by a server before this one too."""
        return self.log.stat().st_mtime if self.log.exists() else 0.0

    def start(self) -> None:
        """Start a retraining in a process group of its own, behind everything else."""
        # A file, for a pipe that nobody reads for hours would fill up and hold the training.
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - the command is our own
                COMMAND,
                env=environment(self.settings),
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        with suppress(AttributeError, OSError):  # a system that knows no priorities
            os.setpriority(os.PRIO_PROCESS, self.process.pid, NICENESS)

    def note_end(self, process: subprocess.Popen[bytes]) -> None:
        """Note how the retraining went, once it has ended."""
        if process.poll() is None:
            return
        self.process = None
        if process.returncode in (0, BUSY):
            self.fault = None
            return
        told = self.log.read_text(errors="replace").split("\n")
        self.fault = next(filter(None, reversed(told)), f"ended with {process.returncode}")
        logger.warning("the retraining failed: %s", self.fault)

    def close(self) -> None:
        """Interrupt a retraining that runs; it goes on the next time."""
        if self.process is None:
            return
        for word in (signal.SIGINT, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, word)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE_SECONDS)
                break
        self.process = None
