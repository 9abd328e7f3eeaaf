"""What has changed between two configurations, in words."""

from __future__ import annotations

import pytest

from extproc.config import parse
from extproc.config.differences import differences

BASE = """
version: v0.4.0
listeners: [{type: model, port: 12000}]
model_providers:
  - {model: openai/gpt-4o, access_key: $KEY}
  - {model: openai/o3, access_key: $KEY}
  - {model: anthropic/claude, access_key: $OTHER}
model_aliases: {fast: {target: o3}}
routing_preferences:
  - {name: code, description: writing code, models: [claude, gpt-4o]}
  - {name: talk, description: small talk, models: [o3, gpt-4o, claude]}
"""
KEYS = {"KEY": "the-first-value", "OTHER": "the-other-value"}

CHANGES = {
    "nothing": ("", "", []),
    "a comment": ("version", "# a comment\nversion", []),
    "an order": (
        "models: [claude, gpt-4o]",
        "models: [gpt-4o, claude]",
        ["route code: openai/gpt-4o before anthropic/claude"],
    ),
    "a candidate more": (
        "models: [claude, gpt-4o]",
        "models: [claude, o3, gpt-4o]",
        ["route code: openai/o3 joins"],
    ),
    "one in the place of another": (
        "models: [claude, gpt-4o]",
        "models: [o3, gpt-4o]",
        ["route code: openai/o3 joins", "route code: anthropic/claude leaves"],
    ),
    "two models more": (
        "  - {model: openai/o3, access_key: $KEY}",
        """  - {model: openai/o3, access_key: $KEY}
  - {model: openai/o4, access_key: $KEY}
  - {model: openai/o5, access_key: $KEY}""",
        ["model openai/o4 added", "model openai/o5 added", "2 clusters more"],
    ),
    "a route less": (
        "  - {name: talk, description: small talk, models: [o3, gpt-4o, claude]}\n",
        "",
        ["route talk removed"],
    ),
    "a description": (
        "small talk",
        "greetings",
        ["route talk: description: greetings, was small talk"],
    ),
    "a threshold": (
        "name: talk,",
        "name: talk, threshold: 0.3,",
        ["route talk: threshold: 0.3, was none"],
    ),
    "an alias": ("target: o3", "target: gpt-4o", ["alias fast: openai/gpt-4o, was openai/o3"]),
    "another alias": (
        "{fast: {target: o3}}",
        "{slow: {target: o3}}",
        ["alias slow added", "alias fast removed"],
    ),
    "a port": ("12000", "13000", ["listener: port: 13000, was 12000"]),
    "an address of a provider": (
        "{model: openai/o3, access_key: $KEY}",
        "{model: openai/o3, access_key: $KEY, base_url: 'http://h:8080/v1'}",
        [
            "model openai/o3: endpoint: scheme: http, was https",
            "model openai/o3: endpoint: host: h, was api.openai.com",
            "model openai/o3: endpoint: port: 8080, was 443",
            "model openai/o3: endpoint: http_host: h:8080, was api.openai.com",
        ],
    ),
    "an order of models": (
        "  - {model: openai/gpt-4o, access_key: $KEY}\n  - {model: openai/o3, access_key: $KEY}\n",
        "  - {model: openai/o3, access_key: $KEY}\n  - {model: openai/gpt-4o, access_key: $KEY}\n",
        ["the models are in another order"],
    ),
    "examples": (
        "name: talk,",
        "name: talk, examples: [hello],",
        ["route talk: examples changed"],
    ),
}


@pytest.mark.parametrize(("old", "new", "told"), CHANGES.values(), ids=CHANGES)
def test_differences(old: str, new: str, told: list[str]) -> None:
    assert old in BASE
    after = BASE.replace(old, new, 1) if old else BASE
    assert list(differences(parse(BASE, KEYS), parse(after, KEYS))) == told


def test_a_key_that_has_changed_is_named_and_not_shown() -> None:
    before, after = parse(BASE, KEYS), parse(BASE, KEYS | {"OTHER": "the-new-value"})
    assert list(differences(before, after)) == ["OTHER has another value"]
