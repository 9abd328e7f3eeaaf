"""The beginning of a request's span."""

from __future__ import annotations

import json
import re

import pytest

from extproc.core.conversation import Turn
from extproc.core.tracing import RequestSpan, Tracing
from extproc.tracing.beginning import Beginning, headers_of, prompt_of, removed_with
from extproc.tracing.sampling import Sampler

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
COMES = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "vendor=1"}
TOLD = Tracing(header_prefixes=("x-acme-", "x-team-"))


def begun(headers: dict[str, str], tracing: Tracing = TOLD, percentage: float = 100) -> RequestSpan:
    return Beginning(tracing, Sampler(percentage)).span(headers, TRACE)


def test_a_request_that_comes_from_a_span() -> None:
    span = begun(COMES)
    assert re.fullmatch("[0-9a-f]{16}", span.span_id)
    assert span.span_id not in (SPAN, begun(COMES).span_id)
    assert (span.parent_id, span.sampled, span.state) == (SPAN, True, "vendor=1")
    assert headers_of(span) == {
        "x-dragoman-span": span.span_id,
        "x-dragoman-trace-flags": "01",
    }
    assert removed_with(span) == ()


def test_a_request_that_begins_a_trace() -> None:
    span = begun({"tracestate": "vendor=1", "traceparent": "junk"}, percentage=0)
    assert (span.parent_id, span.sampled, span.state) == (None, False, "")
    assert headers_of(span)["x-dragoman-trace-flags"] == "00"
    assert removed_with(span) == ("tracestate",), "it is the state of another trace"


def test_a_state_that_is_too_long_is_not_repeated() -> None:
    assert begun(COMES | {"tracestate": f"vendor={'1' * 600}"}).state == ""


def test_what_headers_say() -> None:
    headers = {
        "x-acme-tenant-id": "17",
        "x-team-name": "x" * 300,
        "x-acme-": "nothing",
        "x-acme-api-key": "a-key",
        "x-team-session-token": "a-token",
        "x-other": "no",
    }
    found = begun(headers).attributes
    assert set(found) == {"tenant.id", "name"}
    assert found["tenant.id"] == "17"
    assert len(found["name"]) == 256
    assert begun(headers, percentage=0).attributes == {}, "nobody will read it"
    many = {f"x-acme-{number}": "1" for number in range(100)}
    assert len(begun(many).attributes) == 32


def test_what_was_said_last_is_kept() -> None:
    turns = (Turn("user", "a" * 20_000), Turn("assistant", "b" * 10_000), Turn("user", "the end"))
    kept = json.loads(prompt_of(turns))
    assert [turn["role"] for turn in kept] == ["user", "assistant", "user"]
    assert kept[-1]["parts"] == [{"type": "text", "content": "the end"}]
    assert sum(len(turn["parts"][0]["content"]) for turn in kept) == 16 * 1024
    assert json.loads(prompt_of(())) == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("\x00", "\x00"),
        ("a\ud800b", "a?b"),
        ("🦊" * 5000, "🦊" * 4096),
        ("é" * 8192 + "a", "é" * 8191 + "a"),
    ],
)
def test_whatever_was_said_can_be_written_down(said: str, kept: str) -> None:
    prompt = prompt_of((Turn("user", said),))
    assert json.loads(prompt)[0]["parts"][0]["content"] == kept
    assert len(prompt.encode()) < 17 * 1024
