"""A body as it was read, and as it goes to a provider."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from extproc.core.conversation import Turn
from extproc.core.models import Dialect
from extproc.dialects.body import Edited
from extproc.dialects.request import ClientRequest, outgoing_body, parse
from extproc.errors import ClientError

PREFERENCES = b'"routing_preferences" : [ {"name":"r","description":"d","models":["m"]} ]'
POLICY = b'"routing_policy":[{"model":"m","routing_preferences":[]}]'
MODEL = b'"model" : "asked/for"'
MESSAGES = b'"messages":[{"role":"user","content":"hi"}]'


def outgoing(raw: bytes, model_id: str = "new") -> Edited:
    return outgoing_body(parse(Dialect.CHAT, raw).raw, model_id)


def model_in(body: Edited) -> bytes:
    """What stands where the plan says that the model's name is."""
    start, end = body.places["model"]
    return body.data[start:end]


def test_what_is_read() -> None:
    raw = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}],"n":1}'
    request = parse(Dialect.CHAT, raw)
    assert request.dialect is Dialect.CHAT
    assert request.model == "m"
    assert request.streamed is True
    assert request.conversation == (Turn("user", "hi"),)
    assert request.inline_routes is None
    assert request.raw is raw
    assert request.document == json.loads(raw)


@pytest.mark.parametrize(
    ("member", "streamed"),
    [
        (b"", False),
        (b',"stream":false', False),
        (b',"stream":null', False),
        (b',"stream":1', False),
        (b',"stream":"true"', False),
        (b',"stream":true', True),
    ],
)
def test_only_true_asks_for_a_stream(member: bytes, streamed: bool) -> None:
    assert parse(Dialect.CHAT, b'{"messages":[]%s}' % member).streamed is streamed


@pytest.mark.parametrize("member", [b"", b',"model":null', b',"model":""'])
def test_no_model_is_asked_for(member: bytes) -> None:
    assert parse(Dialect.CHAT, b'{"messages":[]%s}' % member).model is None


@pytest.mark.parametrize("value", [b"7", b"[]", b"{}", b"false", b'["m"]'])
def test_a_model_that_is_no_string(value: bytes) -> None:
    with pytest.raises(ClientError, match="'model' must be a string") as raised:
        parse(Dialect.CHAT, b'{"messages":[],"model":%s}' % value)
    assert (raised.value.status, raised.value.param) == (400, "model")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not valid JSON"),
        (b'{"messages": [}', "line 1, column 15"),
        (b'{\n"messages":\n!}', "line 3, column 1"),
        (b'{"messages":[],"a":NaN}', "not valid JSON"),
        (b'{"messages":[],"a":"\xff"}', "not valid JSON"),
        (b'{"messages":[],"a":"\\ud800"}', "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'"text"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
    ],
)
def test_what_is_no_request(raw: bytes, says: str) -> None:
    with pytest.raises(ClientError) as raised:
        parse(Dialect.CHAT, raw)
    assert raised.value.status == 400
    assert says in raised.value.message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"messages":[],"model":"old"}', b'{"messages":[],"model":"new"}'),
        (b'{ "model"\t:\n"old" , "messages":[] }', b'{ "model"\t:\n"new" , "messages":[] }'),
        (b'{"messages":[],"model":null}', b'{"messages":[],"model":"new"}'),
        (b'{"messages":[],"model":""}', b'{"messages":[],"model":"new"}'),
        (
            b'{"messages":[{"n\\u0061me":"\\"model\\":"}],"model":"old"}',
            b'{"messages":[{"n\\u0061me":"\\"model\\":"}],"model":"new"}',
        ),
        (b'\n{ "messages":[] }', b'\n{"model":"new", "messages":[] }'),
        (b'{"a":{"model":1},"messages":[]}', b'{"model":"new","a":{"model":1},"messages":[]}'),
        (
            b'{"n":1.50E+2,"big":123456789012345678901234567890,"messages":[],"model":"old"}',
            b'{"n":1.50E+2,"big":123456789012345678901234567890,"messages":[],"model":"new"}',
        ),
        (
            b'{"t":1,"messages":[],"t":2,"u":"\\u0041\\/","model":"old"}',
            b'{"t":1,"messages":[],"t":2,"u":"\\u0041\\/","model":"new"}',
        ),
        (b'{"messages":[],"routing_preferences":null}', b'{"model":"new","messages":[]}'),
        (b'{"routing_policy":null,"messages":[]}', b'{"model":"new","messages":[]}'),
    ],
)  # fmt: skip
def test_a_body_for_a_provider(before: bytes, after: bytes) -> None:
    body = outgoing(before)
    assert body.data == after
    assert model_in(body) == b'"new"'


