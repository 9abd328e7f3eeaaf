"""Names and ids that fit the other side's limits. Whatever is made up here is derived, never
random: the same input gives the same output, in tools, history and choice alike."""

from __future__ import annotations

import re
from hashlib import sha256

from extproc.dialects.translation.translator import Echo

__all__ = ["Names", "digest", "limited", "made_up_call_id", "shortened", "spelled", "token"]

_HASH = 8
_VALID = re.compile(r"[a-zA-Z0-9_-]+")
_INVALID = re.compile(r"[^a-zA-Z0-9_-]")
_NOT_IN_TOKENS = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST_TOKEN = 40
_MADE_UP = 24


def digest(text: str) -> str:
    """SHA-256 in hexadecimal; halves of surrogate pairs are no obstacle."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def limited(text: str, longest: int) -> str:
    """Text of at most so many characters: what is longer becomes its hash (64 hex digits)."""
    return text if len(text) <= longest else digest(text)[:longest]


def shortened(text: str, longest: int) -> str:
    """Text of at most so many characters: what is longer ends in the beginning of its hash."""
    if len(text) <= longest:
        return text
    return f"{text[: longest - _HASH - 1]}_{digest(text)[:_HASH]}"


def spelled(text: str, longest: int | None = None) -> str:
    """Text of letters, digits, ``_`` and ``-``, the alphabet of names and ids at every provider.

    What is such text already stays as it is. Other text is cleaned and gets the beginning of its
    hash, so that two never become one.

    Args:
        text: whatever it is.
        longest: how many characters there may be.
    """
    if (longest is None or len(text) <= longest) and _VALID.fullmatch(text):
        return text
    kept = None if longest is None else longest - _HASH - 1
    return f"{_INVALID.sub('_', text[:kept])}_{digest(text)[:_HASH]}"


def token(name: str) -> str:
    """A client's name for something as part of a loss's code: short, and safe in a header."""
    return _NOT_IN_TOKENS.sub("", name[:_LONGEST_TOKEN]) or "member"


def made_up_call_id(echo: Echo, position: int) -> str:
    """An id for a call that its provider gave none: no other call of the conversation has it.

    Args:
        echo: the request that is answered.
        position: the call's, among the parts of the answer.
    """
    seed = f"{echo.request_id} {len(echo.request.turns)} {position}"
    return f"call_{digest(seed)[:_MADE_UP]}"


class Names:
    """The names that tools are written with; ``changed`` tells which of the client's own stand
    behind those that had to change."""

    __slots__ = ("_longest", "_written", "changed")

    def __init__(self, longest: int) -> None:
        """
        Args:
            longest: how many characters the provider takes.
        """
        self._longest = longest
        self._written: dict[str, str] = {}
        self.changed: dict[str, str] = {}

    def fit(self, name: str) -> str:
        """The name as the provider takes it."""
        known = self._written.get(name)
        if known is None:
            known = self._written[name] = spelled(name, self._longest)
            if known != name:
                self.changed[known] = name
        return known
