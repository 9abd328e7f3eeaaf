"""Whether the files that a configuration names can be where it says."""

from __future__ import annotations

from pathlib import Path

from extproc.config.file_paths import why_not_kept, why_not_read

LONG = "a" * 300
"""More than the name of a file may have."""


def test_a_place_for_a_file(tmp_path: Path) -> None:
    assert why_not_kept(tmp_path / "new.db") is None
    assert why_not_kept(tmp_path) == f"is a folder: {tmp_path}; name a file in it"
    nowhere = tmp_path / "nowhere"
    assert why_not_kept(nowhere / "new.db") == f"there is no folder {nowhere} to put it into"


def test_a_file_to_be_read(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    assert why_not_read(file) == f"there is no file {file}"
    file.touch()
    assert why_not_read(file) is None


def test_what_cannot_be_reached_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / LONG / "file"
    for problem in (why_not_kept(path), why_not_read(path)):
        assert problem == f"cannot be reached: {path}: File name too long"
