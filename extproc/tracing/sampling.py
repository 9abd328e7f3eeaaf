"""Which requests leave spans: those of clients that say so, and a share of all others.

A request's trace id decides whether it is in that share, so that whoever else samples the trace by
the same rule finds the same traces whole:
https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from extproc.core.tracing import Tracing
from extproc.tracing.trace_context import Parent

__all__ = ["Sampler", "sampler_for"]

_log = logging.getLogger(__name__)

_RANDOM_DIGITS: Final = 14
"""The last 56 bits of a trace id are the ones that are random in every id: of a UUID, others are
not."""
_ALL: Final = 16**_RANDOM_DIGITS
_EVERYTHING: Final = 100.0

_SAMPLER: Final = "OTEL_TRACES_SAMPLER"
_ARGUMENT: Final = "OTEL_TRACES_SAMPLER_ARG"
_PARENT_BASED: Final = "parentbased_"
_RATIO: Final = "traceidratio"
_FIXED: Final[Mapping[str, float]] = MappingProxyType({"always_on": _EVERYTHING, "always_off": 0.0})


@dataclass(frozen=True, slots=True)
class Sampler:
    """``percentage`` is of the requests that nobody has decided about; with ``heeds_parent`` those
    that come from a span follow that one."""

    percentage: float = _EVERYTHING
    heeds_parent: bool = True

    def samples(self, trace_id: str, parent: Parent | None) -> bool:
        """Whether a request is to leave spans.

        Args:
            trace_id: 32 hexadecimal digits.
            parent: the span that the request comes from, None if there is none.
        """
        if parent is not None and self.heeds_parent:
            return parent.sampled
        if self.percentage == _EVERYTHING:
            return True
        chance = int(trace_id[-_RANDOM_DIGITS:], 16)
        return chance >= round(_ALL * (1 - self.percentage / 100))


def sampler_for(tracing: Tracing, environment: Mapping[str, str]) -> Sampler:
    """The sampler that is configured; where the file says nothing, ``OTEL_TRACES_SAMPLER`` does:
    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/

    Args:
        tracing: what the file says.
        environment: where these variables are.
    """
    if tracing.percentage is not None:
        return Sampler(tracing.percentage)
    name = environment.get(_SAMPLER, "").strip().lower()
    if not name:
        return Sampler()
    kind = name.removeprefix(_PARENT_BASED)
    percentage = _ratio(environment) if kind == _RATIO else _FIXED.get(kind)
    if percentage is None:
        known = ", ".join((*_FIXED, _RATIO))
        _log.warning(
            "%s is none of %s, nor one of these behind %s: every request is traced",
            *(_SAMPLER, known, _PARENT_BASED),
        )
        return Sampler()
    return Sampler(percentage, heeds_parent=name.startswith(_PARENT_BASED))


def _ratio(environment: Mapping[str, str]) -> float:
    text = environment.get(_ARGUMENT, "").strip() or "1"
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        _log.warning("%s is no number from 0 to 1: every request is traced", _ARGUMENT)
        return _EVERYTHING
    return ratio * 100
