"""What this machine, or the container that we are in, lets Envoy use."""

from __future__ import annotations

import logging
import resource
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from extproc.core.resources import UNMEASURED, Resources

__all__ = [
    "FEW_CONNECTIONS",
    "connections_with",
    "memory_limit",
    "raised_file_limit",
    "resources_for",
]

_log = logging.getLogger(__name__)

_MOST_FILES: Final = 2**20
_OWN_FILES: Final = 256
"""Descriptors that Envoy needs whoever connects: its threads, sockets, logs, workers."""
_FILES_PER_CONNECTION: Final = 4
"""A client's connection, one to the provider that it waits for, and as many again that are kept
idle to providers asked before. An Envoy that can open no socket for a provider aborts."""
_FEWEST: Final = 64
FEW_CONNECTIONS: Final = 1000
"""With fewer, an operator is told so."""
_CGROUPS: Final = Path("/sys/fs/cgroup")


def raised_file_limit() -> int:
    """How many files a process of ours may open, after raising that as far as we may.

    The limit that most systems begin with, 1,024, is for programs that use ``select``.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return most
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def memory_limit(
    cgroups: Path = _CGROUPS,
    own_groups: Path = Path("/proc/self/cgroup"),
    machine: Path = Path("/proc/meminfo"),
) -> int | None:
    """Bytes of memory that we and our children may use; None where the system does not tell.

    https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files

    Args:
        cgroups: where control groups are mounted.
        own_groups: the file that says which of them we are in.
        machine: the file that says how much memory the machine has.
    """
    found = [*_group_limits(cgroups, own_groups), *_machines(machine)]
    return min(found, default=None)


def resources_for(files: int, memory: int | None, pressure_path: str) -> Resources:
    """What Envoy may use of that: the workers, and the observer, need the other half of the memory.

    Args:
        files: how many it may open.
        memory: bytes that all of us may use together, None if that is not known.
        pressure_path: where it is told how much is used.
    """
    connections = connections_with(files)
    if connections < FEW_CONNECTIONS:
        _log.warning(
            "at most %d clients can be connected at once, for a process may open %d files here; "
            "raise that limit (ulimit -n, LimitNOFILE= of systemd, --ulimit nofile of Docker)",
            connections,
            files,
        )
    return Resources(connections, memory and memory // 2, pressure_path)


def connections_with(files: int) -> int:
    """How many clients can be connected at once where Envoy may open so many files."""
    connections = (files - _OWN_FILES) // _FILES_PER_CONNECTION
    return max(_FEWEST, min(connections, UNMEASURED.connections))


def _group_limits(cgroups: Path, own_groups: Path) -> Iterator[int]:
    """The limits of our groups and of those that they are in, by both versions of the interface."""
    for line in _lines(own_groups):
        _, controllers, path = line.split(":", 2)
        mounted = cgroups if not controllers else cgroups / "memory"
        name = "memory.limit_in_bytes" if controllers else "memory.max"
        if controllers and "memory" not in controllers.split(","):
            continue
        group = mounted / path.lstrip("/")
        # In a container the path may be one of the host's; then the mounted group is our own.
        for each in (group, *group.parents):
            if each.is_relative_to(mounted):
                yield from _numbers(_lines(each / name))


def _machines(path: Path) -> Iterator[int]:
    for line in _lines(path):
        name, _, amount = line.partition(":")
        if name == "MemTotal":
            yield 1024 * int(amount.split()[0])


def _numbers(lines: Iterable[str]) -> Iterator[int]:
    """``max`` is none."""
    return (int(line) for line in lines if line.strip().isdigit())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except OSError:
        return []
