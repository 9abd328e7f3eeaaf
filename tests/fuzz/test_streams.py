"""Whatever a provider streams or answers is told in the client's dialect, however it is cut."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from extproc.contract import ATTEMPT_COUNT, GATE_TERMS, IDLE, PLAN, Role
from extproc.core.models import Dialect
from extproc.dialects.sse import EventReader
from extproc.errors import ClientError
from extproc.transport.wire import Message
from extproc.worker.deadlines import GateTerms
from extproc.worker.plan import Plan, encode
from tests.fuzz.effort import examples
from tests.fuzz.strategies import JSON, TEXTS, cut, mutated_bytes
from tests.fuzz.workers import Outcome, served
from tests.helpers.envoy_stream import (
    request_body,
    request_headers,
    response_body,
    response_headers,
)

_MODEL_OF = {
    Dialect.CHAT: "one/chat",
    Dialect.MESSAGES: "two/messages",
    Dialect.RESPONSES: "three/responses",
}
_PAIRS = st.sampled_from(list(permutations(Dialect, 2)))
_EVENT_TYPES = st.sampled_from(
    [
        *("message_start", "content_block_start", "content_block_delta", "content_block_stop"),
        *("message_delta", "message_stop", "ping", "error"),
        *("response.created", "response.in_progress", "response.output_item.added"),
        *("response.content_part.added", "response.output_text.delta", "response.output_text.done"),
        *("response.function_call_arguments.delta", "response.function_call_arguments.done"),
        *("response.reasoning_summary_text.delta", "response.output_item.done"),
        *("response.completed", "response.incomplete", "response.failed"),
    ]
)
_BLOCKS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "tool_use", "thinking", "function_call", "message"]) | TEXTS},
    optional={"id": TEXTS | JSON, "name": TEXTS | JSON, "text": TEXTS | JSON, "call_id": TEXTS},
)
_DELTAS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["text_delta", "input_json_delta", "thinking_delta"]) | TEXTS,
        "text": TEXTS | JSON,
        "content": TEXTS | JSON,
        "partial_json": TEXTS | JSON,
        "refusal": TEXTS | JSON,
        "role": JSON,
        "stop_reason": JSON,
        "tool_calls": JSON
        | st.lists(
            st.fixed_dictionaries(
                {"index": st.integers(0, 2) | JSON},
                optional={
                    "id": TEXTS,
                    "function": st.fixed_dictionaries(
                        {}, optional={"name": TEXTS, "arguments": TEXTS | JSON}
                    ),
                },
            ),
            max_size=2,
        ),
    },
)
_EVENTS = st.fixed_dictionaries(
    {"type": _EVENT_TYPES},
    optional={
        "index": st.integers(0, 2) | JSON,
        "output_index": st.integers(0, 2) | JSON,
        "item_id": TEXTS,
        "item": _BLOCKS | JSON,
        "content_block": _BLOCKS | JSON,
        "delta": _DELTAS | TEXTS | JSON,
        "message": JSON,
        "response": JSON,
        "usage": JSON,
        "error": JSON,
    },
)
_CHUNKS = st.fixed_dictionaries(
    {},
    optional={
        "id": TEXTS | JSON,
        "choices": JSON
        | st.lists(
            st.fixed_dictionaries(
                {"delta": _DELTAS | JSON}, optional={"index": JSON, "finish_reason": TEXTS | JSON}
            ),
            max_size=2,
        ),
        "usage": JSON,
        "error": JSON,
    },
)
_LINES = st.one_of(
    (_EVENTS | _CHUNKS | JSON).map(lambda document: b"data: " + json.dumps(document).encode()),
    _EVENT_TYPES.map(lambda kind: b"event: " + kind.encode()),
    st.sampled_from([b"data: [DONE]", b": a comment", b"", b"data:", b"retry: 3", b"data: {"]),
)
_STREAMS = mutated_bytes(
    st.lists(_LINES, max_size=12).flatmap(
        lambda lines: st.sampled_from([b"\n\n", b"\r\n\r\n", b"\n"]).map(
            lambda end: b"".join(line + end for line in lines)
        )
    )
)
_REQUESTS: dict[Dialect, dict[str, Any]] = {
    Dialect.CHAT: {"messages": [{"role": "user", "content": "hi"}]},
    Dialect.MESSAGES: {"max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]},
    Dialect.RESPONSES: {"input": "hi"},
}


def _attempt(client: Dialect, provider: Dialect, *, streamed: bool) -> list[dict[str, Any]]:
    name = _MODEL_OF[provider]
    body = json.dumps({"model": name, "stream": streamed, **_REQUESTS[client]}).encode()
    plan = Plan(client, (name,), streamed=streamed, model_start=10, model_end=12 + len(name))
    headers = {PLAN: encode(plan), ATTEMPT_COUNT: "1", IDLE: "30000", "x-request-id": "an-id"}
    return [request_headers(headers), request_body(body)]


def _answered(messages: Sequence[Message]) -> bytes:
    return b"".join(
        message.response_body.response.body_mutation.streamed_response.body
        for message in messages
        if message.WhichOneof("response") == "response_body"
    )


async def _streamed(pair: tuple[Dialect, Dialect], pieces: list[bytes]) -> Outcome:
    *first, last = pieces
    return await served(
        Role.TRANSLATION,
        *_attempt(*pair, streamed=True),
        response_headers({":status": "200", "content-type": "text/event-stream"}),
        *(response_body(piece) for piece in first),
        response_body(last, ends=True),
    )


@examples(400)
@given(pair=_PAIRS, stream=_STREAMS, data=st.data())
async def test_any_stream_is_told(
    pair: tuple[Dialect, Dialect], stream: bytes, data: st.DataObject
) -> None:
    whole = await _streamed(pair, [stream])
    assert not isinstance(whole, ClientError)
    said = _answered(whole)
    for event in EventReader().feed(said):
        assert event == b"[DONE]" or isinstance(json.loads(event), dict)
    in_pieces = await _streamed(pair, data.draw(cut(stream)))
    assert not isinstance(in_pieces, ClientError)
    assert len(_answered(in_pieces)) == len(said)


@examples(300)
@given(
    pair=_PAIRS,
    status=st.sampled_from([200, 200, 400, 401, 404, 429, 500, 503]),
    body=mutated_bytes((_CHUNKS | _EVENTS | JSON).map(lambda one: json.dumps(one).encode())),
    streamed=st.booleans(),
    content_type=st.sampled_from(["application/json", "text/html", "text/event-stream", ""]),
)
async def test_any_answer_is_told(
    pair: tuple[Dialect, Dialect], status: int, body: bytes, streamed: bool, content_type: str
) -> None:
    outcome = await served(
        Role.TRANSLATION,
        *_attempt(*pair, streamed=streamed),
        response_headers({":status": str(status), "content-type": content_type}),
        response_body(body, ends=True),
    )
    assert not isinstance(outcome, ClientError)
    if not (status == 200 and streamed and content_type == "text/event-stream"):
        assert isinstance(json.loads(_answered(outcome)), dict)


@examples(300)
@given(stream=_STREAMS, data=st.data())
async def test_the_gate_judges_any_stream_alike(stream: bytes, data: st.DataObject) -> None:
    answer = response_headers({":status": "200", "content-type": "text/event-stream"})
    terms = {"terms": {"string_value": GateTerms(30.0).encode()}}
    answer["metadata_context"] = {"filter_metadata": {GATE_TERMS: {"fields": terms}}}

    async def judged(pieces: list[bytes]) -> str:
        *first, last = pieces
        outcome = await served(
            Role.GATE,
            answer,
            *(response_body(piece) for piece in first),
            response_body(last, ends=True),
        )
        if isinstance(outcome, ClientError):
            assert outcome.status in (502, 503)
            return str(outcome.code)
        assert len(outcome) == 1
        return "passes"

    assert await judged([stream]) == await judged(data.draw(cut(stream)))
