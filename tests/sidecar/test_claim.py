"""A run directory is one router's alone, and nothing is written elsewhere from it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from extproc.errors import StartError
from extproc.run_directory import RunDirectory
from extproc.sidecar.claim import RunDirectoryLostError, claimed


def test_a_second_router_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    refused = pytest.raises(StartError, match=rf"^another router is running in {tmp_path}\. Stop")
    with claimed(directory), refused, claimed(directory):
        pass
    with claimed(directory):
        pass


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    refused = pytest.raises(StartError, match="there is no such directory")
    with refused, claimed(RunDirectory(tmp_path / "none")):
        pass


def test_a_file_is_for_our_eyes_and_replaced_whole(tmp_path: Path) -> None:
    with claimed(RunDirectory(tmp_path)) as claim:
        (tmp_path / ".f.new").write_text("left behind")
        assert claim.write("f", b"one") == tmp_path / "f"
        claim.write("f", b"2")
    assert (tmp_path / "f").read_bytes() == b"2"
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("name", ["f", ".f.new"])
def test_nothing_is_written_through_a_symbolic_link(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    run = tmp_path / "run"
    run.mkdir()
    (run / name).symlink_to(victim)
    with claimed(RunDirectory(run)) as claim:
        claim.write("f", b"content")
    assert victim.read_text() == "precious"
    assert not (run / "f").is_symlink()


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_directory_that_is_lost_is_noticed(tmp_path: Path, *, replaced: bool) -> None:
    run = tmp_path / "run"
    run.mkdir()
    with claimed(RunDirectory(run)) as claim:
        losing = asyncio.create_task(claim.until_lost())
        await asyncio.sleep(0.1)
        assert not losing.done()
        shutil.rmtree(run)
        if replaced:
            run.mkdir()
        with pytest.raises(OSError, match=r"No such file|not found"):
            claim.write("f", b"")
        with pytest.raises(RunDirectoryLostError, match=f"somebody removed {run}"):
            await asyncio.wait_for(losing, 5)


def test_a_link_leads_elsewhere_at_once(tmp_path: Path) -> None:
    with claimed(RunDirectory(tmp_path)) as claim:
        for target in ("1-observer.sock", "2-observer.sock"):
            claim.write(target, target.encode())
            claim.link("observer.sock", target)
            assert (tmp_path / "observer.sock").read_text() == target
        claim.remove("2-observer.sock", "none-such")
        assert sorted(claim.names()) == ["1-observer.sock", "observer.sock"]


async def test_what_fails_since_the_directory_is_lost_says_so(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()

    async def failing() -> None:
        shutil.rmtree(run)
        raise StartError("observer ended with exit code 1 while starting")

    said = pytest.raises(RunDirectoryLostError, match=f"^somebody removed {run}, where")
    with claimed(RunDirectory(run)) as claim, said:
        await claim.needed_by(failing())


async def test_what_would_wait_for_ever_ends_when_the_directory_is_lost(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    cleaned_up = asyncio.Event()

    async def waiting() -> None:
        shutil.rmtree(run)
        try:
            await asyncio.Event().wait()
        finally:
            cleaned_up.set()

    with claimed(RunDirectory(run)) as claim, pytest.raises(RunDirectoryLostError):
        await asyncio.wait_for(claim.needed_by(waiting()), 5)
    assert cleaned_up.is_set()


async def test_what_needs_a_directory_that_stays_ends_as_it_ends(tmp_path: Path) -> None:
    async def failing() -> None:
        raise StartError("a port is taken")

    async def done() -> int:
        return 3

    with claimed(RunDirectory(tmp_path)) as claim:
        assert await claim.needed_by(done()) == 3
        with pytest.raises(StartError, match="a port is taken"):
            await claim.needed_by(failing())
