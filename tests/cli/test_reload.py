"""``dragoman reload`` finds the sidecar that is meant, and says what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.cli.arguments import main
from tests.helpers.control_socket import sidecar

TAKEN = {"outcome": "taken", "lines": ["2 clusters more"]}
REFUSED = {"outcome": "refused", "lines": ["a: unknown key"]}


def test_the_only_one_is_meant(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sidecar(place, place / "any.yaml", TAKEN):
        assert main(["reload"]) == 0
    assert capsys.readouterr().out == "2 clusters more\ntaken\n"


def test_a_refusal_ends_with_1(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sidecar(place, place / "any.yaml", REFUSED):
        assert main(["reload"]) == 1
    said = capsys.readouterr()
    assert (said.err, said.out) == ("a: unknown key\n", "refused\n")


def test_of_several_the_one_of_this_folder_or_of_the_name(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = place / "config.yaml", place / "other.yaml"
    with sidecar(place, one, TAKEN), sidecar(place, other, REFUSED):
        assert main(["reload"]) == 1
        assert capsys.readouterr().err == (
            f"several sidecars run here: name a CONFIG, of {one}, {other}\n"
        )
        one.touch()
        assert main(["reload"]) == 0
        assert main(["reload", "other.yaml"]) == 1
        assert main(["reload", "-f", str(other)]) == 1
        capsys.readouterr()
        assert main(["reload", "none-such.yaml"]) == 1
    assert capsys.readouterr().err == (
        f"no sidecar of none-such.yaml of this user runs here; of {one}, {other} do\n"
    )


def test_one_file_by_several_ways(place: Path) -> None:
    """A link in the place of the file, as a ConfigMap's, is the file, and not what it leads to."""
    (place / "folder").mkdir()
    (place / "link").symlink_to("folder")
    (place / "folder" / "config.yaml").symlink_to("..data/config.yaml")
    with sidecar(place, place / "link" / "config.yaml", TAKEN):
        assert main(["reload", "folder/../folder/config.yaml"]) == 0
        assert main(["reload", "link/config.yaml"]) == 0
        assert main(["reload", "folder/..data/config.yaml"]) == 1


def test_one_that_ends_meanwhile(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sidecar(place, place / "any.yaml", None):
        assert main(["reload"]) == 1
    assert "does not answer: it has ended meanwhile\n" in capsys.readouterr().err


@pytest.mark.usefixtures("place")
def test_nobody_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reload"]) == 1
    assert capsys.readouterr().err == "no sidecar of this user runs here\n"
