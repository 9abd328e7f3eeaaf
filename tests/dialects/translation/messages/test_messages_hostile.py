"""Whatever a client or a provider sends: a clear 400, a failure told, or it passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extproc.core.models import Dialect
from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.events import (
    Delta,
    Ended,
    Event,
    Failed,
    PartEnded,
    PartKind,
    PartStarted,
    Started,
    Stopped,
    Used,
)
from extproc.dialects.translation.form import Failure, Request, Stop, Text, ToolResult, Turn, Usage
from extproc.dialects.translation.messages import TRANSLATOR
from extproc.dialects.translation.translator import Echo, Target
from extproc.errors import ClientError

ECHO = Echo(Request(Dialect.MESSAGES, "m", ()), "x", 1)
REPEATABLE = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
"""The same examples each time, however busy the machine is."""
TARGETS = (
    Target("x", "anthropic", Traits(thinking=Thinking.BUDGET, prefill=False), "2026-10-21"),
    Target("x", "anthropic", Traits(inner_system=True), "2023-06-01"),
)

_MAY_FOLLOW = {
    "user": ("assistant", "system"),
    "assistant": ("user",),
    "system": ("assistant",),
}
_WORDS = st.sampled_from(
    [
        "text",
        "image",
        "document",
        "thinking",
        "redacted_thinking",
        "tool_use",
        "tool_result",
        "base64",
        "url",
        "file",
        "content",
        "user",
        "assistant",
        "system",
        "auto",
        "any",
        "tool",
        "none",
        "enabled",
        "adaptive",
        "disabled",
        "json_schema",
        "ephemeral",
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "error",
        "ping",
        "text_delta",
        "thinking_delta",
        "input_json_delta",
        "signature_delta",
    ]
)
_NAMES = st.sampled_from(
    [
        "type",
        "text",
        "source",
        "data",
        "media_type",
        "url",
        "file_id",
        "title",
        "cache_control",
        "thinking",
        "signature",
        "id",
        "name",
        "input",
        "content",
        "tool_use_id",
        "is_error",
        "role",
        "messages",
        "system",
        "tools",
        "tool_choice",
        "max_tokens",
        "temperature",
        "stop_sequences",
        "stream",
        "output_config",
        "output_format",
        "metadata",
        "user_id",
        "effort",
        "format",
        "schema",
        "input_schema",
        "budget_tokens",
        "message",
        "usage",
        "index",
        "content_block",
        "delta",
        "partial_json",
        "stop_reason",
        "error",
        "input_tokens",
        "output_tokens",
    ]
)
_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2**63)
    | st.just(1e300)
    | _WORDS
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=6),
    max_leaves=10,
)
_BLOCK = st.fixed_dictionaries(
    {"type": _WORDS},
    optional=dict.fromkeys(
        ("text", "source", "id", "name", "input", "content", "thinking", "tool_use_id"), _ANYTHING
    ),
)
_MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system"])},
    optional={"content": st.text(max_size=5) | st.lists(_BLOCK, max_size=4)},
)
_BODY = st.dictionaries(_NAMES, _ANYTHING, max_size=6) | st.fixed_dictionaries(
    {"messages": st.lists(_MESSAGE, max_size=5)}, optional={"tools": _ANYTHING, "system": _ANYTHING}
)


@REPEATABLE
@given(_BODY)
def test_bodies_are_read_and_written_or_refused(body: dict[str, Any]) -> None:
    refused: list[ClientError] = []
    for target in TARGETS:
        TRANSLATOR.adapt(body, target)
        try:
            written = TRANSLATOR.write_request(TRANSLATOR.read_request(body), target)
        except ClientError as error:
            refused.append(error)
            continue
        messages = orjson.loads(written.body)["messages"]
        assert messages[0]["role"] == "user"
        for one, following in pairwise(message["role"] for message in messages):
            assert following in _MAY_FOLLOW[one]
    assert all(error.status == 400 for error in refused)


def _nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"a": value}
    return value


def _tool(schema: Any) -> dict[str, Any]:
    tool = {"name": "f", "input_schema": schema}
    return {"messages": [{"role": "user", "content": "hi"}], "tools": [tool]}


def _call(given: Any) -> dict[str, Any]:
    call = {"type": "tool_use", "id": "a", "name": "f", "input": given}
    return {"messages": [{"role": "assistant", "content": [call]}]}


@pytest.mark.parametrize("body", [_tool, _call])
def test_deep_nesting_passes_or_is_refused(body: Callable[[Any], dict[str, Any]]) -> None:
    TRANSLATOR.write_request(TRANSLATOR.read_request(body(_nested(200))), TARGETS[0])
    with pytest.raises(ClientError, match="nest"):
        TRANSLATOR.write_request(TRANSLATOR.read_request(body(_nested(1000))), TARGETS[0])


@pytest.mark.unmeasured  # the same lines over and over
def test_a_hundred_thousand_calls() -> None:
    calls = [
        {"type": "tool_use", "id": f"a|{number}", "name": "f", "input": {}}
        for number in range(100_000)
    ]
    request = TRANSLATOR.read_request({"messages": [{"role": "assistant", "content": calls}]})
    written = TRANSLATOR.write_request(request, TARGETS[1])
    assert len(orjson.loads(written.body)["messages"][1]["content"]) == 100_000
    assert len(written.losses) == 1


@pytest.mark.unmeasured  # the same lines over and over
def test_a_hundred_thousand_results_in_turns_of_their_own() -> None:
    turns = tuple(
        Turn("user", (ToolResult(str(number), ()), Text("t")), f"messages[{number}]")
        for number in range(100_000)
    )
    written = TRANSLATOR.write_request(Request(Dialect.CHAT, "m", turns), TARGETS[1])
    (message,) = orjson.loads(written.body)["messages"]
    kinds = [block["type"] for block in message["content"]]
    assert kinds == ["tool_result"] * 100_000 + ["text"] * 100_000


def test_blocks_that_never_end() -> None:
    reader = TRANSLATOR.stream_reader()
    block = {"type": "content_block_start", "content_block": {"type": "text"}}
    read = [
        event
        for index in range(2000)
        for event in reader.read(orjson.dumps({**block, "index": index}))
    ]
    assert isinstance(read[-1], Failed)
    assert len(read) == 1001


@REPEATABLE
@given(st.binary(max_size=300) | _ANYTHING.map(orjson.dumps))
def test_answers_are_read_or_failures(body: bytes) -> None:
    read = TRANSLATOR.read_answer(body)
    if isinstance(read, Failure):
        assert len(read.message) <= 200 or read.status is None
    else:
        TRANSLATOR.write_answer(read, ECHO)
    assert TRANSLATOR.read_error(500, body).status == 500


_STREAMED = st.one_of(
    _ANYTHING,
    st.fixed_dictionaries(
        {"type": _WORDS},
        optional={
            "index": st.integers(0, 2),
            "content_block": _BLOCK,
            "delta": _ANYTHING | _BLOCK,
            "message": _ANYTHING,
            "usage": _ANYTHING,
            "error": _ANYTHING,
        },
    ),
)


def _grammar(events: Iterable[Event]) -> None:
    """Parts begin before they go on, and end before the answer stops; nothing follows an end."""
    begun, ended = 0, set()
    stopped = over = False
    for event in events:
        assert not over
        if isinstance(event, PartStarted):
            assert event.key == begun
            assert not stopped
            begun += 1
        elif isinstance(event, Delta | PartEnded):
            assert event.key < begun
            assert event.key not in ended
            if isinstance(event, PartEnded):
                ended.add(event.key)
        elif isinstance(event, Stopped):
            assert not stopped
            assert len(ended) == begun
            stopped = True
        over = isinstance(event, Ended | Failed)
    assert over


@REPEATABLE
@given(st.lists(_STREAMED.map(orjson.dumps) | st.binary(max_size=20), max_size=12))
def test_streams_are_read_by_the_grammar(pieces: list[bytes]) -> None:
    reader = TRANSLATOR.stream_reader()
    _grammar([event for data in pieces for event in reader.read(data)] + list(reader.end()))


_KEYS = st.integers(0, 4)
_EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Started, st.text(max_size=3)),
    st.builds(PartStarted, _KEYS, st.sampled_from(PartKind), st.text(max_size=3)),
    st.builds(Delta, _KEYS, st.text(max_size=3) | st.just("\udc00")),
    st.builds(PartEnded, _KEYS, st.none() | st.text(max_size=3), st.none() | st.text(max_size=3)),
    st.builds(Used, st.builds(Usage, st.none() | st.integers())),
    st.builds(Stopped, st.sampled_from(Stop)),
    st.builds(Failed, st.builds(Failure, st.text(max_size=3))),
)


@REPEATABLE
@given(st.lists(_EVENTS, max_size=25))
def test_streams_are_written_one_block_at_a_time(events: list[Event]) -> None:
    writer = TRANSLATOR.stream_writer(ECHO)
    text = b"".join(writer.write(event) for event in [*events, Ended()])
    data = [
        orjson.loads(line.removeprefix(b"data: "))
        for line in text.split(b"\n")
        if line.startswith(b"data: ")
    ]
    current: int | None = None
    blocks = 0
    for event in data:
        if event["type"] == "content_block_start":
            assert current is None
            assert event["index"] == blocks
            current, blocks = blocks, blocks + 1
        elif event["type"].startswith("content_block"):
            assert event["index"] == current
            current = None if event["type"] == "content_block_stop" else current
        elif event["type"] in ("message_delta", "message_stop"):
            assert current is None
    assert data[-1]["type"] in ("message_stop", "error")


_TEXT = st.text(min_size=1, max_size=8).filter(lambda text: bool(text.strip()))
_SAID = _TEXT.map(lambda text: {"type": "text", "text": text})
_OBJECT = st.dictionaries(st.text(max_size=3), st.integers(0, 9) | st.text(max_size=3), max_size=3)
_CALL = st.builds(
    lambda given: {"type": "tool_use", "id": "toolu_1", "name": "f", "input": given}, _OBJECT
)
_RESULT = st.builds(
    lambda content, error: {
        "type": "tool_result",
        "tool_use_id": "toolu_1",
        "content": content,
        "is_error": error,
    },
    st.lists(_SAID, max_size=2),
    st.booleans(),
)
_WELL_FORMED = st.builds(
    lambda opening, rounds, system, limit, members: {
        "model": "x",
        "max_tokens": limit,
        "messages": [
            {"role": "user", "content": [opening]},
            *(
                message
                for said, call, result, more in rounds
                for message in (
                    {"role": "assistant", "content": [said, call]},
                    {"role": "user", "content": [result, more]},
                )
            ),
        ],
        **({"system": system} if system else {}),
        **members,
    },
    _SAID,
    st.lists(st.tuples(_SAID, _CALL, _RESULT, _SAID), max_size=3),
    st.lists(_SAID, max_size=2),
    st.integers(2000, 9000),
    st.fixed_dictionaries(
        {},
        optional={
            "stream": st.just(True),
            "temperature": st.floats(0, 1),
            "stop_sequences": st.lists(_TEXT, min_size=1, max_size=2),
            "thinking": st.just({"type": "disabled"}),
            "metadata": _TEXT.map(lambda user: {"user_id": user}),
            "container": _TEXT,
        },
    ),
)


@REPEATABLE
@given(_WELL_FORMED)
def test_what_is_read_is_written_again(body: dict[str, Any]) -> None:
    request = TRANSLATOR.read_request(body)
    written = TRANSLATOR.write_request(request, TARGETS[1])
    assert written.losses == ()
    assert TRANSLATOR.read_request(orjson.loads(written.body)) == request
