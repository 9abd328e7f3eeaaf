"""Translation over a pair of dialects, from bytes to bytes, each side held to its SDK's types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import anthropic.types as anthropic_types
import orjson
from anthropic.lib.streaming._messages import accumulate_event
from anthropic.types.message_create_params import (
    MessageCreateParamsNonStreaming,
    MessageCreateParamsStreaming,
)
from anthropic.types.shared import ErrorResponse
from openai import omit
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.lib.streaming.responses._responses import ResponseStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses.response_create_params import (
    ResponseCreateParamsNonStreaming,
    ResponseCreateParamsStreaming,
)
from pydantic import TypeAdapter

from extproc.core.models import Dialect
from extproc.core.traits import Traits
from extproc.dialects.sse import EventReader
from extproc.dialects.translation.form import Answer
from extproc.dialects.translation.losses import Loss, Severity
from extproc.dialects.translation.table import TRANSLATORS
from extproc.dialects.translation.translator import Echo, Target
from tests.helpers.sdk_types import strictly

__all__ = [
    "HI",
    "PAIRS",
    "C",
    "M",
    "R",
    "Sent",
    "answer",
    "ask",
    "chat_answer",
    "chat_chunks",
    "echo_of",
    "error",
    "events",
    "message",
    "message_events",
    "obstacles",
    "request",
    "response",
    "response_events",
    "sse",
    "stream",
    "whole",
]

C, M, R = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES
PAIRS = [(client, provider) for client in (C, M, R) for provider in (C, M, R) if client != provider]
HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
PROVIDERS = {C: "openai", M: "anthropic", R: "openai"}
CREATED = 1_700_000_000

_REQUESTS: dict[Dialect, tuple[Any, Any]] = {
    C: (CompletionCreateParamsNonStreaming, CompletionCreateParamsStreaming),
    M: (MessageCreateParamsNonStreaming, MessageCreateParamsStreaming),
    R: (ResponseCreateParamsNonStreaming, ResponseCreateParamsStreaming),
}
_ANSWERS: dict[Dialect, Any] = {C: ChatCompletion, M: anthropic_types.Message, R: Response}
_EVENTS: dict[Dialect, Any] = {
    C: ChatCompletionChunk,
    M: anthropic_types.RawMessageStreamEvent,
    R: ResponseStreamEvent,
}
_BEYOND = frozenset({"reasoning_content", "temperature", "top_p", "top_k"})
"""What an SDK does not declare: thoughts in chat, and what only Anthropic's older API takes."""


def ask(dialect: Dialect, **members: Any) -> dict[str, Any]:
    """The smallest body of a dialect, with more members."""
    said = {"input": HI} if dialect is R else {"messages": HI}
    limit = {"max_tokens": 100} if dialect is M else {}
    return {"model": "asked", **said, **limit, **members}


@dataclass(frozen=True, slots=True)
class Sent:
    """A provider's request, parsed, and what it lacks."""

    body: dict[str, Any]
    losses: tuple[Loss, ...]
    echo: Echo

    @property
    def codes(self) -> list[str]:
        return [loss.code for loss in self.losses]

    @property
    def skips(self) -> list[str]:
        return [loss.code for loss in self.losses if loss.severity is Severity.SKIP]


def _target(provider: Dialect, at: str | None, version: str, traits: dict[str, Any]) -> Target:
    return Target("served", at or PROVIDERS[provider], Traits(**traits), version)


def request(
    client: Dialect,
    provider: Dialect,
    body: dict[str, Any],
    *,
    at: str | None = None,
    version: str = "",
    **traits: Any,
) -> Sent:
    """What a client's body becomes for a provider.

    Args:
        client: the client's dialect.
        provider: the provider's.
        body: the client's, parsed.
        at: the provider's name.
        version: Anthropic's API version.
        traits: of the model.
    """
    asked = TRANSLATORS[client].read_request(orjson.loads(orjson.dumps(body)))
    target = _target(provider, at, version, traits)
    written = TRANSLATORS[provider].write_request(asked, target)
    declared = _REQUESTS[provider][asked.streamed]
    sent: dict[str, Any] = strictly(declared, written.body, beyond=_BEYOND)
    barred = TRANSLATORS[provider].obstacles(asked, target)
    assert set(barred) <= set(written.losses)
    assert all(loss.severity is Severity.WARN for loss in set(written.losses) - set(barred))
    return Sent(sent, written.losses, _echo(asked, written.tool_names))


