"""Surgery on the bytes of a JSON object, with the json module as the oracle."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import orjson
import pytest

from extproc.dialects.body import edited, elements_of, members_of
from extproc.dialects.outline import Member, outline
from extproc.errors import ClientError

Pairs = list[tuple[str, Any]]
SPACES = b" \t\r\n"
LARGE = b"[123456789012345678901234567890,1E+30,{}]"


def pairs_of(raw: bytes) -> Pairs:
    """The members of the top-level object in their order, those of nested ones likewise."""
    pairs: Pairs = json.loads(raw, object_pairs_hook=list)
    return pairs


def find_in(raw: bytes, name: str = "model") -> Member | None:
    """The member of this name, which both ways of looking find alike."""
    found = members_of(raw)
    outlined = outline(raw, most_members=len(raw)).members
    assert list(found) == [each.member for each in outlined]
    return next((each for each in found if json.loads(each.name) == name), None)


def take_out(raw: bytes, *names: str) -> bytes:
    return edited(raw, dict.fromkeys(names)).data


def put(raw: bytes, **values: bytes) -> bytes:
    body = edited(raw, values)
    assert body.size == len(body.data)
    for name, value in values.items():
        start, end = body.places[name]
        assert body.data[start:end] == value
    return body.data


def takes_only_its_comma(raw: bytes, result: bytes, member: Member) -> bool:
    """Whether the result is the body without the member, at most one comma, and some space."""
    length = len(raw) - len(result)
    for start in range(member.end - length, member.start + 1):
        end = start + length
        if start >= 0 and result == raw[:start] + raw[end:]:
            extra = raw[start : member.start] + raw[member.end : end]
            return extra.strip(SPACES) in (b"", b",") and extra.count(b",") <= 1
    return False


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"model":"m"}', b'"m"'),
        (b'\r\n\t {\n"model"\t:\r\n "m" ,"a":1}\n', b'"m"'),
        (b'{"a":"\\"model\\": 1","model":"m"}', b'"m"'),
        (b'{"a":"\\\\","model":"m"}', b'"m"'),
        (b'{"a":"\\\\\\"model\\":","model":"m"}', b'"m"'),
        (b'{"x\\"model":1,"model":"m"}', b'"m"'),
        (b'{"x\\"model":1,"model":"m","mod\\u0065ls":2}', b'"m"'),
        (b'{"model":"m","a":{"mod\\u0065l":"n"}}', b'"m"'),
        (b'{"a":"model","model":"m"}', b'"m"'),
        (b'{"model":"model"}', b'"model"'),
        (b'{"model":":","a":["model"]}', b'":"'),
        (b'{"Model":1,"model ":2,"models":3,"model":"m"}', b'"m"'),
        (b'{"a":{"model":"n"},"model":"m"}', b'"m"'),
        (b'{"model":"m","a":[{"model":"n"},{"model":{}}]}', b'"m"'),
        (b'{"a":"}{][","b":[{"c":"]}"}],"d":{"model":1},"model":"m"}', b'"m"'),
        (b'{"a":-1.5e+3,"b":true,"c":null,"d":{"model":1},"model":"m"}', b'"m"'),
        (b'{"model":"a\\"b\\\\"}', b'"a\\"b\\\\"'),
        (b'{"model":null }', b"null"),
        (b'{"model":-0.10E+2\t}', b"-0.10E+2"),
        (b'{"model":{"model":["}",{}]} ,"a":1}', b'{"model":["}",{}]}'),
        ('{"é":"日本","model":"ü"}'.encode(), '"ü"'.encode()),
        (b'{"a":"mod\\u0065l","model":"\\u006d"}', b'"\\u006d"'),
        (b'{"model":[123456789012345678901234567890,1E+30,{}],"a":1}', LARGE),
        (b'{"a":"\\u0041","model":"\\ud83d\\ude00"}', b'"\\ud83d\\ude00"'),
    ],
)
def test_the_value_that_is_found(raw: bytes, value: bytes) -> None:
    member = find_in(raw)
    assert member is not None
    assert raw[member.value_start : member.end] == value
    key, _, _ = raw[member.start : member.value_start].rpartition(b":")
    assert json.loads(key) == "model"


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b' { "a" : 1 } ',
        b'{"a":{"model":1}}',
        b'{"a":"\\"model\\":1"}',
        b'{"x\\"model":1}',
        b'{"a":["model"]}',
    ],
)
def test_nothing_is_found_where_nothing_is(raw: bytes) -> None:
    assert find_in(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b'{"model":1,"model":2}',
        b'{"model":1,"model":1}',
        b'{"model" : 1, "a":{"model":3}, "model"\n:2}',
    ],
)
def test_a_name_that_stands_twice(raw: bytes) -> None:
    with pytest.raises(ClientError, match="stands more than once in the body"):
        take_out(raw, "model")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"mod\\u0065l":1}',
        b'{"\\u006D\\u006fdel":1}',
        b'{"x\\"model":1,"mod\\u0065l":2}',
        b'{"a":{"model":1},"mod\\u0065l":2}',
        b'{"model":1,"mod\\u0065l":2}',
        b'{"\\u006dodel":1,"mod\\u0065l":2}',
        b'{"mod\\u0065l":1,"model":2}',
        b'{"model":1,"model":2,"mod\\u0065l":3}',
    ],
)
def test_a_name_that_is_spelled_with_escapes(raw: bytes) -> None:
    with pytest.raises(ClientError, match="must be spelled without escapes, and once"):
        take_out(raw, "model")


DEEPEST = 1023
"""How deep a member's value may be for orjson to read the whole."""

