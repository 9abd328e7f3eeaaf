"""What is thrown at Dragoman: nearly right, for nonsense is turned away early."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

__all__ = ["BODIES", "HEADERS", "JSON", "PATHS", "TEXTS", "cut", "mutated_bytes"]

_WORDS = st.sampled_from(
    [
        *("model", "messages", "input", "instructions", "system", "tools", "tool_choice", "role"),
        *("content", "type", "text", "user", "assistant", "developer", "function", "tool_calls"),
        *("function_call", "function_call_output", "tool_use", "tool_result", "tool_use_id"),
        *("call_id", "id", "name", "arguments", "parameters", "input_schema", "image_url", "url"),
        *("source", "base64", "media_type", "data", "stream", "max_tokens", "reasoning", "effort"),
        *("response_format", "json_schema", "schema", "thinking", "budget_tokens", "cache_control"),
        *("routing_preferences", "routing_policy", "description", "models", "examples"),
        *("selection_policy", "prefer", "input_text", "output_text", "message", "index", "delta"),
    ]
)
TEXTS = (
    _WORDS
    | st.sampled_from(
        ["one/chat", "two/messages", "three/responses", "one/*", "", "\u202e", "x" * 300]
    )
    | st.text(max_size=8)
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
JSON: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=15,
)

_PARTS = st.lists(
    st.fixed_dictionaries(
        {"type": TEXTS}, optional={"text": JSON, "image_url": JSON, "source": JSON}
    ),
    max_size=3,
)
_TURNS = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "system", "tool", "developer"]) | TEXTS},
        optional={
            "content": TEXTS | _PARTS | JSON,
            "tool_calls": JSON,
            "tool_call_id": JSON,
            "type": TEXTS,
        },
    ),
    max_size=4,
)
_PREFERENCES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "name": TEXTS,
            "description": TEXTS,
            "models": st.lists(TEXTS, max_size=12) | JSON,
            "examples": JSON,
            "selection_policy": st.fixed_dictionaries({"prefer": TEXTS}) | JSON,
        },
    ),
    max_size=3,
)
_MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "model": TEXTS | JSON,
    "messages": _TURNS | JSON,
    "input": TEXTS | _TURNS | JSON,
    "stream": st.booleans() | JSON,
    "system": TEXTS | _PARTS | JSON,
    "instructions": JSON,
    "tools": JSON,
    "tool_choice": JSON,
    "max_tokens": JSON,
    "previous_response_id": TEXTS | JSON,
    "conversation": JSON,
    "store": JSON,
    "response_format": JSON,
    "routing_preferences": _PREFERENCES | JSON,
    "routing_policy": _PREFERENCES | JSON,
    "odd": JSON,
}
_DOCUMENTS = st.fixed_dictionaries({}, optional=_MEMBERS)

PATHS = st.sampled_from(
    [
        "/v1/chat/completions",
        "/v1/messages",
        "/v1/responses",
        "/routing/v1/chat/completions",
        "/routing/v1/messages",
        "/routing/v1/responses",
    ]
)
_VALUES = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=20)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *("content-type", "content-length", "traceparent", "x-request-id", "x-model-affinity"),
            *("x-dragoman-client", "x-dragoman-plan", "anthropic-version", "user-agent", "accept"),
            *("session_id", "x-claude-code-session-id", "x-session-id", "conversation_id"),
        ]
    ),
    _VALUES,
    max_size=6,
)


@st.composite
def mutated_bytes(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Bytes of which, now and then, some are cut out, put in, or changed."""
    data = draw(whole)
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 8))
        data = data[:start] + draw(st.binary(max_size=8)) + data[start + length :]
    return data


BODIES = mutated_bytes(
    st.one_of(
        _DOCUMENTS.map(lambda document: json.dumps(document).encode()),
        JSON.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")),
    )
)


@st.composite
def cut(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """The same bytes in pieces, of which some may be empty."""
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    bounds = [0, *places, len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]