def obstacles(client: Dialect, provider: Dialect, body: dict[str, Any], **traits: Any) -> list[str]:
    """The codes of what keeps a candidate from serving a request."""
    asked = TRANSLATORS[client].read_request(orjson.loads(orjson.dumps(body)))
    target = _target(provider, None, "", traits)
    barred = TRANSLATORS[provider].obstacles(asked, target)
    return [loss.code for loss in barred if loss.severity is Severity.SKIP]


def _echo(asked: Any, tool_names: Any = None) -> Echo:
    return Echo(asked, "served", CREATED, "req-1", tool_names or {})


def echo_of(client: Dialect, **members: Any) -> Echo:
    """What an answer to a small request repeats."""
    return _echo(TRANSLATORS[client].read_request(ask(client, **members)))


def answer(
    provider: Dialect, client: Dialect, body: object, echo: Echo | None = None
) -> dict[str, Any]:
    """What a client gets for a provider's whole answer."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    read = TRANSLATORS[provider].read_answer(data)
    assert isinstance(read, Answer), read
    written = TRANSLATORS[client].write_answer(read, echo or echo_of(client))
    told: dict[str, Any] = strictly(_ANSWERS[client], written, beyond=_BEYOND)
    return told


def error(
    provider: Dialect, client: Dialect, status: int, body: bytes | dict[str, Any]
) -> tuple[int | None, dict[str, Any]]:
    """The status and the body that a client gets for a provider's error."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    failure = TRANSLATORS[provider].read_error(status, data)
    told = orjson.loads(TRANSLATORS[client].write_error(failure, "req-1"))
    if client is M:
        strictly(ErrorResponse, told)
    else:
        assert told.keys() == {"error"}
        assert told["error"].keys() == {"message", "type", "param", "code"}
    return failure.status, told


def stream(
    provider: Dialect,
    client: Dialect,
    data: bytes,
    echo: Echo | None = None,
    cuts: Sequence[int] = (),
) -> bytes:
    """What a client is sent for the bytes of a provider's stream, which come cut at some places."""
    reader = TRANSLATORS[provider].stream_reader()
    writer = TRANSLATORS[client].stream_writer(
        echo or echo_of(client, stream=True, **_usage(client))
    )
    cutter = EventReader()
    bounds = [0, *cuts, len(data)]
    written: list[bytes] = []
    for start, end in pairwise(bounds):
        for event in cutter.feed(data[start:end]):
            written.extend(writer.write(told) for told in reader.read(event))
    written.extend(writer.write(told) for told in reader.end())
    return b"".join(written)


def _usage(client: Dialect) -> dict[str, Any]:
    return {"stream_options": {"include_usage": True}} if client is C else {}


def events(client: Dialect, written: bytes) -> list[dict[str, Any]]:
    """The events that a client is sent: each is the SDK's, and named as its dialect does."""
    told = []
    for frame in written.removesuffix(b"\n\n").split(b"\n\n") if written else []:
        *named, data = frame.split(b"\n")
        text = data.removeprefix(b"data: ")
        if text == b"[DONE]":
            told.append({"done": True})
            continue
        event = orjson.loads(text)
        told.append(event)
        if client is C:
            assert named == []
            if "error" not in event:
                strictly(_EVENTS[C], event, beyond=_BEYOND)
            continue
        assert named == [b"event: " + event["type"].encode()]
        is_error = client is M and event["type"] == "error"
        strictly(ErrorResponse if is_error else _EVENTS[client], event)
    return told


