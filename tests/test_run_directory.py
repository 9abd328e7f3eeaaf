"""Where the processes find each other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from extproc.run_directory import RunDirectory


def test_every_process_has_a_socket_of_its_own() -> None:
    directory = RunDirectory(Path("/run/x"), workers=3)
    sockets = (
        *directory.worker_sockets,
        directory.observer_socket,
        directory.link_socket,
        directory.admin_socket,
    )
    assert len(set(sockets)) == 6
    assert {socket.parent for socket in sockets} == {Path("/run/x")}


def test_workers_are_numbered_from_zero_whatever_their_number() -> None:
    one, two = (RunDirectory(Path("/r"), workers=count) for count in (1, 2))
    assert RunDirectory(Path("/r")) == one
    assert one.worker_sockets == (Path("/r/worker-0.sock"),)
    assert two.worker_sockets == (*one.worker_sockets, Path("/r/worker-1.sock"))


def test_generations_share_the_newest_observer_and_nothing_else() -> None:
    first, second = (RunDirectory(Path("/r"), 2, generation) for generation in (1, 2))
    for name in ("observer_socket", "link_socket", "legacy", "reloads", "probes"):
        assert getattr(first, name) == getattr(second, name), name
    own = [
        {*each.worker_sockets, each.own_observer_socket, each.own_link_socket, each.admin_socket}
        for each in (first, second)
    ]
    assert own[0].isdisjoint(own[1])
    numbers = [each.worker_number(index) for each in (first, second) for index in range(2)]
    assert len(set(numbers)) == 4


@pytest.mark.parametrize("process", ["observer", "worker"])
@pytest.mark.parametrize("there", [True, False])
def test_a_process_says_plainly_that_its_directory_is_gone(
    tmp_path: Path, process: str, *, there: bool
) -> None:
    run = tmp_path if there else tmp_path / "gone"
    arguments = [str(run / "config.json"), str(run), "1", *(["0"] if process == "worker" else [])]
    ended = subprocess.run(
        [sys.executable, "-m", f"extproc.{process}", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"cannot start: somebody removed {run}/config.json, or all of {run}.\n"
    assert (ended.returncode, ended.stderr) == (1, said)
