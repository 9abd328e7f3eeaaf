"""Names that chat's providers take: of tools, calls and members, shortened so that they differ.

A name that a provider takes stays as it is. Another one is cleaned and gets the beginning of its
hash, so that the same name becomes the same everywhere (in tools, history and ``tool_choice``) and
two names never become one.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

__all__ = ["OPENAI", "Names", "call_id", "limit_member", "limited", "token"]

OPENAI: Final = frozenset({"openai", "azure_openai"})
"""The providers that serve OpenAI's own models, with all of OpenAI's newest members. The others
know the older names, and some answer 400 or 422 to a member that they do not know."""

_HASHED: Final = 8
_LONGEST_NAME: Final = 64
_LONGEST_ID: Final = 40
"""OpenAI answers 400 ("string too long") to longer ids of calls."""
_MISTRALS_ID: Final = 9
"""Source: https://docs.mistral.ai/capabilities/function_calling, whose API answers 400 to an id
that is not nine letters and digits."""
_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_NOT_IN_NAMES: Final = re.compile(r"[^a-zA-Z0-9_-]+")
_NOT_IN_TOKENS: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_TOKEN: Final = 40


def limit_member(provider: str) -> str:
    """The member that bounds an answer: OpenAI's reasoning models refuse the older one, which is
    the only one that some other providers know."""
    return "max_completion_tokens" if provider in OPENAI else "max_tokens"


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def limited(text: str, most: int) -> str:
    """Text of at most ``most`` characters: what is longer becomes its hash (64 hex digits)."""
    return text if len(text) <= most else _hash(text)[:most]


def call_id(given: str, provider: str) -> str:
    """The id of a tool call, as the provider takes it: the same in the call and in its result."""
    if provider == "mistral":
        fits = len(given) == _MISTRALS_ID and given.isalnum() and given.isascii()
        return given if fits else _hash(given)[:_MISTRALS_ID]
    if len(given) <= _LONGEST_ID:
        return given
    return f"{given[: _LONGEST_ID - _HASHED - 1]}_{_hash(given)[:_HASHED]}"


def token(name: str) -> str:
    """A member's name as part of a loss's code: short, and safe in a header."""
    return _NOT_IN_TOKENS.sub("", name[:_LONGEST_TOKEN])


class Names:
    """The names of a request's tools and formats, and what those that had to change stand for."""

    __slots__ = ("changed",)

    def __init__(self) -> None:
        self.changed: dict[str, str] = {}

    def fit(self, name: str) -> str:
        """The name as providers take it (``^[a-zA-Z0-9_-]{1,64}$``)."""
        if _NAME.fullmatch(name):
            return name
        cleaned = _NOT_IN_NAMES.sub("_", name)[: _LONGEST_NAME - _HASHED - 1]
        fitting = f"{cleaned}_{_hash(name)[:_HASHED]}"
        self.changed[fitting] = name
        return fitting
