"""What waits in line together is worked on together, and each caller hears of its own alone."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future

import pytest

from api.queue import WorkQueue
from api.together import Together

MOST = 3


class Desk:
    """Halves numbers, once it is open; remembers which it was handed at once."""

    def __init__(self, workers: int) -> None:
        self.opened = threading.Event()
        self.taken = threading.Semaphore(0)
        self.handed: list[list[int]] = []
        self.queue = WorkQueue(places=64, workers=workers)
        self.together = Together(self.queue, self.work, MOST)

    def work(self, numbers: Sequence[int]) -> list[float | Exception]:
        if 0 in numbers:  # keeps a thread busy until all the others stand in line
            self.taken.release()
            self.opened.wait(60)
        else:
            self.handed.append(list(numbers))
        return [ValueError(f"{n} is odd") if n % 2 else n / 2 for n in numbers]

    async def hold(self) -> list[asyncio.Task[float]]:
        """Keep every thread busy; return when they are."""
        held = []
        for _ in range(self.queue.workers):
            held.append(asyncio.create_task(self.together.run(0)))
            assert await asyncio.to_thread(self.taken.acquire, timeout=60)
        return held

    async def ask_all(self, numbers: Sequence[int]) -> list[float | BaseException]:
        """Have numbers stand in line together; return what each caller heard."""
        held = await self.hold()
        asking = [asyncio.create_task(self.together.run(n)) for n in numbers]
        await asyncio.sleep(0)
        self.opened.set()
        await asyncio.gather(*held)
        return await asyncio.gather(*asking, return_exceptions=True)


@pytest.fixture
def desk():
    desk = Desk(workers=1)
    yield desk
    desk.queue.close()


def test_those_who_wait_are_handed_over_in_their_order_and_no_more_than_allowed(desk: Desk):
    heard = asyncio.run(desk.ask_all([2, 4, 6, 8, 10, 12, 14]))
    assert heard == [1, 2, 3, 4, 5, 6, 7]
    assert desk.handed == [[2, 4, 6], [8, 10, 12], [14]]


def test_one_who_cannot_be_served_is_told_and_the_others_are_served(desk: Desk):
    first, second, third = asyncio.run(desk.ask_all([2, 3, 4]))
    assert (first, third) == (1, 2)
    assert isinstance(second, ValueError)
    assert "3 is odd" in str(second)


def test_work_that_fails_altogether_is_told_to_all_and_the_next_are_served():
    queue = WorkQueue(places=4, workers=1)
    together = Together(queue, lambda numbers: [1 / number for number in numbers], MOST)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(together.run(0))
    assert asyncio.run(together.run(4)) == 0.25
    queue.close()


def test_what_one_thread_cannot_take_along_is_the_next_ones():
    desk = Desk(workers=2)
    assert asyncio.run(desk.ask_all([2, 4, 6, 8])) == [1, 2, 3, 4]
    desk.queue.close()
    assert sorted(desk.handed) == [[2, 4, 6], [8]]


def test_what_is_made_is_handed_on_by_the_thread_that_made_it(desk: Desk):
    handing: list[str] = []

    def hand_on(half: float) -> Future[str]:
        handing.append(threading.current_thread().name)
        later: Future[str] = Future()
        threading.Thread(target=lambda: later.set_result(f"{half} is filed")).start()
        return later

    assert asyncio.run(desk.together.run_and_hand_on(4, hand_on)) == (2, "2.0 is filed")
    assert handing[0].startswith("diagnosis")


def test_what_is_not_taken_or_fails_later_is_told(desk: Desk):
    def refuse(_half: float) -> Future[str]:
        raise RuntimeError("the file is full")

    def lose(_half: float) -> Future[str]:
        later: Future[str] = Future()
        later.set_exception(RuntimeError("the file is lost"))
        return later

    with pytest.raises(RuntimeError, match="full"):
        asyncio.run(desk.together.run_and_hand_on(4, refuse))
    with pytest.raises(RuntimeError, match="lost"):
        asyncio.run(desk.together.run_and_hand_on(4, lose))
    with pytest.raises(ValueError, match="5 is odd"):
        asyncio.run(desk.together.run_and_hand_on(5, refuse))


def test_a_caller_who_leaves_spoils_it_for_nobody(desk: Desk):
    async def leave() -> list[float]:
        held = await desk.hold()
        leaving = asyncio.create_task(desk.together.run(2))
        staying = asyncio.create_task(desk.together.run(4))
        await asyncio.sleep(0)
        leaving.cancel()
        desk.opened.set()
        await asyncio.gather(*held)
        return [await staying, await desk.together.run(6)]

    assert asyncio.run(leave()) == [2, 3]
