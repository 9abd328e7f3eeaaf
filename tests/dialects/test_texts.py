from __future__ import annotations

import orjson
import pytest

from extproc.dialects.texts import changed_body, changed_json
from extproc.errors import ClientError


def upper(text: str) -> str:
    return text.upper()


def test_a_body_in_which_nothing_changes_is_none() -> None:
    assert changed_body(b'{"messages": [{"content": "a"}], "n": 1}', str) is None
    assert changed_body(b"{}", upper) is None


def test_texts_are_told_in_their_order() -> None:
    told: list[str] = []

    def note(text: str) -> str:
        told.append(text)
        return text

    changed_body(b'{"system":"1","messages":[{"content":"2"},{"content":["3"]}],"user":"4"}', note)

    assert told == ["1", "2", "3", "4"]


def test_of_definitions_only_descriptions_are_texts() -> None:
    tool = {"name": "a", "description": "b", "parameters": {"enum": ["c"], "description": "d"}}
    raw = orjson.dumps({"tools": [tool], "response_format": {"json_schema": {"title": "e"}}})

    changed = changed_body(raw, upper)

    assert changed is not None
    assert orjson.loads(changed.data)["tools"][0] == {
        "name": "a",
        "description": "B",
        "parameters": {"enum": ["c"], "description": "D"},
    }


def test_what_is_nested_too_deeply_is_refused() -> None:
    raw = b'{"messages":' + b"[" * 300 + b'"a"' + b"]" * 300 + b"}"

    with pytest.raises(ClientError, match="levels deep"):
        changed_body(raw, upper)


def test_what_stands_twice_is_refused_if_it_would_change() -> None:
    raw = b'{"system":"A","system":"b"}'

    with pytest.raises(ClientError, match="more than once"):
        changed_body(raw, upper)


def test_within_an_object_only_the_last_of_what_stands_twice_stays() -> None:
    """The one before it has not been told, so it must not pass."""
    raw = b'{"messages":[{"content":"a","content":"B"}, {"content" : "C:\\":", "n":1.50}]}'

    changed = changed_body(raw, upper)

    assert changed is not None
    assert changed.data == b'{"messages":[{"content":"B"},{"content" : "C:\\":", "n":1.50}]}'


@pytest.mark.parametrize(
    "raw", [b'{"a":[{"b":{"c":"X","c":"Y"}}]}', b'{"a":{"b":"X","\\u0062":"Y"}}']
)
def test_however_deeply_it_stands(raw: bytes) -> None:
    changed = changed_body(raw, upper)
    assert changed is not None
    assert b"X" not in changed.data


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ('{"a":"b","c":["d",1]}', '{"a":"B","c":["D",1]}'),
        ('{ "a": 1 }', '{ "a": 1 }'),
        ('{"a":"b', '{"A":"B'),
        ('{"a":"b","a":"C"}', '{"a":"C"}'),
        ('{ "a": "B:C", "d": {} }', '{ "a": "B:C", "d": {} }'),
        ("text", "TEXT"),
        ('"text"', '"TEXT"'),
    ],
)
def test_json_in_a_text(text: str, changed: str) -> None:
    assert changed_json(text, upper) == changed
