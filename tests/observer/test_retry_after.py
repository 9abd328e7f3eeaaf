from __future__ import annotations

import pytest

from extproc.observer.retry_after import retry_after

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "5"}, 5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": " 20 "}, 20),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "1"}, 1),
        ({"retry-after": "Mon, 21 Sep 2026 14:13:30 GMT"}, 10),
        ({"retry-after": "Mon, 21 Sep 2026 14:13:10 GMT"}, 0),
        ({"retry-after": "1790000007"}, 7),
        ({"retry-after": "later"}, None),
        ({"retry-after": "-3"}, None),
        ({"x-ratelimit-reset-requests": "1m30s"}, 90),
        ({"x-ratelimit-reset-requests": "20ms"}, 0.02),
        ({"x-ratelimit-reset-tokens": "1h2m3.5s"}, 3723.5),
        ({"x-ratelimit-reset-requests": "7s", "x-ratelimit-reset-tokens": "2s"}, 2),
        (
            {
                "x-ratelimit-reset-requests": "7s",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-tokens": "2s",
                "x-ratelimit-remaining-tokens": "100",
            },
            7,
        ),
        ({"x-ratelimit-reset-requests": "7s", "retry-after": "3"}, 3),
    ],
)
def test_for_how_long_to_leave_alone(headers: dict[str, str], expected: float | None) -> None:
    found = retry_after(headers, NOW)
    assert found == (expected if expected is None else pytest.approx(expected))
