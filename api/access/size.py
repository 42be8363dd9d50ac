"""How large a request may be."""

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLOSING = {"connection": "close"}  # what is left of the body is not read


class SizeMiddleware:
    """Answers 413 to a body over the limit, before more of it is read."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit
        self.sentence = (
            f"The upload is larger than {limit / 2**20:g} MB in all: "
            "send a smaller frame, or fewer frames at a time."
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body as it arrives; a declared length over the limit is refused at once."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        read = int(declared) if declared.isdigit() else 0
        if read > self.limit:
            await self.refuse(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                # Whoever parses a form lets this alone through; all else is a 400 to FastAPI.
                raise HTTPException(413, self.sentence, CLOSING)
            return message

        await self.app(scope, receive_within_limit, send)

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say how large an upload may be."""
        response = JSONResponse({"detail": self.sentence}, status_code=413, headers=CLOSING)
        await response(scope, receive, send)
