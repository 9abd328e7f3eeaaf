"""Which configuration a command is about, and what is served without one."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from extproc.cli.arguments import main
from extproc.cli.finding import add_config, found, from_keys
from extproc.config.ready_made import KEY_VARIABLES
from extproc.core.models import WILDCARD
from extproc.errors import StartError
from extproc.providers import KNOWN


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_config(parser)
    return parser.parse_args(words)


@pytest.fixture
def keyless(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in KEY_VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)


def test_the_folder_is_looked_through_in_order(tmp_path: Path) -> None:
    assert found(parsed(), tmp_path) is None
    (tmp_path / "plano_config.yaml").touch()
    assert found(parsed(), tmp_path) == tmp_path / "plano_config.yaml"
    (tmp_path / "config.yaml").touch()
    assert found(parsed(), tmp_path) == tmp_path / "config.yaml"


@pytest.mark.parametrize("words", [("a.yaml",), ("-f", "a.yaml"), ("--file", "a.yaml")])
def test_what_is_named_goes_before_what_is_found(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "config.yaml").touch()
    assert found(parsed(*words), tmp_path) == Path("a.yaml")


def test_two_names_are_one_too_many() -> None:
    with pytest.raises(StartError, match=r"two configurations are named: a\.yaml and, by -f, b"):
        found(parsed("a.yaml", "-f", "b.yaml"))


@pytest.mark.usefixtures("keyless")
def test_keys_alone_serve_every_model_of_their_providers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the-openai-key")
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=the-anthropic-key\nGROQ_API_KEY=\n")
    loaded = from_keys(tmp_path)
    assert [model.name for model in loaded.config.models] == ["openai/*", "anthropic/*"]
    assert loaded.secrets.values == {
        "OPENAI_API_KEY": "the-openai-key",
        "ANTHROPIC_API_KEY": "the-anthropic-key",
    }
    said = capsys.readouterr().err
    assert "serving openai/* (OPENAI_API_KEY), anthropic/* (ANTHROPIC_API_KEY)" in said
    assert "the-openai-key" not in said


@pytest.mark.usefixtures("keyless")
def test_every_provider_of_the_table_can_be_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in KEY_VARIABLES.values():
        monkeypatch.setenv(variable, f"key-of-{variable}")
    models = from_keys(tmp_path).config.models
    assert [model.provider for model in models] == [*KEY_VARIABLES]
    assert {model.model_id for model in models} == {WILDCARD}
    assert KEY_VARIABLES.keys() <= KNOWN.keys()


@pytest.mark.usefixtures("keyless")
def test_nothing_to_serve_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["up"]) == 1
    said = capsys.readouterr().err
    assert f"there is no config.yaml or plano_config.yaml in {tmp_path}" in said
    assert "OPENAI_API_KEY" in said
    assert "dragoman init" in said


def test_check_finds_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plano_config.yaml").write_text(
        "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: k}]\n"
    )
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("plano_config.yaml: valid; 1 models")
