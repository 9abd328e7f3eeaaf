"""A response as the steps it takes: what to send, when to wait, where to break off.

Here is no I/O: these generators know what a behaviour means, a connection carries it out.
"""

from __future__ import annotations

import gzip
import http.client
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from typing import TypeAlias

from extproc.demo.provider.answer import Answer
from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.failures import HTML
from extproc.demo.provider.voice import Telling, Voice

__all__ = ["Fate", "Head", "Step", "Torn", "Wait", "refuse", "respond"]

_DRIPS = 20
_JSON = "application/json"
_HTML = "text/html"
_GZIP = ("content-encoding", "gzip")
_GARBAGE = b"<html><body>This is not the JSON you are looking for.</body></html>"
_MALFORMED_EVENT = b'data: {"choices": [{"index": 0, "delta": {"content": \n\n'
_TORN_EVENT = b'data: {"half": "of this never arrives"}\n\n'


@dataclass(frozen=True, slots=True)
class Head:
    """Send the status line and these headers."""

    status: int
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for a while; the client may leave meanwhile."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Torn:
    """Send the first half of this and close the connection."""

    data: bytes


class Fate(Enum):
    """An end of the connection that sends nothing more."""

    RESET = auto()
    SILENCE = auto()


Step: TypeAlias = bytes | Head | Wait | Torn | Fate


def respond(voice: Voice, answer: Answer, behaviour: Behaviour, *, stream: bool) -> Iterator[Step]:
    """The steps of a response; bytes are to be sent as a part of its body."""
    if behaviour.delay_headers:
        yield Wait(behaviour.delay_headers)
    if behaviour.before_headers:
        yield Fate.RESET if behaviour.before_headers == "reset" else Fate.SILENCE
        return
    request_id = (voice.REQUEST_ID_HEADER, f"req_{answer.key}")
    if behaviour.status != 200:
        if behaviour.html:
            yield from _whole(_page(behaviour.status), behaviour, request_id, kind=_HTML)
        else:
            error = voice.error(voice.commanded(behaviour))
            yield from _whole(error, behaviour, request_id)
    elif behaviour.instead is not None:
        yield from _no_answer(voice, answer, behaviour, request_id)
    elif behaviour.garbage_body:
        yield from _whole(_GARBAGE, behaviour, request_id)
    elif not stream:
        yield from _whole(voice.whole(answer), behaviour, request_id)
    else:
        steps = _stream(voice.Stream(answer), behaviour)
        yield _head(
            behaviour,
            ("content-type", "text/event-stream; charset=utf-8"),
            ("cache-control", "no-cache"),
            *([_GZIP] if behaviour.gzip else []),
            request_id,
        )
        yield from _compressed(steps) if behaviour.gzip else steps


def _no_answer(
    voice: Voice, answer: Answer, behaviour: Behaviour, request_id: tuple[str, str]
) -> Iterator[Step]:
    """What comes with status 200 and is no answer."""
    whole = voice.whole(answer)
    kind = _JSON
    match behaviour.instead:
        case "empty":
            body = b""
        case "half":
            body = whole[: len(whole) // 2]
        case "error":
            body = voice.error(voice.commanded(behaviour))
        case "no_choices":
            body = b'{"id": "chatcmpl-0", "object": "chat.completion", "choices": []}'
        case "html":
            body, kind = _page(200), _HTML
        case _:
            body = whole
    yield from _whole(body, behaviour, request_id, kind=kind)


def refuse(voice: Voice, complaint: Complaint) -> Iterator[Step]:
    """The steps of an error response that no behaviour asked for."""
    return _whole(voice.error(complaint), Behaviour(status=complaint.status))


def _head(behaviour: Behaviour, *usual: tuple[str, str]) -> Head:
    extra = behaviour.extra_headers
    replaced = {name.lower() for name, _ in extra}
    return Head(behaviour.status, (*(pair for pair in usual if pair[0] not in replaced), *extra))


def _page(status: int) -> bytes:
    reason = http.client.responses.get(status, "Error")
    return HTML.format(status=status, reason=reason).encode()


def _whole(
    body: bytes, behaviour: Behaviour, *headers: tuple[str, str], kind: str = _JSON
) -> Iterator[Step]:
    if behaviour.gzip:
        body = gzip.compress(body)
        headers = (*headers, _GZIP)
    length = ("content-length", str(len(body)))
    yield _head(behaviour, ("content-type", kind), length, *headers)
    if behaviour.cut_after is not None:
        yield Torn(body)
    elif behaviour.stall_after is not None:
        yield body[: len(body) // 2]
        yield Fate.SILENCE
    elif behaviour.slow_body:
        size = -(-len(body) // _DRIPS)
        for start in range(0, len(body), size):
            yield Wait(behaviour.slow_body / _DRIPS)
            yield body[start : start + size]
    else:
        yield body


def _stream(telling: Telling, behaviour: Behaviour) -> Iterator[Step]:
    if behaviour.malformed == "first":
        yield _MALFORMED_EVENT
    if not behaviour.first_event_error:
        yield from telling.opening()
    if behaviour.delay_first_content:
        yield Wait(behaviour.delay_first_content)
    if behaviour.first_event_error:
        yield from telling.failure()
        return
    spoken = telling.size
    if behaviour.content_limit is not None:
        spoken = min(spoken, behaviour.content_limit)
    yield from _content(telling, behaviour, spoken)
    if behaviour.cut_after is not None:
        yield Torn(_TORN_EVENT)
    elif behaviour.stall_after is not None:
        yield Fate.SILENCE
    elif behaviour.error_after is not None:
        yield from telling.failure()
    elif behaviour.end_after is None:
        yield from telling.closing()
        if not behaviour.no_terminator:
            yield telling.terminator()


def _compressed(steps: Iterator[Step]) -> Iterator[Step]:
    """A stream in gzip, each piece of it to be read as soon as it is there."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    for step in steps:
        yield (
            packer.compress(step) + packer.flush(zlib.Z_SYNC_FLUSH)
            if isinstance(step, bytes)
            else step
        )
    yield packer.flush()


def _content(telling: Telling, behaviour: Behaviour, spoken: int) -> Iterator[Step]:
    middle = spoken // 2 if behaviour.malformed == "middle" else None
    for index, piece in enumerate(islice(telling.pieces(), spoken)):
        if index and behaviour.delay_between:
            yield Wait(behaviour.delay_between)
        if index == middle:
            yield _MALFORMED_EVENT
        yield telling.piece(piece)
