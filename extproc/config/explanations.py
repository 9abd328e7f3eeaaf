"""What is wrong with one entry, in words that fit a configuration and never repeat a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic_core import ErrorDetails

from extproc.config.fields import Entry
from extproc.core.problems import Problem, nearest, place

__all__ = ["entry_at", "explained", "unknown_key"]

_MESSAGES: Final = {
    "missing": "is required",
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "invalid_key": "a key must be a string",
}


def explained(detail: ErrorDetails, kind: type[Entry], path: tuple[str | int, ...]) -> Problem:
    """Say what pydantic found in the entry at ``path``, without the value that it found."""
    location = tuple(step for step in detail["loc"] if step != "[key]")
    if detail["type"] == "extra_forbidden":
        kind = _innermost(kind, location[:-1])
        return unknown_key((*path, *location), kind.known_keys(), kind.former)
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        message = str(context["error"])
    elif detail["type"] in _MESSAGES:
        message = _MESSAGES[detail["type"]].format(**context)
    else:
        message = detail["msg"]
    return Problem(place(*path, *location), message)


def _innermost(kind: type[Entry], inside: tuple[str | int, ...]) -> type[Entry]:
    for step in inside:
        kind = entry_at(kind, str(step)) or kind
    return kind


def entry_at(kind: type[Entry], key: str) -> type[Entry] | None:
    """The kind of the entry that is the value of a key, None where that is no entry."""
    annotation = kind.model_fields[key].annotation if key in kind.model_fields else None
    choices = (annotation, *getattr(annotation, "__args__", ()))
    return next(
        (choice for choice in choices if isinstance(choice, type) and issubclass(choice, Entry)),
        None,
    )


def unknown_key(
    path: tuple[str | int, ...], known: list[str], former: Mapping[str, str]
) -> Problem:
    """Say that a key is not known, and what to do: what ``former`` says of it, if it does, else
    which key was probably meant."""
    if (advice := former.get(str(path[-1]))) is not None:
        return Problem(place(*path), f"unknown key; {advice}")
    meant = nearest(str(path[-1]), known)
    hint = f"did you mean '{meant}'?" if meant else f"known here: {', '.join(sorted(known))}"
    return Problem(place(*path), f"unknown key; {hint}")
