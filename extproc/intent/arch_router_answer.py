"""Reads what Arch-Router answers: nominally ``{"route": "name"}``, in practice something near."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Collection
from typing import Any

from extproc.intent import ClassificationError

__all__ = ["read_answer"]

_NO_ROUTE = "other"
_LONGEST = 4096
_ONE_NAME = re.compile(r"""\{\s*['"]route['"]\s*:\s*(['"])(?P<name>.*)\1\s*\}""", re.DOTALL)


def read_answer(answer: str, known: Collection[str]) -> str | None:
    """Find the route that the model named.

    Understood: a name or a list of names (the first known one counts), fenced or surrounded by
    words, quoted singly or doubly, with line breaks written out as backslash and ``n``. No route:
    ``other``, an unknown name, an empty name, list or answer.

    Args:
        answer: the message's content.
        known: names of the routes that were offered.

    Raises:
        ClassificationError: ``malformed``; the answer is no such thing.
    """
    if not answer.strip():
        return None
    named = _named(answer)
    names = named if isinstance(named, list) else [named]
    if not all(name is None or isinstance(name, str) for name in names):
        raise _malformed()
    candidates = (name.strip() for name in names if name is not None)
    return next((name for name in candidates if name in known and name != _NO_ROUTE), None)


def _named(answer: str) -> Any:
    start, end = answer.find("{"), answer.rfind("}")
    if start < 0 or end < start or end - start > _LONGEST:
        raise _malformed()
    text = answer[start : end + 1]
    plain = text.replace("\\n", "")
    # From the exact to the lenient: what an earlier reader accepts, no later one may reinterpret.
    attempts: tuple[tuple[Callable[[str], Any], str], ...] = (
        (json.loads, text),
        (json.loads, plain),
        (ast.literal_eval, plain),
        (json.loads, plain.replace("'", '"')),
        (_one_name, plain),
    )
    for read, candidate in attempts:
        try:
            value = read(candidate)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, dict):
            return value.get("route")
    raise _malformed()


def _one_name(text: str) -> dict[str, str]:
    """A name whose own apostrophe is not escaped: ``{'route': 'bob's code'}``."""
    match = _ONE_NAME.fullmatch(text)
    if match is None:
        raise ValueError
    return {"route": match["name"]}


def _malformed() -> ClassificationError:
    return ClassificationError("malformed", "the router's answer names no route legibly")
