"""Where sockets go when nobody says where."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from pathlib import Path

import pytest

from extproc.errors import StartError
from extproc.run_directory import RunDirectory
from extproc.sidecar.claim import claimed
from extproc.sidecar.private_directory import private_directory

NOWHERE = Path("/no/such/directory")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def place_of(environment: dict[str, str], system: Path = NOWHERE) -> Path:
    with private_directory(environment, 2, system) as directory:
        assert stat.S_IMODE(directory.path.stat().st_mode) == 0o700
        assert directory.workers == 2
        (directory.path / "x").touch()
    assert not directory.path.exists()
    return directory.path.parent


def test_the_users_runtime_directory_comes_first(tmp_path: Path, temporary: Path) -> None:
    users, system = tmp_path / "users", tmp_path / "run"
    users.mkdir()
    system.mkdir()
    assert place_of({"XDG_RUNTIME_DIR": str(users)}, system) == users
    assert place_of({}, system) == system
    assert place_of({}) == temporary


def test_what_is_no_directory_is_passed_over(tmp_path: Path, temporary: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for value in (str(file), str(tmp_path / "none"), "relative", ""):
        assert place_of({"XDG_RUNTIME_DIR": value}) == temporary


def test_the_runtime_directory_of_another_user_is_not_used(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert place_of({"XDG_RUNTIME_DIR": str(tmp_path)}) == temporary


def test_a_place_whose_sockets_would_have_too_long_paths_is_passed_over(
    tmp_path: Path, temporary: Path
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    assert place_of({"XDG_RUNTIME_DIR": str(deep)}) == temporary
    assert list(deep.iterdir()) == []


def test_a_full_place_is_passed_over(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    write = Path.write_bytes

    def write_bytes(path: Path, content: bytes) -> int:
        if full in path.parents:
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    assert place_of({"XDG_RUNTIME_DIR": str(full)}) == temporary
    assert list(full.iterdir()) == []


def test_no_place_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(NOWHERE))
    with pytest.raises(StartError) as raised, private_directory({}, 1, NOWHERE):
        pass
    message = str(raised.value)
    assert f"in {NOWHERE}: No such file or directory" in message
    assert "Set XDG_RUNTIME_DIR or TMPDIR" in message


def test_paths_that_are_too_long_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("deep" * 25)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with pytest.raises(StartError) as raised, private_directory({}, 1, NOWHERE):
        pass
    assert "Choose a shorter one" in str(raised.value)
    assert "107" in str(raised.value)
    assert list(deep.iterdir()) == []


def test_what_a_killed_supervisor_left_behind_is_removed(temporary: Path) -> None:
    left, running, fresh, other = (
        temporary / name
        for name in ("dragoman-run-1", "dragoman-run-2", "dragoman-run-3", "dragoman-demo-4")
    )
    for path in (left, running, fresh, other):
        path.mkdir()
        (path / "config.json").touch()
    linked = temporary / "dragoman-run-5"
    linked.symlink_to(other)
    an_hour_ago = time.time() - 3600
    for path in (left, running, other, linked):
        os.utime(path, (an_hour_ago, an_hour_ago), follow_symlinks=False)
    with claimed(RunDirectory(running)):
        place_of({})
    assert set(temporary.iterdir()) == {running, fresh, other, linked}
    assert (other / "config.json").exists()
