"""Work in several threads that an interruption need not wait for."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")


@contextmanager
def mapped(
    threads: int, work: Callable[..., Result], *arguments: Iterable[Any]
) -> Iterator[Iterator[Result]]:
    """
    Yield the results of `map(work, *arguments)`, in order, computed by so many threads.

    However the block is left, what has not begun by then is dropped.
    """
    pool = ThreadPoolExecutor(threads)
    try:
        yield pool.map(work, *arguments)
    finally:
        pool.shutdown(cancel_futures=True)