_CHUNK: TypeAdapter[Any] = TypeAdapter(ChatCompletionChunk)
_MESSAGE_EVENT: TypeAdapter[Any] = TypeAdapter(anthropic_types.RawMessageStreamEvent)
_RESPONSE_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def whole(client: Dialect, written: bytes) -> dict[str, Any]:
    """What the SDK's own accumulator makes of a stream."""
    told = events(client, written)
    if client is C:
        chat: Any = ChatCompletionStreamState()
        assert told[-1] == {"done": True}
        for event in told[:-1]:
            chat.handle_chunk(_CHUNK.validate_python(event))
        return dict(chat.get_final_completion().to_dict())
    if client is M:
        snapshot: Any = None
        buffers: dict[int, bytes] = {}
        for event in told[:-1]:
            parsed = _MESSAGE_EVENT.validate_python(event)
            snapshot = accumulate_event(event=parsed, current_snapshot=snapshot, json_bufs=buffers)
        assert told[-1]["type"] == "message_stop"
        return dict(snapshot.to_dict())
    state: Any = ResponseStreamState(input_tools=omit, text_format=omit)
    for event in told:
        state.handle_event(_RESPONSE_EVENT.validate_python(event))
    return dict(state._completed_response.to_dict())


def sse(*data: dict[str, Any] | str, named: bool = False) -> bytes:
    """A provider's stream of events."""
    written = []
    for one in data:
        text = one.encode() if isinstance(one, str) else orjson.dumps(one)
        name = b"event: " + one["type"].encode() + b"\n" if named and isinstance(one, dict) else b""
        written.append(name + b"data: " + text + b"\n\n")
    return b"".join(written)


def chat_answer(reason: str | None = "stop", **message_: Any) -> dict[str, Any]:
    """A chat provider's whole answer."""
    said = {"role": "assistant", "content": None, "refusal": None, **message_}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 5,
        "model": "gpt-x",
        "choices": [{"index": 0, "message": said, "logprobs": None, "finish_reason": reason}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
    }


def message(*content: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Anthropic's whole answer."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": list(content),
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 4},
        **members,
    }


def response(*output: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A responses provider's whole answer."""
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 5,
        "model": "gpt-x",
        "status": "completed",
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 3,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 4,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 7,
        },
        **members,
    }


def chat_chunks(
    *deltas: dict[str, Any],
    reason: str | None = "stop",
    usage: dict[str, Any] | None = None,
    done: bool = True,
) -> bytes:
    """A chat provider's stream."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 5, "model": "gpt-x"}
    chunks: list[dict[str, Any] | str] = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in deltas
    ]
    if reason is not None:
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    if usage is not None:
        chunks.append({**head, "choices": [], "usage": usage})
    return sse(*chunks, *(["[DONE]"] if done else []))


def message_events(
    *blocks: tuple[dict[str, Any], Iterable[dict[str, Any]]],
    stop: str | None = "end_turn",
    start_usage: dict[str, Any] | None = None,
    end_usage: dict[str, Any] | None = None,
) -> bytes:
    """Anthropic's stream: of each block its start and its deltas."""
    started = message(usage=start_usage or {"input_tokens": 3, "output_tokens": 1})
    told: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**started, "stop_reason": None}}
    ]
    for index, (block, deltas) in enumerate(blocks):
        told.append({"type": "content_block_start", "index": index, "content_block": block})
        told.extend(
            {"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas
        )
        told.append({"type": "content_block_stop", "index": index})
    if stop is not None:
        delta = {"stop_reason": stop, "stop_sequence": None}
        usage = end_usage or {"output_tokens": 4}
        told.append({"type": "message_delta", "delta": delta, "usage": usage})
        told.append({"type": "message_stop"})
    return sse(*told, named=True)


def response_events(*told: dict[str, Any], ends: str | None = "completed", **members: Any) -> bytes:
    """A responses provider's stream: what stands between its beginning and its end."""
    begun = {**response(), "status": "in_progress", "usage": None}
    between: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        *told,
    ]
    if ends is not None:
        items = [one["item"] for one in told if one["type"] == "response.output_item.done"]
        last = response(*items, status=ends, **members)
        between.append({"type": f"response.{ends}", "response": last})
    numbered = [{**one, "sequence_number": number} for number, one in enumerate(between)]
    return sse(*numbered, named=True)
