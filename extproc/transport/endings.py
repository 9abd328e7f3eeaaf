"""How a call ends: with trailers that say how it went.

https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses
"""

from __future__ import annotations

from enum import IntEnum
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from extproc.transport.frames import Code, Flag, Kind, frame, reset
from extproc.transport.header_blocks import packed

__all__ = ["ANSWER_HEADERS", "Status", "ending"]


class Status(IntEnum):
    """How a call went: https://grpc.github.io/grpc/core/md_doc_statuscodes.html"""

    OK = 0
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    UNIMPLEMENTED = 12


_HEADERS: Final = MappingProxyType({":status": "200", "content-type": "application/grpc"})
ANSWER_HEADERS: Final = packed(_HEADERS)
"""What an answer begins with."""

_ENDED_WELL: Final = packed({"grpc-status": str(Status.OK.value)})
_NOT_QUOTED: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


def ending(stream: int, status: Status, why: str = "", *, answered: bool, heard: bool) -> bytes:
    """The frames that end a call.

    Args:
        stream: the call's number.
        status: how it went.
        why: what more is to be said of that.
        answered: whether the answer has begun; headers end a call that has none.
        heard: whether the caller has said all: one that has not is told that nobody listens.
    """
    if answered and status is Status.OK:
        block = _ENDED_WELL
    else:
        said = {"grpc-status": str(status.value)}
        if why:
            said["grpc-message"] = quote(why, safe=_NOT_QUOTED)
        block = packed(said if answered else {**_HEADERS, **said})
    trailers = frame(Kind.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, stream, block)
    return trailers if heard else trailers + reset(stream, Code.NO_ERROR)
