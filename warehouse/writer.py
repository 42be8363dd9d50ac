"""
Group commit: callers that wait at the same time share one transaction, and so one fsync.

One thread commits for all; it works while somebody waits and rests otherwise. Later callers gather
while it commits for the earlier ones.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from operator import itemgetter

from sqlalchemy import Connection, exc, insert

from warehouse.audit import Event, append_all
from warehouse.captures import Capture, Prediction, Recorded
from warehouse.errors import BusyError
from warehouse.facts import as_row, hold_live, record_again, record_prediction
from warehouse.store import Store
from warehouse.tables import capture, prediction

MAX_BATCH = 64  # rows a transaction: the lock is held for some 20 ms at most
MAX_WAITING = 1024
# Callers who were just answered are about to send their next row: the next commit gives them this
# long to join. Only under load; a lone caller never waits.
GATHER_SECONDS = 0.001
# Where more callers are known to be on their way than can come at once, the next few are worth
# waiting for: what is shared by a commit costs twice as much as what each adds to it.
PATIENCE_SECONDS = 0.02

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Entry:
    """One caller's answer on its way to the store, and what stands there in the end."""

    frame: Capture
    answer: Prediction
    event: Event | None
    is_new_capture: bool
    stands: Future[Recorded] = field(default_factory=Future)


class PredictionWriter:
    """
    Records predictions durably for many callers at once; one a store and process.

    `coming` tells how many callers are worth waiting for, where somebody knows.
    """

    def __init__(
        self,
        store: Store,
        max_batch: int = MAX_BATCH,
        max_waiting: int = MAX_WAITING,
        coming: Callable[[], int] = int,
    ) -> None:
        self.store = store
        self.coming = coming
        self.max_batch = max_batch
        self.max_waiting = max_waiting
        self.waiting: deque[Entry] = deque()
        self.arrival = threading.Condition()
        self.is_writing = False
        self.expected = 1  # callers, from how many there were a moment ago
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="write")

    def record(self, frame: Capture, answer: Prediction, event: Event | None = None) -> Recorded:
        """
        Write a capture and its answer, once; return what stands as soon as it is on the disk.

        It does what `facts.record_prediction` does. The audit event is written with the answer,
        and not for a retry, which changes nothing.

        Raises:
            ConflictError: The id is there, with another frame or a withdrawn one.
            BusyError: Too many callers wait, or another process holds the write lock.
        """
        return self.submit(Entry(frame, answer, event, is_new_capture=True)).result()

    def record_again(
        self, frame: Capture, answer: Prediction, event: Event | None = None
    ) -> Recorded:
        """
        Write one more answer to a capture that is there: a newer model's, or a challenger's.

        Raises:
            ConflictError: The id is there, with another capture.
            UnknownCaptureError: The capture is not there, or has been withdrawn.
            BusyError: As for `record`.
        """
        return self.submit(Entry(frame, answer, event, is_new_capture=False)).result()

    def submit(self, entry: Entry) -> Future[Recorded]:
        """
        Stand in line, which has an end; what is returned tells what `record` would, once it would.

        Raises:
            BusyError: Too many wait already, or the writer has been closed.
        """
        with self.arrival:
            if len(self.waiting) >= self.max_waiting:
                raise BusyError(
                    f"{self.max_waiting} answers wait to be written already; try again in a second"
                )
            if not self.is_writing:
                self.start()
            entry.stands.set_running_or_notify_cancel()  # no caller who leaves takes it back
            self.waiting.append(entry)
            self.arrival.notify()
        return entry.stands

    def start(self) -> None:
        """Set the thread to work, which waits for the lock that the caller holds."""
        try:
            self.thread.submit(self.write)
        except RuntimeError:  # closed
            raise BusyError("the server is stopping; send the frame again in a moment") from None
        self.is_writing = True

    def write(self) -> None:
        """Commit for those who wait until nobody does; none waits for good, whatever happens."""
        batch: list[Entry] = []
        try:
            while batch := self.next_batch():
                settle(self.store, batch)
                self.expected = min(self.max_batch, len(batch) + len(self.waiting))
        except BaseException:  # no row's fault: `settle` tells each of its own
            logger.exception("the writer was interrupted")
            with self.arrival:
                give_up([*batch, *self.waiting], BusyError("the write was interrupted; try again"))
                self.waiting.clear()
                self.is_writing = False

    def next_batch(self) -> list[Entry]:
        """Return those whose turn it is; nobody where nobody waits."""
        with self.arrival:
            self.is_writing = bool(self.waiting)
            if not self.is_writing:
                return []
            self.gather()
            size = min(self.max_batch, len(self.waiting))
            return [self.waiting.popleft() for _ in range(size)]

    def gather(self) -> None:
        """Let those join who are about to come; the caller holds the lock."""
        coming = self.coming()
        wanted, patience = self.expected, GATHER_SECONDS
        if coming > wanted:
            wanted, patience = coming, PATIENCE_SECONDS
        enough = min(wanted, self.max_batch)
        self.arrival.wait_for(lambda: len(self.waiting) >= enough, patience)

    def close(self) -> None:
        """Finish what has been submitted, then end the thread."""
        self.thread.shutdown()


def settle(store: Store, batch: Sequence[Entry]) -> None:
    """Write a batch in one transaction, or one by one if one of them spoils it."""
    try:
        commit(store, batch)
    except (BusyError, exc.OperationalError, exc.TimeoutError) as error:
        # No row's fault: the disk is full, say, and would be for each of them.
        give_up(batch, error)
    except Exception as error:
        if len(batch) > 1:
            for entry in batch:
                settle(store, [entry])
        elif isinstance(error, exc.IntegrityError):
            # A retry, most likely: seldom enough that nobody looks for it before.
            settle_repeated(store, batch[0])
        else:
            give_up(batch, error)


def give_up(batch: Sequence[Entry], error: Exception) -> None:
    """Hand an error to everyone whose answer has not been settled."""
    for entry in batch:
        if not entry.stands.done():
            entry.stands.set_exception(error)


def commit(store: Store, batch: Sequence[Entry]) -> None:
    """Insert a batch in one transaction; IntegrityError where an id is there already."""
    with store.write() as connection:
        insert_all(connection, batch)
        append_all(connection, [entry.event for entry in batch if entry.event is not None])
    for entry in batch:
        entry.stands.set_result(Recorded(entry.frame, entry.answer))


def insert_all(connection: Connection, entries: Sequence[Entry]) -> None:
    """
    Insert the new captures, then the answers.

    Several processes that write to one PostgreSQL take their locks in one order: the table's before
    any row's, as `facts.withdraw` does, and rows by their ids.
    """
    frames = [vars(entry.frame) for entry in entries if entry.is_new_capture]
    if frames:
        connection.execute(insert(capture), sorted(frames, key=itemgetter("capture_id")))
    for known in sorted({e.frame.capture_id for e in entries if not e.is_new_capture}):
        hold_live(connection, known)
    answers = sorted((as_row(entry.answer) for entry in entries), key=itemgetter("prediction_id"))
    connection.execute(insert(prediction), answers)


def settle_repeated(store: Store, entry: Entry) -> None:
    """Settle an entry by the answer that is there: a retry, or a conflict."""
    record = record_prediction if entry.is_new_capture else record_again
    try:
        stands = record(store, entry.frame, entry.answer)
    except Exception as error:  # each caller raises its own
        entry.stands.set_exception(error)
    else:
        entry.stands.set_result(stands)
