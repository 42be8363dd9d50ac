"""How long work says how far it has come; the command line draws it."""

from typing import Protocol


class Progress(Protocol):
    """Called with a step's name and how much of it is done."""

    def __call__(self, step: str, done: int, total: int, /) -> None:
        """Take note."""


def silent(_step: str, _done: int, _total: int) -> None:
    """Draw nothing."""
