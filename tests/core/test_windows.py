"""When windows begin and end: at full minutes, hours, days and months of UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from extproc.core.windows import Window


@pytest.mark.parametrize(
    ("window", "begins", "ends"),
    [
        (Window.MINUTE, "2024-02-29T23:59:00", "2024-03-01T00:00:00"),
        (Window.HOUR, "2024-02-29T23:00:00", "2024-03-01T00:00:00"),
        (Window.DAY, "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
        (Window.MONTH, "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
    ],
)
def test_a_moment_is_in_its_window(window: Window, begins: str, ends: str) -> None:
    at = moment("2024-02-29T23:59:59") + 0.9
    assert (window.begins(at), window.ends(at)) == (moment(begins), moment(ends))


@pytest.mark.parametrize("window", Window)
def test_a_window_begins_where_the_last_one_ends(window: Window) -> None:
    at = moment("2025-12-31T12:00:00")
    end = window.ends(at)
    assert window.begins(end) == end
    assert window.begins(end - 0.001) == window.begins(at)


def test_a_year_ends_with_december() -> None:
    assert Window.MONTH.ends(moment("2025-12-01T00:00:00")) == moment("2026-01-01T00:00:00")


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
