"""The models and the ids in a body, and the body as a provider gets it."""

from __future__ import annotations

import pytest

from extproc.dialects.api_bodies import read_body
from extproc.errors import ClientError

BATCH = b'{"requests":[{"params":{"model":"x","n":1}},{"params":{"model":"y"}},{"params":{}},7]}'


@pytest.mark.parametrize(
    ("raw", "models", "ids"),
    [
        (b"", (), ()),
        (b" \n", (), ()),
        (b"[1]", (), ()),
        (b"{}", (), ()),
        (b'{"model":""}', (), ()),
        (b'{"model":"m","stream":true}', ("m",), ()),
        (b'{"input_file_id":"file-1","file_id":7,"training_file":""}', (), ("file-1",)),
        (b'{"model":"m","previous_response_id":"r"}', ("m",), ("r",)),
    ],
)
def test_what_is_in_a_body(raw: bytes, models: tuple[str, ...], ids: tuple[str, ...]) -> None:
    body = read_body("/v1/any", raw)
    assert (body.models, body.ids) == (models, ids)
    assert body.streamed is (b"stream" in raw)


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        (b"", b""),
        (b"[1]", b"[1]"),
        (b'{ "a":1 }', b'{ "a":1 }'),
        (b'{"routing_preferences":[],"a":1}', b'{"a":1}'),
        (b'{"a":1e2, "model" : "m"}', b'{"a":1e2, "model" : "id"}'),
        (b'{"model":"m","routing_policy":[]}', b'{"model":"id"}'),
    ],
)
def test_a_body_for_a_provider(raw: bytes, sent: bytes) -> None:
    assert b"".join(read_body("/v1/any", raw).renamed({"m": "id"})) == sent


def test_a_batch_of_messages() -> None:
    body = read_body("/v1/messages/batches", BATCH)
    assert body.models == ("x", "y")
    assert body.renamed({"x": "x", "y": "y"}) == (body.raw,)
    renamed = BATCH.replace(b'"x"', b'"1"').replace(b'"y"', b'"2"')
    assert body.renamed({"x": "1", "y": "2"}) == (renamed,)


@pytest.mark.parametrize(
    ("path", "raw", "says"),
    [
        ("/v1/any", b"{", "not valid JSON"),
        ("/v1/any", b'{"model":7}', "'model' must be a string"),
        ("/v1/messages/batches", b'{"requests":[{"params":{"model":7}}]}', "must be a string"),
        ("/v1/messages/batches", b'{"requests":[{"params":{"model":""}}]}', "must not be empty"),
    ],
)
def test_a_body_that_cannot_be_read(path: str, raw: bytes, says: str) -> None:
    with pytest.raises(ClientError, match=says) as raised:
        read_body(path, raw)
    assert raised.value.status == 400


def test_a_name_that_stands_twice() -> None:
    body = read_body("/v1/any", b'{"model":"a","model":"m"}')
    with pytest.raises(ClientError, match="more than once"):
        body.renamed({"m": "id"})
