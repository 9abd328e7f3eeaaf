"""Whether a request comes because a person has said something, or because tools have answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from extproc.core.conversation import Turn
from extproc.intent.users_words import users_words

__all__ = ["is_users_turn"]

_TEXTS: Final = frozenset({"text", "input_text"})
_ANSWER: Final = "tool_result"


def is_users_turn(document: Mapping[str, Any]) -> bool:
    """Whether the last turn of a body is a person's: with words of theirs, or an image or the like.

    Args:
        document: the body, of any dialect.
    """
    turns = document.get("messages", document.get("input"))
    if isinstance(turns, str):
        return _has_words(turns)
    last = turns[-1] if isinstance(turns, list) and turns else None
    if not isinstance(last, dict) or last.get("role") != "user":
        return False
    content = last.get("content")
    if isinstance(content, str):
        return _has_words(content)
    return any(map(_is_a_persons, content)) if isinstance(content, list) else False


def _is_a_persons(part: Any) -> bool:
    if not isinstance(part, dict) or part.get("type") == _ANSWER:
        return False
    if part.get("type") not in _TEXTS:
        return True
    text = part.get("text")
    return isinstance(text, str) and _has_words(text)


def _has_words(text: str) -> bool:
    return bool(users_words((Turn("user", text),)))
