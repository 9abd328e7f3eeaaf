"""For how long a provider asks to be left alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["LONGEST_RETRY_AFTER", "retry_after"]

LONGEST_RETRY_AFTER: Final = 3600.0
"""Seconds: a provider that asks for more is tried again after this."""

_NUMBER = re.compile(r"\d+(\.\d+)?")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|h|m|s))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_EPOCH_FROM = 1_000_000_000
"""A bare number from here on is a time of day, not a number of seconds."""


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that a provider asks for; None if it asks for none.

    ``retry-after-ms`` (OpenAI's, in milliseconds) is more exact than ``retry-after`` (seconds or a
    date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after). Without either, the reset times
    of ``x-ratelimit-*`` count (durations such as ``1m30s``:
    https://platform.openai.com/docs/guides/rate-limits): that of the limit that is used up, or the
    nearest one if no remaining number tells which it is.

    Args:
        headers: of the response, names in lower case.
        now: when it came, in seconds since the epoch.
    """
    exact = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(exact):
        return float(exact) / 1000
    asked = _seconds(headers.get("retry-after", "").strip(), now)
    if asked is not None:
        return asked
    resets = {
        kind: _seconds(headers.get(f"x-ratelimit-reset-{kind}", "").strip(), now)
        for kind in ("requests", "tokens")
    }
    remaining = {kind: headers.get(f"x-ratelimit-remaining-{kind}", "").strip() for kind in resets}
    known = {kind: seconds for kind, seconds in resets.items() if seconds is not None}
    used_up = [seconds for kind, seconds in known.items() if remaining[kind] == "0"]
    if used_up:
        return max(used_up)
    return min(known.values(), default=None)


def _seconds(value: str, now: float) -> float | None:
    """Read a number of seconds, a duration with units, or a date."""
    if _NUMBER.fullmatch(value):
        number = float(value)
        return max(number - now, 0.0) if number >= _EPOCH_FROM else number
    if _DURATION.fullmatch(value):
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value))
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(date.timestamp() - now, 0.0)
