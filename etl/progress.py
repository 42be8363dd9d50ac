"""How long work tells how far it has come."""

from typing import Protocol


class Progress(Protocol):
    """Told after each stretch of a step, so that a command line can draw it."""

    def __call__(self, step: str, done: int, total: int, /) -> None:
        """Take note that `done` of `total` images are through `step`."""


def silent(_step: str, _done: int, _total: int) -> None:
    """Draw nothing."""