@pytest.mark.parametrize("model_id", ["m", 'quoted "m"', "back\\slash", "日本/モデル", "é\n", ""])
def test_the_offsets_are_those_of_the_models_json_string(model_id: str) -> None:
    for raw in (b'{"messages":[],"model":"a","z":1}', b'{"messages":[]}'):
        body = outgoing(raw, model_id)
        assert json.loads(model_in(body)) == model_id
        assert json.loads(body.data)["model"] == model_id


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
@pytest.mark.parametrize("layout", [(b"{%s}", b","), (b" {\n  %s\n} ", b",\n  ")])
def test_preferences_are_stripped_wherever_they_stand(
    order: tuple[int, ...], layout: tuple[bytes, bytes]
) -> None:
    members = (PREFERENCES, POLICY, MODEL, MESSAGES)
    frame, comma = layout
    body = outgoing(frame % comma.join(members[index] for index in order))
    kept = [members[index] for index in order if index >= 2]
    assert body.data == frame % comma.join(kept).replace(b'"asked/for"', b'"new"')
    assert model_in(body) == b'"new"'


def test_a_body_of_nothing_but_preferences() -> None:
    raw = b'{"routing_preferences":[]}'
    request = ClientRequest(Dialect.CHAT, None, False, (), (), raw, json.loads(raw))
    assert outgoing_body(request.raw, "new").data == b'{"model":"new"}'


def test_only_the_top_level_is_changed() -> None:
    nested = b'"metadata":{"routing_preferences":[1],"routing_policy":2,"model":"nested"}'
    body = outgoing(b"{%s,%s,%s,%s}" % (nested, PREFERENCES, MESSAGES, MODEL))
    assert body.data == b'{%s,%s,"model" : "new"}' % (nested, MESSAGES)


@pytest.mark.parametrize(
    ("name", "value"),
    [("model", b'"a"'), ("routing_preferences", b"[]"), ("routing_policy", b"[]")],
)
def test_a_member_that_must_be_changed_stands_twice(name: str, value: bytes) -> None:
    twice = b'"%s":%s' % (name.encode(), value)
    request = parse(Dialect.CHAT, b'{"messages":[],%s,%s}' % (twice, twice))
    with pytest.raises(ClientError, match=f"'{name}' stands more than once") as raised:
        outgoing_body(request.raw, "new")
    assert (raised.value.status, raised.value.param) == (400, name)


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("model", b'"mod\\u0065l":"old"'),
        ("model", b'"model":"old","mod\\u0065l":"older"'),
        ("routing_preferences", b'"routing\\u005fpreferences":[]'),
        ("routing_policy", b'"\\u0072outing_policy":null'),
    ],
)
def test_a_member_that_must_be_changed_is_spelled_with_escapes(name: str, member: bytes) -> None:
    request = parse(Dialect.CHAT, b'{"messages":[],%s}' % member)
    with pytest.raises(ClientError, match=f"'{name}' must be spelled without escapes") as raised:
        outgoing_body(request.raw, "new")
    assert (raised.value.status, raised.value.param) == (400, name)


def test_what_stays_may_be_nested_as_deeply_as_it_can_be_read() -> None:
    deep = b'{"x":' * 1023 + b"1" + b"}" * 1023
    body = outgoing(b'{"messages":[],"routing_preferences":[],"metadata":%s}' % deep)
    assert body.data == b'{"model":"new","messages":[],"metadata":%s}' % deep


def test_a_responses_request() -> None:
    raw = b'{"input":"hi","model":"old"}'
    request = parse(Dialect.RESPONSES, raw)
    assert request.conversation == (Turn("user", "hi"),)
    assert outgoing_body(request.raw, "new").data == b'{"input":"hi","model":"new"}'


def test_the_document_that_was_read_stays_as_it_is() -> None:
    request = parse(Dialect.CHAT, b"{%s,%s}" % (PREFERENCES, MESSAGES))
    before: dict[str, Any] = dict(request.document)
    assert outgoing_body(request.raw, "a").data != outgoing_body(request.raw, "b").data
    assert request.document == before


@pytest.mark.parametrize(
    ("dialect", "member", "previous", "kept"),
    [
        (Dialect.RESPONSES, b'"previous_response_id":"resp_1"', "resp_1", True),
        (Dialect.RESPONSES, b'"store":false', None, False),
        (Dialect.MESSAGES, b'"thread":{"type":"create"}', None, True),
        (Dialect.MESSAGES, b'"thread":{"previous_message_id":"msg_1"}', "msg_1", True),
        (Dialect.MESSAGES, b'"thread":{"previous_message_id":1}', None, True),
        (Dialect.MESSAGES, b'"thread":"msg_1"', None, False),
        (Dialect.CHAT, b'"thread":{"previous_message_id":"msg_1"}', None, False),
    ],
)
def test_what_goes_on_from_a_kept_answer(
    dialect: Dialect, member: bytes, previous: str | None, kept: bool
) -> None:
    said = b'"input":"hi"' if dialect is Dialect.RESPONSES else b'"messages":[]'
    request = parse(dialect, b"{%s,%s}" % (said, member))
    assert (request.goes_on_from, request.keeps) == (previous, kept)
