"""What to try by hand while everything is up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from extproc.demo.provider.server import BEHAVIOUR_HEADER

__all__ = ["Suggestion", "suggestions"]

_CODE = "Write a Python function that implements binary search"
_REASONING = "Explain the trade-offs between microservices and monolithic architectures"
_MODEL = "openai/gpt-4o-mini"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A command, and what it shows."""

    why: str
    command: str


def suggestions(url: str) -> Iterator[Suggestion]:
    """Commands to try on a demonstration that is up.

    Args:
        url: where clients connect.
    """
    chat, messages = f"{url}/v1/chat/completions", f"{url}/v1/messages"
    yield Suggestion(
        "A stream, slowly; -i shows x-dragoman-route, -model and -attempts",
        _curl("-iN", chat, _said(_REASONING, stream=True), {BEHAVIOUR_HEADER: "between=0.3"}),
    )
    yield Suggestion(
        "Every model is rate-limited: all are tried, the last one's answer comes back",
        _curl("-i", chat, _said(_REASONING), {BEHAVIOUR_HEADER: "status=429,retry-after=30"}),
    )
    yield Suggestion(
        "The decision alone",
        _curl("-s", f"{url}/routing/v1/chat/completions", _said(_CODE)),
    )
    yield Suggestion("Anthropic's format", _curl("-i", messages, _said(_CODE, max_tokens=64)))
    yield Suggestion("The models that may be asked for", f"curl -s {url}/v1/models")


def _said(prompt: str, **more: Any) -> dict[str, Any]:
    return {"model": _MODEL, "messages": [{"role": "user", "content": prompt}], **more}


def _curl(
    options: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> str:
    lines = [f"curl {options} {url} -H 'content-type: application/json'"]
    lines += [f"-H '{name}: {value}'" for name, value in (headers or {}).items()]
    lines.append(f"-d '{json.dumps(body)}'")
    return " \\\n  ".join(lines)
