"""Ids of traces and spans, as they travel: https://www.w3.org/TR/trace-context/."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from extproc.contract import ATTEMPT_MARK

__all__ = ["TRACEPARENT", "TRACESTATE", "Parent", "attempt_span_id", "parent_of", "repeated_state"]

TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"

_SAMPLED: Final = 1
_LONGEST_STATE: Final = 512
"""Characters that everybody must pass on: https://www.w3.org/TR/trace-context/#tracestate-limits"""
_SPAN_ID_DIGITS: Final = 16
_FORM: Final = re.compile(
    "(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
    "(?P<more>-.*)?"
)
_NO_VERSION: Final = "ff"
_FIRST_VERSION: Final = "00"


@dataclass(frozen=True, slots=True)
class Parent:
    """The span that a request comes from, and whether that one is sampled."""

    trace_id: str
    span_id: str
    sampled: bool


def parent_of(traceparent: str) -> Parent | None:
    """Read the header ``traceparent``; one of a later version by what is known of it.

    Returns:
        None where it is not valid, and where its ids are zero, which stand for none.
    """
    found = _FORM.fullmatch(traceparent)
    if found is None:
        return None
    version, trace, span, flags, more = found.groups()
    if version == _NO_VERSION or (version == _FIRST_VERSION and more):
        return None
    if not trace.strip("0") or not span.strip("0"):
        return None
    return Parent(trace, span, bool(int(flags, 16) & _SAMPLED))


def repeated_state(tracestate: str) -> str:
    """What vendors have noted of a trace; too long a list is passed on, but not repeated."""
    return tracestate if len(tracestate) <= _LONGEST_STATE else ""


def attempt_span_id(request_span_id: str, number: int) -> str:
    """The id of an attempt's span, as Envoy makes it of the id of its request's.

    Args:
        request_span_id: 16 hexadecimal digits.
        number: the attempt's, from 1.
    """
    return f"{number}{ATTEMPT_MARK}{request_span_id}"[:_SPAN_ID_DIGITS]
