"""The one-line spelling of a behaviour, for those who have no Python in hand.

``status=429,retry-after=5``, ``reset``, ``first-content=3,cut=2``,
``reasoning=Hm.,call=look:{"at": [1, 2]}``: words and ``word=value`` pairs, separated by commas. A
comma inside brackets, or in a string inside brackets, separates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from extproc.demo.provider.behaviour import Behaviour

__all__ = ["SPEC_HELP", "parse_behaviour"]

_OUTSIDE = re.compile(r"[{\[,]")
_INSIDE = re.compile(r'[{}\[\]]|"(?:[^"\\]|\\.)*"')


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


def _call(text: str) -> tuple[str, object]:
    name, _, arguments = text.partition(":")
    if not name:
        raise ValueError("needs name:arguments")
    return "calls", (name.strip(), arguments.strip() or "{}")


_WORDS: Mapping[str, Callable[[str], tuple[str, object]]] = {
    "ok": _flag("status", 200),
    "status": _number("status", int),
    "code": _text("code"),
    "html": _flag("html", True),
    "instead": _text("instead"),
    "gzip": _flag("gzip", True),
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
    "end": _number("end_after", int),
    "cut": _number("cut_after", int, bare=0),
    "stall": _number("stall_after", int, bare=0),
    "no-terminator": _flag("no_terminator", True),
    "malformed": _malformed,
    "garbage": _flag("garbage_body", True),
    "text": _text("text"),
    "structured": _flag("structured", True),
    "refusal": _text("refusal"),
    "reasoning": _text("reasoning"),
    "call": _call,
    "tools": _text("tools"),
    "interleave": _flag("interleave", True),
    "stop": _text("stop"),
    "deltas": _number("deltas", int),
    "delta-size": _number("delta_size", int),
    "input-tokens": _number("input_tokens", int),
    "output-tokens": _number("output_tokens", int),
    "cached-tokens": _number("cached_tokens", int),
    "written-tokens": _number("written_tokens", int),
    "reasoning-tokens": _number("reasoning_tokens", int),
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
    lists: dict[str, list[Any]] = {"headers": [], "calls": []}
    for part in _split(spec):
        word, _, text = (piece.strip() for piece in part.partition("="))
        if word not in _WORDS:
            raise ValueError(f"unknown behaviour {word!r}; known: {SPEC_HELP}")
        try:
            field, value = _WORDS[word](text)
        except ValueError as error:
            raise ValueError(f"{word} {error}") from None
        if field in lists:
            lists[field].append(value)
        elif field in fields:
            raise ValueError(f"{word} says {field} a second time")
        else:
            fields[field] = value
    fields |= {name: tuple(values) for name, values in lists.items()}
    return Behaviour(**fields)


def _split(spec: str) -> Iterator[str]:
    """The parts between commas that are outside of all brackets."""
    start = depth = at = 0
    while found := (_INSIDE if depth else _OUTSIDE).search(spec, at):
        at = found.end()
        match found[0]:
            case "{" | "[":
                depth += 1
            case "}" | "]":
                depth -= 1
            case ",":
                yield spec[start : found.start()]
                start = at
    yield spec[start:]
