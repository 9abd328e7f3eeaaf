"""The configuration that the console shows holds no secret, wherever one was written."""

from __future__ import annotations

import json
from pathlib import Path

from extproc.config import parse
from extproc.core.config_json import fingerprint
from extproc.web_console.configuration import shown

SECRETS = ("hush-provider", "hush-token", "hush-team", "hush-redis", "hush-query", "sk-hush12345")
TEXT = """
version: v0.4.0
model_providers:
  - model: openai/gpt-4o
    access_key: hush-provider
    default: true
    headers: {x-api-key: hush-team, x-note: sk-hush12345}
routing: {session_cache: {type: redis, url: "redis://:hush-redis@h"}}
model_metrics_sources:
  - {type: cost, provider: custom, url: "https://prices.example/all?id=hush-query"}
dragoman: {admin_token: hush-token}
"""


def test_no_secret_is_shown() -> None:
    config = parse(TEXT, {}).config
    answer = shown(config)
    text = json.dumps(answer)
    assert [secret for secret in SECRETS if secret in text] == []
    assert answer["configuration"]["costs"]["url"] == "https://prices.example/all?***"
    assert answer["hash"] == fingerprint(config)


def test_what_is_no_secret_is_shown_as_it_is() -> None:
    text = (Path(__file__).parents[2] / "config" / "quickstart.yaml").read_text(encoding="utf-8")
    keys = {"OPENAI_API_KEY": "a", "ANTHROPIC_API_KEY": "b"}
    assert "***" not in json.dumps(shown(parse(text, keys).config))
