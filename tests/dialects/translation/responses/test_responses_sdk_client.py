"""The real SDK as the client: its helpers, its tool loop, its errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx2
import openai
import orjson
import pytest
from openai.types.responses import ResponseInputParam
from pydantic import BaseModel

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
from extproc.dialects.translation.form import (
    Answer,
    Failure,
    Reasoning,
    Request,
    Stop,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from extproc.dialects.translation.responses import TRANSLATOR
from extproc.dialects.translation.translator import Echo
from tests.dialects.translation.responses.responses_sdk import told_by

Reply = Callable[[Request], Answer | Failure]


class _Weather(BaseModel):
    city: str
    degrees: int


def _events(answer: Answer) -> Iterator[Event]:
    yield Started(answer.id)
    for key, part in enumerate(answer.parts):
        if isinstance(part, ToolCall):
            yield PartStarted(key, PartKind.TOOL, part.id, part.name)
            yield from (Delta(key, letter) for letter in part.arguments)
        elif isinstance(part, Text | Reasoning):
            yield PartStarted(key, PartKind.TEXT if isinstance(part, Text) else PartKind.REASONING)
            yield from (Delta(key, letter) for letter in part.text)
        yield PartEnded(key)
    yield Stopped(answer.stop)
    yield Used(answer.usage)
    yield Ended()


def _client(reply: Reply) -> openai.OpenAI:
    def handle(sent: httpx2.Request) -> httpx2.Response:
        asked = TRANSLATOR.read_request(orjson.loads(sent.content))
        echo = Echo(asked, "served", 1_700_000_000, "req-1")
        answer = reply(asked)
        if isinstance(answer, Failure):
            if asked.streamed:
                body = told_by([Started("x"), Failed(answer)], echo)
                return httpx2.Response(200, content=body)
            return httpx2.Response(answer.status or 502, content=TRANSLATOR.write_error(answer, ""))
        if asked.streamed:
            headers = {"content-type": "text/event-stream"}
            return httpx2.Response(200, content=told_by(_events(answer), echo), headers=headers)
        return httpx2.Response(200, content=TRANSLATOR.write_answer(answer, echo))

    client = openai.DefaultHttpxClient(transport=httpx2.MockTransport(handle))
    return openai.OpenAI(api_key="k", http_client=client, max_retries=0)


def _weather(asked: Request) -> Answer:
    """Asks for two cities at once, thinking first, and tells them when it knows."""
    results = [part for turn in asked.turns for part in turn.parts if isinstance(part, ToolResult)]
    if not results:
        calls = [ToolCall(f"c{city}", "weather", f'{{"city":"{city}"}}') for city in ("A", "B")]
        return Answer("msg_1", (Reasoning("hm"), Text("I look."), *calls), Stop.TOOLS)
    said = " ".join(
        part.text for result in results for part in result.parts if isinstance(part, Text)
    )
    return Answer("msg_2", (Text(said),), Stop.END, Usage(input=3, output=4))


@pytest.mark.parametrize("streamed", [False, True])
def test_a_loop_with_parallel_calls(streamed: bool) -> None:
    client = _client(_weather)
    said: ResponseInputParam = [{"role": "user", "content": "Weather in A and B?"}]
    for _ in range(2):
        if streamed:
            with client.responses.stream(model="m", input=said) as stream:
                response = stream.get_final_response()
        else:
            response = client.responses.create(model="m", input=said)  # type: ignore[assignment]
        said.extend(item.to_dict() for item in response.output)  # type: ignore[misc]
        for item in response.output:
            if item.type == "function_call":
                city = orjson.loads(item.arguments)["city"]
                said.append(
                    {
                        "type": "function_call_output",
                        "call_id": item.call_id,
                        "output": f"{city}: sunny",
                    }
                )
    assert response.output_text == "A: sunny B: sunny"
    assert response.usage is not None
    assert response.usage.total_tokens == 7


def test_the_parse_helper() -> None:
    client = _client(
        lambda asked: Answer(
            "x",
            (Text('{"city":"Bern","degrees":7}' if asked.format and asked.format.schema else ""),),
            Stop.END,
        )
    )
    response = client.responses.parse(model="m", input="hi", text_format=_Weather)
    assert response.output_parsed == _Weather(city="Bern", degrees=7)
    with client.responses.stream(model="m", input="hi", text_format=_Weather) as stream:
        events = [event.type for event in stream]
        assert stream.get_final_response().output_parsed == _Weather(city="Bern", degrees=7)
    assert events[-1] == "response.completed"


def test_errors_are_the_sdks_own() -> None:
    client = _client(lambda _: Failure("slow down", 429, "rate_limit_error"))
    with pytest.raises(openai.RateLimitError, match="slow down"):
        client.responses.create(model="m", input="hi")
    (*_, last) = client.responses.create(model="m", input="hi", stream=True)
    assert last.type == "response.failed"
    assert last.response.error is not None
    assert last.response.error.code == "rate_limit_exceeded"
