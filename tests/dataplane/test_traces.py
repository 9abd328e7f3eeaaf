"""Spans of requests on a real Envoy, as a collector receives them, and what providers are told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import (
    CHAT_MODELS,
    GREETING,
    MESSAGES_MODELS,
    PROMPT,
    ROUTE,
    House,
    greeting,
)
from tests.helpers.house import house as start
from tests.helpers.otlp_receiver import Received, Receiver, over_grpc

TRACE = "4bf92f3577b34da6a3ce929d0e0e47"
PARENT = "00f067aa0ba902b7"
CLIENT, INTERNAL = 3, 1

TRACING = """
tracing:
  opentracing_grpc_endpoint: {url}
  span_attributes:
    header_prefixes: [x-acme-]
    static: {{deployment.environment.name: test}}
"""


@pytest.fixture(scope="module")
def collector() -> Iterator[Receiver]:
    with over_grpc() as receiver:
        yield receiver


@pytest.fixture(scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, collector: Receiver
) -> AsyncIterator[House]:
    directory: Path = tmp_path_factory.mktemp("traces")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        patched.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-collector-key=secret")
        async with start(directory, more=TRACING.format(url=collector.url)) as running:
            yield running


@pytest.fixture(autouse=True)
def _clear(house: House) -> None:
    house.clear()


class Traced:
    """Sends requests in traces of their own."""

    _number = 0

    def __init__(self, house: House, collector: Receiver) -> None:
        self.house = house
        self.collector = collector

    async def spans(
        self,
        count: int,
        flags: str = "01",
        headers: dict[str, str] | None = None,
        path: str | None = None,
        **body: Any,
    ) -> list[Received]:
        """The spans of a request: its own, then those of its attempts."""
        Traced._number += 1
        trace = f"{TRACE}{Traced._number:02x}"
        told = {"traceparent": f"00-{trace}-{PARENT}-{flags}"}
        told |= headers or {}
        if path is None:
            answer = await self.house.chat(headers=told, **body)
        else:
            answer = await self.house.client.post(path, json=body, headers=told)
        assert answer.headers["x-dragoman-trace-id"] == trace
        return await self.collector.of_trace(trace, count)


@pytest.fixture
def traced(house: House, collector: Receiver) -> Traced:
    return Traced(house, collector)


def told_to(house: House, *names: str) -> list[str]:
    """The ``traceparent`` that each of these providers was sent last."""
    latest = (dict(house.providers[name].exchanges[-1].headers) for name in names)
    return [headers["traceparent"] for headers in latest]


async def test_every_attempt_has_a_span_that_its_provider_is_told_of(
    house: House, traced: Traced
) -> None:
    house.alpha.script(Behaviour(status=429))
    house.beta.script(Behaviour(status=500))
    request, *attempts = await traced.spans(4)
    assert (request.name, request.kind) == ("chat gamma/model-c", CLIENT)
    assert request.parent_id == PARENT
    assert [span.name for span in attempts] == [f"attempt {model}" for model in CHAT_MODELS]
    assert {span.parent_id for span in attempts} == {request.span_id}
    assert [span.attributes["http.response.status_code"] for span in attempts] == [429, 500, 200]
    assert [span.failed for span in attempts] == [True, True, False]
    assert told_to(house, "alpha", "beta", "gamma") == [
        f"00-{span.trace_id}-{span.span_id}-01" for span in attempts
    ]
    seen = {name for name, _ in house.gamma.exchanges[-1].headers}
    assert not [name for name in seen if name.startswith("x-dragoman-")]
    assert request.start <= attempts[0].start
    assert attempts[-1].end <= request.end + 0.001


async def test_a_requests_span_says_what_was_decided_and_what_came_of_it(
    house: House, traced: Traced
) -> None:
    house.alpha.script(Behaviour(input_tokens=321, output_tokens=45))
    headers = {"x-acme-tenant-id": "17", "x-acme-token": "a-secret"}
    request, attempt = await traced.spans(2, headers=headers)
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "alpha",
        "gen_ai.request.model": "gamma/model-c",
        "gen_ai.response.model": "model-a",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 321,
        "gen_ai.usage.output_tokens": 45,
        "server.address": "127.0.0.1",
        "dragoman.route.name": ROUTE,
        "dragoman.route.classifier": "embedded",
        "dragoman.ranking.candidates": [*CHAT_MODELS, *MESSAGES_MODELS],
        "dragoman.answered_by": CHAT_MODELS[0],
        "dragoman.status": 200,
        "deployment.environment.name": "test",
        "tenant.id": "17",
    }
    assert {name: request.attributes.get(name) for name in expected} == expected
    assert request.attributes["dragoman.route.score"] > 0
    assert not {"error.type", "token", "gen_ai.input.messages"} & request.attributes.keys()
    assert not any(PROMPT in str(value) for value in request.attributes.values())
    assert request.resource["service.name"] == "dragoman"
    assert not [name for name in attempt.attributes if name.startswith("gen_ai.")]


@pytest.mark.parametrize(
    ("path", "model", "stream", "reasons"),
    [
        ("/v1/chat/completions", CHAT_MODELS[0], True, None),
        ("/v1/messages", MESSAGES_MODELS[0], False, ["end_turn"]),
        ("/v1/messages", MESSAGES_MODELS[0], True, ["end_turn"]),
        ("/v1/responses", CHAT_MODELS[0], False, ["completed"]),
        ("/v1/responses", CHAT_MODELS[0], True, ["completed"]),
    ],
)
async def test_why_an_answer_ended(
    traced: Traced, path: str, model: str, reasons: list[str] | None, *, stream: bool
) -> None:
    """A stream of chat completions says so in a list, which Envoy does not look into."""
    said: dict[str, Any] = {"input": PROMPT}
    if path != "/v1/responses":
        said = {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": 100}
    said |= {"model": model, "stream": stream, "routing_preferences": []}
    request, _ = await traced.spans(2, path=path, **said)
    assert request.attributes.get("gen_ai.response.finish_reasons") == reasons
    assert request.attributes["gen_ai.response.model"] == model.partition("/")[2]


async def test_a_translated_stream(house: House, traced: Traced) -> None:
    house.alpha.script(Behaviour(status=503))
    models = (CHAT_MODELS[0], MESSAGES_MODELS[1])
    request, failed, answered = await traced.spans(
        3, prompt=GREETING, stream=True, routing_preferences=greeting(*models)
    )
    assert request.attributes["gen_ai.request.stream"] is True
    assert 0 < request.attributes["gen_ai.response.time_to_first_chunk"] < 10
    assert request.attributes["gen_ai.response.model"] == "claude-d"
    assert request.attributes["gen_ai.provider.name"] == "anthropic"
    assert failed.attributes["error.type"] == "503"
    assert told_to(house, "delta") == [f"00-{answered.trace_id}-{answered.span_id}-01"]


async def test_a_single_candidate_that_is_tried_again(house: House, traced: Traced) -> None:
    """Python is not asked about its second attempt: Envoy alone knows which span that is in."""
    house.alpha.script(Behaviour(before_headers="reset"))
    _, lost, answered = await traced.spans(3, model=CHAT_MODELS[0], routing_preferences=[])
    assert lost.attributes["error.type"] == "connection_error"
    assert answered.span_id.startswith("2f")
    assert told_to(house, "alpha") == [f"00-{answered.trace_id}-{answered.span_id}-01"]


async def test_who_is_not_sampled_leaves_no_span_and_carries_ids(
    house: House, traced: Traced, collector: Receiver
) -> None:
    before = len(collector.spans)
    assert await traced.spans(0, flags="00") == []
    (parent,) = told_to(house, "alpha")
    assert re.fullmatch(rf"00-{TRACE}..-1f[0-9a-f]{{14}}-00", parent)
    await traced.spans(2)
    assert len(collector.spans) == before + 2


async def test_who_brings_no_trace_begins_one(house: House, collector: Receiver) -> None:
    response = await house.chat(headers={"tracestate": "vendor=1", "x-request-id": "my own"})
    trace = response.headers["x-dragoman-trace-id"]
    request, attempt = await collector.of_trace(trace, 2)
    assert request.parent_id == ""
    assert told_to(house, "alpha") == [f"00-{trace}-{attempt.span_id}-01"]
    assert "tracestate" not in dict(house.alpha.exchanges[-1].headers)
    assert (await house.receipt(response))["trace_id"] == trace
    lines = await house.logged(lambda line: line.get("trace_id") == trace, 2)
    assert {line["log"] for line in lines} == {"request", "attempt"}


async def test_what_vendors_have_noted_travels_on(house: House, traced: Traced) -> None:
    request, attempt = await traced.spans(2, headers={"tracestate": "vendor=1,other=2"})
    assert (request.state, attempt.state) == ("vendor=1,other=2", "vendor=1,other=2")
    assert dict(house.alpha.exchanges[-1].headers)["tracestate"] == "vendor=1,other=2"


async def test_a_decision_alone(house: House, collector: Receiver) -> None:
    response = await house.chat(path="/routing/v1/chat/completions")
    (span,) = await collector.of_trace(response.json()["trace_id"], 1)
    assert (span.name, span.kind) == ("decide gamma/model-c", INTERNAL)
    assert span.attributes["dragoman.ranking.candidates"][0] == CHAT_MODELS[0]
    assert not [name for name in span.attributes if name.startswith("gen_ai.")]


async def test_what_is_forwarded_by_names_alone(house: House, collector: Receiver) -> None:
    body = {"model": CHAT_MODELS[0], "input": "some words"}
    response = await house.client.post("/v1/embeddings", json=body)
    trace = response.headers["x-dragoman-trace-id"]
    request, attempt = await collector.of_trace(trace, 2)
    assert request.name == f"embeddings {CHAT_MODELS[0]}"
    assert told_to(house, "alpha") == [f"00-{trace}-{attempt.span_id}-01"]
