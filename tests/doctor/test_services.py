"""What is found of Redis, and of the sources of prices and latencies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from extproc.config import parse
from extproc.doctor.finding import Finding, Patient, State
from extproc.doctor.services import collector, filters, latencies, prices, redis
from tests.helpers.filter_server import filter_server
from tests.helpers.otlp_receiver import over_http
from tests.helpers.ports import free_port
from tests.helpers.price_server import Answer, price_server

TEXT = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: $KEY}]\n"
KEYS = {"KEY": "the-secret-key", "TOKEN": "the-price-token"}


def patient(text: str, directory: Path = Path()) -> Patient:
    loaded = parse(TEXT + text, KEYS, directory=directory)
    return Patient(loaded.config, loaded.secrets.values, {}, 1)


async def test_what_is_not_configured_is_not_looked_at() -> None:
    checks = (redis, filters, prices, latencies, collector)
    assert not any([await check(patient("")) for check in checks])


async def test_a_redis_that_is_not_there() -> None:
    port = free_port()
    url = f"redis://:pass-word@127.0.0.1:{port}/0"
    text = f"routing: {{session_cache: {{type: redis, url: '{url}'}}}}"
    (finding,) = await redis(patient(text))
    assert finding.state is State.FAILED
    assert str(port) in finding.subject
    assert "pass-word" not in repr(finding)


async def test_a_redis_for_counting_that_is_not_there() -> None:
    url = f"redis://:pass-word@127.0.0.1:{free_port()}"
    (finding,) = await redis(patient(f"dragoman: {{counters: {{type: redis, url: '{url}'}}}}"))
    assert finding.state is State.FAILED
    assert "dragoman.counters.url" in (finding.advice or "")
    assert "pass-word" not in repr(finding)


CUSTOM = """
model_metrics_sources:
  - {{type: cost_metrics, url: '{url}', auth: {{type: bearer, token: $TOKEN}}}}
"""


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (
            Answer.of({"openai/gpt-4o": {"input_per_million": 1, "output_per_million": 2}}),
            State.OK,
        ),
        (Answer.of({}), State.FAILED),
        (Answer(status=401), State.FAILED),
        (Answer(b"<html>"), State.FAILED),
    ],
)
async def test_prices(answer: Answer, state: State) -> None:
    async with price_server() as server:
        server.answer(answer)
        (finding,) = await prices(patient(CUSTOM.format(url=server.url())))
    assert finding.state is state, finding
    assert server.asked[0].headers["authorization"] == "bearer the-price-token"
    assert "the-price-token" not in repr(finding)


async def test_prices_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text(
        "openai/gpt-4o: {input_per_million: 1, output_per_million: 2}\n"
    )
    text = "model_metrics_sources: [{type: cost, provider: file, path: prices.yaml}]"
    (finding,) = await prices(patient(text, tmp_path))
    assert finding == Finding(f"prices from {tmp_path}/prices.yaml", State.OK, "of 1 models")


VECTOR = {"metric": {"model_name": "openai/gpt-4o"}, "value": [1, "0.5"]}


@pytest.mark.parametrize(
    ("result", "state"), [([VECTOR], State.OK), ([], State.NOTE), (None, State.FAILED)]
)
async def test_latencies(result: list[object] | None, state: State) -> None:
    answer = {"status": "success", "data": {"resultType": "vector", "result": result}}
    async with price_server() as server:
        server.answer(Answer.of(answer), path="/api/v1/query")
        text = (
            "model_metrics_sources: "
            f"[{{type: latency, provider: prometheus, url: '{server.url('')}', query: q}}]"
        )
        (finding,) = await latencies(patient(text))
    assert finding.state is state, finding


FILTERS = """
filters:
  - {{id: http, type: http, url: 'http://127.0.0.1:{port}/guard', on_failure: open}}
  - {{id: mcp, url: '{url}'}}
  - {{id: personal, type: pii}}
listeners: [{{type: model, input_filters: [http, mcp, personal], output_filters: [http]}}]
"""


async def test_filters() -> None:
    """Each is reached once, also where it looks both ways; what is in the box needs nothing."""
    async with filter_server() as there:
        text = FILTERS.format(port=free_port(), url=there.url)
        absent, present = await filters(patient(text))
    assert (present.subject, present.state) == (f"filter mcp at {there.url}", State.OK)
    assert absent.state is State.FAILED
    assert "requests go on without it" in absent.found
    closed = text.replace(", on_failure: open", "").replace("[http, mcp", "[http")
    (refusing,) = await filters(patient(closed))
    assert "what it guards is refused" in refusing.found


async def test_a_collector() -> None:
    with over_http() as receiver:
        (finding,) = await collector(patient(f"tracing: {{otlp_http_endpoint: '{receiver.url}'}}"))
    assert finding.state is State.OK
    (finding,) = await collector(patient(f"tracing: {{otlp_http_endpoint: '{receiver.url}'}}"))
    assert finding.state is State.FAILED
    assert "requests go on" in finding.found


async def test_a_collector_that_the_environment_names() -> None:
    traced = patient("tracing: {random_sampling: 1}")
    odd = replace(traced, environ={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://"})
    (finding,) = await collector(odd)
    assert finding.state is State.FAILED
    assert await collector(replace(odd, environ={"OTEL_SDK_DISABLED": "true"})) == []
