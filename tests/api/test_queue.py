"""The line before the model: it has an end, previews are refused first, a stop loses nothing."""

import asyncio
import os
import signal
import ssl
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import uuid4

import pytest
from camera_frames import a_frame, post
from commands import environment, server_of
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from api.queue import Purpose, QueueFullError, WorkQueue
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.tables import prediction


@pytest.fixture
def queue():
    queue = WorkQueue(places=4)
    yield queue
    queue.close()


def test_a_full_line_refuses_at_once_and_says_when_to_come_again(queue: WorkQueue):
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(queue.place(Purpose.capture))
        with pytest.raises(QueueFullError) as caught, queue.place(Purpose.capture):
            pass
        assert caught.value.retry_after_s >= 1
    assert queue.in_hand == 0
    assert queue.refused == {Purpose.capture: 1}


def test_previews_are_refused_while_captures_are_still_taken(queue: WorkQueue):
    with queue.place(Purpose.preview):
        with pytest.raises(QueueFullError), queue.place(Purpose.preview):
            pass
        with queue.place(Purpose.batch), queue.place(Purpose.capture), queue.place(Purpose.capture):
            assert queue.in_hand == 4


def test_a_place_comes_free_whatever_happens_in_it(queue: WorkQueue):
    with pytest.raises(ZeroDivisionError), queue.place(Purpose.capture):
        asyncio.run(queue.run(lambda: 1 / 0))
    assert queue.in_hand == 0


def test_a_commit_waits_for_few_enough_that_every_thread_stays_busy(queue: WorkQueue):
    with ExitStack() as stack:
        stack.enter_context(queue.place(Purpose.preview))
        assert queue.coming() < 1  # nobody waits for what is not recorded
        for _ in range(3):
            stack.enter_context(queue.place(Purpose.capture))
        assert queue.coming() + queue.workers <= 3
    assert queue.to_record == 0


def test_a_turn_tells_how_long_it_has_waited_in_line():
    queue, waits, go = WorkQueue(places=4, workers=1), list[float](), threading.Event()
    queue.tell_wait = waits.append

    async def stand_in_line() -> float:
        first = asyncio.create_task(queue.run(lambda: go.wait(60)))
        second = asyncio.create_task(queue.run(lambda: None))
        await asyncio.sleep(0)  # both have asked
        asked = time.perf_counter()
        await queue.on_disk(lambda: None)  # some time goes by
        least = time.perf_counter() - asked
        go.set()
        await asyncio.gather(first, second)
        return least

    least = asyncio.run(stand_in_line())
    queue.close()
    assert len(waits) == 2
    assert waits[1] >= least > 0


def test_the_wait_told_grows_with_the_line_and_the_work(queue: WorkQueue):
    queue.mean_s = 3.0
    queue.in_hand = 4
    assert queue.seconds_left() == 6
    queue.in_hand = 0


def test_a_crowd_is_answered_or_refused_with_429_and_only_the_answered_have_rows(
    trained: Settings,
):
    few = trained.model_copy(update={"queue_places": 2})
    with TestClient(create_app(few), base_url="https://localhost") as server:
        held = hold_writer(server)
        with ThreadPoolExecutor(6) as pool:
            asking = [pool.submit(post, server, a_frame(seed)) for seed in range(6)]
            while sum(call.done() for call in asking) < 4:
                threading.Event().wait(0.01)
            preview = post(server, a_frame(), "/preview/")
            held.set()
            answers = [call.result() for call in asking]
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, 200, 429, 429, 429, 429]
    assert preview.status_code == 429
    for answer in [preview, *answers]:
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) >= 1
            assert "in hand already" in answer.json()["detail"]
    recorded = {a.json()["prediction_id"] for a in answers if a.status_code == 200}
    assert recorded_ids(trained) == recorded


def hold_writer(server: TestClient) -> threading.Event:
    """Give the writer's thread something to wait for; answers then stand in line, undisturbed."""
    go = threading.Event()
    server.app.state.diagnostician.writer.thread.submit(go.wait, 60)
    return go


def recorded_ids(settings: Settings) -> set[str]:
    store = open_store(settings)
    with store.read() as connection:
        ids = set(connection.execute(select(prediction.c.prediction_id)).scalars())
    store.close()
    return ids


def test_a_stop_finishes_what_is_in_hand_and_answers_it(trained: Settings):
    with server_of(environment(trained.home)) as server:
        with ThreadPoolExecutor(8) as pool:
            asking = [pool.submit(post_until_refused, server.address) for _ in range(8)]
            while not recorded_ids(trained) and not any(call.done() for call in asking):
                threading.Event().wait(0.05)
            os.kill(server.process.pid, signal.SIGTERM)
            told = [call.result() for call in asking]
        assert server.process.wait(timeout=30) in (0, -signal.SIGTERM)
    acknowledged = {name for names, _ in told for name in names}
    cut_off = {name for _, name in told}
    assert acknowledged
    # Whoever was cut off was not taken in: no answer got lost on its way.
    assert recorded_ids(trained) == acknowledged
    assert not cut_off & recorded_ids(trained)


def post_until_refused(address: str) -> tuple[list[str], str]:
    """Post one frame after another; return the ids that were answered, and the one that was not."""
    context = ssl._create_unverified_context()
    answered: list[str] = []
    frame = a_frame()
    while True:
        name = str(uuid4())
        boundary = "frame-boundary"
        head = f"--{boundary}\r\nContent-Disposition: form-data; name="
        body = f'{head}"prediction_id"\r\n\r\n{name}\r\n'
        body += f'{head}"file"; filename="f.jpg"\r\n\r\n'
        request = urllib.request.Request(
            f"{address}video_frame/",
            body.encode() + frame + f"\r\n--{boundary}--\r\n".encode(),
            {"content-type": f"multipart/form-data; boundary={boundary}"},
        )
        try:
            with urllib.request.urlopen(request, context=context, timeout=60) as answer:
                answer.read()
        except OSError:
            return answered, name
        answered.append(name)
