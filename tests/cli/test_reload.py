"""``dragoman reload`` finds the sidecar that is meant, and says what became of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from extproc.cli.arguments import main
from extproc.sidecar.control import Outcome, Report
from tests.helpers.control_socket import sidecar

TAKEN = {"outcome": "taken", "lines": ["2 clusters more"]}
REFUSED = {"outcome": "refused", "lines": ["a: unknown key"]}
ONE, OTHER = "http://127.0.0.1:9192", "http://[::1]:9292"


@pytest.fixture(autouse=True)
def unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAGOMAN_ADMIN", raising=False)


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
    listed = f"{ONE} ({one}), {OTHER} ({other})"
    with sidecar(place, one, TAKEN, ONE), sidecar(place, other, REFUSED, OTHER):
        assert main(["reload"]) == 1
        assert capsys.readouterr().err == (
            "several sidecars run here: name one by its CONFIG, or with --admin or "
            f"DRAGOMAN_ADMIN, of {listed}.\n"
        )
        one.touch()
        assert main(["reload"]) == 0
        assert main(["reload", "other.yaml"]) == 1
        assert main(["reload", "-f", str(other)]) == 1
        capsys.readouterr()
        assert main(["reload", "none-such.yaml"]) == 1
    assert capsys.readouterr().err == (
        f"no sidecar of this user runs here by none-such.yaml; there are {listed}.\n"
    )


def test_the_one_at_an_admin_port(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = place / "config.yaml", place / "other.yaml"
    one.touch()
    with sidecar(place, one, TAKEN, ONE), sidecar(place, other, REFUSED, OTHER):
        for url in [ONE, f"{ONE}/", "http://localhost:9192", "http://[::1]:9192"]:
            assert main(["reload", "--admin", url]) == 0
        assert main(["reload", "--admin", OTHER]) == 1
        assert capsys.readouterr().err == "a: unknown key\n"
        monkeypatch.setenv("DRAGOMAN_ADMIN", OTHER)
        assert main(["reload"]) == 1
        assert capsys.readouterr().err == "a: unknown key\n"
        assert main(["reload", "--admin", ONE]) == 0
        assert main(["reload", "config.yaml"]) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--admin", "http://127.0.0.1:1"], " with its admin port at http://127.0.0.1:1; there"),
        (
            ["other.yaml", "--admin", ONE],
            f" by other.yaml with its admin port at {ONE}; there are {ONE} (",
        ),
        (["--admin", "http://h:port"], "http://h:port is no URL: "),
    ],
)
def test_no_sidecar_has_that_admin_port(
    place: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with sidecar(place, place / "config.yaml", TAKEN, ONE):
        assert main(["reload", *words]) == 1
    assert message in capsys.readouterr().err


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
    assert capsys.readouterr().err == "no sidecar of this user runs here.\n"


def test_it_is_said_what_takes_time(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ""

    def slowly(_: Path) -> Report:
        nonlocal told
        until = time.monotonic() + 10
        while not told and time.monotonic() < until:
            time.sleep(0.01)
            told = capsys.readouterr().err
        return Report(Outcome.TAKEN, ())

    monkeypatch.setattr("extproc.sidecar.control.ask_for_reload", slowly)
    monkeypatch.setattr("extproc.cli.commands.reload._QUIET_FOR", 0.01)
    with sidecar(place, place / "any.yaml", TAKEN):
        assert main(["reload"]) == 0
    assert told == "a new Envoy starts, beside the one that serves meanwhile\n"
