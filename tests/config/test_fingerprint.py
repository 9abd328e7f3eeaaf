"""By what configurations are told apart."""

from __future__ import annotations

import re

from extproc.config import parse
from extproc.core.config_json import fingerprint, from_json, to_json

TEXT = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: $OPENAI_API_KEY, default: true}
model_aliases:
  fast: {target: openai/gpt-4o}
  slow: {target: openai/gpt-4o}
"""
WRITTEN_OTHERWISE = """
# The same.
model_aliases:
  slow: {"target": "openai/gpt-4o"}
  fast: {"target": "openai/gpt-4o"}
model_providers:
  - model: openai/gpt-4o
    default: true
    access_key: $OPENAI_API_KEY
version: v0.4.0
"""
KEYS = {"OPENAI_API_KEY": "a-secret"}


def of(text: str, key: str = "a-secret") -> str:
    return fingerprint(parse(text, {"OPENAI_API_KEY": key}).config)


def test_it_is_that_of_what_a_configuration_means() -> None:
    assert re.fullmatch("[0-9a-f]{12}", of(TEXT))
    assert of(WRITTEN_OTHERWISE) == of(TEXT)
    assert of(TEXT.replace("fast", "faster")) != of(TEXT)


def test_no_secret_is_in_it() -> None:
    assert of(TEXT, "another-secret") == of(TEXT)


def test_other_processes_find_the_same() -> None:
    config = parse(TEXT, KEYS).config
    assert fingerprint(from_json(to_json(config))) == fingerprint(config)
