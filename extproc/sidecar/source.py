"""Where a sidecar's configuration comes from, to be read again, and when that is worth while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from extproc.config import Loaded

__all__ = ["FileStates", "Source", "changes", "file_states"]

_PERIOD: Final = 1.0

FileStates: TypeAlias = tuple[tuple[int, ...] | None, ...]


@dataclass(slots=True)
class Source:
    """A configuration.

    ``loaded`` is what is in use. ``load`` reads it anew, and raises ConfigError where it is not
    valid. ``path`` is its file, and a change of one of ``watched`` says that it may have changed;
    without a file there is neither. ``state`` is how these were when ``loaded`` was read.
    """

    loaded: Loaded
    load: Callable[[], Loaded]
    path: Path | None = None
    watched: Sequence[Path] = ()
    state: FileStates = field(init=False)

    def __post_init__(self) -> None:
        """Note how the files are now: what changes while all starts is a change."""
        self.state = file_states(self.watched)


async def changes(
    paths: Sequence[Path], known: FileStates, period: float = _PERIOD
) -> AsyncIterator[None]:
    """Tell whenever one of these files has changed and is at rest again.

    The files themselves are looked at, and not their folders' events: a ConfigMap is a link to a
    link that is replaced (https://kubernetes.io/docs/concepts/configuration/configmap/), editors
    write a new file and rename it, and shared or mounted folders often have no events at all.

    Args:
        paths: the files, which need not exist.
        known: how they were when they were read.
        period: seconds between two looks. A file is at rest when two of them are alike.
    """
    seen = known
    while True:
        await asyncio.sleep(period)
        state = file_states(paths)
        if state == seen != known and any(state):
            known = state
            yield
        seen = state


def file_states(paths: Sequence[Path]) -> FileStates:
    """What tells these files from what they were, or will be."""
    return tuple(map(_file_state, paths))


def _file_state(path: Path) -> tuple[int, ...] | None:
    """What tells a file from what it was, through all links; None where it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