NESTINGS = [("[", "]"), ('{"a":', "}"), ('{"model":', "}")]


def nested(depth: int, opening: str = "[", closing: str = "]") -> bytes:
    return f'{{"model":{opening * depth}1{closing * depth},"a":2}}'.encode()


@pytest.mark.parametrize(("opening", "closing"), NESTINGS)
def test_a_value_that_is_nested(opening: str, closing: str) -> None:
    for depth in (1, 100, 800):
        assert take_out(nested(depth, opening, closing), "model") == b'{"a":2}'


@pytest.mark.parametrize(("opening", "closing"), NESTINGS)
def test_a_value_as_deep_as_it_can_be_read(opening: str, closing: str) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(nested(DEEPEST + 1, opening, closing))
    for depth in range(DEEPEST - 150, DEEPEST + 1):
        assert take_out(nested(depth, opening, closing), "model") == b'{"a":2}'


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        (b'{"x":1}', b"{}"),
        (b' { "x" : 1 } ', b" { } "),
        (b'{"x":1,"b":2,"c":3}', b'{"b":2,"c":3}'),
        (b'{"a":1,"x":2,"c":3}', b'{"a":1,"c":3}'),
        (b'{"a":1,"b":2,"x":3}', b'{"a":1,"b":2}'),
        (b'{\n  "x": 1,\n  "b": 2\n}', b'{\n  "b": 2\n}'),
        (b'{\n  "a": 1,\n  "x": 2\n}', b'{\n  "a": 1\n}'),
        (b'{"a":"ends with a comma,","x":[1,{"y":","}]}', b'{"a":"ends with a comma,"}'),
        (b'{"x":{"a":1}\t,\r\n"b":2}', b'{"b":2}'),
    ],
)
def test_what_is_left_without_a_member(raw: bytes, left: bytes) -> None:
    assert take_out(raw, "x") == left


@pytest.mark.parametrize("order", ["xyab", "axyb", "abxy", "yxab", "xaby", "xayb", "xy"])
def test_two_members_are_removed_wherever_they_stand(order: str) -> None:
    raw = b"{ %s }" % b" , ".join(b'"%c" : [1, "%c"]' % (name, name) for name in order.encode())
    left = take_out(raw, "x", "y")
    assert pairs_of(left) == pairs_of(take_out(take_out(raw, "x"), "y"))
    assert [key for key, _ in pairs_of(left)] == [name for name in order if name in "ab"]


@pytest.mark.parametrize(
    ("raw", "result"),
    [
        (b"{}", b'{"model":"m"}'),
        (b" { } ", b' {"model":"m" } '),
        (b'\n{\n "a": 1}', b'\n{"model":"m",\n "a": 1}'),
    ],
)
def test_a_member_is_put_first(raw: bytes, result: bytes) -> None:
    assert put(raw, model=b'"m"') == result


@pytest.mark.parametrize(
    ("raw", "result"),
    [
        (b'{"a":1,"model":2,"c":3}', b'{"a":1,"model":"m","c":3}'),
        (b'{ "model" : {"a":[]} ,"b":1}', b'{ "model" : "m" ,"b":1}'),
        (b'{"x":1}', b'{"model":"m"}'),
        (b'{"x":1,"model":2}', b'{"model":"m"}'),
        (b'{"model":2,"x":1}', b'{"model":"m"}'),
        (b'{"x":1,"a":2}', b'{"model":"m","a":2}'),
        (b"{}", b'{"model":"m"}'),
    ],
)
def test_one_member_goes_and_another_gets_a_new_value(raw: bytes, result: bytes) -> None:
    body = edited(raw, {"x": None, "model": b'"m"'})
    assert body.data == result
    start, end = body.places["model"]
    assert result[start:end] == b'"m"'


def test_several_members_are_put_first() -> None:
    assert put(b'{"a":1}', b=b"2", c=b"3") == b'{"b":2,"c":3,"a":1}'
    assert put(b"{}", b=b"2", c=b"3") == b'{"b":2,"c":3}'


@pytest.mark.parametrize(
    ("array", "elements"),
    [
        (b"[]", []),
        (b' [ 1 ,"a,]" , {"b": [2, 3]},[ ] ] ', [b"1", b'"a,]"', b'{"b": [2, 3]}', b"[ ]"]),
        (b"[%b%b]" % (b"[" * 5000, b"]" * 5000), []),
        (b"{}", []),
    ],
)
def test_the_elements_of_an_array(array: bytes, elements: list[bytes]) -> None:
    raw = b'{"a":%b,"c":1}' % array
    found = elements_of(raw, 5, 5 + len(array))
    assert [raw[start:end] for start, end in found] == elements


