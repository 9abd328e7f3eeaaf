"""How long an attempt is waited for."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Timeouts", "in_milliseconds"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long one attempt is waited for, in seconds.

    The first three hold only where another candidate is left: ``attempt`` until a stream's
    response headers, ``first_content`` from these to its first content, ``answer`` until an answer
    that is not streamed is complete (600 is what the SDKs wait by default:
    https://github.com/openai/openai-python#timeouts). ``stream_idle`` is how long any stream may
    send nothing at all.
    """

    attempt: float = 120.0
    first_content: float = 60.0
    answer: float = 600.0
    stream_idle: float = 120.0


def in_milliseconds(seconds: float) -> str:
    """As Envoy takes times in headers: at least one millisecond, for zero would mean no limit."""
    return str(max(round(seconds * 1000), 1))
