"""Reads what a router model answers.

Nominally ``{"route": "name"}`` (Arch-Router) or ``{"route": ["name", ...]}`` (Plano-Orchestrator);
in practice something near. Both are understood whichever was asked for: servers are known to offer
one model under the other's name.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Collection
from typing import Any, Final

from extproc.intent import ClassificationError

__all__ = ["NO_ROUTE", "read_answer"]

NO_ROUTE: Final = "other"
"""What Arch-Router answers where nothing fits."""

_LONGEST: Final = 4096
_END_OF_THOUGHT: Final = "</think>"
_FENCED: Final = re.compile(r"```(?:json)?(.*?)(?:```|$)", re.DOTALL | re.IGNORECASE)
_ONE_NAME: Final = re.compile(r"""\{\s*['"]route['"]\s*:\s*(['"])(?P<name>.*)\1\s*\}""", re.DOTALL)
_UNREADABLE: Final = (ValueError, SyntaxError, TypeError, RecursionError, MemoryError)


def read_answer(answer: str, known: Collection[str]) -> tuple[str, ...]:
    """The routes that the model named, in its order, each once; empty where it named none.

    Understood: a name or a list of names, fenced or surrounded by words, quoted singly or doubly,
    in doubled braces as the orchestrator's prompt shows them, with line breaks written out as
    backslash and ``n``; a list or the name of a route alone. No route: ``other``, unknown names,
    an empty name, list or answer, ``null``.

    Args:
        answer: the message's content.
        known: names of the routes that were offered.

    Raises:
        ClassificationError: ``malformed``; the answer is no such thing.
    """
    text = answer.rpartition(_END_OF_THOUGHT)[2].strip()
    if not text:
        return ()
    offered = {name.strip(): name for name in known if name != NO_ROUTE}
    named = _named(text, {*offered, NO_ROUTE})
    names = named if isinstance(named, list) else [named]
    if not all(name is None or isinstance(name, str) for name in names):
        raise _malformed()
    found = (offered.get(name.strip()) for name in names if name is not None)
    return tuple(dict.fromkeys(name for name in found if name is not None))


def _named(text: str, understood: Collection[str]) -> Any:
    fenced = _FENCED.search(text.replace("\\n", ""))
    bare = (fenced[1] if fenced else text).strip()
    if (word := bare.strip("\"'`")) in understood:
        return word
    if bare == "null":
        return None
    start, end = text.find("{"), text.rfind("}")
    if start < 0 and bare.startswith("["):
        return _read(bare, list)
    if start < 0 or end < start or end - start > _LONGEST:
        raise _malformed()
    return _read(text[start : end + 1], dict).get("route")


def _read(text: str, kind: type[Any]) -> Any:
    """The list or mapping that a text writes."""
    plain = text.replace("\\n", "")
    # From the exact to the lenient: what an earlier reader accepts, no later one may reinterpret.
    attempts: tuple[tuple[Callable[[str], Any], str], ...] = (
        (json.loads, text),
        (json.loads, plain),
        (ast.literal_eval, plain),
        (json.loads, plain.replace("'", '"')),
        (json.loads, _single_braces(plain)),
        (ast.literal_eval, _single_braces(plain)),
        (_first_object, plain),
        (_first_object, plain.replace("'", '"')),
        (_one_name, plain),
    )
    for read, candidate in attempts:
        try:
            value = read(candidate)
        except _UNREADABLE:
            continue
        if isinstance(value, kind):
            return value
    raise _malformed()


def _one_name(text: str) -> dict[str, str]:
    """A name whose own apostrophe is not escaped: ``{'route': 'bob's code'}``."""
    match = _ONE_NAME.fullmatch(text)
    if match is None:
        raise ValueError
    return {"route": match["name"]}


def _single_braces(text: str) -> str:
    return text[1:-1] if text.startswith("{{") and text.endswith("}}") else text


def _first_object(text: str) -> Any:
    """The first answer of several, from a model that did not know when to stop."""
    value, _ = json.JSONDecoder().raw_decode(text)
    if "route" not in value:
        raise ValueError
    return value


def _malformed() -> ClassificationError:
    return ClassificationError("malformed", "the router's answer names no route legibly")
