"""What to try by hand while everything is up."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extproc.contract import AFFINITY
from extproc.demo.config import CLIENT_KEY
from extproc.demo.provider.server import BEHAVIOUR_HEADER
from extproc.demo.scenarios import SESSION

__all__ = ["Suggestion", "suggestions", "the_command"]

_CODE = "Write a Python function that implements binary search"
_REASONING = "Explain the trade-offs between microservices and monolithic architectures"
_OFF_TOPIC = "What is the capital of France?"
_MODEL = "openai/gpt-4o-mini"
_SESSION_HEADERS = {"authorization": f"Bearer {CLIENT_KEY}", AFFINITY: SESSION}
"""Sessions are apart by the client's key."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A command, and what it shows."""

    why: str
    command: str


def suggestions(
    url: str, admin: str, traces: Iterable[str], providers: Mapping[str, str]
) -> Iterator[Suggestion]:
    """Commands to try on a demonstration that is up.

    Args:
        url: where clients connect.
        admin: the URL of the admin port.
        traces: the ids of requests that are worth an explanation.
        providers: the fake providers' URLs, by name.
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
    yield Suggestion(
        "Claude answers OpenAI's format; x-dragoman-translation says what it does not know",
        _curl("-i", chat, _said(_CODE, seed=7)),
    )
    yield Suggestion(
        "GPT answers Anthropic's format", _curl("-i", messages, _said(_REASONING, max_tokens=64))
    )
    yield Suggestion(
        "The session goes on: off topic, but x-dragoman-pinned says that it keeps its model",
        _curl("-i", messages, _said(_OFF_TOPIC, max_tokens=64), _SESSION_HEADERS),
    )
    yield Suggestion("The models that may be asked for", f"curl -s {url}/v1/models")
    for trace in traces:
        yield Suggestion(
            "Why a request went where it went; the id is any answer's x-dragoman-trace-id",
            f"{the_command()} explain --admin {admin} {trace}",
        )
    yield Suggestion("What goes on, in a terminal", f"{the_command()} top --admin {admin}")
    yield Suggestion(
        "The latest decisions, with attempts, tokens and cost",
        f"curl -s '{admin}/decisions?limit=3'",
    )
    yield Suggestion("For Prometheus", f"curl -s {admin}/metrics")
    entries = (_entry(name, origin) for name, origin in providers.items())
    yield Suggestion(
        "For a configuration of your own: the fake providers, with any key. They fail as a request "
        f"tells them to: {BEHAVIOUR_HEADER}: status=503, or reset, silence, first-event-error",
        "\n".join(("model_providers:", *entries)),
    )


def _entry(provider: str, origin: str) -> str:
    return (
        f'  - {{model: {provider}/*, access_key: unused, base_url: "{origin}",\n'
        f"     forward_headers: [{BEHAVIOUR_HEADER}]}}"
    )


def _said(prompt: str, **more: Any) -> dict[str, Any]:
    return {"model": _MODEL, "messages": [{"role": "user", "content": prompt}], **more}


def the_command() -> str:
    """The command as it was started: it need not be on the path."""
    return sys.argv[0] if Path(sys.argv[0]).name == "dragoman" else "dragoman"


def _curl(
    options: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> str:
    lines = [f"curl {options} {url} -H 'content-type: application/json'"]
    lines += [f"-H '{name}: {value}'" for name, value in (headers or {}).items()]
    lines.append(f"-d '{json.dumps(body)}'")
    return " \\\n  ".join(lines)
