"""What the machine lets us use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from extproc.core.resources import UNMEASURED, Resources, in_a_container
from extproc.sidecar.resources import memory_limit, resources_for

GIB = 2**30


def group(root: Path, path: str, name: str, text: str) -> None:
    directory = root / path
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(text)


def limit(tmp_path: Path, own: str, machine: str = "MemTotal:  8388608 kB\n") -> int | None:
    own_groups, meminfo = tmp_path / "own", tmp_path / "meminfo"
    own_groups.write_text(own)
    meminfo.write_text(machine)
    return memory_limit(tmp_path / "cgroup", own_groups, meminfo)


def test_the_smallest_limit_of_our_groups_counts(tmp_path: Path) -> None:
    group(tmp_path / "cgroup", "system.slice/our.service", "memory.max", "max\n")
    group(tmp_path / "cgroup", "system.slice", "memory.max", f"{2 * GIB}\n")
    group(tmp_path / "cgroup", "other.slice", "memory.max", f"{GIB}\n")
    assert limit(tmp_path, "0::/system.slice/our.service\n") == 2 * GIB


def test_in_a_container_the_root_is_ours(tmp_path: Path) -> None:
    group(tmp_path / "cgroup", ".", "memory.max", f"{GIB}\n")
    assert limit(tmp_path, "0::/\n") == GIB
    assert limit(tmp_path, "0::/kubepods/of/the/host\n") == GIB


def test_the_older_interface(tmp_path: Path) -> None:
    group(tmp_path / "cgroup", "memory/docker/x", "memory.limit_in_bytes", f"{GIB}\n")
    assert limit(tmp_path, "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n") == GIB


def test_without_a_limit_it_is_the_machines(tmp_path: Path) -> None:
    group(tmp_path / "cgroup", ".", "memory.max", "max\n")
    assert limit(tmp_path, "0::/\n") == 8 * GIB


def test_a_system_that_does_not_tell(tmp_path: Path) -> None:
    assert memory_limit(tmp_path, tmp_path / "none", tmp_path / "none") is None


def test_envoy_has_half_of_the_memory_and_a_quarter_of_the_files() -> None:
    assert resources_for(20_256, 4 * GIB, "/p") == Resources(5000, 2 * GIB, "/p")
    assert resources_for(2**20, None, "/p") == Resources(50_000, None, "/p")


def test_few_files_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    assert resources_for(1024, None, "/p").connections == 192
    assert "at most 192 clients" in caplog.text
    assert resources_for(100, None, "/p").connections == 64


def test_the_limit_of_files_is_raised() -> None:
    """In a process of its own: a hard limit that was lowered stays so."""
    program = (
        "import resource; from extproc.sidecar.resources import raised_file_limit;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, 1000));"
        "print(raised_file_limit(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "1000 1000 1000\n"


def test_an_envoy_that_has_a_container_to_itself() -> None:
    assert in_a_container(1_000_000).memory == 850_000
    assert in_a_container(None) == UNMEASURED
