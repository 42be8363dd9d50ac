"""SQL asked over HTTP: noted in the audit chain, run while somebody waits, sent in its form."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from api.actor import ActorDep
from api.dependencies import StoreDep
from api.query_line import QueryLine
from warehouse.audit import record_query
from warehouse.console.pool import Answer, Question
from warehouse.vocabulary import AnswerFormat

LOOK_SECONDS = 0.25
MEDIA_TYPES = {
    AnswerFormat.json: "application/json",
    AnswerFormat.csv: "text/csv",
    AnswerFormat.parquet: "application/vnd.apache.parquet",
    AnswerFormat.arrow: "application/vnd.apache.arrow.stream",
}
# An answer is of its moment: the next version, or the live tail, may say something else.
UNCACHED = {"cache-control": "private, no-store"}
FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in MEDIA_TYPES.values() if kind != "application/json"}}
}


async def get_line(request: Request) -> QueryLine:
    """Return the one that the app's lifespan opened."""
    line: QueryLine = request.app.state.queries
    return line


QueryLineDep = Annotated[QueryLine, Depends(get_line)]


async def get_format(
    request: Request,
    wanted: Annotated[
        AnswerFormat | None, Query(alias="format", description="else what Accept asks for")
    ] = None,
) -> AnswerFormat:
    """Return the form that the address names, or else the first that the header does."""
    if wanted is not None:
        return wanted
    accepted = [kind.split(";")[0].strip() for kind in request.headers.get("accept", "").split(",")]
    named = {kind: form for form, kind in MEDIA_TYPES.items()}
    return next((named[kind] for kind in accepted if kind in named), AnswerFormat.json)


FormatDep = Annotated[AnswerFormat, Depends(get_format)]


@dataclass(frozen=True)
class Asking:
    """What it takes to answer this request's query."""

    request: Request
    line: QueryLineDep
    store: StoreDep
    actor: ActorDep

    async def answer(self, question: Question) -> Answer:
        """Note who asks what, then run it; whoever goes away takes the query along."""
        async with watched(self.request) as gone:
            return await self.line.run(self.note_and_ask, question, gone)

    def note_and_ask(self, question: Question, gone: threading.Event) -> Answer:
        """Do what waits: for the store, then for a worker and its answer."""
        record_query(self.store, self.actor.who, question.sql)
        return self.line.console.ask(question, gone)


AskingDep = Annotated[Asking, Depends()]


@asynccontextmanager
async def watched(request: Request) -> AsyncIterator[threading.Event]:
    """Yield an event that is set when the client has gone."""
    gone = threading.Event()

    async def watch() -> None:
        while not await request.is_disconnected():
            await asyncio.sleep(LOOK_SECONDS)
        gone.set()

    watcher = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        watcher.cancel()


def as_response(answer: Answer, form: AnswerFormat, name: str) -> Response:
    """Return the result; a form without room for them carries its figures in headers."""
    told = answer.told
    headers = UNCACHED | {
        "x-row-count": str(told["row_count"]),
        "x-is-truncated": str(told["is_truncated"]).lower(),
        "x-elapsed-ms": str(told["elapsed_ms"]),
        "x-warehouse-version": str(told["version"]),
    }
    if form is not AnswerFormat.json:
        headers["content-disposition"] = f'attachment; filename="{name}.{form}"'
    return Response(answer.body, media_type=MEDIA_TYPES[form], headers=headers)