def test_what_stays_is_not_copied() -> None:
    raw = b'{"a":"%b","model":1}' % (b"x" * 1000)
    first, value, last = edited(raw, {"model": b"2"}).pieces
    assert isinstance(first, memoryview)
    assert first.obj is raw
    assert (value, bytes(last)) == (b"2", b"}")


class Writer:
    """Writes random JSON objects that look as confusing as they may."""

    NAMES = ("model", "x", 'x"model', "model\\", "a\nb", "é", "", '"model":', "models", "mode")
    TEXTS = (*NAMES, '{"model":1}', ',"model":"m",', "}]", "[{", "\\u0065", "😀", '\\"model":')

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def space(self) -> str:
        return "".join(self.chance.choices(" \t\r\n", k=self.chance.choice((0, 0, 1, 3))))

    def string(self, text: str) -> str:
        escaped = json.dumps(text, ensure_ascii=self.chance.random() < 0.5)
        if text.isascii() and text.isalpha() and self.chance.random() < 0.15:
            letter = self.chance.choice(text)
            code = f"\\u{ord(letter):04x}"
            escaped = escaped.replace(
                letter, self.chance.choice((code, code[:2] + code[2:].upper()))
            )
        return escaped

    def value(self, depth: int) -> str:
        kind = self.chance.randrange(6 if depth else 3)
        if kind == 0:
            return self.chance.choice(("0", "-1.50E+2", "1e9", "true", "false", "null", "12345678"))
        if kind in (1, 2):
            return self.string(self.chance.choice(self.TEXTS))
        if kind == 3:
            items = [self.value(depth - 1) for _ in range(self.chance.randrange(4))]
            return f"[{self.space()}{','.join(f'{self.space()}{item}' for item in items)}]"
        return self.object(depth - 1)

    def object(self, depth: int) -> str:
        members = [
            f"{self.space()}{self.string(name)}{self.space()}:{self.space()}{self.value(depth)}"
            f"{self.space()}"
            for name in self.chance.choices(self.NAMES, k=self.chance.randrange(6))
        ]
        return f"{{{','.join(members) or self.space()}}}"

    def body(self) -> bytes:
        return f"{self.space()}{self.object(3)}{self.space()}".encode()


def as_spelled(raw: bytes) -> bytes:
    """The same object, but letters that were spelled by their numbers are no letters any more."""
    return re.sub(rb"\\(.)", lambda hit: b"\\" * (1 + (hit[1] == b"u")) + hit[1], raw)


def check_one(raw: bytes, name: str) -> int:
    """Try everything on one name of one body; says how often the name stands there."""
    pairs = pairs_of(raw)
    values = [value for key, value in pairs if key == name]
    spellings = [key for key, _ in pairs_of(as_spelled(raw))]
    if len(values) > 1 or (values and name not in spellings):
        with pytest.raises(ClientError):
            take_out(raw, name)
        return len(values)
    member = find_in(raw, name)
    if member is None:
        assert values == []
        longer = put(raw, new=b"[1]")
        assert pairs_of(longer) == [("new", [1]), *pairs]
        assert pairs_of(take_out(longer, "new")) == pairs
        return 0
    found = json.loads(raw[member.value_start : member.end], object_pairs_hook=list)
    assert [found] == values
    changed = put(raw, **{name: b"[1]"})
    assert pairs_of(changed) == [(key, [1] if key == name else value) for key, value in pairs]
    left = take_out(raw, name)
    assert pairs_of(left) == [pair for pair in pairs if pair[0] != name]
    assert takes_only_its_comma(raw, left, member)
    return 1


@pytest.mark.unmeasured  # the same lines over and over
@pytest.mark.parametrize("seed", range(20))
def test_random_objects(seed: int) -> None:
    writer = Writer(seed)
    bodies = [writer.body() for _ in range(100)]
    counts = [check_one(raw, name) for raw in bodies for name in ("model", "x", "")]
    assert {0, 1, 2} <= set(counts)


@pytest.mark.unmeasured  # the same lines over and over
@pytest.mark.parametrize("place", [0, 2500, 5000])
@pytest.mark.parametrize(("times", "escaped"), [(0, False), (1, False), (1, True), (2, False)])
def test_thousands_of_nested_members_of_the_same_name(
    place: int, times: int, escaped: bool
) -> None:
    nested = [f'"n{index}":{{"model":{{"model":"m"}}}}' for index in range(5000)]
    nested[place:place] = ['"mod\\u0065l":"top"' if escaped else '"model":"top"'] * times
    assert check_one(f"{{{','.join(nested)}}}".encode(), "model") == times


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"b":2,"a":3            }',
        b'{"a":"   ,\\"b\\":2}","b":2,"a":"                        "}',
        b'{"a":[1],"a":[1,2]}',
        b'{"a":{"b":1},"a":{"b":1}}',
    ],
)
def test_a_member_that_stands_twice_is_seen_wherever_the_last_one_might_stand(raw: bytes) -> None:
    assert len(members_of(raw)) == len(pairs_of(raw))
