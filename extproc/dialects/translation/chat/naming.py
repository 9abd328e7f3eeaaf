"""What chat's providers want otherwise than OpenAI does: members, and ids of calls."""

from __future__ import annotations

from typing import Final

from extproc.dialects.translation.common.identifiers import digest, shortened

__all__ = ["LONGEST_NAME", "OPENAI", "call_id", "limit_member"]

OPENAI: Final = frozenset({"openai", "azure_openai"})
"""The providers that serve OpenAI's own models, with all of OpenAI's newest members. The others
know the older names, and some answer 400 or 422 to a member that they do not know."""

LONGEST_NAME: Final = 64
"""Of a tool."""
_LONGEST_ID: Final = 40
"""OpenAI answers 400 ("string too long") to longer ids of calls."""
_MISTRALS_ID: Final = 9
"""Source: https://docs.mistral.ai/capabilities/function_calling, whose API answers 400 to an id
that is not nine letters and digits."""


def limit_member(provider: str) -> str:
    """The member that bounds an answer: OpenAI's reasoning models refuse the older one, which is
    the only one that some other providers know."""
    return "max_completion_tokens" if provider in OPENAI else "max_tokens"


def call_id(given: str, provider: str) -> str:
    """The id of a tool call, as the provider takes it: the same in the call and in its result."""
    if provider == "mistral":
        fits = len(given) == _MISTRALS_ID and given.isalnum() and given.isascii()
        return given if fits else digest(given)[:_MISTRALS_ID]
    return shortened(given, _LONGEST_ID)
