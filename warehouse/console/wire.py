"""Messages between the console and its worker: a head in JSON, then bytes as they are."""

import json
import struct
from typing import Any, BinaryIO

LENGTHS = struct.Struct(">IQ")

Message = tuple[dict[str, Any], bytes]
Body = bytes | memoryview


def pack(head: dict[str, Any], body: Body = b"") -> tuple[bytes, Body]:
    """Return the two parts of one message, which go over the pipe one after the other."""
    told = json.dumps(head).encode()
    return LENGTHS.pack(len(told), len(body)) + told, body


def unpack(received: bytearray) -> Message | None:
    """Take one whole message off the front of what was received; None while it is not whole."""
    if len(received) < LENGTHS.size:
        return None
    head, body = LENGTHS.unpack_from(received)
    end = LENGTHS.size + head + body
    if len(received) < end:
        return None
    told = json.loads(bytes(received[LENGTHS.size : LENGTHS.size + head]))
    message = told, bytes(received[LENGTHS.size + head : end])
    del received[:end]
    return message


def read(stream: BinaryIO) -> Message | None:
    """Wait for one message; None where the other side has gone."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head, body = LENGTHS.unpack(lengths)
    told, rest = stream.read(head), stream.read(body)
    return (json.loads(told), rest) if len(rest) == body else None
