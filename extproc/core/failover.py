"""After which of a provider's errors a request moves on to its next candidate.

What is no answer at all (no connection, no response in time, a body that is none) always moves on.
A policy says what else does, by statuses and by what an error calls itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from extproc.core.outcomes import retried_statuses

__all__ = ["DEFAULT_POLICY", "SERVER_ERRORS", "FailoverPolicy", "Signs", "signs_of"]

SERVER_ERRORS: Final = tuple(range(500, 600))


@dataclass(frozen=True, slots=True)
class FailoverPolicy:
    """The statuses and the codes of errors that move on, each in rising order.

    A code counts whatever 4xx it comes with.
    """

    statuses: tuple[int, ...]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signs:
    """By what an error is known: one of these is its code, or among the words of its message."""

    codes: tuple[str, ...]
    messages: tuple[str, ...] = ()


_SIGNS: Final = MappingProxyType(
    {
        # Anthropic has no code for it:
        # https://docs.anthropic.com/en/docs/build-with-claude/context-windows
        "context_length_exceeded": Signs(
            ("context_length_exceeded",), ("prompt is too long", "exceed context limit")
        ),
        # Azure says the first, OpenAI the second, Anthropic has no code.
        "content_filter": Signs(
            ("content_filter", "content_policy_violation"), ("content filtering policy",)
        ),
    }
)
"""The codes that providers spell in more than one way."""

DEFAULT_POLICY: Final = FailoverPolicy(
    statuses=(*retried_statuses(), *SERVER_ERRORS),
    codes=(
        "context_length_exceeded",
        "previous_response_not_found",
        "unsupported_parameter",
        "unsupported_value",
    ),
)
"""Errors that are about a provider, its key or its model, so that another candidate may do better.
https://platform.openai.com/docs/guides/error-codes"""


def signs_of(code: str) -> Signs:
    """By what an error is known that a policy calls by this code."""
    return _SIGNS.get(code, Signs((code,)))
