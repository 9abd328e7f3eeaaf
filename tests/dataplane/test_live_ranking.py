"""Prices and latencies decide who answers, without a restart."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from extproc.demo.provider import Behaviour
from tests.helpers.house import CHAT_MODELS, ROUTE
from tests.helpers.house import house as start
from tests.helpers.ports import free_port
from tests.helpers.prometheus_server import prometheus_server

ALPHA, BETA, GAMMA = CHAT_MODELS
DECISION = "/routing/v1/chat/completions"
QUERY = (
    "histogram_quantile(0.95, sum by (le, model_name) "
    "(rate(dragoman_time_to_first_byte_seconds_bucket[5s])))"
)
"""The page's, over a window that suits a test."""


def inline(prefer: str, **policy: str) -> dict[str, Any]:
    """The configured route, with a policy of its own."""
    preference = {
        "name": ROUTE,
        "description": "writing Python functions, generating new code",
        "models": [ALPHA, BETA, GAMMA],
        "selection_policy": {"prefer": prefer, **policy},
    }
    return {"routing_preferences": [preference]}


def price_list(**prices: float) -> str:
    lines = {"alpha": ALPHA, "beta": BETA, "gamma": GAMMA}
    return "\n".join(
        f"{lines[name]}: {{input_per_million: {price / 4}, output_per_million: {price * 3 / 4}}}"
        for name, price in prices.items()
    )


async def test_the_cheapest_answers_and_a_new_price_changes_it(tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(price_list(alpha=8, beta=4, gamma=6))
    source = f'{{type: cost, provider: file, path: "{prices}", refresh_interval: 1}}'
    more = f"model_metrics_sources: [{source}]"
    async with start(tmp_path, more=more) as house:
        assert await house.answering(**inline("cheapest")) == BETA
        decision = (await house.chat(path=DECISION, **inline("cheapest"))).json()
        assert decision["models"] == [BETA, GAMMA, ALPHA]
        assert await house.answering() == ALPHA, "the configured route keeps its order"

        prices.write_text(price_list(alpha=2, beta=4, gamma=6))

        async def cheaper() -> bool:
            return await house.answering(**inline("cheapest")) == ALPHA

        await house.until(cheaper, patience=5)

        prices.write_text("{broken")

        async def noticed() -> bool:
            metrics = (await house.admin.get("/metrics")).text
            return 'outcome="malformed",source="price"' in metrics

        await house.until(noticed, patience=5)
        assert await house.answering(**inline("cheapest")) == ALPHA


async def test_a_receipt_shows_the_price_and_its_age(tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(price_list(alpha=8, beta=4))
    more = f'model_metrics_sources: [{{type: cost, provider: file, path: "{prices}"}}]'
    async with start(tmp_path, more=more) as house:
        receipt = await house.receipt(await house.chat(**inline("cheapest")))
        best, second, unknown = receipt["candidates"]
        assert [one["model"] for one in (best, second, unknown)] == [BETA, ALPHA, GAMMA]
        assert best["ranked_by"]["value"] == 4
        assert best["ranked_by"]["unit"] == "usd_per_million"
        assert 0 <= best["ranked_by"]["age_s"] < 60
        assert unknown["ranked_by"] is None

        weighed = await house.receipt(await house.chat(**inline("cheapest", cost_basis="request")))
        assert weighed["candidates"][0]["ranked_by"]["unit"] == "usd"


async def test_the_fastest_by_what_is_observed(tmp_path: Path) -> None:
    """A model becomes slow: the next one serves, and nobody was told but the access log."""
    more = (
        "model_metrics_sources: "
        "[{type: latency, provider: observed, measure: duration, window: 3s}]"
    )
    async with start(tmp_path, more=more) as house:
        house.alpha.behave("model-a", Behaviour(delay_headers=0.01))
        house.beta.behave("model-b", Behaviour(delay_headers=0.1))
        house.gamma.behave("model-c", Behaviour(delay_headers=0.2))
        for model in CHAT_MODELS:
            for _ in range(4):
                await house.answering(model=model, routing_preferences=[])

        async def measured() -> bool:
            return len((await house.snapshot())["latencies"]) == 3

        await house.until(measured)
        assert await house.answering(**inline("fastest")) == ALPHA
        house.alpha.behave("model-a", Behaviour(delay_headers=0.4))

        async def moved() -> bool:
            return await house.answering(**inline("fastest")) == BETA

        await house.until(moved, patience=10)
        answers = Counter([await house.answering(**inline("fastest")) for _ in range(20)])
        assert answers.most_common(1)[0][0] == BETA


async def test_a_prometheus_that_scrapes_us_moves_traffic_off_a_slow_model(tmp_path: Path) -> None:
    """The page's scrape configuration and its query, and nothing else."""
    port = free_port()
    job = {"job_name": "dragoman"}
    source = (
        f'{{type: latency, provider: prometheus, url: "http://127.0.0.1:{port}", '
        f"query: '{QUERY}', refresh_interval: 1}}"
    )
    more = f"model_metrics_sources: [{source}]"
    async with start(tmp_path, more=more) as house:
        admin_port = int(house.admin.base_url.port or 0)
        async with prometheus_server(tmp_path, job, admin_port, port):
            house.beta.behave("model-b", Behaviour(delay_headers=0.15))

            async def fastest(models: list[str]) -> bool:
                for model in (ALPHA, BETA):
                    await house.answering(model=model, routing_preferences=[])
                decision = (await house.chat(path=DECISION, **inline("fastest"))).json()
                return bool(decision["models"] == models)

            await house.until(lambda: fastest([ALPHA, BETA, GAMMA]), patience=30)
            assert await house.answering(**inline("fastest")) == ALPHA
            house.alpha.behave("model-a", Behaviour(delay_headers=1.2))
            await house.until(lambda: fastest([BETA, ALPHA, GAMMA]), patience=30)
            assert await house.answering(**inline("fastest")) == BETA
