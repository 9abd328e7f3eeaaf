"""``python -m benchmarks.translation``: what translating costs, in Python alone, for each pair.

Columns are microseconds of CPU: a request of 2 KB and of 100 KB in turns of some 240 characters
(read, judged and written), a whole answer (read and written), and one event of a stream of a
thousand (cut out, read and written). Parsing the request's JSON is among it. Each figure is the
best of several rounds, for other work on the machine only ever adds to it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from extproc.core.models import Dialect
from extproc.dialects.sse import EventReader
from extproc.dialects.translation.form import Answer
from extproc.dialects.translation.table import TRANSLATORS
from extproc.dialects.translation.translator import Echo, Target

__all__ = ["AIMS", "Cost", "bodies", "main", "measure"]

_EVENTS = 1_000
_WORDS = "The weather in the north is mild, but the wind from the sea brings rain by noon. "
_TURN = 3 * _WORDS
_PROVIDERS = {Dialect.CHAT: "openai", Dialect.MESSAGES: "anthropic", Dialect.RESPONSES: "openai"}


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds for one pair: the client's dialect and the provider's."""

    client: str
    provider: str
    small_request: float
    large_request: float
    answer: float
    event: float


AIMS = Cost("aim", "", 60, float("inf"), 60, 15)
"""Of a request of 2 KB, a whole answer and an event; of a large request none is set."""


def bodies(dialect: Dialect, size: int) -> bytes:
    """A client's request of about so many bytes: a system, turns, a tool, and a call of it."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    turns = max(round((size - 900) / (2 * len(_TURN) + 90)), 1)
    said: list[dict[str, Any]] = []
    for _ in range(turns):
        said += [{"role": "user", "content": _TURN}, {"role": "assistant", "content": _TURN}]
    body: dict[str, Any] = {"model": "asked", "temperature": 0.5, "stream": True}
    if dialect is Dialect.CHAT:
        function = {"name": "weather", "description": "Tells it.", "parameters": schema}
        call = {"name": "weather", "arguments": '{"city":"Bern"}'}
        calls = [{"id": "call_1", "type": "function", "function": call}]
        said = [
            {"role": "system", "content": _WORDS},
            *said,
            {"role": "user", "content": _WORDS},
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "tool", "tool_call_id": "call_1", "content": _WORDS},
        ]
        body |= {"messages": said, "tools": [{"type": "function", "function": function}]}
        body |= {"max_completion_tokens": 500, "stream_options": {"include_usage": True}}
    elif dialect is Dialect.MESSAGES:
        used = {"type": "tool_use", "id": "t_1", "name": "weather", "input": {"city": "Bern"}}
        given = {"type": "tool_result", "tool_use_id": "t_1", "content": _WORDS}
        said += [
            {"role": "user", "content": _WORDS},
            {"role": "assistant", "content": [used]},
            {"role": "user", "content": [given]},
        ]
        tool = {"name": "weather", "description": "Tells it.", "input_schema": schema}
        body |= {"system": _WORDS, "messages": said, "tools": [tool], "max_tokens": 500}
    else:
        called = {"type": "function_call", "call_id": "c", "name": "weather"}
        said += [
            {"role": "user", "content": _WORDS},
            {**called, "arguments": '{"city":"Bern"}'},
            {"type": "function_call_output", "call_id": "c", "output": _WORDS},
        ]
        flat = {"type": "function", "name": "weather", "parameters": schema, "strict": False}
        body |= {"instructions": _WORDS, "input": said, "tools": [flat], "max_output_tokens": 500}
    return orjson.dumps(body)


def _answer(dialect: Dialect) -> bytes:
    """A provider's whole answer: words and a call."""
    call = {"name": "weather", "arguments": '{"city":"Bern"}'}
    if dialect is Dialect.CHAT:
        calls = [{"id": "call_1", "type": "function", "function": call}]
        message = {"role": "assistant", "content": _WORDS, "tool_calls": calls}
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
        usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
        told = {"id": "chatcmpl-1", "created": 5, "model": "m", "choices": [choice]}
        return orjson.dumps({**told, "usage": usage})
    if dialect is Dialect.MESSAGES:
        used = {"type": "tool_use", "id": "t_1", "name": "weather", "input": {"city": "Bern"}}
        told = {"id": "msg_1", "type": "message", "role": "assistant", "stop_reason": "tool_use"}
        content = [{"type": "text", "text": _WORDS}, used]
        usage = {"input_tokens": 5, "output_tokens": 5}
        return orjson.dumps({**told, "content": content, "usage": usage})
    said = {"type": "output_text", "text": _WORDS, "annotations": []}
    output = [
        {"type": "message", "id": "msg_1", "role": "assistant", "content": [said]},
        {"type": "function_call", "call_id": "call_1", **call},
    ]
    told = {"id": "resp_1", "created_at": 5, "status": "completed", "output": output}
    return orjson.dumps({**told, "usage": {"input_tokens": 5, "output_tokens": 5}})


