"""How large a request may be."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class OversizeError(Exception):
    """The body went over the limit without having said so."""


class SizeMiddleware:
    """Answers 413 to a body over the limit, before more of it is read."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

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
                raise OversizeError
            return message

        try:
            await self.app(scope, receive_within_limit, send)
        except OversizeError:
            await self.refuse(scope, receive, send)

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say how large an upload may be."""
        sentence = f"The upload is larger than {self.limit / 2**20:g} MB: send a smaller frame."
        response = JSONResponse(
            {"detail": sentence}, status_code=413, headers={"connection": "close"}
        )
        await response(scope, receive, send)
