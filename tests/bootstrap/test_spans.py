"""What tells a provider which span it is asked in."""

from __future__ import annotations

import re

import pytest

from extproc.bootstrap.spans import traced
from extproc.bootstrap.tree import tree
from extproc.core.tracing import Tracing
from extproc.tracing.trace_context import attempt_span_id, parent_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def rendered(headers: dict[str, str]) -> dict[str, str]:
    """The headers after Envoy has taken the filter's steps, one after another."""

    def value(match: re.Match[str]) -> str:
        found = headers.get(match[1], "")
        return found[: int(match[2])] if match[2] else found

    (each,) = traced(Tracing())
    for step in tree(each)["typed_config"]["mutations"]["request_mutations"]:
        header = step["append"]["header"]
        headers[header["key"]] = re.sub(r"%REQ\(([^)]*)\)(?::(\d+))?%", value, header["value"])
    return headers


@pytest.mark.parametrize("number", [1, 2, 10, 100])
def test_envoy_and_python_agree_on_the_id_of_an_attempts_span(number: int) -> None:
    headers = {
        "x-envoy-attempt-count": str(number),
        "x-dragoman-trace-id": TRACE,
        "x-dragoman-span": SPAN,
        "x-dragoman-trace-flags": "01",
        "traceparent": f"00-{TRACE}-{SPAN}-00",
    }
    parent = parent_of(rendered(headers)["traceparent"])
    assert parent is not None
    assert (parent.trace_id, parent.sampled) == (TRACE, True)
    assert parent.span_id == attempt_span_id(SPAN, number)


def test_there_is_none_where_requests_are_not_traced() -> None:
    assert traced(None) == []
