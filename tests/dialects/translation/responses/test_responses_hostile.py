"""Whatever clients and providers send, there is an answer or a clear error."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.responses import Response

from extproc.core.models import Dialect
from extproc.core.traits import Traits
from extproc.dialects.translation.common.identifiers import spelled
from extproc.dialects.translation.common.strictness import is_strict
from extproc.dialects.translation.events import Ended, Event, Failed, PartEnded, PartStarted
from extproc.dialects.translation.form import Answer, Failure, Stop, Text
from extproc.dialects.translation.responses import TRANSLATOR
from extproc.dialects.translation.responses.wire import call_id, item_id, response_id
from extproc.dialects.translation.translator import Echo
from extproc.errors import ClientError
from tests.dialects.translation.responses.responses_sdk import (
    echo,
    events_of,
    request,
    target,
    told_by,
)
from tests.helpers.sdk_types import parsed

_KINDS = (
    "message",
    "function_call",
    "function_call_output",
    "reasoning",
    "input_text",
    "output_text",
    "input_image",
    "input_file",
    "refusal",
    "summary_text",
    "function",
    "allowed_tools",
    "json_schema",
    "user",
    "assistant",
    "developer",
    "completed",
    "auto",
    "data:image/png;base64,",
    "",
)
_NAMES = """
    type role content text id call_id name arguments output summary encrypted_content image_url
    file_data filename status error message code response usage item part delta output_index
    content_index summary_index input_tokens format schema effort mode tools allowed_domains
    parameters phase
"""
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(_KINDS)
    | st.text(max_size=8)
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(_NAMES.split()), inner, max_size=6)
    ),
    max_leaves=25,
)
_MEMBERS = """
    model input instructions tools tool_choice parallel_tool_calls max_output_tokens temperature
    top_p reasoning text user include truncation store metadata stream seed
"""
_TRAITS = Traits(output_ceiling=100, efforts=("low", "high"), sampling=False)


ANSWER = Answer("x", (Text("a"),), Stop.END)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(_MEMBERS.split()), _VALUES, max_size=8))
def test_bodies_are_read_or_refused(body: dict[str, Any]) -> None:
    TRANSLATOR.adapt(body, target(_TRAITS))
    with suppress(ClientError):
        asked = TRANSLATOR.read_request(body)
        TRANSLATOR.write_request(asked, target(_TRAITS))
        parsed(Response, TRANSLATOR.write_answer(ANSWER, Echo(asked, "m", 1)))


@settings(max_examples=200, deadline=None)
@given(_VALUES)
def test_bodies_of_answers_are_answers_or_failures(value: object) -> None:
    body = orjson.dumps(value)
    read = TRANSLATOR.read_answer(body)
    if isinstance(read, Answer):
        TRANSLATOR.write_answer(read, echo())
    else:
        assert isinstance(read, Failure)
    TRANSLATOR.write_error(TRANSLATOR.read_error(500, body), "r")


_EVENT_KINDS = """
    response.created response.in_progress response.output_item.added response.output_item.done
    response.content_part.added response.content_part.done response.output_text.delta
    response.refusal.delta response.completed response.incomplete response.failed error
    response.function_call_arguments.delta response.function_call_arguments.done
    response.reasoning_summary_text.delta response.reasoning_text.delta
"""
_EVENTS = st.builds(
    lambda kind, members: {**members, "type": kind},
    st.sampled_from(_EVENT_KINDS.split()),
    st.dictionaries(
        st.sampled_from(["response", "item", "part", "delta", "output_index", "content_index"]),
        _VALUES | st.integers(0, 2) | st.just({"type": "function_call", "name": "f"}),
        max_size=5,
    ),
)


def _check_order(events: list[Event]) -> None:
    started: list[int] = []
    open_parts: set[int] = set()
    for event in events:
        if isinstance(event, PartStarted):
            started.append(event.key)
            open_parts.add(event.key)
        elif isinstance(event, PartEnded):
            open_parts.remove(event.key)
        elif hasattr(event, "key"):
            assert event.key in open_parts
    assert started == list(range(len(started)))
    assert isinstance(events[-1], Ended | Failed)
    assert isinstance(events[-1], Failed) or not open_parts
    assert sum(isinstance(event, Ended | Failed) for event in events) == 1


@settings(max_examples=200, deadline=None)
@given(st.lists(_EVENTS, max_size=12))
def test_streams_are_told_in_order(given_events: list[dict[str, Any]]) -> None:
    reader = TRANSLATOR.stream_reader()
    events = [told for event in given_events for told in reader.read(orjson.dumps(event))]
    events.extend(reader.end())
    _check_order(events)
    last = events_of(told_by(events))[-1]
    assert last["type"] in {"response.completed", "response.incomplete", "response.failed", "error"}


@pytest.mark.parametrize("depth", [200, 1_000])
def test_deep_bodies(depth: int) -> None:
    nested = orjson.loads(b'{"a":' * depth + b"1" + b"}" * depth)
    tool = {"type": "function", "name": "f", "parameters": nested}
    asked = TRANSLATOR.read_request({"input": "hi", "tools": [tool], "metadata": nested})
    if depth > 254:
        with pytest.raises(ClientError, match="nested more than 200 levels"):
            TRANSLATOR.write_request(asked, target())
    told = TRANSLATOR.write_answer(ANSWER, Echo(asked, "m", 1))
    assert orjson.loads(told)["id"] == "resp_x"


@pytest.mark.unmeasured  # the same lines over and over
def test_very_many_items() -> None:
    calls = [
        {"type": "function_call", "call_id": f"c{index}", "name": "f", "arguments": "{}"}
        for index in range(100_000)
    ]
    asked = TRANSLATOR.read_request({"input": calls})
    assert len(asked.turns) == 100_000
    assert TRANSLATOR.obstacles(request(Dialect.CHAT, *asked.turns), target()) == ()


@given(st.text(max_size=200))
def test_names_and_ids_fit(text: str) -> None:
    assert len(spelled(text, 64)) <= 64
    assert len(call_id(text)) <= 64
    assert spelled(spelled(text, 64), 64) == spelled(text, 64)
    own = response_id(text, "")
    assert own.startswith("resp_")
    assert len(own) > len("resp_")
    assert item_id("msg", own, 0).startswith("msg_")


def test_a_schema_that_names_itself_many_times_is_not_strict() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(40):
        schema = {"anyOf": [schema, schema]}
    root = {
        "type": "object",
        "properties": {"a": schema},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert not is_strict(root)
