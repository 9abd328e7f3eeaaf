"""Latencies from Prometheus: an instant vector with a label ``model_name``, values in seconds.

The answer's form is that of Prometheus' HTTP API v1: ``{"status": "success", "data": {"resultType":
"vector", "result": [{"metric": {...}, "value": [<time>, "<number>"]}]}}``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from extproc.sources.listing import EntryError, Fault, Latencies, MalformedError, json_object

__all__ = ["parse", "query_url"]

_LABEL: Final = "model_name"


def query_url(url: str, query: str) -> str:
    """The address of an instant query at the Prometheus at ``url``, which may have a path."""
    base = httpx.URL(url)
    path = f"{base.path.rstrip('/')}/api/v1/query"
    return str(base.copy_with(path=path).copy_merge_params({"query": query}))


def parse(pages: Sequence[bytes]) -> Latencies:
    """Read an answer.

    A model of several series gets the largest of their values, and a fault says so. NaN is how
    Prometheus says that there is nothing to say: such a series is left out.

    Raises:
        MalformedError: it is no instant vector.
    """
    values: dict[str, float] = {}
    faults: list[Fault] = []
    for number, series in enumerate(_result(json_object(b"".join(pages)))):
        try:
            model, value = _sample(series)
        except EntryError as error:
            faults.append(Fault(_model(series) or f"result[{number}]", str(error)))
            continue
        if math.isnan(value):
            continue
        if model in values:
            faults.append(Fault(model, "has several series; the largest counts"))
        values[model] = max(value, values.get(model, 0.0))
    return Latencies(values, tuple(dict.fromkeys(faults)))


def _result(answer: Mapping[str, Any]) -> list[Any]:
    if answer.get("status") != "success":
        raise MalformedError("is no success")
    data = answer.get("data")
    result = data.get("result") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(result, list):
        raise MalformedError("has no result")
    if data.get("resultType") != "vector":
        raise MalformedError("is no instant vector; the query must give one")
    return result


def _model(series: Any) -> str | None:
    metric = series.get("metric") if isinstance(series, dict) else None
    model = metric.get(_LABEL) if isinstance(metric, dict) else None
    return model if isinstance(model, str) else None


def _sample(series: Any) -> tuple[str, float]:
    if not (model := _model(series)):
        raise EntryError(f"has no label {_LABEL}")
    match series.get("value"):
        case [_, str(text)]:
            pass
        case _:
            raise EntryError("has no value")
    try:
        value = float(text)
    except ValueError:
        raise EntryError("its value is no number") from None
    if math.isinf(value) or value < 0:
        raise EntryError("its value is no latency")
    return model, value
