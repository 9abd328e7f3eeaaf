"""Surgery on a JSON object's bytes: find, remove or add a top-level member, leave the rest alone.

A client's body goes to the provider byte for byte as it came, but for what routing must change.
Parsing and writing it again would lose key order, large integers and the spelling of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

__all__ = ["DuplicateMemberError", "Member", "find", "insert_first", "remove"]

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,}\]]++")
_SPACE = re.compile(rb"[ \t\r\n]*+")
_LETTER_SPELLED_BY_NUMBER = re.compile(rb"\\u00[567]")
"""A key may hide behind the escapes of its letters; where there are any, every key is read."""


@dataclass(frozen=True, slots=True)
class Member:
    """Byte offsets of one member of the top-level object."""

    start: int
    value_start: int
    end: int


class DuplicateMemberError(ValueError):
    """A name stands twice in the top-level object: providers disagree on which one counts."""


@lru_cache(maxsize=64)
def _spelled(name: str) -> re.Pattern[bytes]:
    return re.compile(rb'(?<!\\)"' + re.escape(name.encode()) + rb'"[ \t\r\n]*+:[ \t\r\n]*+')


def _after_space(raw: bytes, position: int) -> int:
    match = _SPACE.match(raw, position)
    assert match is not None  # noqa: S101 - the pattern matches everywhere
    return match.end()


def _end_of_value(raw: bytes, position: int) -> int:
    opening = raw[position]
    if opening == ord('"'):
        string = _STRING.match(raw, position)
        assert string is not None  # noqa: S101 - the document has been parsed
        return string.end()
    if opening not in b"{[":
        scalar = _SCALAR.match(raw, position)
        assert scalar is not None  # noqa: S101 - the document has been parsed
        return scalar.end()
    depth = 0
    for token in _TOKEN.finditer(raw, position):
        byte = raw[token.start()]
        if byte in b"{[":
            depth += 1
        elif byte in b"}]":
            depth -= 1
            if depth == 0:
                return token.end()
    raise ValueError("the document ends inside a value")


def _members(raw: bytes) -> Iterator[tuple[str, Member]]:
    position = _after_space(raw, _after_space(raw, 0) + 1)
    while raw[position] != ord("}"):
        key = _STRING.match(raw, position)
        assert key is not None  # noqa: S101 - the document has been parsed
        value_start = _after_space(raw, _after_space(raw, key.end()) + 1)
        end = _end_of_value(raw, value_start)
        yield orjson.loads(key.group()), Member(position, value_start, end)
        position = _after_space(raw, end)
        if raw[position] == ord(","):
            position = _after_space(raw, position + 1)


def find(raw: bytes, document: Mapping[str, Any], name: str) -> Member | None:
    """Locate a member of the top-level object.

    Nearly always the name stands once in the whole body and is found without reading the rest.

    Args:
        raw: a JSON object in UTF-8 that has been parsed successfully.
        document: what it was parsed to.
        name: the member's name, as parsed.

    Raises:
        DuplicateMemberError: the name stands more than once.
    """
    if name not in document:
        return None
    if not _LETTER_SPELLED_BY_NUMBER.search(raw):
        spellings = list(_spelled(name).finditer(raw))
        if len(spellings) == 1:
            (only,) = spellings
            return Member(only.start(), only.end(), _end_of_value(raw, only.end()))
    members = [member for key, member in _members(raw) if key == name]
    if len(members) > 1:
        raise DuplicateMemberError(name)
    return members[0]


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
