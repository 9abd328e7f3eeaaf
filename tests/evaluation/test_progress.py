"""A bar that comes late or never."""

from __future__ import annotations

import io

from rich.console import Console

from extproc.evaluation.progress import LateProgress
from tests.helpers.set_clock import SetClock


def test_what_is_done_soon_needs_no_bar() -> None:
    written, clock = io.StringIO(), SetClock()
    with LateProgress(2, Console(file=written, force_terminal=True), clock) as progress:
        for clock.now in (1.0, 1.9):
            progress.step()
            assert not progress.visible
    assert written.getvalue() == ""


def test_after_two_seconds_it_shows() -> None:
    written, clock = io.StringIO(), SetClock()
    console = Console(file=written, force_terminal=True, width=80)
    with LateProgress(4, console, clock) as progress:
        for clock.now in (1.0, 2.0, 3.0):
            progress.step()
        assert progress.visible
    assert not progress.visible
    assert "75%" in written.getvalue()
