"""The outline of a JSON object, with the json module as the oracle."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extproc.dialects import outline as module
from extproc.dialects.outline import NotAnObjectError, TooManyPartsError, outline

TEXTS = st.text(st.sampled_from('ab"\\/{}[]:, \n\té😀\x00'), max_size=12) | st.text(max_size=300)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=6)
LAYOUTS = st.fixed_dictionaries(
    {"ensure_ascii": st.booleans(), "indent": st.sampled_from([None, 1, "\t"])}
)


def parts_of(value: object) -> int:
    """Brackets that open and commas, as ``json.dumps`` writes them."""
    if not isinstance(value, dict | list):
        return 0
    inner = list(value.values()) if isinstance(value, dict) else value
    return max(len(inner), 1) + sum(map(parts_of, inner))


@given(OBJECTS, LAYOUTS, st.integers(1, 40))
def test_what_is_in_an_object(document: dict[str, Any], layout: dict[str, Any], size: int) -> None:
    """Whatever it says, and wherever a slice ends."""
    raw = json.dumps(document, **layout).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SLICE", size)
        patch.setattr(module, "_LONG", 0)
        found = outline(raw, len(raw))
    members = [each.member for each in found.members]
    assert {
        json.loads(each.name): json.loads(raw[each.value_start : each.end]) for each in members
    } == document
    assert all(raw[each.start :].startswith(each.name) for each in members)
    assert found.parts == parts_of(document)
    assert sum(each.parts for each in found.members) == found.parts - 1
    for each in found.members:
        value = json.loads(raw[each.member.value_start : each.member.end])
        within = (found.cuts > each.member.value_start) & (found.cuts < each.member.end)
        inner = len(value) if isinstance(value, list | dict) else 0
        assert int(within.sum()) == max(inner - 1, 0)
    strings = found.strings.reshape(-1, 2).tolist()
    assert all(raw[start - 1 : start] == raw[end : end + 1] == b'"' for start, end in strings)
    assert all(json.loads(raw[start - 1 : end + 1]) is not None for start, end in strings)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"7",
        b'"a"',
        b"[1]",
        b"x{}",
        b"{} x",
        b"{}{}",
        b"{}}",
        b"{",
        b'{"a":1',
        b'{"a":1]',
        b'{"a":"b}',
        b'{"a"}',
        b'{"a":1,}',
        b'{,"a":1}',
        b"{,}",
        b"{:}",
        b"{x}",
        b"{x:1}",
        b'{"a":1 "b":2}',
        b'{"a","b":1:2}',
        b'"\\"',
        b"\\",
    ],
)
def test_what_is_no_object(raw: bytes) -> None:
    with pytest.raises(NotAnObjectError):
        outline(raw, 100)


def test_an_object_of_too_many_parts() -> None:
    raw = b'{"a":[%b1]}' % (b"1," * 98)
    assert outline(raw, 100).parts == 100
    with pytest.raises(TooManyPartsError):
        outline(raw, 99)
    assert outline(raw).members[0].member.name == b'"a"'


def test_an_object_of_too_many_members() -> None:
    raw = b"{%b}" % b",".join(b'"%d":1' % number for number in range(1025))
    with pytest.raises(TooManyPartsError):
        outline(raw)
    assert len(outline(raw, most_members=1025).members) == 1025


@given(st.binary(max_size=80) | st.text('{}[]":,\\ a1', max_size=40).map(str.encode))
def test_anything_else_is_refused_or_outlined(raw: bytes) -> None:
    try:
        found = outline(raw, 1000)
    except (NotAnObjectError, TooManyPartsError):
        with pytest.raises((ValueError, AssertionError)):
            assert isinstance(json.loads(raw), dict)
        return
    for each in found.members:
        assert 0 < each.member.start < each.member.value_start <= each.member.end <= len(raw)
