"""``dragoman.inline_preferences``."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, load
from extproc.core.config_json import from_json, to_json
from extproc.core.inline_caps import InlineCaps

MODELS = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: $KEY}
  - {model: anthropic/*, access_key: $KEY}
  - {model: groq/*, name: fast, access_key: $KEY}
model_aliases:
  smart: {target: gpt-4o}
"""


def caps(folder: Path, text: str) -> InlineCaps:
    path = folder / "config.yaml"
    path.write_text(f"{MODELS}dragoman: {text}\n")
    config = load(path, {"KEY": "k"}).config
    assert from_json(to_json(config)) == config
    return config.inline_caps


def test_by_default_there_are_none(tmp_path: Path) -> None:
    assert caps(tmp_path, "{}") == caps(tmp_path, "{inline_preferences: {}}") == InlineCaps()


def test_names_are_settled(tmp_path: Path) -> None:
    names = "smart, openai/gpt-4o, anthropic/*, anthropic/claude-sonnet-4-5, fast/*"
    found = caps(tmp_path, f"{{inline_preferences: {{models: [{names}]}}}}")
    assert found.models == (
        "openai/gpt-4o",
        "anthropic/*",
        "anthropic/claude-sonnet-4-5",
        "fast/*",
    )


def test_all_of_them(tmp_path: Path) -> None:
    text = "{allowed: false, max_routes: 3, max_price: 2, unpriced: refuse}"
    found = caps(tmp_path, f"{{inline_preferences: {text}}}")
    assert found == InlineCaps(allowed=False, max_routes=3, max_price=2.0, refuses_unpriced=True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{models: [gpt-9]}", "models[0]: 'gpt-9' is not declared in model_providers"),
        ("{max_routes: 65}", "max_routes"),
        ("{max_price: 0}", "max_price: must be an amount of US dollars above 0"),
        ("{unpriced: skip}", "unpriced"),
    ],
)
def test_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        caps(tmp_path, f"{{inline_preferences: {text}}}")
    assert f"dragoman.inline_preferences.{problem}" in str(raised.value)
