"""What the demonstration runs with: a configuration like anybody's, and keys that are made up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from extproc.config import Loaded, parse
from extproc.demo.provider.server import BEHAVIOUR_HEADER

__all__ = ["CLIENT_KEY", "KEYS", "PROVIDERS", "configuration"]

PROVIDERS = ("openai", "anthropic", "mistral")

KEYS: Mapping[str, str] = MappingProxyType(
    {f"{name.upper()}_API_KEY": f"made-up-key-of-{name}" for name in PROVIDERS}
)
"""The variables that hold the providers' keys."""

CLIENT_KEY = "made-up-key-of-the-client"
"""What the client sends as its key, which is no provider's business."""


_TEXT = """\
version: v0.4.0

listeners:
  - {type: model, name: llm, address: 127.0.0.1, port: 12000, timeout: 60s,
     input_filters: [personal]}

filters:
  - {id: personal, type: pii}

model_providers:
  - model: openai/gpt-4o-mini
    base_url: $OPENAI_URL
    access_key: $OPENAI_API_KEY
    forward_headers: [$BEHAVIOUR_HEADER]
    default: true
  - model: openai/gpt-4o
    base_url: $OPENAI_URL
    access_key: $OPENAI_API_KEY
    forward_headers: [$BEHAVIOUR_HEADER]
  - model: anthropic/claude-sonnet-4-5
    base_url: $ANTHROPIC_URL
    access_key: $ANTHROPIC_API_KEY
    forward_headers: [$BEHAVIOUR_HEADER]
  - model: anthropic/claude-haiku-4-5
    base_url: $ANTHROPIC_URL
    access_key: $ANTHROPIC_API_KEY
    forward_headers: [$BEHAVIOUR_HEADER]
  - model: mistral/mistral-large
    base_url: $MISTRAL_URL
    access_key: $MISTRAL_API_KEY
    forward_headers: [$BEHAVIOUR_HEADER]
  - model: mistral/mistral-small
    base_url: $MISTRAL_URL
    access_key: $MISTRAL_API_KEY
    forward_headers: [$BEHAVIOUR_HEADER]

routing_preferences:
  - name: complex_reasoning
    description: complex reasoning tasks, multi-step analysis, or detailed explanations
    models: [openai/gpt-4o, openai/gpt-4o-mini, mistral/mistral-large]
  - name: code_generation
    description: generating new code, writing functions, or creating boilerplate
    models: [anthropic/claude-sonnet-4-5, anthropic/claude-haiku-4-5, openai/gpt-4o]

model_metrics_sources:
  - {type: cost, provider: file, path: prices.yaml}

dragoman:
  attempt_timeout: 5s
  first_content_timeout: 5s
  answer_timeout: 5s
  limits:
    - {name: one an hour, models: [mistral/mistral-small], requests: 1, per: hour}
  cooldowns: false  # so that each scenario meets the same models
"""

_PRICES = """\
# US dollars per million tokens.
openai/gpt-4o: {input_per_million: 2.5, output_per_million: 10}
openai/gpt-4o-mini: {input_per_million: 0.15, output_per_million: 0.6}
anthropic/claude-sonnet-4-5: {input_per_million: 3, output_per_million: 15}
anthropic/claude-haiku-4-5: {input_per_million: 1, output_per_million: 5}
mistral/mistral-small: {input_per_million: 0.1, output_per_million: 0.3}
mistral/mistral-large: {input_per_million: 2, output_per_million: 6}
"""


def configuration(directory: Path, urls: Mapping[str, str]) -> Loaded:
    """The demonstration's configuration; the price list that it names is written, too.

    Args:
        directory: where the price list goes.
        urls: where each of ``PROVIDERS`` listens, by name.
    """
    (directory / "prices.yaml").write_text(_PRICES)
    addresses = {f"{name.upper()}_URL": url for name, url in urls.items()}
    source = "the demonstration's configuration"
    return parse(
        _TEXT,
        {**KEYS, **addresses, "BEHAVIOUR_HEADER": BEHAVIOUR_HEADER},
        source=source,
        directory=directory,
    )
