"""Windows of time in which something is counted: each begins anew at a full minute, hour, day or
month of UTC, for everybody at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

__all__ = ["Window"]


class Window(StrEnum):
    """How long something is counted for. Moments are in seconds since the epoch."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"

    def begins(self, at: float) -> int:
        """When the window began that a moment is in."""
        if self is Window.MONTH:
            return _first_of_month(_month(at))
        seconds = _SECONDS[self]
        return int(at // seconds) * seconds

    def ends(self, at: float) -> int:
        """When the next window begins after the one that a moment is in."""
        if self is Window.MONTH:
            return _first_of_month(_month(at) + 1)
        return self.begins(at) + _SECONDS[self]


_SECONDS: Final = {Window.MINUTE: 60, Window.HOUR: 3600, Window.DAY: 86_400}
_MONTHS: Final = 12


def _month(at: float) -> int:
    """The month that a moment is in, counted from the year 0."""
    day = datetime.fromtimestamp(at, UTC)
    return day.year * _MONTHS + day.month - 1


def _first_of_month(month: int) -> int:
    year, index = divmod(month, _MONTHS)
    return int(datetime(year, index + 1, 1, tzinfo=UTC).timestamp())
