"""What the tests of this dialect share: strict reading with the SDK's types, events, examples."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import orjson
from openai import omit
from openai.lib.streaming.responses._responses import ResponseStreamState
from openai.types.responses import ResponseStreamEvent
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

from extproc.core.models import Dialect
from extproc.core.traits import UNKNOWN, Traits
from extproc.dialects.sse import EventReader
from extproc.dialects.translation.events import Event
from extproc.dialects.translation.form import Request, Text, Turn
from extproc.dialects.translation.responses import TRANSLATOR
from extproc.dialects.translation.translator import Echo, Target
from tests.helpers.sdk_types import parsed

__all__ = [
    "accumulated",
    "created_with",
    "echo",
    "events_of",
    "request",
    "stream",
    "target",
    "told_by",
]

FIRST_TURN = Turn("user", (Text("hi"),), "messages[0]")


def target(traits: Traits = UNKNOWN, provider: str = "openai") -> Target:
    return Target("gpt-5", provider, traits)


def request(dialect: Dialect = Dialect.CHAT, *turns: Turn, **members: Any) -> Request:
    return Request(dialect=dialect, model="m", turns=turns or (FIRST_TURN,), **members)


def echo(**members: Any) -> Echo:
    body = {"model": "m", "input": "hi", **members}
    return Echo(TRANSLATOR.read_request(body), "served", 1_700_000_000, "req-1")


def created_with(asked: Request, to: Target | None = None) -> dict[str, Any]:
    """The body that a request is written as, which the SDK must know to the last member."""
    body: dict[str, Any] = orjson.loads(TRANSLATOR.write_request(asked, to or target()).body)
    sent = {name: value for name, value in body.items() if name != "stream"}
    parsed(ResponseCreateParamsNonStreaming, sent)
    return body


def events_of(written: bytes) -> list[dict[str, Any]]:
    """The events of a written stream, each of which the SDK knows to the last member."""
    assert written.endswith(b"\n\n")
    events = []
    for frame in written.removesuffix(b"\n\n").split(b"\n\n"):
        head, data = frame.split(b"\n")
        parsed(ResponseStreamEvent, data.removeprefix(b"data: "))
        event = orjson.loads(data.removeprefix(b"data: "))
        assert head == b"event: " + event["type"].encode()
        events.append(event)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    return events


def told_by(events: Iterable[Event], asked: Echo | None = None) -> bytes:
    """What a client is sent for the events of a provider's stream."""
    writer = TRANSLATOR.stream_writer(asked or echo())
    return b"".join(writer.write(event) for event in events)


def accumulated(written: bytes, text_format: Any = None) -> Any:
    """The response that the SDK's ``stream`` helper makes of a stream."""
    wanted = omit if text_format is None else text_format
    state: Any = ResponseStreamState(input_tools=omit, text_format=wanted)
    for event in events_of(written):
        state.handle_event(parsed(ResponseStreamEvent, event))
    return state._completed_response


def stream(data: bytes, *cuts: int) -> list[Event]:
    """The events that a provider's bytes stand for, cut where it is said."""
    cutter, reader = EventReader(), TRANSLATOR.stream_reader()
    events: list[Event] = []
    bounds = [0, *cuts, len(data)]
    for start, end in pairwise(bounds):
        for piece in cutter.feed(data[start:end]):
            events.extend(reader.read(piece))
    events.extend(reader.end())
    return events
