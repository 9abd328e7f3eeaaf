"""The command ``dragoman eval``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extproc.cli.arguments import main
from extproc.config import parse
from extproc.evaluation.evaluate import Evaluation, evaluate
from extproc.evaluation.screen import Screen
from tests.helpers.router_server import answering, serving

CONFIG = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: the-secret-key, default: true}
routing_preferences:
  - {name: code, description: "writing functions, generating new code", models: [gpt-4o]}
  - {name: law, description: "legal advice, contracts and lawsuits", models: [gpt-4o]}
"""
CASES = """
- {prompt: Write a Python function for binary search, expect: code}
- {prompt: Draft a contract for my landlord, expect: law}
- {prompt: "Is [bold]a lawsuit[/bold] worth it?", expect: code}
- {prompt: "What is the capital of France?", expect: null}
"""
OWN_ROUTES = {
    "messages": [{"role": "user", "content": "Who invented the Najdorf opening in chess?"}],
    "routes": [
        {"name": "chess", "description": "chess openings and endgames"},
        {"name": "cooking", "description": "recipes and cooking"},
    ],
    "expected": "chess",
}


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return str(path)


@pytest.fixture
def cases(tmp_path: Path) -> str:
    path = tmp_path / "cases.yaml"
    path.write_text(CASES, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("words", "code"),
    [(["CASES"], 1), (["CASES", "--embedded"], 0), (["--overlap"], 0)],
    ids=["asked", "embedded", "routes alone"],
)
def test_only_a_router_that_is_asked_needs_its_key(
    words: list[str], code: int, tmp_path: Path, cases: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    router = "dragoman: {router_url: 'http://127.0.0.1:1', router_access_key: $NO_ROUTER_KEY}\n"
    path.write_text(CONFIG.replace("the-secret-key", "$NO_SUCH_KEY") + router, encoding="utf-8")
    named = [cases if word == "CASES" else word for word in words]
    assert main(["eval", str(path), *named]) == code
    said = capsys.readouterr().err
    assert "NO_SUCH_KEY" not in said
    assert ("router_access_key: environment variable NO_ROUTER_KEY is not set" in said) == bool(
        code
    )


def test_figures_matrix_and_misses(
    config: str, cases: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", config, cases]) == 0
    shown = capsys.readouterr().out
    lines = [line.split() for line in shown.splitlines()]
    assert ["cases", "4"] in lines
    assert ["accuracy", "75.0", "%"] in lines
    assert ["forced", "accuracy", "66.7", "%"] in lines
    assert ["code", "2", "1", "100.0", "%", "50.0", "%"] in lines
    assert ["1", "code", "1", "1", "·"] in lines
    assert ["3", "(none)", "·", "·", "1"] in lines
    (miss,) = [line for line in lines if line[:1] == ["[2]"]]
    assert miss[1:3] == ["code", "law"]
    assert "Is [bold]a lawsuit[/bold] worth it?" in shown


def test_json_and_nothing_else(config: str, cases: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", config, cases, "--json"]) == 0
    output = capsys.readouterr()
    found = json.loads(output.out)
    assert list(found) == [
        *("cases", "forced_accuracy", "accuracy", "null_precision", "null_recall", "auroc"),
        "latency_ms",
    ]
    assert (found["cases"], found["accuracy"], found["null_recall"]) == (4, 0.75, 1.0)
    assert found["auroc"] == 1.0
    assert 0 < found["latency_ms"]["p50"] <= found["latency_ms"]["p99"]
    assert output.err == ""


@pytest.mark.parametrize(("least", "code"), [("0.75", 0), ("0.76", 1), ("1", 1)])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_the_exit_code(config: str, cases: str, least: str, code: int, form: list[str]) -> None:
    assert main(["eval", config, cases, "--min-accuracy", least, *form]) == code


@pytest.mark.parametrize("least", ["2", "-0.1", "ninety", "nan"])
def test_an_accuracy_that_cannot_be(config: str, cases: str, least: str) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["eval", config, cases, "--min-accuracy", least])
    assert raised.value.code == 2


def test_cases_with_routes_of_their_own_leave_the_configuration_s_aside(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(map(json.dumps, [OWN_ROUTES, OWN_ROUTES])), encoding="utf-8")
    assert main(["eval", config, str(path)]) == 0
    shown = capsys.readouterr().out
    assert "chess" in shown
    assert "law" not in shown


@pytest.mark.parametrize(("misses", "more"), [("0", False), ("1", False), ("2", False)])
def test_how_many_misses_are_shown(
    config: str, cases: str, misses: str, more: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["eval", config, cases, "--misses", misses])
    shown = capsys.readouterr().out
    assert ("worth it?" in shown) == (misses != "0")
    assert ("more misses" in shown) == more


def test_routes_that_overlap_or_are_vague(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        f"{CONFIG}"
        '  - {name: programs, description: "generating new code, writing functions",'
        " models: [gpt-4o]}\n"
        "  - {name: route_4, description: other things, models: [gpt-4o]}\n"
    )
    assert main(["eval", str(path), "--overlap"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "warning: code and programs can hardly be told apart" in shown
    assert "warning: route_4: its name says nothing" in shown
    assert main(["eval", str(path), "--overlap", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    ((pair,), unclear) = found["overlaps"], found["vague"]
    assert (pair["first"], pair["second"]) == ("code", "programs")
    assert {each["route"] for each in unclear} == {"route_4"}


def test_fine_routes(config: str, cases: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", config, cases, "--overlap"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("No route overlaps another, and none is too vague.\n")
    assert "accuracy" in shown


def test_neither_cases_nor_overlap(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", config]) == 2
    assert "CASES is required" in capsys.readouterr().err


def test_cases_that_cannot_be_used(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text("- {prompt: a, expect: cod}")
    assert main(["eval", config, str(path)]) == 1
    assert capsys.readouterr().err == f"{path}: [0].expect: is no route; did you mean 'code'?\n"


def with_router(url: str, more: str = "") -> Any:
    text = f"{CONFIG}dragoman: {{router_url: '{url}', router_access_key: $ROUTER_KEY{more}}}\n"
    return parse(text, {"ROUTER_KEY": "key-of-router"})


async def test_a_router_model_is_asked_each_time_and_has_no_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text("- {prompt: Hello, expect: law}\n" * 3)
    async with serving(answering('{"route": "law"}')) as server:
        loaded = with_router(server.url)
        wanted = Evaluation(path, as_json=True)
        assert await evaluate(loaded.config, loaded.secrets.values, wanted, Screen()) == 0
    assert len(server.bodies) == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["cases"], found["accuracy"]) == (3, 1.0)
    for key in ("forced_accuracy", "null_precision", "null_recall", "auroc"):
        assert found[key] is None


async def test_who_answered_in_a_router_model_s_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(CASES)
    async with serving(answering("I would rather not say")) as server:
        loaded = with_router(server.url)
        assert await evaluate(loaded.config, loaded.secrets.values, Evaluation(path), Screen()) == 0
    shown = capsys.readouterr().out
    assert (
        "answered by the classifier in the box, because the router model failed: malformed: 4"
        in shown
    )
    assert "not available" in shown


async def test_the_embedded_classifier_may_be_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(CASES)
    async with serving(answering("other")) as server:
        loaded = with_router(server.url)
        wanted = Evaluation(path, embedded=True, as_json=True)
        await evaluate(loaded.config, loaded.secrets.values, wanted, Screen())
        assert server.bodies == []
    assert json.loads(capsys.readouterr().out)["forced_accuracy"] == pytest.approx(2 / 3)


def test_a_threshold_is_suggested(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, cases = tmp_path / "config.yaml", tmp_path / "cases.yaml"
    config.write_text(f"{CONFIG}dragoman: {{threshold: 0.95}}\n")
    cases.write_text(CASES.replace('worth it?", expect: code', 'worth it?", expect: law'))
    main(["eval", str(config), str(cases)])
    shown = " ".join(capsys.readouterr().out.split())
    assert "accuracy 25.0 %" in shown
    assert "100.0 % of these cases are answered right: 75.0 points more" in shown
    suggested = float(shown.partition("Suggested: dragoman: {threshold: ")[2].partition("}")[0])
    config.write_text(f"{CONFIG}dragoman: {{threshold: {suggested}}}\n")
    main(["eval", str(config), str(cases)])
    shown = " ".join(capsys.readouterr().out.split())
    assert "accuracy 100.0 %" in shown
    assert "No threshold would be better" in shown
