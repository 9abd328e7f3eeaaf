"""Reading large bodies in pieces, with reading them at once as the oracle."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extproc.dialects import abridging, reading
from extproc.dialects.abridging import original_length
from extproc.dialects.reading import is_large, read_abridged, read_json, read_some, read_whole
from extproc.errors import ClientError
from tests.dialects.test_outline import LAYOUTS, OBJECTS


@given(OBJECTS, LAYOUTS, st.integers(5, 60), st.integers(10, 60))
def test_a_body_says_the_same_however_it_is_read(
    document: dict[str, Any], layout: dict[str, Any], parts: int, size: int
) -> None:
    try:
        raw = json.dumps(document, **layout).encode()
        expected = orjson.loads(raw)
    except ValueError:  # lone surrogates, and numbers that are none to orjson
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_MOST_AT_ONCE", parts)
        patch.setattr(reading, "_BYTES_AT_ONCE", size)
        try:
            found = read_whole(raw).document
        except ClientError as error:
            if error.code == "too_many_values":
                return
            raise
    assert found == expected


MESSAGES = [{"role": "user", "content": f"{number}"} for number in range(30_000)]


def test_many_messages() -> None:
    raw = json.dumps({"model": "m", "messages": MESSAGES, "stream": True}).encode()
    assert is_large(raw)
    assert read_abridged(raw).document == read_whole(raw).document == orjson.loads(raw)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'{"a":[%b[]]}' % (b"[]," * 75_000), "The body holds more than the 100,000 values"),
        (b'{"a":{"b":[%b1]}}' % (b"1," * 30_000), "'a' holds more than the 20,000 values"),
        (b'{"a":[1,[%b1]]}' % (b"1," * 30_000), r"'a\[1\]' holds more than the 20,000 values"),
        (b"{%b}" % b",".join(b'"%d":1' % n for n in range(2000)), "The body holds more than"),
    ],
    ids=["body", "member", "element", "members"],
)
def test_a_body_of_too_many_values(raw: bytes, says: str) -> None:
    with pytest.raises(ClientError, match=says) as raised:
        read_abridged(raw)
    assert (raised.value.status, raised.value.code) == (400, "too_many_values")


BROKEN = [
    b'{"a":%s',
    b'{"a":%s]',
    b'{"a" %s}',
    b'{"a":%s "b":1}',
    b'{"a":%s,"b":01}',
    b'{"a":%s,}',
    b'{"a":%s,"b":[1 2]}',
    b'{"a":%s,"b":nul}',
    b'{"a":%s,"b":"\x01"}',
    b'{"a":%s,"b":"\xff"}',
    b'{"a":%s,"b":"\\ud800"}',
    b'{"a":%s,"b":"\\q"}',
    b'{"a":%s,"b":1e999}',
    b'{"a":%s,"\xff":1}',
    b'{"a":%s,"b":' + b"[" * 1100 + b"]" * 1100 + b"}",
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("value", [b'"x"', b"[%s]" % b",".join([b'{"b":"c"}'] * 40_000)])
def test_what_is_no_json_is_none_when_it_is_large(broken: bytes, value: bytes) -> None:
    raw = broken % value
    for read in (read_json, read_abridged, read_whole):
        with pytest.raises(ClientError, match="not valid JSON") as raised:
            read(raw)
        assert raised.value.status == 400


@pytest.mark.parametrize("around", [b"[%s1,]", b"[,%s1]", b"[%s1,,2]", b"[%s1}", b"[%s1,2:3]"])
def test_a_large_array_that_is_none(around: bytes) -> None:
    for filling in (b'{"b":"c"},' * 40_000, b'"%s",' % (b"x" * 600_000)):
        with pytest.raises(ClientError, match=r"not valid JSON|more than the 20,000 values"):
            read_abridged(b'{"a":%s}' % (around % filling))


@pytest.mark.parametrize("raw", [b"[1]", b"7", b'"a"', b""])
def test_what_is_no_object(raw: bytes) -> None:
    with pytest.raises(ClientError, match="must be a JSON object"):
        read_abridged(raw)


PICTURE = "data:image/png;base64," + "QUJD" * 1_000_000


def test_the_longest_strings_are_abridged() -> None:
    raw = json.dumps({"messages": [{"content": PICTURE}, {"content": "short"}]}).encode()
    picture, short = (each["content"] for each in read_abridged(raw).document["messages"])
    assert short == "short"
    assert picture.startswith("data:image/png;base64,QUJD")
    assert picture.endswith("QUJD")
    assert len(picture) < 1_100_000
    assert abs(original_length(picture) - len(PICTURE)) < 40
    assert read_whole(raw).document["messages"][0]["content"] == PICTURE


def test_many_long_strings_are_abridged_more() -> None:
    parts = [{"type": "text", "text": f"{number} " + "x" * 100_000} for number in range(100)]
    raw = json.dumps({"messages": [{"role": "user", "content": parts}]}).encode()
    read = read_abridged(raw).document
    assert len(json.dumps(read)) < 2_500_000
    texts = [part["text"] for part in read["messages"][0]["content"]]
    assert [int(text.split()[0]) for text in texts] == list(range(100))


@given(
    st.text(st.sampled_from('a é€😀\\"\n\u2028\x01'), min_size=30, max_size=400),
    st.booleans(),
    st.integers(0, 60),
)
def test_a_string_is_cut_where_it_can_be(text: str, ascii_only: bool, shift: int) -> None:
    text = "x" * shift + text * 40
    raw = json.dumps({"a": [text, 1]}, ensure_ascii=ascii_only).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(abridging, "_LONGEST", 600)
        patch.setattr(reading, "_BYTES_AT_ONCE", 1)
        found = read_abridged(raw).document["a"][0]
    if found == text:
        assert len(raw) < 3000
        return
    head, _, rest = found.partition("…[")
    _, _, tail = rest.partition(" bytes]…")
    assert text.startswith(head)
    assert text.endswith(tail)


@pytest.mark.parametrize("inside", [b"\xff", b"\xc3", b"\x1f"])
def test_what_is_left_out_of_a_string_is_still_looked_at(inside: bytes) -> None:
    raw = b'{"a":["%s%s%s",1]}' % (b"x" * 700_000, inside, b"y" * 700_000)
    with pytest.raises(ClientError, match="not valid JSON"):
        read_abridged(raw)


def test_some_members() -> None:
    raw = b'{"x":[%s1],"model":"m","file_id":"f","y":nonsense}' % (b"1," * 500_000)
    assert read_some(raw, ("model", "file_id", "stream")).document == {"model": "m", "file_id": "f"}
    with pytest.raises(ClientError, match="'model' is too long"):
        read_some(b'{"model":"%s"}' % (b"m" * 100_000), ("model",))
    with pytest.raises(ClientError, match="not valid JSON"):
        read_some(b'{"model":nonsense}', ("model",))


@pytest.mark.parametrize(
    ("raw", "large"),
    [
        (b"[" * 60_000, False),
        (b"[" * 70_000, True),
        (b"x" * 1_000_000, False),
        (b"x" * 1_100_000, True),
        (b"x," * 15_000 + b"x" * 90_000, False),
        (b"x," * 25_000 + b"x" * 90_000, True),
    ],
)
def test_what_is_large(raw: bytes, large: bool) -> None:
    assert is_large(raw) is large
