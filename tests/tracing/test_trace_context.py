"""Ids of traces and spans, as they travel."""

from __future__ import annotations

import pytest

from extproc.tracing.trace_context import Parent, attempt_span_id, parent_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("traceparent", "sampled"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-03", True),
        (f"cc-{TRACE}-{SPAN}-01-what-comes-later", True),
    ],
)
def test_a_parent(traceparent: str, *, sampled: bool) -> None:
    assert parent_of(traceparent) == Parent(TRACE, SPAN, sampled)


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "junk",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f" 00-{TRACE}-{SPAN}-01",
    ],
)
def test_what_is_no_parent(traceparent: str) -> None:
    assert parent_of(traceparent) is None


def test_attempts_have_ids_of_their_own() -> None:
    ids = {attempt_span_id(SPAN, number) for number in range(1, 101)} | {SPAN}
    assert len(ids) == 101
    assert {len(each) for each in ids} == {16}
    assert attempt_span_id(SPAN, 1) == "1f00f067aa0ba902"
    assert attempt_span_id(SPAN, 12) == "12f00f067aa0ba90"