def _stream(dialect: Dialect) -> bytes:
    """A provider's stream of a thousand pieces of words."""
    word = _WORDS[:12]
    events: list[dict[str, Any]]
    if dialect is Dialect.CHAT:
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 5, "model": "m"}
        deltas: list[tuple[dict[str, Any], str | None]] = [({"content": word}, None)] * _EVENTS
        events = [
            {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
            for delta, reason in [({"role": "assistant"}, None), *deltas, ({}, "stop")]
        ]
    elif dialect is Dialect.MESSAGES:
        piece = {"type": "text_delta", "text": word}
        stop = {"stop_reason": "end_turn"}
        events = [
            {"type": "message_start", "message": {"id": "msg_1", "usage": {"input_tokens": 5}}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}},
            *[{"type": "content_block_delta", "index": 0, "delta": piece}] * _EVENTS,
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 5}},
            {"type": "message_stop"},
        ]
    else:
        at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        item: dict[str, Any] = {"type": "message", "id": "msg_1", "content": []}
        said = {"delta": word, "logprobs": []}
        told: dict[str, Any] = {"type": "response.output_text.delta", **at, **said}
        ended = {"id": "resp_1", "status": "completed", "output": []}
        events = [
            {"type": "response.created", "response": {"id": "resp_1", "created_at": 5}},
            {"type": "response.output_item.added", "output_index": 0, "item": item},
            *[told] * _EVENTS,
            {"type": "response.completed", "response": ended},
        ]
    return b"".join(b"data: " + orjson.dumps(event) + b"\n\n" for event in events)


def _best(work: Callable[[], object], rounds: int, times: int) -> float:
    """Microseconds of one call: the best round's mean."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(times):
            work()
        best = min(best, (time.process_time() - start) / times)
    return best * 1e6


def measure(client: Dialect, provider: Dialect, rounds: int) -> Cost:
    """The costs of one pair.

    Args:
        client: the client's dialect.
        provider: the provider's.
        rounds: of which the best counts.
    """
    theirs, ours = TRANSLATORS[provider], TRANSLATORS[client]
    target = Target("m", _PROVIDERS[provider])
    small, large = bodies(client, 2_000), bodies(client, 100_000)

    def request(body: bytes) -> bytes:
        return theirs.write_request(ours.read_request(orjson.loads(body)), target).body

    echo = Echo(ours.read_request(orjson.loads(small)), "m", 5, "req-1")
    whole, stream = _answer(provider), _stream(provider)

    def answer() -> bytes:
        read = theirs.read_answer(whole)
        assert isinstance(read, Answer)
        return ours.write_answer(read, echo)

    def events() -> int:
        reader, writer, size = theirs.stream_reader(), ours.stream_writer(echo), 0
        for data in EventReader().feed(stream):
            for event in reader.read(data):
                size += len(writer.write(event))
        return size

    return Cost(
        client,
        provider,
        _best(lambda: request(small), rounds, 200),
        _best(lambda: request(large), rounds, 20),
        _best(answer, rounds, 200),
        _best(events, rounds, 1) / _EVENTS,
    )


def _show(costs: Sequence[Cost], console: Console) -> None:
    table = Table(title="Microseconds of translation")
    for name in ("client", "provider", "2 KB request", "100 KB request", "answer", "event"):
        table.add_column(name, justify="left" if name in ("client", "provider") else "right")
    for cost in (*costs, AIMS):
        numbers = (cost.small_request, cost.large_request, cost.answer, cost.event)
        shown = ("" if number == float("inf") else f"{number:.1f}" for number in numbers)
        table.add_row(cost.client, cost.provider, *shown, end_section=cost is costs[-1])
    console.print(table)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all pairs and show them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.translation",
        description="Microseconds of translating requests, answers and events, for each pair.",
    )
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="default: 7")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    options = parser.parse_args(arguments)
    pairs = [(one, other) for one in Dialect for other in Dialect if one is not other]
    costs = [measure(client, provider, options.rounds) for client, provider in pairs]
    if options.json:
        json.dump([asdict(cost) for cost in costs], sys.stdout, indent=2)
    else:
        _show(costs, Console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
