"""Commands find the admin port of what runs here, unless they are told another."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from extproc.cli.arguments import main
from extproc.cli.asking import add_admin, admin_port
from tests.helpers.control_socket import sidecar

ONE, OTHER = "http://127.0.0.1:9192", "http://[::1]:9292"


@pytest.fixture(autouse=True)
def unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAGOMAN_ADMIN", raising=False)


def asked(*words: str) -> str:
    """The port that a command asks."""
    parser = argparse.ArgumentParser()
    add_admin(parser)
    return admin_port(parser.parse_args(words)).url


def test_the_only_sidecar_is_asked(place: Path) -> None:
    with sidecar(place, place / "any.yaml", admin=ONE):
        assert asked() == ONE


@pytest.mark.usefixtures("place")
def test_without_any_it_is_the_usual_port() -> None:
    assert asked() == "http://127.0.0.1:9092"


def test_what_is_named_comes_first(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sidecar(place, place / "any.yaml", admin=ONE):
        monkeypatch.setenv("DRAGOMAN_ADMIN", OTHER)
        assert asked() == OTHER
        assert asked("--admin", "http://router:9092") == "http://router:9092"


def test_of_several_it_is_the_one_of_this_folder(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place / "config.yaml"
    one = sidecar(place, file, admin=ONE)
    other = sidecar(place, place / "other.yaml", admin=OTHER)
    silent = sidecar(place, place / "older.yaml")
    with one, other, silent:
        for command in (["top"], ["trace"], ["logs"], ["explain", "4bf9"]):
            assert main(command) == 1
            assert capsys.readouterr().err == (
                "several sidecars run here: name one with --admin or DRAGOMAN_ADMIN, of "
                f"{ONE} ({file}), {OTHER} ({place / 'other.yaml'}).\n"
            )
        file.touch()
        assert asked() == ONE


def test_it_is_said_whom_a_command_asks_where_this_folders_file_does_not_run(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place / "config.yaml"
    file.touch()
    with sidecar(place, place / "other.yaml", admin=ONE):
        assert asked() == ONE
        assert capsys.readouterr().err == (
            f"no sidecar of this user runs by config.yaml: asking {ONE} ({place / 'other.yaml'})\n"
        )
    with sidecar(place, file, admin=ONE):
        assert asked() == ONE
        assert capsys.readouterr().err == ""
    assert asked() == "http://127.0.0.1:9092"
    assert capsys.readouterr().err == (
        "no sidecar of this user runs by config.yaml: asking http://127.0.0.1:9092\n"
    )
