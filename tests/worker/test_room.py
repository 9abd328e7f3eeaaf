"""How much memory bodies may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.worker.room import room_for_bodies

MIB = 1024 * 1024
V2 = "sys/fs/cgroup/memory.max"
V1 = "sys/fs/cgroup/memory/memory.limit_in_bytes"
MACHINE = "proc/meminfo"


@pytest.mark.parametrize(
    ("files", "workers", "room"),
    [
        ({}, 1, 256 * MIB),
        ({MACHINE: "MemTotal:       2097152 kB\nMemFree: 5 kB\n"}, 1, 256 * MIB),
        ({MACHINE: "MemTotal:       2097152 kB\n"}, 2, 128 * MIB),
        ({MACHINE: "MemTotal:      16777216 kB\n", V2: "max\n"}, 1, 256 * MIB),
        ({MACHINE: "MemTotal:      16777216 kB\n", V2: f"{1024 * MIB}\n"}, 1, 128 * MIB),
        ({MACHINE: "MemTotal:      16777216 kB\n", V1: f"{1024 * MIB}\n"}, 1, 128 * MIB),
        ({MACHINE: "MemTotal:      16777216 kB\n", V1: f"{2**63 - 4096}\n"}, 1, 256 * MIB),
        ({V2: f"{256 * MIB}\n"}, 2, 64 * MIB),
    ],
)
def test_an_eighth_within_limits(
    tmp_path: Path, files: dict[str, str], workers: int, room: int
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert room_for_bodies(32 * MIB, workers, tmp_path) == room


def test_this_machine() -> None:
    assert 64 * MIB <= room_for_bodies(32 * MIB, 1) <= 256 * MIB
