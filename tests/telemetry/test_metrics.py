"""Metrics: what a scrape shows, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise, permutations
from pathlib import Path

import httpx
import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser
from prometheus_client.parser import text_string_to_metric_families

from extproc.core.config import Admin
from extproc.core.models import Dialect
from extproc.core.records import Skipped
from extproc.core.switching import Switch, SwitchReason
from extproc.core.usage import Usage
from extproc.ranking.snapshot import Snapshot
from extproc.telemetry.admin import serving
from extproc.telemetry.admin_pages import admin_pages
from extproc.telemetry.metrics import Metrics
from extproc.telemetry.receipts import Receipts
from extproc.telemetry.state import State
from extproc.telemetry.traces import Traces
from tests.helpers.every_metric import STATE, every_metric
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    MINI_COST,
    NOW,
    SNAPSHOT,
    attempt,
    completion,
    configuration,
    decision,
    priced,
)

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
EVERYWHERE = Admin("127.0.0.1", 0)

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def metrics(state: State | None = None) -> Metrics:
    found = state or State(SNAPSHOT)
    return Metrics(configuration(), lambda: found, clock=lambda: NOW)


async def scraped(told: Metrics, accept: str = "") -> httpx.Response:
    receipts = Receipts(0, lambda: SNAPSHOT)
    async with (
        serving(EVERYWHERE, admin_pages(Traces(receipts), told.registry, lambda: SNAPSHOT)) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        response = await client.get("/metrics", headers={"accept": accept})
    assert response.status_code == 200
    return response


async def samples(told: Metrics) -> Samples:
    text = (await scraped(told)).text
    return {
        (sample.name.removeprefix("dragoman_"), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def label_values(found: Samples, name: str, label: str) -> set[str]:
    return {dict(labels)[label] for each, labels in found if each == name}


async def test_decisions() -> None:
    told = metrics()
    told.decided(decision())
    told.decided(decision(route=None))
    told.decided(decision(route=None, failure="timeout", classifier="arch-router"))
    told.decided(decision(fallback="unreachable"))
    told.decided(decision(pinned=True, classifier="", classification_seconds=None))
    told.decided(decision(route=None, classifier="", classification_seconds=None))
    told.decided(decision(route=None, classifier="", classification_seconds=None, candidates=()))
    found = await samples(told)
    for labels, count in (
        (("code", "embedded", "matched"), 2),
        (("none", "embedded", "unmatched"), 1),
        (("none", "arch-router", "failed"), 1),
        (("code", "none", "pinned"), 1),
        (("none", "none", "unclassified"), 1),
        (("none", "none", "refused"), 1),
    ):
        route, classifier, outcome = labels
        name = "decisions_total"
        assert value(found, name, route=route, classifier=classifier, outcome=outcome) == count
    assert value(found, "classification_failures_total", reason="timeout") == 1
    fallback = {"classifier": "embedded", "reason": "unreachable"}
    assert value(found, "classification_fallbacks_total", **fallback) == 1
    assert value(found, "decision_seconds_count") == 6
    assert value(found, "decision_seconds_sum") == pytest.approx(6 * 0.0021)
    assert value(found, "classification_seconds_count", classifier="embedded") == 3
    assert value(found, "classification_seconds_count", classifier="arch-router") == 1
    assert value(found, "classification_seconds_count", classifier="none") is None


async def test_models_that_were_no_candidates() -> None:
    told = metrics()
    for code in ("max_cost", "skipped:n", "skipped:anything"):
        told.decided(decision(skipped=(Skipped(LARGE, code, "for a reason"),)))
    found = await samples(told)
    for code, count in (("max_cost", 1), ("skipped", 2)):
        assert value(found, "skipped_models_total", model_name=LARGE, code=code) == count


async def test_sessions_that_may_change_their_model() -> None:
    told = metrics()
    told.decided(decision())
    for switched, reason in ((True, SwitchReason.FREE), (False, SwitchReason.OVER_BUDGET)):
        told.decided(decision(switch=Switch(LARGE, MINI, switched, reason)))
    found = await samples(told)
    for outcome, why in (("changed", "free"), ("kept", "over_cap")):
        assert value(found, "session_switches_total", outcome=outcome, reason=why) == 1


async def test_requests() -> None:
    told = metrics()
    for route, status, dialect in (
        ("code", 200, Dialect.MESSAGES),
        ("code", 200, Dialect.MESSAGES),
        (None, 404, Dialect.CHAT),
        ("sent along", 429, Dialect.CHAT),
        (None, 200, None),
    ):
        told.completed(completion(route=route, status=status, dialect=dialect))
    found = await samples(told)
    for (route, shown, spoken), count in {
        ("code", "200", "messages"): 2,
        ("none", "404", "chat"): 1,
        ("inline", "429", "chat"): 1,
        ("none", "200", "other"): 1,
    }.items():
        labels = {"route": route, "status": shown, "dialect": spoken}
        assert value(found, "requests_total", **labels) == count


async def test_only_successful_attempts_have_a_latency() -> None:
    told = metrics()
    told.attempted(priced(attempt(1, MINI, 429, first_byte=0.001, duration=0.001)))
    told.attempted(priced(attempt(2, MINI, 200, first_byte=0.3, duration=4.0)))
    told.attempted(priced(attempt(1, MINI, 200, request_id="r", first_byte=None, duration=2.0)))
    told.attempted(priced(attempt(1, LARGE, 0, request_id="q", first_byte=0.1)))
    found = await samples(told)
    assert value(found, "attempts_total", model_name=MINI, status="429") == 1
    assert value(found, "attempts_total", model_name=MINI, status="200") == 2
    assert value(found, "attempts_total", model_name=LARGE, status="0") == 1
    assert value(found, "time_to_first_byte_seconds_count", model_name=MINI) == 1
    assert value(found, "time_to_first_byte_seconds_sum", model_name=MINI) == 0.3
    assert value(found, "time_to_first_byte_seconds_bucket", model_name=MINI, le="0.2") == 0
    assert value(found, "time_to_first_byte_seconds_bucket", model_name=MINI, le="0.3") == 1
    assert value(found, "attempt_duration_seconds_count", model_name=MINI) == 2
    assert value(found, "attempt_duration_seconds_sum", model_name=MINI) == 6.0
    assert label_values(found, "attempt_duration_seconds_count", "model_name") == {MINI}


async def test_buckets_run_from_ten_milliseconds_to_five_minutes() -> None:
    told = metrics()
    told.attempted(priced(attempt()))
    bounds = label_values(await samples(told), "attempt_duration_seconds_bucket", "le")
    finite = sorted(float(bound) for bound in bounds)[:-1]
    assert (finite[0], finite[-1]) == (0.01, 300.0)
    assert max(high / low for low, high in pairwise(finite)) <= 2.5


async def test_forwarded_requests_are_counted_but_not_timed() -> None:
    told = metrics()
    told.decided(decision(route=None, classifier="", forwarded="/v1/files"))
    told.attempted(priced(attempt(forwarded=True, usage=Usage())))
    found = await samples(told)
    labels = {"route": "none", "classifier": "none", "outcome": "forwarded"}
    assert value(found, "decisions_total", **labels) == 1
    assert value(found, "attempts_total", model_name=MINI, status="200") == 1
    assert value(found, "attempt_duration_seconds_count", model_name=MINI) is None
    assert value(found, "attempts_without_usage_total", model_name=MINI) is None


async def test_every_kind_of_token() -> None:
    told = metrics()
    told.attempted(priced(attempt(usage=Usage(1, 2, 3, 4, 5, 6, 7, 8))))
    found = await samples(told)
    kinds = ("input", "output", "cached", "cache_write", "cache_write_1h", "reasoning")
    for count, kind in enumerate((*kinds, "input_audio", "output_audio"), start=1):
        assert value(found, "tokens_total", model_name=MINI, kind=kind) == count


async def test_tokens_and_money() -> None:
    told = metrics()
    told.attempted(priced(attempt()))
    told.attempted(priced(attempt(request_id="free of charge", usage=Usage(1000, 200, 400))))
    told.attempted(priced(attempt(1, CLAUDE, request_id="without a price")))
    told.attempted(priced(attempt(1, LARGE, request_id="without usage", usage=Usage())))
    told.attempted(priced(attempt(1, LARGE, request_id="with half of it", usage=Usage(5))))
    told.attempted(priced(attempt(1, LARGE, 503, request_id="failed")))
    found = await samples(told)
    for kind, count in (("input", 2000), ("output", 400), ("cached", 800)):
        assert value(found, "tokens_total", model_name=MINI, kind=kind) == count
    assert label_values(found, "tokens_total", "kind") == {"input", "output", "cached"}
    assert value(found, "tokens_total", model_name=LARGE, kind="input") == 5
    assert value(found, "tokens_total", model_name=LARGE, kind="output") is None
    assert value(found, "cost_usd_total", model_name=MINI) == pytest.approx(2 * MINI_COST)
    assert label_values(found, "cost_usd_total", "model_name") == {MINI}
    wildcard = "anthropic/claude-sonnet-4"
    assert value(found, "attempts_without_price_total", model_name=wildcard) == 1
    assert value(found, "attempts_without_usage_total", model_name=LARGE) == 2


@pytest.mark.parametrize("order", [*permutations(range(3))])
async def test_failovers_are_counted_in_any_order(order: tuple[int, ...]) -> None:
    told = metrics()
    attempts = [attempt(1, CLAUDE, 429), attempt(2, LARGE, 503), attempt(3, MINI)]
    for index in order:
        told.attempted(priced(attempts[index]))
    found = await samples(told)
    assert value(found, "failovers_total", model_name=CLAUDE) == 1
    assert value(found, "failovers_total", model_name=LARGE) == 1
    assert value(found, "failovers_total", model_name=MINI) is None


async def test_another_try_at_the_same_model_is_no_failover() -> None:
    told = metrics()
    for number, status in ((1, 503), (2, 200)):
        told.attempted(priced(attempt(number, MINI, status)))
    assert label_values(await samples(told), "failovers_total", "model_name") == set()


async def test_labels_are_bounded_whatever_clients_send() -> None:
    told = metrics()
    for number in range(10_000):
        name = f"anthropic/model-{number}"
        told.decided(decision(f"{number}", route=f"route {number}"))
        told.attempted(priced(attempt(1, name, 429, request_id=f"{number}", cluster="anthropic/*")))
        told.attempted(priced(attempt(2, name, request_id=f"{number}", cluster="anthropic/*")))
        told.completed(completion(2, name, request_id=f"{number}", route=f"route {number}"))
    found = await samples(told)
    status = {"status": "429"}
    assert value(found, "attempts_total", model_name="anthropic/*", **status) == 10_000
    requests = {"route": "inline", "status": "200", "dialect": "chat"}
    assert value(found, "requests_total", **requests) == 10_000
    assert len(found) < 150


@pytest.mark.parametrize(
    ("model", "cluster", "label"),
    [
        (MINI, MINI, MINI),
        (CLAUDE, "anthropic/*", CLAUDE),
        ("anthropic/claude-haiku", "anthropic/*", "anthropic/claude-haiku"),
        ("anthropic/claude-opus", "anthropic/*", "anthropic/*"),
        ("mistral/large", "mistral/*", "mistral/*"),
        ("unheard of", "of no entry", "other"),
    ],
)
def test_what_a_model_is_called(model: str, cluster: str, label: str) -> None:
    assert metrics().label(attempt(1, model, cluster=cluster)) == label


async def test_the_state_is_read_at_each_scrape() -> None:
    found = await samples(metrics(STATE))
    assert value(found, "snapshot_version") == 12
    assert value(found, "source_age_seconds", source="price") == 90
    assert value(found, "source_age_seconds", source="latency") is None
    assert value(found, "source_refreshes_total", source="price", outcome="ok") == 3
    assert value(found, "source_refreshes_total", source="price", outcome="timeout") == 1
    assert value(found, "cooldowns", model_name=MINI, phase="cooling") == 1
    assert value(found, "cooldowns", model_name="mistral/*", phase="probing") == 2
    assert value(found, "affinity_total", outcome="hit") == 5
    assert value(found, "affinity_total", outcome="redis_unavailable") == 2
    assert value(found, "dropped_records_total") == 4
    assert value(found, "affinity_workers_without_store") == 2
    assert value(found, "prices_held_back_total") == 6


async def test_the_configuration_that_runs() -> None:
    found = await samples(metrics(State(SNAPSHOT, config="0a1b2c3d4e5f")))
    assert value(found, "config_info", hash="0a1b2c3d4e5f") == 1


async def test_a_newer_state_shows() -> None:
    versions = iter((1, 2))
    told = Metrics(configuration(), lambda: State(Snapshot(version=next(versions))))
    assert [value(await samples(told), "snapshot_version") for _ in range(2)] == [1, 2]


async def test_openmetrics_is_served_to_whom_asks_for_it() -> None:
    told = metrics(STATE)
    told.attempted(priced(attempt()))
    response = await scraped(told, "application/openmetrics-text; version=1.0.0")
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    read: Callable[[str], Iterable[Metric]] = parser.text_string_to_metric_families
    families = {family.name for family in read(response.text)}
    assert {"dragoman_attempts", "dragoman_snapshot_version"} <= families


async def test_the_page_lists_every_metric_with_its_kind_and_labels() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) ?\| .+ \|$", PAGE, re.MULTILINE)
    found: dict[str, tuple[str, set[str]]] = {}
    for family in every_metric().collect():
        name = family.name.removeprefix("dragoman_")
        name += {"counter": "_total", "info": "_info"}.get(family.type, "")
        labels = set().union(*(sample.labels for sample in family.samples)) - {"le"}
        found[name] = (family.type, labels)
    described = {name: (kind, set(re.findall(r"`(\w+)`", text))) for name, kind, text in rows}
    assert described == found
