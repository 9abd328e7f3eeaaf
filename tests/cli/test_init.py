"""``dragoman init`` writes configurations that are valid, and never over another file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from extproc.cli.arguments import main
from extproc.cli.commands.init import templates
from extproc.cli.questions import CLIENT_KEY, Answers, ask, composed
from extproc.config import Loaded, load, parse
from extproc.config.ready_made import KEY_VARIABLES

KEYS = {variable: f"key-of-{variable}" for variable in (*KEY_VARIABLES.values(), CLIENT_KEY)}


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable, value in KEYS.items():
        monkeypatch.setenv(variable, value)


@pytest.mark.parametrize("name", templates())
def test_every_template_is_valid_without_a_warning(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--template", name]) == 0
    assert load(Path("config.yaml")).warnings == ()
    assert main(["check"]) == 0
    assert "to be done" not in capsys.readouterr().out


def test_templates_are_listed_with_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--list-templates"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(templates())
    assert all(line.endswith(".") for line in lines)


def test_a_file_is_written_over_by_force_only(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("mine.yaml")
    path.write_text("mine")
    assert main(["init", "mine.yaml", "--template", "intent"]) == 1
    assert "mine.yaml is there already; --force writes over it" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert main(["init", "mine.yaml", "--template", "intent", "--force"]) == 0
    assert path.read_text() == templates()["intent"]


def test_what_is_left_to_do_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert main(["init", "--template", "intent"]) == 0
    said = capsys.readouterr().out
    assert "access_key: environment variable ANTHROPIC_API_KEY is not set" in said


@pytest.mark.parametrize("words", [[], ["--template", "none-such"]])
def test_without_a_terminal_a_template_has_to_be_named(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", *words]) == 2
    assert "intent" in capsys.readouterr().err
    assert not Path("config.yaml").exists()


def answered(*answers: str, keys: tuple[str, ...] = ()) -> Answers:
    """What was asked for by these answers, each of which was wanted."""
    left: Iterator[str] = iter(answers)
    asked = ask(lambda _: next(left), keys)
    assert next(left, None) is None
    return asked


def written(answers: Answers) -> Loaded:
    loaded = parse(composed(answers), KEYS)
    assert loaded.warnings == ()
    return loaded


def test_nothing_but_defaults() -> None:
    config = written(answered("", "", "", "", "", keys=("anthropic", "openai"))).config
    assert [model.name for model in config.models] == [
        *("openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5"),
        *("anthropic/*", "openai/*"),
    ]
    assert [model.name for model in config.models if model.default] == ["openai/gpt-4o-mini"]
    assert [route.models[0] for route in config.routes] == [
        *["anthropic/claude-sonnet-4-5"] * 2,
        "openai/gpt-4o-mini",
    ]
    assert config.listener.address == "127.0.0.1"


def test_what_cannot_be_is_asked_again() -> None:
    answers = answered(
        *("openay", "openai, groq", "perhaps", "y"),
        *("gpt-4o", "anthropic/x", "openai/*", "groq/big one", "groq/big", "openai/small"),
        *("maybe", "yes"),
    )
    assert answers == Answers(["openai", "groq"], "groq/big", "openai/small", others=True)
    config = written(answers).config
    assert config.listener.address == "0.0.0.0"
    assert config.listener.key_variables == (CLIENT_KEY,)


def test_why_it_is_asked_again_is_said() -> None:
    asked: list[str] = []
    answers = iter(["openay, groq", "openai, groq", "y", "gpt-4o", "openai/*", "", "", ""])

    def question(text: str) -> str:
        asked.append(text.partition("\n")[0])
        return next(answers)

    ask(question, [])
    assert asked[1] == "Not known here: openay."
    assert asked[4] == "It has to begin with openai/ or groq/."
    assert asked[5] == "This is no name of a model: '*'."


@pytest.mark.parametrize("name", ["a]b,c", 'x"y', "a: b", "a:", "a #b", "", "a{b}", "&a*", "$HOME"])
def test_what_yaml_would_read_otherwise_is_no_name(name: str) -> None:
    answers = answered("openai", "y", f"openai/{name}", "openai/good", "", "n")
    assert answers.hard == "openai/good"


@pytest.mark.parametrize("name", ["qwen3:8b", "meta-llama/Llama-3.3:free", "@cf/m", "gpt-4.1+x"])
def test_names_are_written_as_they_are(name: str) -> None:
    config = written(Answers(["openrouter"], f"openrouter/{name}", f"openrouter/{name}")).config
    assert config.models[0].name == f"openrouter/{name}"


def test_no_routes() -> None:
    assert written(answered("groq", "n")).config.routes == ()
    config = written(answered("openai", "n", "n")).config
    assert [model.name for model in config.models] == ["openai/*"]


def test_one_model_for_everything() -> None:
    config = written(answered("openai", "y", "openai/gpt-4o", "openai/gpt-4o", "n")).config
    assert [model.name for model in config.models] == ["openai/gpt-4o", "openai/*"]
    assert {route.models for route in config.routes} == {("openai/gpt-4o",)}
