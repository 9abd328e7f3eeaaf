"""Names in the alphabets that Anthropic takes. What is valid already stays as it is."""

from __future__ import annotations

import re
from hashlib import sha256

__all__ = ["clean_call_id", "clean_tool_name", "made_up_id", "pseudonym"]

_VALID = re.compile(r"[a-zA-Z0-9_-]+")
_INVALID = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_NAME = 128


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def _told_apart(text: str, longest: int | None = None) -> str:
    """Cleaned, with a part of its hash: two that differ only in what is cleaned stay two."""
    suffix = f"_{_digest(text)[:8]}"
    kept = None if longest is None else longest - len(suffix)
    return _INVALID.sub("_", text[:kept]) + suffix


def clean_call_id(call_id: str) -> str:
    """A tool call's id that Anthropic takes, the same for the call and its result."""
    return call_id if _VALID.fullmatch(call_id) else _told_apart(call_id)


def clean_tool_name(name: str) -> str:
    """A tool's name that Anthropic takes: of its letters, and at most 128 of them."""
    if len(name) <= _LONGEST_NAME and _VALID.fullmatch(name):
        return name
    return _told_apart(name, _LONGEST_NAME)


def made_up_id(seed: str) -> str:
    """A message's id where its provider gave none; the same for the same seed."""
    return f"msg_{_digest(seed)[:24]}"


def pseudonym(user: str) -> str:
    """A user's name as Anthropic may see it: it refuses e-mail addresses and telephone numbers."""
    return _digest(user)
