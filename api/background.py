"""Work that goes on beside the requests, each in a thread of its own."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)


@contextmanager
def repeated(work: Callable[[], None], every_s: float, name: str) -> Iterator[None]:
    """Do work every so many seconds while the block runs; a failure is told, and tried again."""
    stop = threading.Event()
    thread = threading.Thread(target=repeat, args=(work, every_s, stop), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def repeat(work: Callable[[], None], every_s: float, stop: threading.Event) -> None:
    """Do work until told to stop; the same failure again and again is told once."""
    told = ""
    while not stop.wait(every_s):
        try:
            work()
        except Exception as error:  # a store that is busy now will not be for ever
            if told != (told := str(error)):
                logger.warning("%s: %s", threading.current_thread().name, error)
        else:
            told = ""
