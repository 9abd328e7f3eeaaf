"""What Prometheus answers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from extproc.sources.listing import MalformedError
from extproc.sources.prometheus import parse, query_url
from tests.helpers.price_server import document


def test_an_instant_vector() -> None:
    answer = parse([document("prometheus.json")])
    assert answer.values == {
        "openai/gpt-4o": 1.2,
        "anthropic/claude-sonnet-4-20250514": 0.85,
    }
    assert answer.faults == ()


def series(*result: Any) -> list[bytes]:
    return [
        json.dumps(
            {"status": "success", "data": {"resultType": "vector", "result": result}}
        ).encode()
    ]


def sample(value: Any, **labels: Any) -> dict[str, Any]:
    return {"metric": labels, "value": [1.5, value]}


def test_one_bad_series_loses_that_series_only() -> None:
    answer = parse(
        series(
            sample("0.5", model_name="good"),
            sample("0.5"),
            sample("0.5", model_name=""),
            sample("0.5", model_name=7),
            sample("fast", model_name="word"),
            sample(0.5, model_name="number"),
            sample("+Inf", model_name="inf"),
            sample("-1", model_name="negative"),
            {"metric": {"model_name": "histogram"}, "histogram": [1.5, {}]},
            {"metric": [], "value": [1.5, "1"]},
            "no mapping",
            sample("0", model_name="zero"),
        )
    )
    assert answer.values == {"good": 0.5, "zero": 0.0}
    assert [str(fault) for fault in answer.faults] == [
        "'result[1]': has no label model_name",
        "'result[2]': has no label model_name",
        "'result[3]': has no label model_name",
        "'word': its value is no number",
        "'number': has no value",
        "'inf': its value is no latency",
        "'negative': its value is no latency",
        "'histogram': has no value",
        "'result[9]': has no label model_name",
        "'result[10]': has no label model_name",
    ]


@pytest.mark.parametrize("values", [("0.5", "0.7", "0.6"), ("0.7", "0.6", "0.5")])
def test_of_several_series_the_largest_counts_whatever_their_order(values: tuple[str]) -> None:
    answer = parse(series(*(sample(value, model_name="a", instance=value) for value in values)))
    assert answer.values == {"a": 0.7}
    assert [str(fault) for fault in answer.faults] == [
        "'a': has several series; the largest counts"
    ]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"status": "error", "errorType": "bad_data", "error": "parse error"}, "is no success"),
        ({}, "is no success"),
        ({"status": "success"}, "has no result"),
        ({"status": "success", "data": {"resultType": "vector"}}, "has no result"),
        (
            {"status": "success", "data": {"resultType": "scalar", "result": [1.5, "1"]}},
            "is no instant vector",
        ),
        (
            {"status": "success", "data": {"resultType": "matrix", "result": []}},
            "is no instant vector",
        ),
    ],
)
def test_what_is_no_instant_vector(answer: Any, says: str) -> None:
    with pytest.raises(MalformedError, match=says):
        parse([json.dumps(answer).encode()])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://p:9090", "http://p:9090/api/v1/query?query="),
        ("http://p:9090/", "http://p:9090/api/v1/query?query="),
        ("https://host/prom/", "https://host/prom/api/v1/query?query="),
        ("https://host/prom?tenant=a", "https://host/prom/api/v1/query?tenant=a&query="),
    ],
)
def test_where_to_ask(url: str, expected: str) -> None:
    query = 'histogram_quantile(0.95, sum by (le, model_name) (rate(x{a=~"b+&c"}[5m])))'
    asked = query_url(url, query)
    assert asked.startswith(expected)
    assert parse_qs(urlsplit(asked).query)["query"] == [query]
