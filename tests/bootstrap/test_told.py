"""The trace's id, found by Envoy as Python finds it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from extproc.bootstrap.told import trace_ids
from extproc.bootstrap.tree import tree
from extproc.worker.headers import trace_id

ID = "0aaf7e3c-11f2-4a4b-9f4e-000000000001"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def told_by_envoy(headers: dict[str, str]) -> str:
    """What the filter's rules leave: one that leaves nothing changes nothing."""
    rules: list[Any] = tree(trace_ids())["typed_config"]["request_rules"]
    found = ""
    for rule in rules:
        rewrite = rule["on_header_present"]["regex_value_rewrite"]
        if rule["header"] in headers:
            pattern, instead = rewrite["pattern"]["regex"], rewrite.get("substitution", "")
            found = re.sub(pattern, instead, headers[rule["header"]]) or found
    return found


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        f"00-{TRACE}-00f067aa0ba902b7-01",
        f"01-{TRACE}-00f067aa0ba902b7-01-more",
        "00-4bf9-00f067aa0ba902b7-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        "junk",
        "",
    ],
)
def test_envoy_and_python_agree(traceparent: str | None) -> None:
    headers = {"x-request-id": ID} | ({} if traceparent is None else {"traceparent": traceparent})
    assert told_by_envoy(headers) == trace_id(headers)
    assert len(trace_id(headers)) == 32
