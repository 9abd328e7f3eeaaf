"""How many bytes of bodies a worker holds at once, unless it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["room_for_bodies"]

_LIMIT_FILES: Final = (
    "sys/fs/cgroup/memory.max",  # cgroup v2
    "sys/fs/cgroup/memory/memory.limit_in_bytes",  # cgroup v1
)
"""https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files"""
_SHARE: Final = 8
"""The part of the memory that bodies may take; beside the workers Envoy holds them, for retries."""
_MOST: Final = 256 * 1024 * 1024


def room_for_bodies(largest: int, workers: int, root: Path = Path("/")) -> int:
    """Bytes of bodies that one worker may hold.

    Args:
        largest: how large one body may be: there is room for two, whatever the machine has.
        workers: how many workers there are.
        root: where the file system begins.

    Returns:
        An eighth of the memory, shared by the workers, and 256 MiB at most.
    """
    return max(min(_memory(root) // _SHARE // workers, _MOST), 2 * largest)


def _memory(root: Path) -> int:
    """Bytes of memory that this machine, or this container, has."""
    known = [int(text) for file in _LIMIT_FILES if (text := _text(root / file)).isdecimal()]
    total = _text(root / "proc/meminfo").partition("MemTotal:")[2].split()
    if total:
        known.append(int(total[0]) * 1024)
    return min(known, default=_SHARE * _MOST)


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
