"""What the demonstration runs with: a configuration like anybody's, and keys that are made up."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CLIENT_KEY", "KEYS", "PROVIDERS", "TEXT", "url_variable"]

PROVIDERS = ("openai", "anthropic", "mistral")

KEYS: Mapping[str, str] = MappingProxyType(
    {f"{name.upper()}_API_KEY": f"made-up-key-of-{name}" for name in PROVIDERS}
)
"""The variables that hold the providers' keys."""

CLIENT_KEY = "made-up-key-of-the-client"
"""What the client sends as its key, which is no provider's business."""


def url_variable(provider: str) -> str:
    """The variable that says where a provider listens."""
    return f"{provider.upper()}_URL"


TEXT = """\
version: v0.4.0

listeners:
  - {type: model, name: llm, address: 127.0.0.1, port: 12000, timeout: 60s}

model_providers:
  - model: openai/gpt-4o-mini
    base_url: $OPENAI_URL
    access_key: $OPENAI_API_KEY
    default: true
  - model: openai/gpt-4o
    base_url: $OPENAI_URL
    access_key: $OPENAI_API_KEY
  - model: anthropic/claude-sonnet-4-5
    base_url: $ANTHROPIC_URL
    access_key: $ANTHROPIC_API_KEY
  - model: anthropic/claude-haiku-4-5
    base_url: $ANTHROPIC_URL
    access_key: $ANTHROPIC_API_KEY
  - model: mistral/mistral-large
    base_url: $MISTRAL_URL
    access_key: $MISTRAL_API_KEY

routing_preferences:
  - name: complex_reasoning
    description: complex reasoning tasks, multi-step analysis, or detailed explanations
    models: [openai/gpt-4o, openai/gpt-4o-mini, mistral/mistral-large]
  - name: code_generation
    description: generating new code, writing functions, or creating boilerplate
    models: [anthropic/claude-sonnet-4-5, anthropic/claude-haiku-4-5, openai/gpt-4o]

dragoman:
  attempt_timeout: 5s
  first_content_timeout: 5s
  cooldowns: false  # so that each scenario meets the same models
"""
