"""The command ``dragoman decide``."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from extproc.cli.arguments import main
from extproc.config import parse
from extproc.evaluation.decide import decide
from extproc.evaluation.screen import Screen
from tests.helpers.router_server import answering, serving

CONFIG = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: the-secret-key, default: true}
  - {model: openai/gpt-4o-mini, access_key: the-secret-key}
routing_preferences:
  - {name: law, description: "legal advice, contracts and lawsuits", models: [gpt-4o]}
  - {name: code, description: "writing functions, generating new code", threshold: 0.1,
     models: [gpt-4o-mini, gpt-4o]}
"""
PROMPT = "Write a Python function for binary search"


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return str(path)


def test_every_score_the_best_first(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", config, PROMPT]) == 0
    shown = capsys.readouterr().out
    assert "route: code (by the classifier in the box)" in shown
    assert "models: openai/gpt-4o-mini, openai/gpt-4o" in shown
    lines = [line.split() for line in shown.splitlines()]
    rows = [line for line in lines if line[:1] in (["code"], ["law"])]
    assert [row[0] for row in rows] == ["code", "law"]
    assert (rows[0][2], rows[0][-1]) == ("0.100", "chosen")
    assert float(rows[0][1]) > float(rows[1][1])


def test_no_route(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", config, "What is the capital of France?"]) == 0
    shown = capsys.readouterr().out
    assert "route: none" in shown
    assert "models: the one that the request names, else the default" in shown
    assert "chosen" not in shown


def test_who_takes_the_rest_is_chosen_below_its_threshold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    everyday = (
        "  - {name: everyday, description: everyday questions and short texts, models: [gpt-4o]}"
    )
    path.write_text(CONFIG + everyday, encoding="utf-8")
    assert main(["decide", str(path), "What is the capital of France?"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "chosen" in line]
    name, score, threshold, *mark = row.split()
    assert (name, " ".join(mark)) == ("everyday", "chosen: takes what no other route matches")
    assert float(score) < float(threshold)
    assert main(["decide", str(path), "What is the capital of France?", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["took_the_rest"] is True


def test_json_in_declared_order_from_standard_input(
    config: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PROMPT))
    assert main(["decide", config, "-", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["route"] == "code"
    assert found["models"] == ["openai/gpt-4o-mini", "openai/gpt-4o"]
    assert (found["classifier"], found["fallback"], found["others"]) == ("embedded", None, [])
    assert [row["route"] for row in found["scores"]] == ["law", "code"]
    assert found["took_the_rest"] is False
    assert found["scores"][1]["threshold"] == 0.1
    assert found["scores"][1]["score"] > found["scores"][0]["score"]


@pytest.mark.parametrize("embedded", [False, True])
async def test_a_router_model(embedded: bool, capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(answering('{"route": ["law", "code"]}')) as server:
        loaded = parse(f"{CONFIG}dragoman: {{router_url: '{server.url}'}}\n", {})
        await decide(loaded.config, loaded.secrets.values, PROMPT, Screen(), embedded=embedded)
    assert len(server.bodies) == (not embedded)
    shown = capsys.readouterr().out
    chosen = "code (by the classifier in the box)" if embedded else "law (by plano-orchestrator)"
    assert f"route: {chosen}" in shown
    assert ("named too" in shown) != embedded


async def test_a_router_model_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(answering("no")) as server:
        loaded = parse(f"{CONFIG}dragoman: {{router_url: '{server.url}'}}\n", {})
        await decide(loaded.config, loaded.secrets.values, PROMPT, Screen())
        await decide(loaded.config, loaded.secrets.values, PROMPT, Screen(), as_json=True)
    shown, found = capsys.readouterr().out.rsplit("\n", 2)[:2]
    assert "the router model did not answer: malformed" in shown
    assert json.loads(found)["fallback"] == "malformed"


def test_the_keys_of_providers_are_asked_of_who_serves_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KEY", raising=False)
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.replace("the-secret-key", "$KEY"), encoding="utf-8")
    for command in ["up", "check", "router", "bootstrap"]:
        assert main([command, str(path)]) == 1
        assert capsys.readouterr().err == (
            f"{path}: model_providers[0].access_key, model_providers[1].access_key: "
            "environment variable KEY is not set\n"
        )
    assert main(["decide", str(path), PROMPT]) == 0
    assert "route: code" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "code"), [([], 1), (["--embedded"], 0)], ids=["asked", "not asked"]
)
def test_the_key_of_a_router_model(
    tmp_path: Path, options: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    router = "dragoman: {router_url: 'http://127.0.0.1:1', router_access_key: $NO_SUCH_KEY}\n"
    path.write_text(CONFIG + router, encoding="utf-8")
    assert main(["decide", str(path), PROMPT, *options]) == code
    assert ("the router model is asked with it" in capsys.readouterr().err) == (code == 1)


@pytest.mark.parametrize(
    ("routes", "prompt", "message"),
    [(True, " \n", "the prompt is empty"), (False, PROMPT, "has no routing_preferences")],
)
def test_nothing_to_decide(
    tmp_path: Path,
    routes: bool,
    prompt: str,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG if routes else CONFIG.partition("routing_preferences")[0])
    assert main(["decide", str(path), prompt]) == 1
    assert message in capsys.readouterr().err
