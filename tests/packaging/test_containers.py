"""Processes of this machine that see themselves in a container."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest

from tests.helpers.missing import missing
from tests.packaging.containers import MEANS, Mount, means, process_in, works

PACKAGES = {"unshare": "util-linux", "proot": "proot"}


@pytest.fixture(params=MEANS)
def program(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue("containers")
    found: str = request.param
    if which(found) is None:
        missing(f"{found} is not installed: apt-get install {PACKAGES[found]}")
    if not works(found):
        pytest.skip(f"this machine does not let {found} make containers: {means()} does")
    return found


def run(program: str, script: str, *mounts: Mount) -> subprocess.CompletedProcess[str]:
    command = MEANS[program](["sh", "-c", script], 101, 102, mounts)
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_is_its_user_and_has_its_mounts(program: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    (one / "given").write_text("from outside")
    script = "id -u; id -g; cat /etc/in/container/given; echo inside > /run/its/own/made"
    done = run(program, script, Mount(one, "/etc/in/container"), Mount(two, "/run/its/own"))
    assert done.stdout == "101\n102\nfrom outside", done.stderr
    assert (two / "made").read_text() == "inside\n"
    assert not Path("/etc/in").exists()


def test_its_end_is_told(program: str) -> None:
    assert run(program, "exit 7").returncode == 7


def test_signals_reach_what_runs_in_it(program: str) -> None:
    command = MEANS[program](
        ["sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done"], 101, 101, []
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"
        process_in(started.pid).terminate()
        assert started.wait(10) == 3


def test_namespaces_let_it_write_to_nothing_else(tmp_path: Path) -> None:
    if not works("unshare"):
        pytest.skip("this machine lets nobody make namespaces, and proot forbids nothing")
    (tmp_path / "given").touch()
    for place in ("/etc/x", "/x", "/run/x", "/mine/x"):
        done = run("unshare", f"touch {place}", Mount(tmp_path, "/mine", read_only=True))
        assert "Read-only" in done.stderr, place
