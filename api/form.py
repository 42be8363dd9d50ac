"""
A form with a file, read in memory and checked by one model.

FastAPI's own way lays an upload in a file object and reads it out again, which took from 2 to 4 %
of the answers a second under load (docs/measured.md). An upload is bounded (api/access/size.py),
and a frame is decoded in memory anyway.
"""

from typing import Any, TypeVar

from fastapi import Depends, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

MOST_PARTS = 100  # no form here has ten; each costs the event loop some time
MULTIPART = "multipart/form-data"

Form = TypeVar("Form", bound=BaseModel)


def reads(form: type[Form]) -> Any:
    """
    Return the dependency that reads a request's form.

    Raises, when it is asked:
        HTTPException: 400, the body is no form.
        RequestValidationError: A field is missing or wrong.
    """

    async def read(request: Request) -> Form:
        try:
            return form.model_validate(await read_parts(request))
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            told = [fault | {"loc": ("body", *fault["loc"])} for fault in faults]
            raise RequestValidationError(told) from None

    return Depends(read)


def described(form: type[BaseModel]) -> dict[str, Any]:
    """Return what a route's documentation says of the form that it reads."""
    schema = form.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)  # the closed lists stand among the components already
    return {"requestBody": {"content": {MULTIPART: {"schema": schema}}, "required": True}}


async def read_parts(request: Request) -> dict[str, str | bytes]:
    """
    Return a form's filled parts by their names: a file's bytes, a field's words.

    The last of a name counts. What is no multipart form has none.

    Raises:
        HTTPException: 400, the body is not what its headers say.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != MULTIPART.encode():
        return {}
    if b"boundary" not in options:
        raise HTTPException(400, "Missing boundary in multipart.")
    reader = PartReader()
    try:
        parser = reader.parser(options[b"boundary"])
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except FormParserError:
        raise HTTPException(400, "Invalid multipart data.") from None
    except ClientDisconnect:
        raise HTTPException(400, "It ended too early.") from None
    return dict(part.named() for part in reader.parts if part.is_filled)


class PartReader:
    """Gathers what a parser of multipart bodies calls out."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.name = self.value = b""  # of the header that is being read

    def parser(self, boundary: bytes) -> MultipartParser:
        """Return a parser that tells this reader."""
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self.begin,
                "on_header_field": self.add_to_name,
                "on_header_value": self.add_to_value,
                "on_header_end": self.end_header,
                "on_part_data": self.add_data,
            },
        )

    def begin(self) -> None:
        """Note a new part."""
        if len(self.parts) == MOST_PARTS:
            raise HTTPException(400, f"More than {MOST_PARTS} parts.")
        self.parts.append(Part())

    def add_to_name(self, data: bytes, start: int, end: int) -> None:
        """Note a piece of a header's name."""
        self.name += data[start:end]

    def add_to_value(self, data: bytes, start: int, end: int) -> None:
        """Note a piece of a header's value."""
        self.value += data[start:end]

    def end_header(self) -> None:
        """Keep what names the part; no other header of it matters here."""
        if self.name.lower() == b"content-disposition":
            _, self.parts[-1].options = parse_options_header(self.value)
        self.name = self.value = b""

    def add_data(self, data: bytes, start: int, end: int) -> None:
        """Note a piece of the part itself."""
        self.parts[-1].pieces.append(data[start:end])


class Part:
    """One part of a form."""

    def __init__(self) -> None:
        self.options: dict[bytes, bytes] = {}
        self.pieces: list[bytes] = []

    @property
    def is_filled(self) -> bool:
        """Return whether anything was put in: a browser sends an empty field as an empty part."""
        return any(self.pieces) or bool(self.options.get(b"filename"))

    def named(self) -> tuple[str, str | bytes]:
        """Return its name, and its bytes where it is a file, its words where it is not."""
        if b"name" not in self.options:
            raise HTTPException(400, "A part of the form has no name.")
        name, data = self.options[b"name"].decode(errors="replace"), b"".join(self.pieces)
        if b"filename" in self.options:
            return name, data
        try:
            return name, data.decode()
        except UnicodeDecodeError:
            raise HTTPException(400, f"The field '{name}' is not UTF-8.") from None
