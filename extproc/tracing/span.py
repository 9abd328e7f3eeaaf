"""A span, as it is told before OpenTelemetry's SDK knows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from extproc.core.tracing import AttributeValue

__all__ = ["Attributes", "Span", "known"]

Attributes: TypeAlias = dict[str, AttributeValue | Sequence[str] | Sequence[float]]


@dataclass(frozen=True, slots=True)
class Span:
    """One span. Ids are hexadecimal digits, times are in seconds since the epoch.

    ``asks`` is whether it is a request to somebody else, and not work of our own. ``error`` is its
    ``error.type``, None if it went well.
    """

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    start: float
    end: float
    attributes: Attributes = field(default_factory=dict)
    asks: bool = True
    error: str | None = None
    state: str = ""


def known(
    attributes: Mapping[str, AttributeValue | Sequence[str] | Sequence[float] | None],
) -> Attributes:
    """The attributes that have a value: what is not known is left out, never 0 or empty."""
    return {
        name: value
        for name, value in attributes.items()
        if value is not None and value not in ("", ())
    }
