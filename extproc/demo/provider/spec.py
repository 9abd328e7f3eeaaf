"""The one-line spelling of a behaviour, for those who have no Python in hand.

``status=429,retry-after=5``, ``reset``, ``first-content=3,cut=2``: words and ``word=value`` pairs,
separated by commas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from extproc.demo.provider.behaviour import Behaviour

__all__ = ["SPEC_HELP", "parse_behaviour"]


def _flag(field: str, value: object) -> Callable[[str], tuple[str, object]]:
    def read(text: str) -> tuple[str, object]:
        if text:
            raise ValueError("takes no value")
        return field, value

    return read


def _number(
    field: str, convert: Callable[[str], float], bare: float | None = None
) -> Callable[[str], tuple[str, object]]:
    def read(text: str) -> tuple[str, object]:
        if not text and bare is not None:
            return field, bare
        try:
            return field, convert(text)
        except ValueError:
            kind = "a whole number" if convert is int else "a number of seconds"
            raise ValueError(f"needs {kind}, not {text!r}") from None

    return read


def _text(field: str) -> Callable[[str], tuple[str, object]]:
    def read(text: str) -> tuple[str, object]:
        if not text:
            raise ValueError("needs a value")
        return field, text

    return read


def _malformed(text: str) -> tuple[str, object]:
    return "malformed", text or "first"


def _header(text: str) -> tuple[str, object]:
    name, colon, value = text.partition(":")
    if not colon:
        raise ValueError("needs name:value")
    return "headers", (name.strip(), value.strip())


_WORDS: Mapping[str, Callable[[str], tuple[str, object]]] = {
    "ok": _flag("status", 200),
    "status": _number("status", int),
    "retry-after": _text("retry_after"),
    "header": _header,
    "reset": _flag("before_headers", "reset"),
    "silence": _flag("before_headers", "silence"),
    "delay-headers": _number("delay_headers", float),
    "first-content": _number("delay_first_content", float),
    "between": _number("delay_between", float),
    "slow-body": _number("slow_body", float, bare=2.0),
    "first-event-error": _flag("first_event_error", True),
    "error": _number("error_after", int),
    "cut": _number("cut_after", int, bare=0),
    "stall": _number("stall_after", int, bare=0),
    "no-terminator": _flag("no_terminator", True),
    "malformed": _malformed,
    "garbage": _flag("garbage_body", True),
    "text": _text("text"),
    "deltas": _number("deltas", int),
    "delta-size": _number("delta_size", int),
    "input-tokens": _number("input_tokens", int),
    "output-tokens": _number("output_tokens", int),
}

SPEC_HELP = ", ".join(_WORDS)


def parse_behaviour(spec: str) -> Behaviour:
    """Read the one-line spelling of a behaviour.

    Args:
        spec: words and ``word=value`` pairs, separated by commas; ``ok`` is the default behaviour.

    Raises:
        ValueError: an unknown word, a value that does not fit, or words that contradict each other.
            The message says which.
    """
    fields: dict[str, Any] = {}
    headers: list[Any] = []
    for part in spec.split(","):
        word, _, text = (piece.strip() for piece in part.partition("="))
        if word not in _WORDS:
            raise ValueError(f"unknown behaviour {word!r}; known: {SPEC_HELP}")
        try:
            field, value = _WORDS[word](text)
        except ValueError as error:
            raise ValueError(f"{word} {error}") from None
        if field == "headers":
            headers.append(value)
        elif field in fields:
            raise ValueError(f"{word} says {field} a second time")
        else:
            fields[field] = value
    return Behaviour(headers=tuple(headers), **fields)
