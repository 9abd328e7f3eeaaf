"""Since when, as people say it: ``90m``, ``24h``, ``7d``, ``2027-01-15``."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

__all__ = ["moment"]

_AGE: Final = re.compile(r"([0-9]{1,6})([smhdw])", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment(text: str, now: float) -> float:
    """Seconds since the epoch.

    Args:
        text: how long ago, or a date or a time in ISO 8601; UTC unless it says otherwise.
        now: the present, in seconds since the epoch.

    Raises:
        ValueError: it is neither.
    """
    if age := _AGE.fullmatch(text):
        return now - int(age[1]) * _SECONDS[age[2]]
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("must be an age such as 24h or 7d, or a date such as 2027-01-15") from None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
