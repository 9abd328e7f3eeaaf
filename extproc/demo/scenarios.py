"""All that the demonstration shows, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from extproc.core.models import Dialect
from extproc.demo.access_log import ERROR_FIRST, LIMIT, RESET
from extproc.demo.outcome import Attempt, Outcome
from extproc.demo.provider import Behaviour
from extproc.demo.scenario import REQUESTED, Ask, Scenario

__all__ = ["SCENARIOS", "SESSION"]

_GPT, _MINI, _LARGE = "openai/gpt-4o", "openai/gpt-4o-mini", "mistral/mistral-large"
_SONNET, _HAIKU = "anthropic/claude-sonnet-4-5", "anthropic/claude-haiku-4-5"

_REASONING, _REASONERS = "complex_reasoning", (_GPT, _MINI, _LARGE)
_CODE, _CODERS = "code_generation", (_SONNET, _HAIKU, _GPT)

_INLINE: Sequence[Mapping[str, Any]] = (
    {
        "name": "coding",
        "description": "code generation and debugging",
        "models": [_LARGE, _MINI],
    },
)

_BY_PRICE: Sequence[Mapping[str, Any]] = (
    {
        "name": "coding",
        "description": "code generation and debugging",
        "models": [_GPT, _LARGE, _MINI],
        "selection_policy": {"prefer": "cheapest"},
    },
)

_SMALL = "mistral/mistral-small"
"""It may be asked once an hour, as the configuration says."""

_LIMITED: Sequence[Mapping[str, Any]] = (
    {
        "name": "coding",
        "description": "code generation and debugging",
        "models": [_SMALL, _MINI],
    },
)

_BINARY_SEARCH = "Write a Python function that implements binary search"
_TRADE_OFFS = "Explain the trade-offs between microservices and monolithic architectures"
_REST_IN_RUST = "Create a REST API endpoint in Rust using actix-web that handles user registration"
_REACT_TABLE = "Build a React component that renders a sortable data table"
_CAPITAL = "What is the capital of France?"
_JANE = "jane@example.com"

_SEARCH: Mapping[str, Any] = {
    "name": "search",
    "description": "Search the team's documents",
    "input_schema": {
        "type": "object",
        "properties": {"query": {"type": "string"}},
        "required": ["query"],
    },
}

SESSION = "demo"
"""The session that one scenario begins and another goes on with."""


def _answered(route: str | None, ranked: tuple[str, ...], *attempts: Attempt) -> Outcome:
    """The last attempt's model answers; each fake provider greets in its model's name."""
    model = attempts[-1].model
    return Outcome(route, ranked, attempts, model, f"Hello from {model}")


def _decided(route: str | None, ranked: tuple[str, ...]) -> Outcome:
    return Outcome(route, ranked, (), None, "the decision")


def _chat(prompt: str, **more: Any) -> Ask:
    return Ask(Dialect.CHAT, prompt, **more)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "Claude answers an OpenAI client",
        _chat(_BINARY_SEARCH),
        _answered(_CODE, _CODERS, Attempt(_SONNET, 200)),
    ),
    Scenario(
        "GPT calls a Claude client's tool",
        Ask(Dialect.MESSAGES, _TRADE_OFFS, more={"tools": [_SEARCH]}),
        Outcome(_REASONING, _REASONERS, (Attempt(_GPT, 200),), _GPT, "calls search"),
        behaviours={_GPT: Behaviour(tools="auto")},
    ),
    Scenario(
        "A reasoning prompt",
        _chat(_TRADE_OFFS),
        _answered(_REASONING, _REASONERS, Attempt(_GPT, 200)),
    ),
    Scenario(
        "An address that no model is told",
        _chat(f"{_TRADE_OFFS}, and write to {_JANE}", streamed=True),
        replace(
            _answered(_REASONING, _REASONERS, Attempt(_GPT, 200)),
            client_saw=f"Dear {_JANE}, it depends.",
        ),
        behaviours={_GPT: Behaviour(text="Dear <EMAIL_1>, it depends.")},
    ),
    Scenario(
        "No match: the requested model",
        _chat(_CAPITAL),
        _answered(None, (REQUESTED,), Attempt(REQUESTED, 200)),
    ),
    Scenario(
        "Inline routing_preferences",
        _chat("Write quicksort in Go", routing_preferences=_INLINE),
        _answered("coding", (_LARGE, _MINI), Attempt(_LARGE, 200)),
    ),
    Scenario(
        "Cheapest first, then a 429",
        _chat(_BINARY_SEARCH, routing_preferences=_BY_PRICE),
        _answered("coding", (_MINI, _LARGE, _GPT), Attempt(_MINI, 429), Attempt(_LARGE, 200)),
        behaviours={_MINI: Behaviour(status=429, retry_after="30")},
        explained=True,
    ),
    Scenario(
        "A model's limit: one an hour",
        _chat(_BINARY_SEARCH, routing_preferences=_LIMITED),
        _answered("coding", (_SMALL, _MINI), Attempt(_SMALL, 200)),
    ),
    Scenario(
        "The limit is used up: the next model",
        _chat(_BINARY_SEARCH, routing_preferences=_LIMITED),
        _answered("coding", (_SMALL, _MINI), Attempt(_SMALL, 429, LIMIT), Attempt(_MINI, 200)),
    ),
    Scenario(
        "A session begins",
        Ask(Dialect.MESSAGES, _BINARY_SEARCH, session=SESSION),
        _answered(_CODE, _CODERS, Attempt(_SONNET, 200)),
    ),
    Scenario(
        "The session goes off topic",
        Ask(Dialect.MESSAGES, _CAPITAL, session=SESSION),
        replace(_answered(_CODE, _CODERS, Attempt(_SONNET, 200)), pinned=True),
    ),
    Scenario(
        "A 429 with Retry-After: 30",
        _chat(_TRADE_OFFS),
        _answered(_REASONING, _REASONERS, Attempt(_GPT, 429), Attempt(_MINI, 200)),
        behaviours={_GPT: Behaviour(status=429, retry_after="30")},
    ),
    Scenario(
        "A reset, then a 500",
        _chat(_TRADE_OFFS),
        _answered(
            _REASONING,
            _REASONERS,
            Attempt(_GPT, 503, RESET),
            Attempt(_MINI, 500),
            Attempt(_LARGE, 200),
        ),
        behaviours={_GPT: Behaviour(before_headers="reset"), _MINI: Behaviour(status=500)},
    ),
    Scenario(
        "A stream that starts in error",
        _chat(_TRADE_OFFS, streamed=True),
        _answered(_REASONING, _REASONERS, Attempt(_GPT, 503, ERROR_FIRST), Attempt(_MINI, 200)),
        behaviours={_GPT: Behaviour(first_event_error=True)},
    ),
    Scenario(
        "A stream moves from Claude to GPT",
        Ask(Dialect.MESSAGES, _REST_IN_RUST, streamed=True),
        _answered(
            _CODE,
            _CODERS,
            Attempt(_SONNET, 503, ERROR_FIRST),
            Attempt(_HAIKU, 529),
            Attempt(_GPT, 200),
        ),
        behaviours={
            _SONNET: Behaviour(first_event_error=True),
            _HAIKU: Behaviour(status=529),
        },
    ),
    Scenario(
        "All candidates down",
        _chat(_TRADE_OFFS),
        Outcome(
            _REASONING,
            _REASONERS,
            (Attempt(_GPT, 429), Attempt(_MINI, 500), Attempt(_LARGE, 503)),
            _GPT,
            "RateLimitError 429",
        ),
        behaviours={
            _GPT: Behaviour(status=429),
            _MINI: Behaviour(status=500),
            _LARGE: Behaviour(status=503),
        },
    ),
    Scenario(
        "Anthropic",
        Ask(Dialect.MESSAGES, _REST_IN_RUST),
        _answered(_CODE, _CODERS, Attempt(_SONNET, 200)),
    ),
    Scenario(
        "Anthropic stream, error first",
        Ask(Dialect.MESSAGES, _REST_IN_RUST, streamed=True),
        _answered(_CODE, _CODERS, Attempt(_SONNET, 503, ERROR_FIRST), Attempt(_HAIKU, 200)),
        behaviours={_SONNET: Behaviour(first_event_error=True)},
    ),
    Scenario(
        "Claude answers OpenAI Responses",
        Ask(Dialect.RESPONSES, _REACT_TABLE),
        _answered(_CODE, _CODERS, Attempt(_SONNET, 200)),
    ),
    Scenario(
        "Decision only: chat completions",
        _chat(_CAPITAL, decision_only=True),
        _decided(None, (REQUESTED,)),
    ),
    Scenario(
        "Decision only: messages",
        Ask(Dialect.MESSAGES, _REST_IN_RUST, decision_only=True),
        _decided(_CODE, _CODERS),
    ),
    Scenario(
        "Decision only: responses",
        Ask(Dialect.RESPONSES, _REACT_TABLE, decision_only=True),
        _decided(_CODE, _CODERS),
    ),
)
