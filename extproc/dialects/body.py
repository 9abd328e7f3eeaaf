"""Surgery on a JSON object's bytes: find, remove or add a top-level member, leave the rest alone.

A client's body goes to the provider byte for byte as it came, but for what routing must change.
Parsing and writing it again would lose key order, large integers and the spelling of numbers.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import orjson

__all__ = ["Member", "MemberError", "find", "insert_first", "remove"]

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,}\]]++")
_SPACE = re.compile(rb"[ \t\r\n]*+")
_LETTER_SPELLED_BY_NUMBER = re.compile(rb"\\u00[567]")
"""The name of a member may hide behind the escapes of its letters."""

# It is asked only where values end: numbers of any length may stay as they are spelled.
_decoder = json.JSONDecoder(parse_int=str, parse_float=str)


@dataclass(frozen=True, slots=True)
class Member:
    """Byte offsets of one member of the top-level object."""

    start: int
    value_start: int
    end: int


class MemberError(ValueError):
    """The member cannot be changed with certainty; the message completes "'name' …"."""


@lru_cache(maxsize=64)
def _spelled(name: str) -> re.Pattern[bytes]:
    return re.compile(rb'"' + re.escape(name.encode()) + rb'"[ \t\r\n]*+:[ \t\r\n]*+')


def _after_space(raw: bytes, position: int) -> int:
    match = _SPACE.match(raw, position)
    assert match is not None  # noqa: S101 - the pattern matches everywhere
    return match.end()


def _end_of_value(raw: bytes, position: int) -> int:
    opening = raw[position]
    if opening in b"{[":
        try:
            text = raw[position:].decode()
            _, end = _decoder.raw_decode(text)
        except RecursionError:
            raise MemberError("is nested too deeply") from None
        return position + len(text[:end].encode())
    match = (_STRING if opening == ord('"') else _SCALAR).match(raw, position)
    assert match is not None  # noqa: S101 - the document has been parsed
    return match.end()


def _at_top(raw: bytes, name: str) -> re.Match[bytes]:
    """Of several spellings of a name in a body, the one that is a key of the top-level object.

    Every one is replaced by a key of its own; parsing then tells which of these are at the top.
    """
    mark = secrets.token_hex(8)
    numbers = count()
    marked = _spelled(name).sub(lambda _: b'"%s-%d":' % (mark.encode(), next(numbers)), raw)
    document = orjson.loads(marked)
    spellings = _spelled(name).finditer(raw)
    found = [hit for number, hit in enumerate(spellings) if f"{mark}-{number}" in document]
    if name in document:
        raise MemberError("must be spelled without escapes, and once")
    if len(found) > 1:
        raise MemberError("stands more than once in the body")
    return found[0]


def find(raw: bytes, document: Mapping[str, Any], name: str) -> Member | None:
    """Locate a member of the top-level object.

    Nearly always the name stands once in the whole body and is found without reading the rest.

    Args:
        raw: a JSON object in UTF-8 that has been parsed successfully.
        document: what it was parsed to.
        name: the member's name, as parsed; it must need no escapes.

    Raises:
        MemberError: the name stands more than once (providers disagree on which one counts), is
            spelled with escapes, or its value is nested too deeply.
    """
    if name not in document:
        return None
    hits = list(_spelled(name).finditer(raw))
    if len(hits) == 1 and not _LETTER_SPELLED_BY_NUMBER.search(raw):
        hit = hits[0]
    else:
        hit = _at_top(raw, name)
    return Member(hit.start(), hit.end(), _end_of_value(raw, hit.end()))


def remove(raw: bytes, member: Member) -> bytes:
    """The body without a member, and without the comma that came with it."""
    start, end = member.start, member.end
    following = _after_space(raw, end)
    if raw[following] == ord(","):
        return raw[:start] + raw[_after_space(raw, following + 1) :]
    before = raw[:start].rstrip(b" \t\r\n")
    return before.removesuffix(b",") + raw[end:]


def insert_first(
    raw: bytes, document: Mapping[str, Any], name: str, value: bytes
) -> tuple[bytes, Member]:
    """The body with a new member in front of all others.

    Args:
        raw: a JSON object in UTF-8.
        document: what it was parsed to.
        name: the new member's name; it must need no escapes.
        value: the new member's value, as JSON.

    Returns:
        The new body and where in it the member is.
    """
    opening = _after_space(raw, 0) + 1
    key = b'"' + name.encode() + b'":'
    separator = b"," if document else b""
    value_start = opening + len(key)
    body = b"".join((raw[:opening], key, value, separator, raw[opening:]))
    return body, Member(opening, value_start, value_start + len(value))
