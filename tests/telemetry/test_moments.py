"""Since when, as people say it."""

from __future__ import annotations

import pytest

from extproc.telemetry.moments import moment

NOW = 1_800_000_000.0  # 2027-01-15, 8 o'clock


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("90s", NOW - 90),
        ("90m", NOW - 5400),
        ("24h", NOW - 86_400),
        ("7d", NOW - 604_800),
        ("1w", NOW - 604_800),
        ("2027-01-15", NOW - 8 * 3600),
        ("2027-01-15T08:00", NOW),
        ("2027-01-15T08:00:00Z", NOW),
        ("2027-01-15T10:00+02:00", NOW),
    ],
)
def test_ages_and_dates(text: str, at: float) -> None:
    assert moment(text, NOW) == at


@pytest.mark.parametrize("text", ["", "24", "h", "-1h", "1.5h", "yesterday", "2027-13-01", "1y"])
def test_what_is_neither(text: str) -> None:
    with pytest.raises(ValueError, match="must be an age such as 24h or 7d, or a date such as"):
        moment(text, NOW)
