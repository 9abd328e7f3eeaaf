"""What Envoy is told of limits: filters only where there are some, of each what it goes by."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from extproc.bootstrap.rate_limits import attempt_limits, ingress_limits
from extproc.bootstrap.refusals import told_refusals
from extproc.bootstrap.tree import tree
from extproc.config import parse
from extproc.core.config import Config
from extproc.core.counting import CounterStore, OnStoreFailure
from extproc.core.rate_limits import Counted, Per, RateLimit
from extproc.core.windows import Window

CONFIG = parse("version: v0.4.0\nmodel_providers: [{model: openai/a, access_key: k}]", {}).config
OF_MODELS = RateLimit("m", Counted.REQUESTS, 5, Window.MINUTE, models=("openai/a", "ü/*"))
OF_TOKENS = RateLimit("t", Counted.TOTAL_TOKENS, 5, Window.DAY, per=Per("x-team"))
OF_ROUTES = RateLimit("r", Counted.REQUESTS, 5, Window.DAY, routes=("code",))


def limited(*limits: RateLimit, on_failure: OnStoreFailure = OnStoreFailure.OPEN) -> Config:
    counters = CounterStore(path="counters.db", on_failure=on_failure)
    return replace(CONFIG, rate_limits=limits, counters=counters)


def filters(config: Config) -> tuple[dict[str, Any], dict[str, Any]]:
    """The filters at ingress and in front of attempts, by their names."""
    found = (ingress_limits(config), attempt_limits(config))
    first, second = (
        {each.name.rpartition(".")[2]: tree(each)["typed_config"] for each in chain}
        for chain in found
    )
    return first, second


def test_without_limits_there_are_no_filters() -> None:
    assert filters(CONFIG) == ({}, {})
    assert "limited" not in json.dumps(tree(told_refusals(CONFIG)))


@pytest.mark.parametrize(
    ("limit", "at_ingress", "of_attempts"),
    [(OF_MODELS, False, True), (OF_ROUTES, True, False), (OF_TOKENS, True, True)],
)
def test_filters_are_where_something_is_asked_or_told(
    limit: RateLimit, at_ingress: bool, of_attempts: bool
) -> None:
    found = filters(limited(limit))
    assert tuple("ratelimit" in chain for chain in found) == (at_ingress, of_attempts)


def test_tokens_are_asked_for_at_ingress_and_told_after_the_attempt() -> None:
    ingress, attempts = filters(limited(OF_TOKENS))
    (asked,) = ingress["ratelimit"]["rate_limits"]
    assert asked["hits_addend"] == {"number": 0}
    assert "apply_on_stream_done" not in asked
    (told,) = attempts["ratelimit"]["rate_limits"]
    assert told["apply_on_stream_done"]
    assert told["hits_addend"]["format"].startswith("%TYPED_CEL(")
    assert "number" not in told["hits_addend"]


def test_what_is_expected_is_remembered_where_tokens_are_told() -> None:
    expected = {"x-dragoman-expected-input", "x-dragoman-expected-output"}
    for limit, of_attempts in ((OF_TOKENS, expected), (OF_MODELS, set())):
        for chain, remembered in zip(filters(limited(limit)), (set(), of_attempts), strict=True):
            rules = chain.get("header_to_metadata", {"request_rules": []})["request_rules"]
            assert expected & {rule["header"] for rule in rules} == remembered


def test_names_are_known_by_what_headers_hold() -> None:
    _, attempts = filters(limited(OF_MODELS))
    (rule,) = [
        rule
        for rule in attempts["header_to_metadata"]["request_rules"]
        if rule["header"] == "x-dragoman-model"
    ]
    rewrite = rule["on_header_present"]["regex_value_rewrite"]
    pattern = re.compile(rewrite["pattern"]["regex"])
    named = {"openai/a", "openai/ab", "%C3%BC/x", "openai-a"}
    assert {name for name in named if pattern.sub(r"\1", name)} == {"openai/a", "%C3%BC/x"}


@pytest.mark.parametrize("on_failure", OnStoreFailure)
def test_a_failing_store_means_what_is_declared(on_failure: OnStoreFailure) -> None:
    _, attempts = filters(limited(OF_MODELS, on_failure=on_failure))
    denies = attempts["ratelimit"].get("failure_mode_deny", False)
    assert denies is (on_failure is OnStoreFailure.CLOSED)


def test_envoys_own_buckets_say_which_limit_it_was() -> None:
    config = replace(CONFIG, rate_limits=(replace(OF_MODELS, is_local=True),))
    ingress, attempts = filters(config)
    assert not ingress
    own = attempts["local_ratelimit"]
    told = {
        each["header"]["key"]: each["header"]["value"] for each in own["response_headers_to_add"]
    }
    assert (told["x-dragoman-limit"], told["retry-after"]) == ("m", "12")
    (descriptor,) = own["descriptors"]
    assert descriptor["token_bucket"]["max_tokens"] == 5
    assert descriptor["token_bucket"]["fill_interval"] == "60s"
    assert "limited" in json.dumps(tree(told_refusals(config)))
