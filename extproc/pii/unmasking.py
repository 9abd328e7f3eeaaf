"""Placeholders become again what they stand for: in texts, in JSON, and in texts that come in
pieces."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from extproc.core.pii import PiiKind
from extproc.dialects.texts import JSON_TEXTS, UNTOUCHED
from extproc.pii.vault import PLACEHOLDER

__all__ = ["Unmasking", "unmasked_body"]

_DECODER: Final = msgspec.json.Decoder()
_ESCAPED: Final = re.compile(r"\\u003[cC]([A-Z]+_\d+)\\u003[eE]", re.ASCII)
_CLUES: Final = (b"<", b"\\u003")
"""JSON that has neither holds no placeholder."""
_NAMES: Final = tuple(kind.name for kind in PiiKind)
_BEGINNINGS: Final = "|".join(name[:end] for name in _NAMES for end in range(1, len(name) + 1))
_ESCAPE_BEGUN: Final = r"\\(?:u0{0,2}|u003)?"
_BEGUN: Final = re.compile(
    rf"(?:{_ESCAPE_BEGUN}|(?:<|\\u003[cC])"
    rf"(?:{_BEGINNINGS}|(?:{'|'.join(_NAMES)})_\d{{0,9}}(?:{_ESCAPE_BEGUN})?)?)\Z",
    re.ASCII,
)
"""How the beginning of a placeholder looks, spelled in a text or in a text of JSON."""
_LONGEST: Final = 32
"""Characters that no such beginning exceeds."""


class Unmasking:
    """What the placeholders of one request stand for, in its answer."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        """
        Args:
            values: by placeholder.
        """
        self._values = values

    def text(self, text: str) -> str:
        """A text with the values in it."""
        return PLACEHOLDER.sub(self._value, text) if "<" in text else text

    def json_text(self, text: str) -> str:
        """The same for a text of JSON, or a piece of one: values are escaped as its strings are."""
        if "\\u003" in text:
            text = _ESCAPED.sub(self._unescaped, text)
        return PLACEHOLDER.sub(self._escaped_value, text) if "<" in text else text

    def cut(self, text: str) -> tuple[str, str]:
        """A text that goes on, before it is unmasked: what is whole of it, and what may be the
        beginning of a placeholder."""
        begun = _BEGUN.search(text, max(0, len(text) - _LONGEST))
        return (text, "") if begun is None else (text[: begun.start()], begun[0])

    def _value(self, found: re.Match[str]) -> str:
        return self._values.get(found[0], found[0])

    def _escaped_value(self, found: re.Match[str]) -> str:
        value = self._values.get(found[0])
        return found[0] if value is None else msgspec.json.encode(value)[1:-1].decode()

    def _unescaped(self, found: re.Match[str]) -> str:
        name = f"<{found[1]}>"
        return name if name in self._values else found[0]


def unmasked_body(raw: bytes, unmasking: Unmasking) -> bytes:
    """A whole answer, or an error, of any dialect; one that is no JSON is left alone."""
    if not any(clue in raw for clue in _CLUES):
        return raw
    try:
        value = _DECODER.decode(raw)
        new = _changed(value, unmasking)
    except (msgspec.DecodeError, RecursionError):
        return raw
    return raw if new is value else msgspec.json.encode(new)


def _changed(value: Any, unmasking: Unmasking, name: str = "") -> Any:
    """A value of JSON, which the member of this name holds, with the values in its strings; itself
    where there are none.

    What its provider signed stays as it is: clients give it back, and it must not have changed.
    """
    if isinstance(value, str):
        change: Callable[[str], str] = unmasking.json_text if name in JSON_TEXTS else unmasking.text
        new = change(value)
        return value if new == value else new
    if isinstance(value, list):
        items = [_changed(item, unmasking, name) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else items
    if not isinstance(value, dict):
        return value
    changes = {
        key: new
        for key, old in value.items()
        if key not in UNTOUCHED and (new := _changed(old, unmasking, key)) is not old
    }
    return {**value, **changes} if changes else value
