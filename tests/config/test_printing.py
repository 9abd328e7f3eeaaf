"""The effective configuration: it says everything, loads to the same, and holds no secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import extproc.config.loading as loading
from extproc.cli.arguments import main
from extproc.config import ConfigError, Problem, load
from extproc.config.printing import effective
from extproc.core.sessions import SESSION_HEADERS
from extproc.document import read_document

HERE = Path(__file__).parent
FILES = [HERE.parents[1] / "config" / "quickstart.yaml", *sorted(HERE.glob("conformance/*.yaml"))]
KEYS = {
    name: f"{name.lower()}-the-secret"
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "PRICING_TOKEN")
}
MINIMAL = """
version: v0.4.0
model_providers: [{model: openai/gpt-4o, access_key: $OPENAI_API_KEY}]
"""


def written(directory: Path, text: str) -> Path:
    path = directory / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_effective_form_loads_to_the_same(path: Path, tmp_path: Path) -> None:
    printed = effective(path, KEYS)
    assert "the-secret" not in printed
    again = written(tmp_path, printed)
    before, after = load(path, KEYS), load(again, KEYS)
    assert after.config == before.config
    assert after.secrets == before.secrets
    assert not [warning for warning in after.warnings if "ignored: Dragoman" in warning]
    assert effective(again, KEYS) == printed


def test_defaults_are_written_out(tmp_path: Path) -> None:
    assert yaml.safe_load(effective(written(tmp_path, MINIMAL), KEYS)) == {
        "version": "v0.4.0",
        "listeners": [{"type": "model", "address": "127.0.0.1", "port": 12000, "timeout": "1200s"}],
        "model_providers": [{"model": "openai/gpt-4o", "access_key": "$OPENAI_API_KEY"}],
        "overrides": {"upstream_connect_timeout": "5s"},
        "prompt_caching": {"min_prefix_tokens": 1024},
        "dragoman": {
            "max_request_bytes": "32MiB",
            "receive_timeout": "120s",
            "attempt_timeout": "120s",
            "first_content_timeout": "60s",
            "answer_timeout": "600s",
            "stream_idle_timeout": "120s",
            "max_candidates": 8,
            "intent_timeout": "0.5s",
            "intent_concurrency": 64,
            "intent_cache_entries": 1024,
            "intent_cache_ttl": "60s",
            "admin_address": "127.0.0.1:9092",
            "kept_decisions": 1000,
            "ledger_days": 30,
            "ledger_max_bytes": "1024MiB",
            "drain_timeout": "25s",
            "transport": "builtin",
            "unguarded": "refuse",
            "embedded_timeout": "0.5s",
            "embedded_texts": 64,
            "cooldowns": True,
        },
        "routing": {
            "session_ttl_seconds": 600,
            "session_max_entries": 10000,
            "session_cache": {"type": "memory"},
            "session_headers": list(SESSION_HEADERS),
        },
    }


SECRETIVE = """
version: v0.3.0
llm_providers:
  - model: openai/gpt-4o
    access_key: a-literal-key
    base_url: http://$HOST/v1
    headers:
      X-Team: ${TEAM}
      X-Api-Token: a-literal-token
      Authorization: Bearer $OPENAI_API_KEY
      Api-Key: $HOST
    routing_preferences:
      - {name: r, description: never say a-literal-key}
model_metrics_sources:
  - {type: cost_metrics, url: 'http://h', auth: {type: bearer, token: a-pricing-token}}
listeners:
  egress_traffic: {port: 1, timeout: 0.001, message_format: openai}
tracing: {exporters: [{type: posthog, api_key: another-literal-key}]}
"""


def test_secrets_are_masked_and_references_stay(tmp_path: Path) -> None:
    path = written(tmp_path, SECRETIVE)
    environ = KEYS | {"HOST": "llm.example", "TEAM": "red"}
    shown = yaml.safe_load(effective(path, environ))
    assert shown["model_providers"] == [
        {
            "model": "openai/gpt-4o",
            "access_key": "***",
            "base_url": "http://$HOST/v1",
            "headers": {
                "X-Team": "${TEAM}",
                "X-Api-Token": "***",
                "Authorization": "Bearer $OPENAI_API_KEY",
                "Api-Key": "$HOST",
            },
        }
    ]
    assert shown["model_metrics_sources"][0]["auth"] == {"type": "bearer", "token": "***"}
    assert shown["routing_preferences"][0] == {
        "name": "r",
        "description": "never say ***",
        "models": ["openai/gpt-4o"],
        "selection_policy": {"prefer": "none"},
    }
    assert shown["listeners"] == [
        {"type": "model", "address": "127.0.0.1", "port": 1, "timeout": 0.001}
    ]
    assert "tracing" not in shown


def test_a_secret_that_yaml_would_escape_is_masked_everywhere(tmp_path: Path) -> None:
    secret = 'it\'s a "quoted" key: with blanks'
    path = written(
        tmp_path,
        MINIMAL + f"model_aliases: {{? {json.dumps(secret)} : {{target: gpt-4o}}}}\n"
        f"routing_preferences: [{{name: r, models: [gpt-4o], description: "
        f"{json.dumps('é ' * 40 + secret)}}}]\n",
    )
    shown = yaml.safe_load(effective(path, {"OPENAI_API_KEY": secret}))
    assert shown["model_aliases"] == {"***": {"target": "gpt-4o"}}
    assert shown["routing_preferences"][0]["description"].endswith("é ***")


def test_a_configuration_that_is_not_valid_has_no_effective_form(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        effective(written(tmp_path, "version: v0.4.0"), {})


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEYS["OPENAI_API_KEY"])
    path = written(tmp_path, MINIMAL + "prompt_caching: {session_ttl_seconds: 9}")
    assert main(["check", "--print", str(path)]) == 0
    output = capsys.readouterr()
    assert output.out == effective(path)
    warning = "prompt_caching.session_ttl_seconds: ignored: Plano does not act on it either"
    assert output.err == f"warning: {path}: {warning}\n"


def test_the_command_reads_the_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, MINIMAL)
    monkeypatch.setenv("OPENAI_API_KEY", KEYS["OPENAI_API_KEY"])
    read: list[str] = []

    def counted(text: str) -> tuple[Any, list[Problem]]:
        read.append(text)
        return read_document(text)

    monkeypatch.setattr(loading, "read_document", counted)
    assert main(["check", "--print", str(path)]) == 0
    assert read == [MINIMAL]
    assert capsys.readouterr().out


def test_the_command_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 2
    assert capsys.readouterr().err == (
        "dragoman check: name a CONFIG; here is no config.yaml or plano_config.yaml\n"
    )
