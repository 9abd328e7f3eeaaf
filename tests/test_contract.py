"""The names on which Envoy's configuration and the Python server agree."""

from __future__ import annotations

import string

import pytest

from extproc.contract import from_header, header_safe


def test_a_name_in_plain_ascii_is_its_own_header() -> None:
    for text in ("openai/gpt-4o", "code generation", string.punctuation.replace("%", "")):
        assert header_safe(text) == from_header(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("é", "%C3%A9"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ("😀", "%F0%9F%98%80"),
        ("100%", "100%25"),
        ("%41", "%2541"),
        ("a\r\nx-b: c", "a%0D%0Ax-b: c"),
        ("\x00\t\x7f", "%00%09%7F"),
        ("\x80\xa0", "%C2%80%C2%A0"),
    ],
)
def test_a_name_that_no_header_could_carry(text: str, value: str) -> None:
    assert header_safe(text) == value
    assert from_header(value) == text
