"""Sources over time: what is known, how old it is, and what the log says."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from extproc.config import Loaded, parse
from extproc.errors import StartError
from extproc.ranking.snapshot import Price, Tier
from extproc.sources import Bounds, Outcome, Pace, Refresh, refreshing
from tests.helpers.price_server import Answer, PriceServer, document
from tests.helpers.steps import Steps

SONNET = "anthropic/claude-sonnet-4-20250514"
MODELS = f"""
version: v0.4.0
model_providers:
  - {{model: openai/gpt-4o, access_key: k}}
  - {{model: openai/gpt-4o-mini, access_key: k}}
  - {{model: {SONNET}, access_key: k}}
routing_preferences:
  - name: r
    description: d
    models: [openai/gpt-4o, openai/gpt-4o-mini, {SONNET}]
    selection_policy: {{prefer: PREFER}}
"""


def configured(*sources: str, prefer: str = "none", directory: Path = Path()) -> Loaded:
    text = f"{MODELS.replace('PREFER', prefer)}model_metrics_sources: [{', '.join(sources)}]\n"
    return parse(text, {"PRICING_TOKEN": "the-pricing-token"}, directory=directory)


def custom(server: PriceServer, more: str = "refresh_interval: 60") -> str:
    return f"{{type: cost, provider: custom, url: '{server.url()}', {more}}}"


def costs(**rates: tuple[Any, Any]) -> Answer:
    names = {"gpt": "openai/gpt-4o", "mini": "openai/gpt-4o-mini", "sonnet": SONNET}
    return Answer.of(
        {
            names[name]: {"input_per_million": rate_in, "output_per_million": rate_out}
            for name, (rate_in, rate_out) in rates.items()
        }
    )


GOOD = costs(gpt=(2.5, 10), mini=(0.15, 0.6), sonnet=(3, 15))
PRICES = {
    "openai/gpt-4o": Price(2.5, 10.0),
    "openai/gpt-4o-mini": Price(0.15, 0.6),
    SONNET: Price(3.0, 15.0),
}


def said(caplog: pytest.LogCaptureFixture, level: int = logging.INFO) -> list[str]:
    found = [
        f"{record.levelname} {record.getMessage()}"
        for record in caplog.records
        if record.name.startswith("extproc") and record.levelno >= level
    ]
    caplog.clear()
    return found


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="extproc")


async def test_a_source_is_read_at_once_and_again(
    server: PriceServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer(GOOD)
    steps = Steps()
    async with steps.sources(configured(custom(server)).config) as sources:
        assert await sources.ready(within=30)
        await steps.done()
        assert sources.costs.prices == PRICES
        assert (sources.costs.updated_at, steps.changes) == (1.0, 1)
        assert said(caplog) == [
            "INFO fetched custom pricing: 3 models",
            (
                "INFO openai/gpt-4o: price of 'openai/gpt-4o', by exact name: "
                "$2.5 in, $10 out per million tokens"
            ),
            (
                "INFO openai/gpt-4o-mini: price of 'openai/gpt-4o-mini', by exact name: "
                "$0.15 in, $0.6 out per million tokens"
            ),
            (
                f"INFO {SONNET}: price of '{SONNET}', by exact name: "
                "$3 in, $15 out per million tokens"
            ),
        ]
        server.answer(costs(gpt=(3, 12), mini=(0.15, 0.6), sonnet=(3, 15)))
        await steps.again()
        assert sources.costs.prices == PRICES | {"openai/gpt-4o": Price(3.0, 12.0)}
        assert (sources.costs.updated_at, steps.changes) == (2.0, 2)
        assert said(caplog) == []
        assert steps.delays == [60, 60]
        (refresh,) = sources.refreshes
        assert refresh.outcomes == {Outcome.OK: 2}
        assert refresh.trouble is None


BAD = {
    "500": (Answer(GOOD.body, 500), Outcome.FAILED, "answered 500"),
    "broken off": (
        Answer(GOOD.body, said=40),
        Outcome.FAILED,
        "the exchange broke off (RemoteProtocolError)",
    ),
    "slow": (
        Answer(GOOD.body, after=asyncio.Event()),
        Outcome.FAILED,
        "took longer than 1s",
    ),
    "truncated": (Answer(GOOD.body[:40]), Outcome.MALFORMED, "is not valid JSON"),
    "HTML": (
        Answer(b"<html><body>Sign in", headers={"content-type": "text/html"}),
        Outcome.MALFORMED,
        "is HTML, not JSON",
    ),
    "no body": (Answer(), Outcome.MALFORMED, "is empty"),
    "another type": (Answer.of([GOOD.body.decode()]), Outcome.MALFORMED, "is no JSON object"),
    "empty": (Answer.of({}), Outcome.EMPTY, "lists nothing of use"),
    "other models": (
        Answer.of({"x": {"input_per_million": 1, "output_per_million": 1}}),
        Outcome.EMPTY,
        "lists nothing of use",
    ),
    "wrong types": (costs(gpt=("2.5", 10), mini=(None, 1)), Outcome.EMPTY, "lists nothing of use"),
}


@pytest.mark.parametrize(("bad", "outcome", "trouble"), BAD.values(), ids=BAD.keys())
async def test_a_refresh_that_fails_keeps_the_last_good_values(
    server: PriceServer,
    caplog: pytest.LogCaptureFixture,
    bad: Answer,
    outcome: Outcome,
    trouble: str,
) -> None:
    steps = Steps()
    server.answer(GOOD)
    config = configured(custom(server)).config
    bounds = Bounds() if bad.after is None else Bounds(total=1.0)
    async with steps.sources(config, bounds=bounds) as sources:
        await steps.done()
        said(caplog)
        server.answer(bad)
        await steps.again()
        await steps.again()
        assert sources.costs.prices == PRICES
        assert (sources.costs.updated_at, steps.changes) == (1.0, 1)
        (refresh,) = sources.refreshes
        assert refresh.outcomes == {Outcome.OK: 1, outcome: 2}
        assert refresh.trouble == trouble
        failures = [line for line in said(caplog) if "failed" in line]
        assert failures == [
            f"WARNING failed to fetch custom pricing from {server.url()}: {trouble}"
        ]
        assert 0.5 <= steps.delays[1] <= 1.0 <= steps.delays[2] <= 2.0

        server.answer(GOOD)
        await steps.again()
        assert sources.costs.updated_at == steps.now
        assert steps.changes == 2
        assert refresh.trouble is None
        assert steps.delays[3] == 60
        assert said(caplog) == ["INFO custom pricing: is read again"]


async def test_a_first_read_that_fails_is_soon_tried_again_also_without_an_interval(
    server: PriceServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer(Answer(status=503))
    steps = Steps()
    async with steps.sources(configured(custom(server, "")).config) as sources:
        await steps.done()
        assert not await sources.ready(within=0.01)
        assert said(caplog) == [
            f"WARNING failed to fetch custom pricing from {server.url()}: answered 503",
            "WARNING no custom pricing within 0.01s (answered 503): going on without",
        ]
        assert (sources.costs.prices, sources.costs.updated_at) == ({}, None)
        for _ in range(3):
            await steps.again()
        server.answer(GOOD)
        steps.wake()
        assert await sources.ready(within=30)
        assert sources.costs.prices == PRICES
        # Once is enough: nobody waits for anything any more.
        assert len(steps.delays) == 4
        assert all(0.5 * 2**n <= delay <= 2**n for n, delay in enumerate(steps.delays))


def test_how_soon_failures_are_tried_again() -> None:
    pace = Pace(first=1.0, longest=300.0, chance=random.Random(7))
    for failures, most in [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (10_000, 300)]:
        delays = {pace.delay(failures, None) for _ in range(100)}
        assert most / 2 <= min(delays) < max(delays) <= most
        assert len(delays) > 90
    assert max(pace.delay(100, 5) for _ in range(100)) <= 5


async def test_a_jump_is_held_back_and_told(
    server: PriceServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer(GOOD)
    steps = Steps()
    async with steps.sources(configured(custom(server)).config) as sources:
        await steps.done()
        said(caplog)
        server.answer(costs(gpt=(2.5e-6, 1e-5), mini=(0.15, 0.6), sonnet=(3, 15)))
        await steps.again()
        assert sources.costs.prices == PRICES
        assert sources.costs.held_back == 1
        assert said(caplog) == [
            (
                "WARNING openai/gpt-4o: price jumped from $2.5 in, $10 out per million tokens to "
                "$2.5e-06 in, $1e-05 out per million tokens; held back until the next refresh "
                "confirms it"
            )
        ]
        await steps.again()
        assert sources.costs.prices["openai/gpt-4o"] == Price(2.5e-6, 1e-5)
        assert sources.costs.held_back == 1
        assert said(caplog) == [
            "INFO openai/gpt-4o: price is $2.5e-06 in, $1e-05 out per million tokens"
        ]


async def test_models_without_data_and_bad_entries_are_told_once(
    server: PriceServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer(costs(gpt=(2.5, 10), mini=(-1, 10)))
    steps = Steps()
    config = configured(custom(server), prefer="cheapest").config
    async with steps.sources(config) as sources:
        for _ in range(2):
            await steps.done() if not steps.delays else await steps.again()
        assert sources.costs.prices == {"openai/gpt-4o": Price(2.5, 10.0)}
        last = " — ranking last (prefer: cheapest)"
        assert said(caplog, logging.WARNING) == [
            (
                "WARNING custom pricing: 1 left out or doubtful: "
                "'openai/gpt-4o-mini': input_per_million is negative"
            ),
            f"WARNING no cost data for openai/gpt-4o-mini{last}",
            f"WARNING no cost data for {SONNET}{last}",
        ]


async def test_digitalocean_page_by_page(
    server: PriceServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer(Answer(document("digitalocean-1.json")), Answer(document("digitalocean-2.json")))
    source = (
        f"{{type: cost, provider: digitalocean, url: '{server.url()}',"
        f" model_aliases: {{openai-gpt-4o: gpt-4o, anthropic-claude-sonnet-4: {SONNET}}}}}"
    )
    async with Steps().sources(configured(source).config) as sources:
        assert await sources.ready(within=30)
        assert sources.costs.prices == {
            "openai/gpt-4o": Price(2.5, 10.0, 1.25),
            SONNET: Price(3.0, 15.0, 0.3),
        }
    assert said(caplog) == [
        "INFO fetched digitalocean pricing: 4 models",
        (
            "INFO openai/gpt-4o: price of 'openai-gpt-4o', by model_aliases: "
            "$2.5 in, $10 out per million tokens"
        ),
        (
            "WARNING no cost data for openai/gpt-4o-mini; "
            "is it 'openai-gpt-4o-mini'? Say so in model_aliases"
        ),
        (
            f"INFO {SONNET}: price of 'anthropic-claude-sonnet-4', by model_aliases: "
            "$3 in, $15 out per million tokens"
        ),
    ]


async def test_models_dev(server: PriceServer, caplog: pytest.LogCaptureFixture) -> None:
    catalogue = document("models-dev.json").replace(b'"openai": {', b'"open": {')
    server.answer(Answer(catalogue))
    source = f"{{type: cost, provider: models.dev, url: '{server.url()}'}}"
    async with Steps().sources(configured(source, prefer="cheapest").config) as sources:
        assert await sources.ready(within=30)
        assert sources.costs.prices == {
            "openai/gpt-4o-mini": Price(0.15, 0.6, 0.075),
            SONNET: Price(3.0, 15.0, 0.3, 3.75, tiers=(Tier(200_000, Price(6.0, 22.5, 0.6, 7.5)),)),
        }
    assert said(caplog, logging.WARNING) == [
        (
            "WARNING no cost data for openai/gpt-4o — ranking last (prefer: cheapest): several "
            "entries fit, at different prices: 'azure/gpt-4o', 'open/gpt-4o'; "
            "say which in model_aliases"
        )
    ]


@pytest.mark.parametrize("name", ["prices.yaml", "prices.YML", "prices.json"])
async def test_a_file_needs_no_network(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(document("costs.json"))
    source = f"{{type: cost, provider: file, path: {name}, refresh_interval: 5}}"
    steps = Steps()
    async with steps.sources(configured(source, directory=tmp_path).config) as sources:
        await steps.done()
        good = {"openai/gpt-4o": Price(5.0, 20.0, 2.5), SONNET: Price(3.0, 15.0)}
        assert sources.costs.prices == good
        assert said(caplog)[0] == "INFO fetched file pricing: 2 models"
        path.unlink()
        await steps.again()
        assert sources.costs.prices == good
        assert said(caplog) == [
            (
                f"WARNING failed to fetch file pricing from {path}: "
                "cannot be read: No such file or directory"
            )
        ]
        path.write_bytes(GOOD.body)
        await steps.again()
        assert sources.costs.prices == PRICES
        assert steps.delays[-1] == 5


async def test_a_file_in_yaml(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_bytes(document("prices.yaml"))
    source = "{type: cost, provider: file, path: prices.yaml}"
    async with Steps().sources(configured(source, directory=tmp_path).config) as sources:
        assert await sources.ready(within=30)
        assert sources.costs.prices == {"openai/gpt-4o": Price(5.0, 20.0, 2.5)}


def prometheus(server: PriceServer) -> str:
    return (
        f"{{type: latency, provider: prometheus, url: '{server.url('/prom')}',"
        " query: 'p95{a=\"b\"}', refresh_interval: 60}"
    )


async def test_latencies_of_prometheus(
    server: PriceServer, caplog: pytest.LogCaptureFixture
) -> None:
    path = "/prom/api/v1/query"
    body = document("prometheus.json").replace(b'"NaN"', b'"0.4"')
    server.answer(Answer(body), path=path)
    steps = Steps()
    config = configured(prometheus(server), prefer="fastest").config
    async with steps.sources(config) as sources:
        await steps.done()
        latencies = {"openai/gpt-4o": 1.2, SONNET: 0.85}
        assert sources.latency.latencies == latencies
        assert (sources.latency.updated_at, steps.changes) == (1.0, 1)
        assert server.asked[0].target == f"{path}?query=p95%7Ba%3D%22b%22%7D"
        label = "prometheus latency metrics"
        assert said(caplog) == [
            f"INFO fetched {label}: 3 models",
            "WARNING no latency data for openai/gpt-4o-mini — ranking last (prefer: fastest)",
            f"WARNING {label}: model_name matches no model of ours: 'idle'",
        ]
        empty = {"status": "success", "data": {"resultType": "vector", "result": []}}
        server.answer(Answer.of(empty), path=path)
        await steps.again()
        server.answer(Answer(body[:50]), path=path)
        await steps.again()
        assert sources.latency.latencies == latencies
        assert (sources.latency.updated_at, steps.changes) == (1.0, 1)
        assert sources.refreshes[0].outcomes == {
            Outcome.OK: 1,
            Outcome.EMPTY: 1,
            Outcome.MALFORMED: 1,
        }


async def test_both_sources_together(server: PriceServer) -> None:
    server.answer(GOOD)
    server.answer(Answer(document("prometheus.json")), path="/prom/api/v1/query")
    steps = Steps()
    config = configured(custom(server), prometheus(server)).config
    async with steps.sources(config) as sources:
        assert await sources.ready(within=30)
        assert sources.costs.prices == PRICES
        assert len(sources.latency.latencies) == 2
        assert [refresh.label for refresh in sources.refreshes] == [
            "custom pricing",
            "prometheus latency metrics",
        ]
    assert steps.changes == 2


async def test_without_sources() -> None:
    config = configured("{type: latency, provider: observed}").config
    async with Steps().sources(config) as sources:
        assert await sources.ready(within=0)
        assert sources.refreshes == ()
        assert (sources.costs.prices, sources.latency.latencies) == ({}, {})


WITH_TOKEN = "auth: {type: bearer, token: $PRICING_TOKEN}"


async def test_the_token_is_sent_and_never_told(
    server: PriceServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer(Answer(status=401), GOOD)
    loaded = configured(custom(server, f"refresh_interval: 60, {WITH_TOKEN}"))
    steps = Steps()
    async with steps.sources(loaded.config, loaded.secrets.values) as sources:
        await steps.done()
        await steps.again()
        assert sources.costs.prices == PRICES
        assert "the-pricing-token" not in repr(sources)
    assert {asked.headers["authorization"] for asked in server.asked} == {
        "bearer the-pricing-token"
    }
    assert "the-pricing-token" not in caplog.text


async def test_a_token_that_is_not_there(server: PriceServer) -> None:
    config = configured(custom(server, WITH_TOKEN)).config
    with pytest.raises(StartError, match="PRICING_TOKEN is not set"):
        async with Steps().sources(config):
            pass
    assert server.asked == []


async def test_secrets_in_an_address_are_not_told(
    server: PriceServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer(Answer(status=403))
    source = f"{{type: cost, provider: custom, url: '{server.url()}?key=a-secret-key'}}"
    steps = Steps()
    async with steps.sources(configured(source).config):
        await steps.done()
    assert server.asked[0].target == "/costs?key=a-secret-key"
    assert said(caplog) == [
        f"WARNING failed to fetch custom pricing from {server.url()}: answered 403"
    ]


async def test_the_end_interrupts_a_refresh(server: PriceServer) -> None:
    server.answer(Answer(after=asyncio.Event()))
    steps = Steps()
    async with steps.sources(configured(custom(server)).config) as sources:
        while not server.asked:
            await asyncio.sleep(0.01)
    assert sources.refreshes[0].outcomes == {}


def refresh_of(answers: Iterable[Outcome | Exception], interval: float | None = 9.0) -> Refresh:
    coming = iter(answers)

    async def read() -> tuple[bytes, ...]:
        return ()

    def take(_: object) -> Outcome:
        answer = next(coming)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Refresh("price", "test pricing", "somewhere", interval, read, take)


async def test_a_document_that_nobody_thought_of_does_not_end_the_refreshes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    steps, changes = Steps(), []
    refresh = refresh_of([KeyError("surprise"), Outcome.OK], None)
    running = asyncio.create_task(
        refresh.run(Pace(sleep=steps.sleep), lambda: changes.append(True))
    )
    await steps.done()
    assert refresh.outcomes == {Outcome.MALFORMED: 1}
    steps.wake()
    await running
    assert refresh.outcomes == {Outcome.MALFORMED: 1, Outcome.OK: 1}
    assert changes == [True]
    assert "surprise" in caplog.text
    assert "ERROR test pricing: cannot be read" in said(caplog)


async def test_who_is_told_and_fails_is_told_of(
    server: PriceServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer(GOOD)
    failed = asyncio.Event()

    def on_change() -> None:
        failed.set()
        raise RuntimeError("the caller's mistake")

    config = configured(custom(server)).config
    async with refreshing(config, {}, on_change) as sources:
        await failed.wait()
        assert not await sources.ready(within=0.01)
    assert "ERROR custom pricing is not refreshed any more" in said(caplog)
