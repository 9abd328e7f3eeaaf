"""A progress bar for those who would otherwise wonder."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import Progress

__all__ = ["LateProgress"]

_PATIENCE: Final = 2.0


class LateProgress:
    """Shows how many of ``total`` steps are done once they have taken longer than two seconds."""

    def __init__(self, total: int, console: Console, clock: Callable[[], float]) -> None:
        self._progress = Progress(console=console, transient=True)
        self._task = self._progress.add_task("classifying", total=total)
        self._clock = clock
        self._visible_from = clock() + _PATIENCE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # One that was never started would end with an empty line where there is no terminal.
        if self.visible:
            self._progress.stop()

    @property
    def visible(self) -> bool:
        return self._progress.live.is_started

    def step(self) -> None:
        """One more is done."""
        self._progress.advance(self._task)
        if not self.visible and self._clock() >= self._visible_from:
            self._progress.start()
