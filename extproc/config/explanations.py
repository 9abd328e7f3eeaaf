"""What is wrong with one section, in words that fit a configuration and never repeat a value."""

from __future__ import annotations

from typing import Final

from pydantic_core import ErrorDetails

from extproc.config.fields import Section
from extproc.config.unused import unused_keys
from extproc.core.problems import Problem, nearest, place

__all__ = ["explained", "unknown_key"]

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


def explained(detail: ErrorDetails, section: type[Section], path: tuple[str | int, ...]) -> Problem:
    """Say what pydantic found in the section at ``path``, without the value that it found."""
    location = tuple(step for step in detail["loc"] if step != "[key]")
    if detail["type"] == "extra_forbidden":
        return unknown_key((*path, *location), _known_keys(section, location[:-1]))
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        message = str(context["error"])
    elif detail["type"] in _MESSAGES:
        message = _MESSAGES[detail["type"]].format(**context)
    else:
        message = detail["msg"]
    return Problem(place(*path, *location), message)


def _known_keys(section: type[Section], inside: tuple[str | int, ...]) -> list[str]:
    for step in inside:
        section = _section_at(section, str(step))
    return [*section.model_fields, *unused_keys(section)]


def _section_at(section: type[Section], key: str) -> type[Section]:
    annotation = section.model_fields[key].annotation
    choices = (annotation, *getattr(annotation, "__args__", ()))
    return next(
        choice for choice in choices if isinstance(choice, type) and issubclass(choice, Section)
    )


def unknown_key(path: tuple[str | int, ...], known: list[str]) -> Problem:
    """Say that a key is not known, and which one was probably meant."""
    meant = nearest(str(path[-1]), known)
    hint = f"did you mean '{meant}'?" if meant else f"known here: {', '.join(sorted(known))}"
    return Problem(place(*path), f"unknown key; {hint}")
