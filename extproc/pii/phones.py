"""Telephone numbers, by the numbering plans that ``phonenumbers`` knows.

A number with a country's code is one anywhere; one without may be any number, so it counts only in
the form in which North America writes it, or where a word before it says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["phones"]

_INTERNATIONAL: Final = re.compile(
    r"\+(?<![\w+\-.]\+)[1-9](?:[ .\-/]?(?:\(\d{1,4}\)|\d)){6,14}(?![\w@]|\.\d)",
    re.ASCII,
)
_NORTH_AMERICAN: Final = re.compile(
    r"[(2-9](?<![\w.+\-/(][(2-9])"
    r"(?:(?<=\()[2-9]\d\d\) ?[2-9]\d\d[ .\-]\d{4}|\d\d-[2-9]\d\d-\d{4})"
    r"(?!\w|[\-.]\w)",
    re.ASCII,
)
_NATIONAL: Final = re.compile(
    r"\d(?<![\w.+\-/]\d)(?:[ .\-/()]{0,2}\d){6,14}(?![\w@]|[\-.:]\d)", re.ASCII
)
_NAMED: Final = re.compile(
    r"(?:\b(?:tel|phone|mobile|cell|fax|whatsapp|sms|dial|ring)\b"
    r"|t[eé]l[eé](?:f|ph)|handy\b|rufnummer|m[oó]vil|celular|cellulare|тел\b|телефон|"
    r"電話|电话|手机|전화|هاتف|फ़?ोन)"
    r"[^\d\n+]{0,20}\(?\Z",
    re.IGNORECASE,
)
_BEFORE: Final = 40
_PLANS: Final = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "IN", "BR", "JP", "CN", "AU", "MX", "KR")
"""Where a number without a country's code may be from."""
_MOST_LOOKED_UP: Final = 200
"""Numbers of a text that are looked up in all plans, about 0.2 ms each where it is none; more are
believed to be what they are called."""


@cache
def _library() -> ModuleType:
    # Loading it takes memory that only those are to spend who have this looked for.
    import phonenumbers

    return phonenumbers


def _is_number(text: str, plan: str | None) -> bool:
    library = _library()
    try:
        return bool(library.is_valid_number(library.parse(text, plan)))
    except library.NumberParseException:
        return False


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Where telephone numbers are."""
    for found in _INTERNATIONAL.finditer(text):
        if _is_number(found[0], None):
            yield found.span()
    for found in _NORTH_AMERICAN.finditer(text):
        if _is_number(found[0], "US"):
            yield found.span()
    looked_up = 0
    for found in _NATIONAL.finditer(text):
        before = text[max(0, found.start() - _BEFORE) : found.start()]
        if _NAMED.search(before):
            looked_up += 1
            if looked_up > _MOST_LOOKED_UP or _is_number_somewhere(found[0]):
                yield found.start() - before.endswith("("), found.end()


def _is_number_somewhere(text: str) -> bool:
    return any(_is_number(text, plan) for plan in _PLANS)
